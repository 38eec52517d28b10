//! Topology spread: how unevenly like pods may stand over the domains of a topology, and how unevenly they would rather not.
//!
//! Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/>

use k8s_openapi::api::core::v1::{PodSpec, TopologySpreadConstraint};

use super::Readiness;
use super::Rejection;
use super::census::Census;
use super::class::Class;
use super::counter::Counter;
use super::interned::at;
use super::pod_set::{Choice, PodSet};
use super::taint::{Bearing, bearing, unreachable};
use crate::inventory::TaintEffect;

/// How pods of an owner are spread that says nothing of it: the topology, and how much skew is no matter.
///
/// Source: the cluster-level default constraints of kube-scheduler.
const DEFAULT: [(&str, u64); 2] =
    [("kubernetes.io/hostname", 3), ("topology.kubernetes.io/zone", 5)];

/// How the pods of a class are to be spread; counters are named by their place in the class's list.
#[derive(Clone, Debug, Default)]
pub(super) struct Spread {
    must: Vec<Must>,
    rather: Vec<Rather>,
    lacking: Lacking,
}

/// A constraint that must hold.
#[derive(Clone, Copy, Debug)]
struct Must {
    read: u32,
    skew_max: u64,
    domains_min: u32,
    /// 1 where the pod itself is counted.
    itself: u64,
}

/// A constraint that should hold.
#[derive(Clone, Copy, Debug)]
struct Rather {
    read: u32,
    /// How much one pod weighs, in thousandths: the more domains there are the more.
    weight: u64,
    skew_max: u64,
}

/// What a host is worth that lacks the label of a constraint which should hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Lacking {
    /// No points for spreading.
    #[default]
    Nothing,
    /// As if there were no such constraint.
    Ignored,
}

impl Spread {
    /// What forbids the host; `count` says how many pods of each counter its domain has, if it is in one.
    pub(super) fn reject(
        class: &Class,
        counters: &[Counter],
        count: &impl Fn(u32) -> Option<u32>,
    ) -> Option<Rejection> {
        for must in &class.spread.must {
            let Some(pods) = count(must.read) else { return Some(Rejection::SpreadLabel) };
            let counter = &counters[class.counter(must.read)];
            // Were there fewer domains than asked for, an empty one would be missing.
            let least = if counter.domains < must.domains_min { 0 } else { counter.least() };
            if u64::from(pods) + must.itself > u64::from(least) + must.skew_max {
                return Some(Rejection::Spread);
            }
        }
        None
    }

    /// Whether other pods can forbid a host.
    pub(super) fn binds(&self) -> bool {
        !self.must.is_empty()
    }

    /// How many like pods there are in the host's domains, weighed; `None` where they are not counted.
    pub(super) fn crowd(&self, count: &impl Fn(u32) -> Option<u32>) -> Option<u64> {
        if self.rather.is_empty() {
            return None;
        }
        let mut sum = 0_u64;
        for rather in &self.rather {
            match (count(rather.read), self.lacking) {
                (Some(pods), _) => {
                    sum += u64::from(pods) * rather.weight + (rather.skew_max - 1) * 1000;
                }
                (None, Lacking::Ignored) => {}
                (None, Lacking::Nothing) => return None,
            }
        }
        Some(sum)
    }
}

impl Census {
    /// Reads the constraints of a class that was just admitted.
    pub(super) fn spread_out(&mut self, class: usize, spec: &PodSpec) {
        let constraints = spec.topology_spread_constraints.as_deref().unwrap_or_default();
        if constraints.is_empty() {
            return self.spread_owned(class);
        }
        for kind in ["DoNotSchedule", "ScheduleAnyway"] {
            let alike: Vec<&TopologySpreadConstraint> =
                constraints.iter().filter(|one| one.when_unsatisfiable == kind).collect();
            let topologies: Vec<u32> =
                alike.iter().map(|one| self.topology(&one.topology_key)).collect();
            for (constraint, topology) in alike.iter().zip(&topologies) {
                let ground = self.ground_of(class, constraint, &topologies);
                let choice = Choice::of_spread(constraint, &self.classes[class].traits);
                let set = self.set(PodSet::Chosen(vec![choice]));
                let counter = self.members(set, *topology, ground);
                let domains = self.counters[at(counter)].domains;
                let class = &mut self.classes[class];
                let read = class.read(counter);
                let skew_max = u64::try_from(constraint.max_skew).unwrap_or(1).max(1);
                if kind == "DoNotSchedule" {
                    let domains_min = constraint.min_domains.unwrap_or(1);
                    class.spread.must.push(Must {
                        read,
                        skew_max,
                        domains_min: u32::try_from(domains_min).unwrap_or(1),
                        itself: u64::from(class.sets.contains(&set)),
                    });
                } else {
                    let weight = logarithm(domains);
                    class.spread.rather.push(Rather { read, weight, skew_max });
                }
            }
        }
    }

    fn spread_owned(&mut self, class: usize) {
        let Some(owner) = self.classes[class].traits.owner else { return };
        let set = self.set(PodSet::Owned(owner));
        for (label, skew_max) in DEFAULT {
            let topology = self.topology(label);
            if self.topologies[at(topology)].domains() < 2 {
                continue;
            }
            let counter = self.members(set, topology, 0);
            let weight = logarithm(self.counters[at(counter)].domains);
            let class = &mut self.classes[class];
            let read = class.read(counter);
            class.spread.rather.push(Rather { read, weight, skew_max });
            class.spread.lacking = Lacking::Ignored;
        }
    }

    /// The hosts on which pods count: those that have every label that constraints of this kind name and that the pod could have,
    /// as far as the constraint asks.
    fn ground_of(
        &mut self,
        class: usize,
        constraint: &TopologySpreadConstraint,
        topologies: &[u32],
    ) -> u32 {
        let rules = &self.classes[class].rules;
        let honours =
            |policy: Option<&String>, default| policy.map_or(default, |policy| policy == "Honor");
        let affinity = honours(constraint.node_affinity_policy.as_ref(), true);
        let taints = honours(constraint.node_taints_policy.as_ref(), false);
        let silence = bearing(&unreachable(TaintEffect::NoSchedule), rules.tolerations());
        let borne = |host: usize| {
            let answers = self.hosts[host].readiness == Readiness::Ready;
            rules.borne[host] && (answers || silence != Bearing::Never)
        };
        let counts = |host: usize| {
            let mut topologies = topologies.iter().map(|number| &self.topologies[at(*number)]);
            topologies.all(|topology| topology.domain[host] != super::topology::NOWHERE)
                && (!affinity || rules.selected[host])
                && (!taints || borne(host))
        };
        let ground = (0..self.hosts.len()).map(counts).collect();
        self.ground(ground)
    }
}

/// The natural logarithm of a number of domains and two, in thousandths, by whole numbers alone.
fn logarithm(domains: u32) -> u64 {
    let value = u64::from(domains) + 2;
    let whole = u64::from(value.ilog2());
    // The rest lies between 1 and 2; each squaring gives one binary place more.
    let mut rest = (u128::from(value) << 32) >> whole;
    let mut bits = whole;
    for _ in 0..20 {
        rest = (rest * rest) >> 32;
        bits <<= 1;
        if rest >= 2 << 32 {
            rest >>= 1;
            bits |= 1;
        }
    }
    // ln 2 in thousandths of millionths.
    (bits * 693_147 / 1000) >> 20
}

#[cfg(test)]
mod tests {
    use super::logarithm;

    #[test]
    fn more_domains_weigh_more() {
        for (domains, weight) in [(0, 693), (1, 1098), (3, 1609), (98, 4605), (4998, 8517)] {
            assert_eq!(logarithm(domains), weight);
        }
    }
}
