//! Which pods a quota is for.
//!
//! Source: <https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-scopes>

use k8s_openapi::api::core::v1::{
    PodAffinityTerm, PodSpec, ResourceQuotaSpec, ScopedResourceSelectorRequirement,
};

use crate::model::{QosClass, qos_class};

/// The terms that a pod must meet, all of them, for a quota to be for it; a scope is a term that it is there.
pub(super) fn terms(spec: &ResourceQuotaSpec) -> Vec<ScopedResourceSelectorRequirement> {
    let exists = |scope: &String| ScopedResourceSelectorRequirement {
        operator: "Exists".to_owned(),
        scope_name: scope.clone(),
        values: None,
    };
    let scopes = spec.scopes.iter().flatten().map(exists);
    let selector = spec.scope_selector.as_ref();
    let more = selector.and_then(|selector| selector.match_expressions.as_deref());
    scopes.chain(more.unwrap_or_default().iter().cloned()).collect()
}

/// Whether a pod meets a term.
pub(super) fn meets(term: &ScopedResourceSelectorRequirement, spec: &PodSpec) -> bool {
    let ends = || spec.active_deadline_seconds.is_some_and(|seconds| seconds >= 0);
    let asks_for_nothing = || qos_class(spec) == QosClass::BestEffort;
    match term.scope_name.as_str() {
        "Terminating" => ends(),
        "NotTerminating" => !ends(),
        "BestEffort" => asks_for_nothing(),
        "NotBestEffort" => !asks_for_nothing(),
        "PriorityClass" => has_class(term, spec),
        "CrossNamespacePodAffinity" => looks_elsewhere(spec),
        _ => false,
    }
}

fn has_class(term: &ScopedResourceSelectorRequirement, spec: &PodSpec) -> bool {
    let class = spec.priority_class_name.as_deref().filter(|name| !name.is_empty());
    let named = || term.values.iter().flatten().any(|value| Some(value.as_str()) == class);
    match term.operator.as_str() {
        "Exists" => class.is_some(),
        "DoesNotExist" => class.is_none(),
        "In" => named(),
        "NotIn" => !named(),
        _ => false,
    }
}

/// Whether the pod's affinity asks for pods of other namespaces.
fn looks_elsewhere(spec: &PodSpec) -> bool {
    let Some(affinity) = &spec.affinity else { return false };
    let near = affinity.pod_affinity.iter().flat_map(|near| {
        let preferred = near.preferred_during_scheduling_ignored_during_execution.iter().flatten();
        let required = near.required_during_scheduling_ignored_during_execution.iter().flatten();
        required.chain(preferred.map(|term| &term.pod_affinity_term))
    });
    let apart = affinity.pod_anti_affinity.iter().flat_map(|apart| {
        let preferred = apart.preferred_during_scheduling_ignored_during_execution.iter().flatten();
        let required = apart.required_during_scheduling_ignored_during_execution.iter().flatten();
        required.chain(preferred.map(|term| &term.pod_affinity_term))
    });
    let elsewhere = |term: &PodAffinityTerm| {
        term.namespaces.as_ref().is_some_and(|names| !names.is_empty())
            || term.namespace_selector.is_some()
    };
    near.chain(apart).any(elsewhere)
}
