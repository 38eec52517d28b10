//! Node affinity: hosts that a pod must have, and those that it would rather have.
//!
//! Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity>

use k8s_openapi::api::core::v1::{NodeAffinity, NodeSelector, PodSpec};

use super::Candidate;
use crate::model::chooses_node;

/// Whether the host is one that the pod must have.
pub(super) fn accepts(host: &Candidate, spec: &PodSpec) -> bool {
    let required = of(spec)
        .and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_ref());
    required.is_none_or(|terms| chooses_node(terms, &host.name, &host.labels))
}

/// How much the pod would rather have the host: the weights of all preferences that choose it.
pub(super) fn preference(host: &Candidate, spec: &PodSpec) -> u64 {
    let terms = of(spec).and_then(|affinity| {
        affinity.preferred_during_scheduling_ignored_during_execution.as_deref()
    });
    let chosen = terms.unwrap_or_default().iter().filter(|term| {
        let terms = NodeSelector { node_selector_terms: vec![term.preference.clone()] };
        chooses_node(&terms, &host.name, &host.labels)
    });
    chosen.map(|term| u64::try_from(term.weight).unwrap_or(0)).sum()
}

fn of(spec: &PodSpec) -> Option<&NodeAffinity> {
    spec.affinity.as_ref()?.node_affinity.as_ref()
}
