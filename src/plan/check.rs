//! What must hold for every plan, whatever it was made from. Tests check every plan they ever make, and so does every run
//! before it commits one.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::api::core::v1::PodSpec;

use super::realise::network;
use super::{Action, Plan, PlanInput, PodNetwork};
use crate::bindings::Binding;
use crate::model::NodeName;

/// A promise that a plan breaks: a fault of ours, never of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The promises that a plan breaks; empty for every plan that may be carried out.
pub fn check(input: &PlanInput<'_>, plan: &Plan) -> Vec<Violation> {
    let mut violations = Vec::new();
    addresses(plan, &mut violations);
    steps(input, plan, &mut violations);
    violations
}

fn addresses(plan: &Plan, violations: &mut Vec<Violation>) {
    let mut holders = BTreeMap::new();
    let own = |binding: &Binding| binding.pod.spec.as_ref().is_none_or(has_own_address);
    let bound = plan.target.pods.iter().chain(&plan.target.leaving);
    for (key, binding) in bound.filter(|(_, binding)| own(binding)) {
        if let Some(other) = holders.insert(binding.address, key) {
            let text = format!("{key} and {other} both have {}", binding.address);
            violations.push(Violation(text));
        }
    }
    let mut services = BTreeMap::new();
    for (key, address) in &plan.target.services {
        if let Some(other) = services.insert(address, key) {
            violations.push(Violation(format!("{key} and {other} both have {address}")));
        }
    }
    let mut subnets = BTreeMap::new();
    for (node, given) in &plan.target.nodes {
        if let Some(other) = subnets.insert(given.subnet, node) {
            let text = format!("{node} and {other} both have range {}", given.subnet);
            violations.push(Violation(text));
        }
    }
}

/// Pods on a host's network have its address, all of them.
fn has_own_address(spec: &PodSpec) -> bool {
    network(spec) == PodNetwork::Own
}

fn steps(input: &PlanInput<'_>, plan: &Plan, violations: &mut Vec<Violation>) {
    let mut created: BTreeMap<(&NodeName, &str), usize> = BTreeMap::new();
    for (at, step) in plan.steps.iter().enumerate() {
        if input.observed.report(&step.node).is_none() {
            let text = format!("`{}` is for {}, which does not answer", step.title(), step.node);
            violations.push(Violation(text));
        }
        if step.needs.iter().any(|need| need.0 >= at) {
            violations.push(Violation(format!("`{}` needs a later step", step.title())));
        }
        if let Action::CreatePod(pod) = &step.action {
            let before = created.insert((&step.node, &pod.sandbox), at);
            let bound = plan.target.pods.get(&pod.key);
            if before.is_some() || bound.is_none_or(|bound| bound.node != step.node) {
                violations.push(Violation(format!("`{}` is not what is bound", step.title())));
            }
        }
        if let Action::DeletePod { key, .. } = &step.action
            && plan.target.pods.get(key).is_some_and(|bound| bound.node == step.node)
        {
            violations.push(Violation(format!("`{}` deletes what is wanted", step.title())));
        }
    }
}
