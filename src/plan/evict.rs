//! Pods that are moved away on purpose: their new places are chosen at once, and they go as their budgets let them.

use std::collections::{BTreeMap, BTreeSet};

use super::PlanInput;
use super::budget::{Budget, Readied, budgets};
use super::classify::is_pending;
use super::pods::{Health, Standing, Turn};
use super::report::{Pending, Waiting};
use super::target::{Choice, Target};
use crate::bindings::{Eviction, EvictionCause};
use crate::controller::Wanted;
use crate::inventory::Admission;
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

/// Who is moved away. A host that takes pods again keeps those that a drain was to move: somebody has thought better of it.
fn evicting<'a>(input: &'a PlanInput<'_>) -> impl Iterator<Item = (&'a PodKey, &'a Eviction)> {
    input.bindings.evicting.iter().filter(|(_, eviction)| holds(input, eviction))
}

fn holds(input: &PlanInput<'_>, eviction: &Eviction) -> bool {
    let from = input.inventory.hosts.get(&eviction.from);
    let is_open = from.is_some_and(|host| host.admission == Admission::Open);
    match eviction.cause {
        EvictionCause::Drain => !is_open,
        EvictionCause::Rebalance => true,
    }
}

/// Whether a pod is moved away from this host.
pub(super) fn is_evicted(input: &PlanInput<'_>, key: &PodKey, node: &NodeName) -> bool {
    let eviction = input.bindings.evicting.get(key);
    eviction.is_some_and(|eviction| eviction.from == *node && holds(input, eviction))
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
        for (key, eviction) in evicting(input) {
            if !is_gone(key, eviction) {
                self.target.bindings.evicting.insert(key.clone(), eviction.clone());
                self.target.displaced.entry(key.clone()).or_insert_with(|| eviction.words());
            }
        }
    }
}

/// The hosts that were chosen for successors which are not placed yet, by what the pods were made for.
pub(super) fn directed(input: &PlanInput<'_>) -> BTreeMap<ObjectKey, Vec<NodeName>> {
    let mut all: BTreeMap<ObjectKey, Vec<NodeName>> = BTreeMap::new();
    for (key, eviction) in evicting(input) {
        let binding = input.bindings.pods.get(key).filter(|binding| binding.node == eviction.from);
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
    let mut refused = by_quotas(wanted, target);
    let evicting = &target.bindings.evicting;
    let is_moved = |key: &PodKey, node: &NodeName| {
        evicting.get(key).is_some_and(|eviction| eviction.from == *node)
    };
    // Taints and more important pods ask no budget.
    let is_forced = |key: &PodKey, node: &NodeName| {
        target.repelled.contains(key) || target.bindings.yielding.get(key) == Some(node)
    };
    let bound = |key: &PodKey| target.bindings.pods.get(key);
    // Those that go now for other reasons are as good as gone.
    for pod in &standing.leaving {
        let goes = pod.turn == Turn::Now && pod.health == Health::Ready;
        let binding = pod.binding.as_ref().or_else(|| bound(&pod.key));
        let Some(binding) = binding
            .filter(|_| goes && (!is_moved(&pod.key, &pod.node) || is_forced(&pod.key, &pod.node)))
        else {
            continue;
        };
        for budget in budgets.iter_mut().filter(|budget| budget.covers(&pod.key, &binding.pod)) {
            budget.healthy = budget.healthy.saturating_sub(1);
        }
    }
    for pod in &mut standing.leaving {
        if !is_moved(&pod.key, &pod.node) || is_forced(&pod.key, &pod.node) {
            continue;
        }
        let Some(binding) = pod.binding.as_ref().or_else(|| bound(&pod.key)) else { continue };
        let readied = match pod.health {
            Health::Ready => Readied::Ready,
            _ if is_pending(input, &pod.key, binding) => Readied::Pending,
            Health::Unready | Health::Down => Readied::NotReady,
        };
        // Who serves nobody need not wait for another to come up, and who takes the quota that another needs would do so in vain.
        if pod.turn == Turn::Later && readied == Readied::Ready {
            let left = pod.owner.as_ref().and_then(|owner| refused.get_mut(owner));
            let Some(left) = left.filter(|left| **left > 0) else { continue };
            *left -= 1;
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

/// How many pods of which objects quotas have no room for; nothing of those that nothing would let in.
fn by_quotas(wanted: &[Wanted], target: &Target) -> BTreeMap<ObjectKey, u64> {
    let never: BTreeSet<&ObjectKey> =
        wanted.iter().filter(|wanted| wanted.refused.is_some()).map(|w| &w.source).collect();
    let pending = target.pending.iter().filter(|pending| !never.contains(&pending.object));
    let refused = pending.filter_map(|pending| {
        let Waiting::Refused { pods, .. } = pending.waiting else { return None };
        Some((pending.object.clone(), pods))
    });
    refused.collect()
}

fn held(pod: &PodKey, budget: &Budget) -> Pending {
    let ObjectKey { name, .. } = &budget.key;
    Pending {
        object: pod.object(),
        waiting: Waiting::Available {
            ready: budget.healthy,
            wanted: budget.desired + 1,
            detail: format!("the disruption budget {name} needs {}", budget.desired),
        },
    }
}
