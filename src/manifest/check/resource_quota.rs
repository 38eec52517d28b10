//! `ResourceQuotas`.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{
    ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement,
};

use super::quantities::Amounts;
use super::{Check, Seen};
use crate::document::{closest, join, quoted};
use crate::model::names::label_key;

/// What a quota can bound without naming a group: amounts, and things that are counted.
const COMPUTE: [&str; 10] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "requests.storage",
];
const COUNTS: [&str; 9] = [
    "pods",
    "services",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

const SCOPES: [&str; 7] = [
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
];

const OPERATORS: [&str; 4] = ["In", "NotIn", "Exists", "DoesNotExist"];

/// Scopes of which a pod can have only one.
const OPPOSED: [(&str, &str); 2] =
    [("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")];

pub(super) fn check(quota: &ResourceQuota, check: &mut Check<'_>) {
    let Some(spec) = &quota.spec else { return };
    if let Some(hard) = &spec.hard {
        check_hard(hard, check);
    }
    check_scopes(spec, check);
    let terms = spec.scope_selector.as_ref().and_then(|s| s.match_expressions.as_deref());
    for (index, term) in terms.unwrap_or_default().iter().enumerate() {
        check_term(term, &format!("spec.scopeSelector.matchExpressions[{index}]"), check);
    }
}

fn check_hard(hard: &Amounts, check: &mut Check<'_>) {
    let amounts = check.none_negative("spec.hard", Some(hard));
    for name in hard.keys() {
        check_name(name, &join("spec.hard", name), check);
    }
    for (name, amount) in amounts {
        let counted = COUNTS.contains(&name) || name.starts_with("count/");
        if counted && !amount.is_whole() {
            check.error("invalid-quantity", &join("spec.hard", name), "must be a whole number");
        }
    }
}

fn check_name(name: &str, path: &str, check: &mut Check<'_>) {
    let huge = name.strip_prefix("requests.").unwrap_or(name).starts_with("hugepages-");
    if let Err(why) = label_key(name) {
        check.key_error("invalid-name", path, &format!("{} {why}", quoted(name)));
    } else if !name.contains('/') && !huge && !COMPUTE.contains(&name) && !COUNTS.contains(&name) {
        let known = closest(name, COMPUTE.into_iter().chain(COUNTS));
        let hint = known.map(|known| format!("; did you mean `{known}`?")).unwrap_or_default();
        let message = format!("{} is nothing that a quota can bound{hint}", quoted(name));
        check.key_error("invalid-value", path, &message);
    }
}

fn check_scopes(spec: &ResourceQuotaSpec, check: &mut Check<'_>) {
    let mut seen = Seen::default();
    let hard: BTreeSet<&str> = spec.hard.iter().flatten().map(|(name, _)| name.as_str()).collect();
    for (index, scope) in spec.scopes.iter().flatten().enumerate() {
        let path = format!("spec.scopes[{index}]");
        check.choice(&path, scope, &SCOPES);
        seen.before(scope.as_str(), &path);
        let unfit = hard.iter().find(|name| !fits(scope, name));
        if let Some(name) = unfit {
            let message = format!("{scope} says nothing about {}", quoted(name));
            check.error("invalid-value", &path, &message);
        }
    }
    for (one, other) in OPPOSED {
        if let (Some(_), Some(path)) = (seen.0.get(one), seen.0.get(other)) {
            let message = format!("{one} and {other} leave no pod at all");
            check.error("invalid-value", path, &message);
        }
    }
}

/// Whether a scope makes sense for a resource.
fn fits(scope: &str, resource: &str) -> bool {
    let of_pods = resource == "pods" || resource == "count/pods";
    match scope {
        "BestEffort" => of_pods,
        "Terminating" | "NotTerminating" | "NotBestEffort" | "PriorityClass" => {
            // Of disks, and of kinds other than Pod, no pod's scope can be asked.
            let counted = COUNTS.contains(&resource) || resource.starts_with("count/");
            of_pods || !(counted || resource.ends_with("requests.storage"))
        }
        _ => true,
    }
}

fn check_term(term: &ScopedResourceSelectorRequirement, path: &str, check: &mut Check<'_>) {
    check.choice(&format!("{path}.scopeName"), &term.scope_name, &SCOPES);
    let operator_path = format!("{path}.operator");
    check.choice(&operator_path, &term.operator, &OPERATORS);
    let values = term.values.as_deref().unwrap_or_default();
    let values_path = format!("{path}.values");
    let valued = matches!(term.scope_name.as_str(), "PriorityClass" | "VolumeAttributesClass");
    match term.operator.as_str() {
        "In" | "NotIn" | "DoesNotExist"
            if !valued && SCOPES.contains(&term.scope_name.as_str()) =>
        {
            let message = format!("must be `Exists` for the scope {}", term.scope_name);
            check.error("invalid-value", &operator_path, &message);
        }
        "In" | "NotIn" if values.is_empty() => check.required(&values_path),
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            let message = format!("is not allowed with `operator: {}`", term.operator);
            check.forbidden(&values_path, &message);
        }
        _ => {}
    }
}
