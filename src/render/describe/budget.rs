//! A disruption budget in full.

use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::events::Told;
use super::fields::{Fields, beginning};
use crate::model::Kind;
use crate::render::get::{or_none, selector};

pub(super) fn describe(budget: &PodDisruptionBudget, told: &Told<'_>) -> String {
    let spec = budget.spec.clone().unwrap_or_default();
    let status = budget.status.clone().unwrap_or_default();
    let text = |share: IntOrString| match share {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(percent) => percent,
    };
    let number = |count: Option<i32>| count.unwrap_or(0).to_string();
    let mut fields = beginning(&budget.metadata);
    fields.add_some("Min available", spec.min_available.map(text));
    fields.add_some("Max unavailable", spec.max_unavailable.map(text));
    fields.add("Selector", or_none(spec.selector.as_ref().map(selector)));
    let mut block = Fields::default();
    block.add("Allowed disruptions", number(status.disruptions_allowed));
    block.add("Current", number(status.current_healthy));
    block.add("Desired", number(status.desired_healthy));
    block.add("Total", number(status.expected_pods));
    fields.add_block("Status", &block);
    format!("{}{}", fields.text(), told.table(Kind::PodDisruptionBudget, &budget.metadata, &[]))
}
