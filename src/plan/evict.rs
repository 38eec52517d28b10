//! Pods that are moved away on purpose: their new places are chosen at once, and they go as their budgets let them.

use std::collections::BTreeMap;

use super::PlanInput;
use super::budget::{Budget, Readied, budgets};
use super::pods::{Health, Standing, Turn};
use super::report::{Pending, Waiting};
use super::target::{Choice, Target};
use crate::bindings::{Bindings, Eviction, EvictionCause};
use crate::controller::Wanted;
use crate::model::{NodeName, ObjectKey, PodKey};

impl Eviction {
    /// Why the pod goes, in a few words.
    pub(super) fn words(&self) -> String {
        match self.cause {
            EvictionCause::Drain => format!("{} is drained", self.from),
            EvictionCause::Rebalance => format!("{} is fuller than others", self.from),
        }
    }
}

impl Choice<'_> {
    /// Keeps in mind who is moved away until they are seen to be gone.
    pub(super) fn evict(&mut self) {
        let input = self.input;
        let fleet = &input.inventory.fleet;
        let is_gone = |key: &PodKey, eviction: &Eviction| match input
            .observed
            .report(&eviction.from)
        {
            Some(report) => !report.pods.contains_key(&super::realise::sandbox_name(fleet, key)),
            None => !input.inventory.hosts.contains_key(&eviction.from),
        };
        for (key, eviction) in &input.bindings.evicting {
            if !is_gone(key, eviction) {
                self.target.bindings.evicting.insert(key.clone(), eviction.clone());
                self.target.displaced.entry(key.clone()).or_insert_with(|| eviction.words());
            }
        }
    }
}

/// The hosts that were chosen for successors which are not placed yet, by what the pods were made for.
pub(super) fn directed(bindings: &Bindings) -> BTreeMap<ObjectKey, Vec<NodeName>> {
    let mut all: BTreeMap<ObjectKey, Vec<NodeName>> = BTreeMap::new();
    for (key, eviction) in &bindings.evicting {
        let binding = bindings.pods.get(key).filter(|binding| binding.node == eviction.from);
        let owner = binding.and_then(|binding| binding.owner.clone());
        if let (Some(owner), Some(to)) = (owner, &eviction.to) {
            all.entry(owner).or_default().push(to.clone());
        }
    }
    all
}

/// Holds back those whose budgets let nobody go now, and says for whom it is waited.
pub(super) fn hold_back(
    input: &PlanInput<'_>,
    wanted: &[Wanted],
    target: &mut Target,
    standing: &mut Standing,
) {
    if target.bindings.evicting.is_empty() {
        return;
    }
    let mut budgets = budgets(input, &target.bindings, wanted);
    for pod in &mut standing.leaving {
        let eviction = target.bindings.evicting.get(&pod.key);
        if eviction.is_none_or(|eviction| eviction.from != pod.node) {
            continue;
        }
        let bound = || target.bindings.pods.get(&pod.key);
        let Some(binding) = pod.binding.as_ref().or_else(bound) else { continue };
        let readied = match pod.health {
            Health::Ready => Readied::Ready,
            Health::Unready | Health::Down => Readied::NotReady,
        };
        // Who serves nobody need not wait for another to come up.
        if pod.turn == Turn::Later && readied == Readied::Ready {
            continue;
        }
        pod.turn = Turn::Now;
        let covering = |budget: &&mut Budget| budget.covers(&pod.key, &binding.pod);
        let mine: Vec<&mut Budget> = budgets.iter_mut().filter(covering).collect();
        if let Some(budget) = mine.iter().find(|budget| !budget.lets(readied)) {
            pod.turn = Turn::Later;
            target.pending.push(held(&pod.key, budget));
            continue;
        }
        if readied == Readied::Ready {
            for budget in mine {
                budget.healthy = budget.healthy.saturating_sub(1);
            }
        }
    }
}

fn held(pod: &PodKey, budget: &Budget) -> Pending {
    let ObjectKey { name, .. } = &budget.key;
    Pending {
        object: ObjectKey::new("Pod", &pod.namespace, &pod.name),
        waiting: Waiting::Available {
            ready: budget.healthy,
            wanted: budget.desired + 1,
            detail: format!("the disruption budget {name} needs {}", budget.desired),
        },
    }
}
