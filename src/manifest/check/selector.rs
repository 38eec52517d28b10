//! Selectors of labels, and requirements on hosts.

use k8s_openapi::api::core::v1::{NodeSelector, NodeSelectorRequirement, NodeSelectorTerm};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::{Check, metadata};
use crate::model::names::Rule;

/// Whether values that no label can have are refused: as a preference they are let pass.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    Checked,
    Free,
}

/// Checks a selector of labels.
pub(super) fn check(selector: &LabelSelector, path: &str, check: &mut Check<'_>) {
    if let Some(labels) = &selector.match_labels {
        metadata::labels(labels, &format!("{path}.matchLabels"), check);
    }
    for (index, term) in selector.match_expressions.iter().flatten().enumerate() {
        let path = format!("{path}.matchExpressions[{index}]");
        let values = term.values.as_deref().unwrap_or_default();
        let operators = ["In", "NotIn", "Exists", "DoesNotExist"];
        let operator = format!("{path}.operator");
        check.choice(&operator, &term.operator, &operators);
        check_values(&term.operator, values, &path, check);
        check.label_key(&format!("{path}.key"), &term.key);
        for (index, value) in values.iter().enumerate() {
            check.label_value(&format!("{path}.values[{index}]"), value);
        }
    }
}

/// Checks that a requirement has values where its operator needs them, and only there.
fn check_values(operator: &str, values: &[String], path: &str, check: &mut Check<'_>) {
    let path = format!("{path}.values");
    match operator {
        "In" | "NotIn" if values.is_empty() => {
            check.error("required", &path, &format!("are required with `operator: {operator}`"));
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            check.forbidden(&path, &format!("have no place with `operator: {operator}`"));
        }
        "Gt" | "Lt" if values.len() != 1 => {
            let message = format!("must be a single one with `operator: {operator}`");
            check.error("invalid-value", &path, &message);
        }
        _ => {}
    }
}

/// Checks a choice of hosts, of which one must fit.
pub(super) fn check_nodes(selector: &NodeSelector, path: &str, check: &mut Check<'_>) {
    let path = format!("{path}.nodeSelectorTerms");
    if selector.node_selector_terms.is_empty() {
        check.required(&path);
    }
    for (index, term) in selector.node_selector_terms.iter().enumerate() {
        check_term(term, &format!("{path}[{index}]"), Values::Checked, check);
    }
}

/// Checks one term of a choice of hosts.
pub(super) fn check_term(
    term: &NodeSelectorTerm,
    path: &str,
    values: Values,
    check: &mut Check<'_>,
) {
    for (index, requirement) in term.match_expressions.iter().flatten().enumerate() {
        let path = format!("{path}.matchExpressions[{index}]");
        check_requirement(requirement, &path, values, check);
    }
    for (index, requirement) in term.match_fields.iter().flatten().enumerate() {
        check_field(requirement, &format!("{path}.matchFields[{index}]"), check);
    }
}

fn check_requirement(
    requirement: &NodeSelectorRequirement,
    path: &str,
    checked: Values,
    check: &mut Check<'_>,
) {
    let operators = ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"];
    check.choice(&format!("{path}.operator"), &requirement.operator, &operators);
    let values = requirement.values.as_deref().unwrap_or_default();
    check_values(&requirement.operator, values, path, check);
    check.label_key(&format!("{path}.key"), &requirement.key);
    if checked == Values::Checked {
        for (index, value) in values.iter().enumerate() {
            check.label_value(&format!("{path}.values[{index}]"), value);
        }
    }
}

/// Checks a requirement on a field of a host, of which only the name can be asked.
fn check_field(requirement: &NodeSelectorRequirement, path: &str, check: &mut Check<'_>) {
    check.choice(&format!("{path}.operator"), &requirement.operator, &["In", "NotIn"]);
    check.choice(&format!("{path}.key"), &requirement.key, &["metadata.name"]);
    let values = requirement.values.as_deref().unwrap_or_default();
    if values.len() != 1 {
        check.error("invalid-value", &format!("{path}.values"), "must be a single host");
    }
    for (index, value) in values.iter().enumerate() {
        check.name(&format!("{path}.values[{index}]"), value, Rule::Subdomain);
    }
}
