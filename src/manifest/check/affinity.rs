//! Where a pod wants to be: near hosts and near other pods.

use k8s_openapi::api::core::v1::{
    Affinity, NodeAffinity, PodAffinityTerm, WeightedPodAffinityTerm,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::Check;
use super::selector::{self, Values};
use crate::document::quoted;
use crate::model::names::Rule;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

pub(super) fn check(affinity: &Affinity, path: &str, check: &mut Check<'_>) {
    if let Some(nodes) = &affinity.node_affinity {
        check_nodes(nodes, &format!("{path}.nodeAffinity"), check);
    }
    if let Some(pods) = &affinity.pod_affinity {
        let path = format!("{path}.podAffinity");
        let required = pods.required_during_scheduling_ignored_during_execution.as_deref();
        check_required(required.unwrap_or_default(), &path, check);
        let preferred = pods.preferred_during_scheduling_ignored_during_execution.as_deref();
        check_preferred(preferred.unwrap_or_default(), &path, check);
    }
    if let Some(pods) = &affinity.pod_anti_affinity {
        let path = format!("{path}.podAntiAffinity");
        let required = pods.required_during_scheduling_ignored_during_execution.as_deref();
        check_required(required.unwrap_or_default(), &path, check);
        let preferred = pods.preferred_during_scheduling_ignored_during_execution.as_deref();
        check_preferred(preferred.unwrap_or_default(), &path, check);
    }
}

fn check_nodes(nodes: &NodeAffinity, path: &str, check: &mut Check<'_>) {
    if let Some(required) = &nodes.required_during_scheduling_ignored_during_execution {
        selector::check_nodes(required, &format!("{path}.{REQUIRED}"), check);
    }
    let preferred = nodes.preferred_during_scheduling_ignored_during_execution.iter().flatten();
    for (index, term) in preferred.enumerate() {
        let path = format!("{path}.{PREFERRED}[{index}]");
        check.range(&format!("{path}.weight"), Some(term.weight.into()), 1, 100);
        selector::check_term(&term.preference, &format!("{path}.preference"), Values::Free, check);
    }
}

fn check_required(terms: &[PodAffinityTerm], path: &str, check: &mut Check<'_>) {
    for (index, term) in terms.iter().enumerate() {
        check_term(term, &format!("{path}.{REQUIRED}[{index}]"), check);
    }
}

fn check_preferred(terms: &[WeightedPodAffinityTerm], path: &str, check: &mut Check<'_>) {
    for (index, term) in terms.iter().enumerate() {
        let path = format!("{path}.{PREFERRED}[{index}]");
        check.range(&format!("{path}.weight"), Some(term.weight.into()), 1, 100);
        check_term(&term.pod_affinity_term, &format!("{path}.podAffinityTerm"), check);
    }
}

fn check_term(term: &PodAffinityTerm, path: &str, check: &mut Check<'_>) {
    for (field, chosen) in
        [("labelSelector", &term.label_selector), ("namespaceSelector", &term.namespace_selector)]
    {
        if let Some(chosen) = chosen {
            selector::check(chosen, &format!("{path}.{field}"), check);
        }
    }
    for (index, namespace) in term.namespaces.iter().flatten().enumerate() {
        check.name(&format!("{path}.namespaces[{index}]"), namespace, Rule::Label);
    }
    let labels = term.label_selector.as_ref();
    let same = term.match_label_keys.as_deref().unwrap_or_default();
    let other = term.mismatch_label_keys.as_deref().unwrap_or_default();
    check_keys(same, labels, &format!("{path}.matchLabelKeys"), check);
    check_keys(other, labels, &format!("{path}.mismatchLabelKeys"), check);
    for (index, key) in same.iter().enumerate().filter(|(_, key)| other.contains(key)) {
        let message = format!("{} is also one of mismatchLabelKeys", quoted(key));
        check.error("invalid-value", &format!("{path}.matchLabelKeys[{index}]"), &message);
    }
    check.label_key(&format!("{path}.topologyKey"), &term.topology_key);
}

/// Checks keys whose values are taken from the pod itself.
fn check_keys(
    keys: &[String],
    selector: Option<&LabelSelector>,
    path: &str,
    check: &mut Check<'_>,
) {
    if selector.is_none() && !keys.is_empty() {
        check.forbidden(path, "have no place without a labelSelector");
    }
    for (index, key) in keys.iter().enumerate() {
        check.label_key(&format!("{path}[{index}]"), key);
    }
}
