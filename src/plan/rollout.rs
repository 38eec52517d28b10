//! How fast change may go: of one object's pods, which may be made now, and which may go now.
//!
//! The arithmetic is that of Kubernetes' Deployment controller.
//! Source: <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment>

use std::collections::{BTreeMap, BTreeSet};

use crate::controller::Strategy;
use crate::model::{NodeName, PodKey};

/// The pods of one object at one moment.
#[derive(Clone, Debug)]
pub(super) struct Rollout {
    /// How many pods are wanted.
    pub(super) wanted: u64,
    /// How one revision gives way to the next.
    pub(super) strategy: Strategy,
    /// Pods of the target that are there, and whether they are available.
    pub(super) present: Vec<(PodKey, Availability)>,
    /// Pods of the target that are not there yet, on hosts that answer.
    pub(super) absent: Vec<PodKey>,
    /// Pods that should go, on hosts that answer.
    pub(super) leaving: Vec<(PodKey, Availability)>,
    /// Those of them that are where absent ones are to be, with their hosts: of like ones they go first, as absent ones may have no
    /// room beside them, and those of one host before those of the next.
    pub(super) in_the_way: BTreeMap<PodKey, NodeName>,
}

/// Whether a pod counts as available.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Availability {
    /// It does not.
    Unavailable,
    /// It does.
    Available,
}

/// What may be done now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Allowed {
    /// How many of the absent pods may be made.
    pub(super) create: u64,
    /// Pods to end.
    pub(super) delete: BTreeSet<PodKey>,
}

impl Rollout {
    /// What may be done now without breaking the strategy's promises.
    pub(super) fn allowed(&self) -> Allowed {
        match self.strategy {
            Strategy::Recreate if self.leaving.is_empty() => {
                Allowed { create: self.absent.len() as u64, ..Allowed::default() }
            }
            Strategy::Recreate => Allowed {
                delete: self.leaving.iter().map(|(key, _)| key.clone()).collect(),
                ..Allowed::default()
            },
            Strategy::RollingUpdate { max_surge, max_unavailable } => {
                self.rolling(max_surge, max_unavailable)
            }
        }
    }

    fn rolling(&self, max_surge: u64, max_unavailable: u64) -> Allowed {
        let total = (self.present.len() + self.leaving.len()) as u64;
        let room = (self.wanted + max_surge).saturating_sub(total);
        let create = room.min(self.absent.len() as u64);

        let least = self.wanted.saturating_sub(max_unavailable);
        let unready = |pods: &[(PodKey, Availability)]| {
            pods.iter().filter(|(_, a)| *a == Availability::Unavailable).count() as u64
        };
        let mut unhealthy_budget = total.saturating_sub(least + unready(&self.present));
        let available = total - unready(&self.present) - unready(&self.leaving);
        let mut healthy_budget = available.saturating_sub(least);
        let mut delete = BTreeSet::new();
        let mut ordered: Vec<_> = self.leaving.iter().collect();
        ordered.sort_by_key(|(key, availability)| {
            let host = self.in_the_way.get(key);
            (*availability, host.is_none(), host, key)
        });
        for (key, availability) in ordered {
            let budget = match availability {
                Availability::Unavailable => &mut unhealthy_budget,
                Availability::Available => &mut healthy_budget,
            };
            if *budget > 0 {
                *budget -= 1;
                delete.insert(key.clone());
            }
        }
        Allowed { create, delete }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controller::Strategy;
    use proptest::prelude::*;

    fn pods(prefix: &str, states: &[Availability]) -> Vec<(PodKey, Availability)> {
        let key = |n| PodKey::new("default", format!("{prefix}-{n}"));
        states.iter().enumerate().map(|(n, state)| (key(n), *state)).collect()
    }

    /// Walks a rollout to its end, every made pod becoming available, and returns how many were available at the least
    /// and how many there were at the most.
    fn walk(wanted: u64, old: usize, strategy: Strategy) -> (u64, u64) {
        let mut state = Rollout {
            wanted,
            strategy,
            present: Vec::new(),
            absent: (0..wanted).map(|n| PodKey::new("default", format!("new-{n}"))).collect(),
            leaving: pods("old", &vec![Availability::Available; old]),
            in_the_way: BTreeMap::new(),
        };
        let (mut least, mut most) = (u64::MAX, 0);
        for _ in 0..100 {
            if state.absent.is_empty() && state.leaving.is_empty() {
                return (least, most);
            }
            let allowed = state.allowed();
            assert!(allowed.create > 0 || !allowed.delete.is_empty(), "stuck: {state:?}");
            state.leaving.retain(|(key, _)| !allowed.delete.contains(key));
            let created = usize::try_from(allowed.create).unwrap();
            let created: Vec<PodKey> = state.absent.drain(..created).collect();
            let there = (state.present.len() + state.leaving.len()) as u64;
            least = least.min(there);
            most = most.max(there + allowed.create);
            state.present.extend(created.into_iter().map(|k| (k, Availability::Available)));
        }
        panic!("does not end: {state:?}")
    }

    #[test]
    fn three_replicas_by_default_go_one_by_one_and_never_below_three() {
        let strategy = Strategy::RollingUpdate { max_surge: 1, max_unavailable: 0 };
        assert_eq!(walk(3, 3, strategy), (3, 4));
    }

    #[test]
    fn recreate_has_a_moment_without_pods() {
        assert_eq!(walk(3, 3, Strategy::Recreate), (0, 3));
    }

    #[test]
    fn a_new_revision_that_does_not_come_up_stops_the_rollout() {
        let state = Rollout {
            wanted: 3,
            strategy: Strategy::RollingUpdate { max_surge: 1, max_unavailable: 0 },
            present: pods("new", &[Availability::Unavailable]),
            absent: vec![PodKey::new("default", "new-1"), PodKey::new("default", "new-2")],
            leaving: pods("old", &[Availability::Available; 3]),
            in_the_way: BTreeMap::new(),
        };
        assert_eq!(state.allowed(), Allowed::default());
    }

    #[test]
    fn broken_old_pods_go_first() {
        let mut state = Rollout {
            wanted: 3,
            strategy: Strategy::RollingUpdate { max_surge: 1, max_unavailable: 1 },
            present: Vec::new(),
            absent: Vec::new(),
            leaving: pods("old", &[Availability::Available; 3]),
            in_the_way: BTreeMap::new(),
        };
        state.leaving[2].1 = Availability::Unavailable;
        let names: Vec<_> = state.allowed().delete.into_iter().map(|key| key.name).collect();
        assert_eq!(names, ["old-2"]);
    }

    proptest! {
        #[test]
        fn promises_hold_for_every_size(
            wanted in 0_u64..20, old in 0_usize..20, surge in 0_u64..5, unavailable in 0_u64..5,
        ) {
            prop_assume!(surge + unavailable > 0);
            let strategy = Strategy::RollingUpdate { max_surge: surge, max_unavailable: unavailable };
            let (least, most) = walk(wanted, old, strategy);
            prop_assert!(least >= (old as u64).min(wanted.saturating_sub(unavailable)));
            prop_assert!(most <= (old as u64).max(wanted + surge));
        }
    }
}
