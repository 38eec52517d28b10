//! Which hosts a pod tolerates, and how pods are spread over them.

use k8s_openapi::api::core::v1::{PodSpec, Toleration, TopologySpreadConstraint};

use super::{Check, Seen, selector};
use crate::document::quoted;
use crate::model::names::label_key;

pub(super) fn check(spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    for (index, toleration) in spec.tolerations.iter().flatten().enumerate() {
        check_toleration(toleration, &format!("{path}.tolerations[{index}]"), check);
    }
    let mut seen = Seen::default();
    for (index, spread) in spec.topology_spread_constraints.iter().flatten().enumerate() {
        let path = format!("{path}.topologySpreadConstraints[{index}]");
        check_spread(spread, &path, check);
        let both = (spread.topology_key.as_str(), spread.when_unsatisfiable.as_str());
        if let Some(first) = seen.before(both, &path) {
            check.twice(&path, &first, "this topologyKey with this whenUnsatisfiable");
        }
    }
    check_gates(spec, path, check);
}

fn check_toleration(toleration: &Toleration, path: &str, check: &mut Check<'_>) {
    let key = toleration.key.as_deref().unwrap_or_default();
    let value = toleration.value.as_deref().unwrap_or_default();
    let operator = toleration.operator.as_deref().unwrap_or_default();
    let effect = toleration.effect.as_deref();
    if !key.is_empty()
        && let Err(why) = label_key(key)
    {
        check.error("invalid-label", &format!("{path}.key"), &format!("{} {why}", quoted(key)));
    }
    check.one_of(&format!("{path}.operator"), Some(operator), &["Exists", "Equal", "Lt", "Gt"]);
    let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
    check.one_of(&format!("{path}.effect"), effect, &effects);
    if key.is_empty() && operator != "Exists" {
        let message = "a toleration of every key needs `operator: Exists`";
        check.error("invalid-value", &format!("{path}.operator"), message);
    }
    let value_path = format!("{path}.value");
    match operator {
        "Exists" if !value.is_empty() => {
            check.error("invalid-value", &value_path, "must be empty with `operator: Exists`");
        }
        "" | "Equal" => check.label_value(&value_path, value),
        "Lt" | "Gt" if value.parse::<i64>().is_err() => {
            let message = format!("must be a whole number with `operator: {operator}`");
            check.error("invalid-value", &value_path, &message);
        }
        _ => {}
    }
    if toleration.toleration_seconds.is_some() && effect != Some("NoExecute") {
        let message = "is allowed only with `effect: NoExecute`";
        check.error("invalid-value", &format!("{path}.tolerationSeconds"), message);
    }
}

fn check_spread(spread: &TopologySpreadConstraint, path: &str, check: &mut Check<'_>) {
    check.at_least(&format!("{path}.maxSkew"), Some(spread.max_skew.into()), 1);
    check.filled(&format!("{path}.topologyKey"), &spread.topology_key);
    let actions = ["DoNotSchedule", "ScheduleAnyway"];
    check.choice(&format!("{path}.whenUnsatisfiable"), &spread.when_unsatisfiable, &actions);
    let domains = format!("{path}.minDomains");
    check.at_least(&domains, spread.min_domains.map(i64::from), 1);
    if spread.min_domains.is_some() && spread.when_unsatisfiable != "DoNotSchedule" {
        let message = "is allowed only with `whenUnsatisfiable: DoNotSchedule`";
        check.error("invalid-value", &domains, message);
    }
    for (field, policy) in [
        ("nodeAffinityPolicy", &spread.node_affinity_policy),
        ("nodeTaintsPolicy", &spread.node_taints_policy),
    ] {
        check.one_of(&format!("{path}.{field}"), policy.as_deref(), &["Honor", "Ignore"]);
    }
    if let Some(labels) = &spread.label_selector {
        selector::check(labels, &format!("{path}.labelSelector"), check);
    }
    check_label_keys(spread, &format!("{path}.matchLabelKeys"), check);
}

fn check_label_keys(spread: &TopologySpreadConstraint, path: &str, check: &mut Check<'_>) {
    let keys = spread.match_label_keys.as_deref().unwrap_or_default();
    let Some(selector) = &spread.label_selector else {
        if !keys.is_empty() {
            check.forbidden(path, "have no place without a labelSelector");
        }
        return;
    };
    for (index, key) in keys.iter().enumerate() {
        let path = format!("{path}[{index}]");
        check.label_key(&path, key);
        let equal = selector.match_labels.as_ref().is_some_and(|labels| labels.contains_key(key));
        let other = selector.match_expressions.iter().flatten().any(|term| term.key == *key);
        if equal || other {
            let message = format!("{} is also a key of the labelSelector", quoted(key));
            check.error("invalid-value", &path, &message);
        }
    }
}

fn check_gates(spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    for (index, gate) in spec.readiness_gates.iter().flatten().enumerate() {
        let path = format!("{path}.readinessGates[{index}].conditionType");
        check.label_key(&path, &gate.condition_type);
    }
    let mut seen = Seen::default();
    for (index, gate) in spec.scheduling_gates.iter().flatten().enumerate() {
        let path = format!("{path}.schedulingGates[{index}].name");
        check.label_key(&path, &gate.name);
        if let Some(first) = seen.before(gate.name.as_str(), &path) {
            check.twice(&path, &first, &format!("the scheduling gate {}", quoted(&gate.name)));
        }
    }
}
