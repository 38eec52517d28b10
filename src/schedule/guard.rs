//! Budgets of disruption: how many pods of a set may be sent away, as preemption minds it.
//!
//! Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#poddisruptionbudget-is-supported-but-not-guaranteed>

use super::Fleet;
use super::class::Class;
use super::interned::{at, number_of};
use super::pod_set::Traits;
use crate::model::Selector;

/// A set of pods of which only some may be sent away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The pods' namespace.
    pub namespace: String,
    /// The pods' labels.
    pub selector: Selector,
    /// How many may be sent away.
    pub allowed: u64,
}

impl Guard {
    /// Whether a pod is under it. Unlike an eviction, preemption takes an empty selector for none, and leaves out pods without labels.
    ///
    /// Source: `filterPodsWithPDBViolation` of Kubernetes' `pkg/scheduler/framework/plugins/defaultpreemption`.
    fn has(&self, pod: &Traits) -> bool {
        pod.namespace == self.namespace
            && !pod.labels.is_empty()
            && !self.selector.is_empty()
            && self.selector.matches(&pod.labels)
    }
}

impl Fleet {
    /// The same, with budgets; they have to be given before the first class.
    #[must_use]
    pub fn guarded(mut self, guards: Vec<Guard>) -> Self {
        self.guards = guards;
        self
    }

    /// The budgets that a pod of these traits is under.
    pub(super) fn guards_of(&self, traits: &Traits) -> Vec<u32> {
        let guards = self.guards.iter().enumerate().filter(|(_, guard)| guard.has(traits));
        guards.map(|(number, _)| number_of(number)).collect()
    }

    /// How many of these pods, in this order, no budget has anything left for, each of them marked.
    pub(super) fn breaking(&self, pods: &[u32]) -> Vec<bool> {
        if self.guards.is_empty() {
            return vec![false; pods.len()];
        }
        let mut left: Vec<u64> = self.guards.iter().map(|guard| guard.allowed).collect();
        let breaks = |pod: &u32| {
            let mut breaks = false;
            for guard in &self.class_of(*pod).guards {
                let left = &mut left[at(*guard)];
                breaks |= *left == 0;
                *left = left.saturating_sub(1);
            }
            breaks
        };
        pods.iter().map(breaks).collect()
    }

    /// Takes a pod that is sent away off its budgets. What hosts cost is worked out anew then.
    pub fn spend(&mut self, pod: super::PodId) {
        let guards = self.class_of(pod.0).guards.clone();
        for guard in &guards {
            let allowed = &mut self.guards[at(*guard)].allowed;
            *allowed = allowed.saturating_sub(1);
        }
        if !guards.is_empty() {
            self.costs.iter_mut().for_each(|costs| *costs = None);
        }
    }

    pub(super) fn class_of(&self, pod: u32) -> &Class {
        &self.census.classes[at(self.census.pods[at(pod)].class)]
    }
}
