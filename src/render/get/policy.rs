//! Rules for pods at large: what may be disturbed, who goes first, how much there may be.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::ResourceQuota;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::row::{Row, count};

pub(super) fn disruption_budget(budget: &PodDisruptionBudget, now: Timestamp) -> Row {
    let spec = budget.spec.clone().unwrap_or_default();
    let allowed = budget.status.as_ref().and_then(|status| status.disruptions_allowed);
    let share = |share: Option<IntOrString>| match share {
        Some(IntOrString::Int(number)) => number.to_string(),
        Some(IntOrString::String(percent)) => percent,
        None => "N/A".to_owned(),
    };
    Row::default()
        .cell("MIN AVAILABLE", share(spec.min_available))
        .cell("MAX UNAVAILABLE", share(spec.max_unavailable))
        .cell("ALLOWED DISRUPTIONS", count(allowed))
        .age(&budget.metadata, now)
}

pub(super) fn priority_class(class: &PriorityClass, now: Timestamp) -> Row {
    Row::default()
        .cell("VALUE", count(class.value))
        .cell("GLOBAL-DEFAULT", class.global_default.unwrap_or(false))
        .age(&class.metadata, now)
        .cell("PREEMPTIONPOLICY", class.preemption_policy.as_deref().unwrap_or_default())
}

/// What is used of what there may be; both are of the status, so nothing is said without one.
pub(super) fn resource_quota(quota: &ResourceQuota, now: Timestamp) -> Row {
    let status = quota.status.clone().unwrap_or_default();
    let (hard, used) = (status.hard.unwrap_or_default(), status.used.unwrap_or_default());
    let amount = |all: &BTreeMap<String, Quantity>, name: &str| {
        all.get(name).map_or("0", |quantity| quantity.0.as_str()).to_owned()
    };
    let shown = |name: &String| format!("{name}: {}/{}", amount(&used, name), amount(&hard, name));
    let (limits, requests): (Vec<&String>, Vec<&String>) =
        hard.keys().partition(|name| name.starts_with("limits."));
    let joined = |names: Vec<&String>| names.into_iter().map(shown).collect::<Vec<_>>().join(", ");
    Row::default()
        .cell("REQUEST", joined(requests))
        .cell("LIMIT", joined(limits))
        .age(&quota.metadata, now)
}
