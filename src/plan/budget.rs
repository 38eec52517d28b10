//! `PodDisruptionBudgets`: how many of their pods are there, and how many may be sent away.
//!
//! Source: <https://kubernetes.io/docs/concepts/workloads/pods/disruptions/>, and Kubernetes' disruption controller.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::policy::v1::PodDisruptionBudgetSpec;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::PlanInput;
use super::classify::{Condition, condition};
use crate::bindings::{Binding, Bindings};
use crate::controller::Wanted;
use crate::model::{Labels, Object, ObjectKey, PodKey, Selector};
use crate::schedule::Guard;

/// A budget, and how its pods stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The `PodDisruptionBudget`.
    pub key: ObjectKey,
    /// How many pods are counted, or asked for by what makes them.
    pub expected: u64,
    /// How many have to be ready.
    pub desired: u64,
    /// How many are.
    pub healthy: u64,
    /// When a pod that is not ready may go.
    pub unhealthy: Unhealthy,
    selector: Selector,
}

/// When a pod that is not ready may be sent away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unhealthy {
    /// When as many as have to be are ready.
    IfHealthyBudget,
    /// Always.
    AlwaysAllow,
}

/// Whether a pod is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readied {
    Ready,
    NotReady,
    /// It was never started, and no budget minds it.
    Pending,
}

impl Budget {
    /// How many ready pods may be sent away now.
    pub fn allowed(&self) -> u64 {
        if self.expected == 0 { 0 } else { self.healthy.saturating_sub(self.desired) }
    }

    /// Whether a pod counts.
    pub(super) fn covers(&self, key: &PodKey, pod: &Pod) -> bool {
        self.key.namespace == key.namespace
            && match &pod.metadata.labels {
                Some(labels) => self.selector.matches(labels),
                None => self.selector.matches(&Labels::new()),
            }
    }

    /// Whether one of its pods may be sent away now.
    pub(super) fn lets(&self, readied: Readied) -> bool {
        match (readied, self.unhealthy) {
            // Source: `canIgnorePDB` of Kubernetes' `pkg/registry/core/pod/storage/eviction.go`.
            (Readied::Pending, _) | (Readied::NotReady, Unhealthy::AlwaysAllow) => true,
            (Readied::NotReady, Unhealthy::IfHealthyBudget) => {
                self.allowed() > 0 || (self.desired > 0 && self.healthy >= self.desired)
            }
            (Readied::Ready, _) => self.allowed() > 0,
        }
    }
}

/// The budgets, in order of their names, with the pods that are bound or still leaving.
pub fn budgets(input: &PlanInput<'_>, bindings: &Bindings, wanted: &[Wanted]) -> Vec<Budget> {
    let mut all = Vec::new();
    for (key, stored) in &input.desired.objects {
        let Object::PodDisruptionBudget(object) = &stored.object else { continue };
        let Some(spec) = &object.spec else { continue };
        // Without a selector, none is chosen.
        let selector = spec.selector.as_ref().map(Selector::from_object);
        let Some(Ok(selector)) = selector else { continue };
        let mut budget = Budget {
            key: key.clone(),
            expected: 0,
            desired: 0,
            healthy: 0,
            unhealthy: match spec.unhealthy_pod_eviction_policy.as_deref() {
                Some("AlwaysAllow") => Unhealthy::AlwaysAllow,
                Some(_) | None => Unhealthy::IfHealthyBudget,
            },
            selector,
        };
        budget.count(input, bindings, (spec, wanted));
        all.push(budget);
    }
    all
}

/// What preemption has to mind.
pub(super) fn guards(budgets: &[Budget]) -> Vec<Guard> {
    let guard = |budget: &Budget| Guard {
        namespace: budget.key.namespace.clone(),
        selector: budget.selector.clone(),
        allowed: budget.allowed(),
    };
    budgets.iter().map(guard).collect()
}

impl Budget {
    fn count(
        &mut self,
        input: &PlanInput<'_>,
        bindings: &Bindings,
        (spec, wanted): (&PodDisruptionBudgetSpec, &[Wanted]),
    ) {
        let mut owners: BTreeSet<ObjectKey> = BTreeSet::new();
        let mut pods = 0;
        let here = |(key, binding): &(&PodKey, &Binding)| {
            bindings.pods.get(*key).is_some_and(|bound| bound.node == binding.node)
        };
        let leaving = bindings.leaving.iter().filter(|pod| !here(pod));
        for (key, binding) in bindings.pods.iter().chain(leaving) {
            if !self.covers(key, &binding.pod) {
                continue;
            }
            let condition = condition(input, key, binding);
            let left = !here(&(key, binding));
            if left && matches!(condition, Condition::Missing | Condition::Homeless) {
                continue;
            }
            // A pod of an older revision that is still to be replaced stands for the one that takes its place.
            pods += u64::from(!left);
            self.healthy += u64::from(matches!(condition, Condition::Running(_)));
            owners.extend(binding.owner.clone());
        }
        let counts: BTreeMap<&ObjectKey, u64> =
            wanted.iter().map(|wanted| (&wanted.source, wanted.count())).collect();
        let scale = owners.iter().filter_map(|owner| counts.get(owner)).sum::<u64>();
        (self.expected, self.desired) = match (&spec.max_unavailable, &spec.min_available) {
            (Some(most), _) => (scale, scale.saturating_sub(share(most, scale))),
            (None, Some(IntOrString::Int(least))) => (pods, u64::try_from(*least).unwrap_or(0)),
            (None, Some(least)) => (scale, share(least, scale)),
            (None, None) => (pods, 0),
        };
    }
}

/// A number, or a percentage of all, rounded up as the disruption controller does it.
fn share(share: &IntOrString, all: u64) -> u64 {
    match share {
        IntOrString::Int(number) => u64::try_from(*number).unwrap_or(0),
        IntOrString::String(text) => {
            let percent: u64 = text.trim_end_matches('%').parse().unwrap_or(0);
            percent.min(100).saturating_mul(all).div_ceil(100)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_up() {
        for (text, all, expected) in
            [("50%", 3, 2), ("0%", 3, 0), ("100%", 3, 3), ("1%", 10, 1), ("x", 3, 0)]
        {
            assert_eq!(share(&IntOrString::String(text.to_owned()), all), expected, "{text}");
        }
        assert_eq!(share(&IntOrString::Int(-1), 3), 0);
    }
}
