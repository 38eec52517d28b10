//! `HorizontalPodAutoscalers`.

use k8s_openapi::api::autoscaling::v2::{
    CrossVersionObjectReference, HPAScalingRules, HorizontalPodAutoscaler, MetricIdentifier,
    MetricSpec, MetricTarget,
};

use super::{Check, selector};
use crate::model::names::Rule;

/// The kinds of metrics, and the field that says more of each.
const METRICS: [(&str, &str); 5] = [
    ("ContainerResource", "containerResource"),
    ("External", "external"),
    ("Object", "object"),
    ("Pods", "pods"),
    ("Resource", "resource"),
];

/// The longest that a recommendation is held back, and that a policy looks back, in seconds.
const WINDOW: (i64, i64) = (0, 3600);
const PERIOD: (i64, i64) = (1, 1800);

pub(super) fn check(autoscaler: &HorizontalPodAutoscaler, check: &mut Check<'_>) {
    let spec = &autoscaler.spec;
    let least = spec.min_replicas.unwrap_or(1);
    if least < 1 {
        let message = "must be 1 or more: to scale to nothing is not possible";
        check.error("out-of-range", "spec.minReplicas", message);
    }
    if spec.max_replicas < 1 {
        check.error("out-of-range", "spec.maxReplicas", "is required, and must be 1 or more");
    } else if spec.max_replicas < least {
        let message = format!("must not be less than minReplicas, {least}");
        check.error("out-of-range", "spec.maxReplicas", &message);
    }
    check_reference(&spec.scale_target_ref, "spec.scaleTargetRef", check);
    for (index, metric) in spec.metrics.iter().flatten().enumerate() {
        check_metric(metric, &format!("spec.metrics[{index}]"), check);
    }
    let Some(behavior) = &spec.behavior else { return };
    for (field, rules) in [("scaleUp", &behavior.scale_up), ("scaleDown", &behavior.scale_down)] {
        if let Some(rules) = rules {
            check_rules(rules, &format!("spec.behavior.{field}"), check);
        }
    }
}

fn check_reference(reference: &CrossVersionObjectReference, path: &str, check: &mut Check<'_>) {
    check.name(&format!("{path}.kind"), &reference.kind, Rule::Path);
    check.name(&format!("{path}.name"), &reference.name, Rule::Path);
}

fn check_metric(metric: &MetricSpec, path: &str, check: &mut Check<'_>) {
    let known = METRICS.map(|(kind, _)| kind);
    check.choice(&format!("{path}.type"), &metric.type_, &known);
    let MetricSpec { container_resource, external, object, pods, resource, type_ } = metric;
    let there = [
        container_resource.is_some(),
        external.is_some(),
        object.is_some(),
        pods.is_some(),
        resource.is_some(),
    ];
    for ((kind, field), there) in METRICS.into_iter().zip(there) {
        if kind == type_ && !there {
            check.required(&format!("{path}.{field}"));
        } else if kind != type_ && there && known.contains(&type_.as_str()) {
            let message = format!("is not allowed with `type: {type_}`");
            check.forbidden(&format!("{path}.{field}"), &message);
        }
    }
    if let Some(source) = container_resource {
        let path = format!("{path}.containerResource");
        check.name(&format!("{path}.container"), &source.container, Rule::Label);
        check_resource(&source.name, &source.target, &path, check);
    }
    if let Some(source) = resource {
        check_resource(&source.name, &source.target, &format!("{path}.resource"), check);
    }
    if let Some(source) = pods {
        let path = format!("{path}.pods");
        check_identifier(&source.metric, &path, check);
        check_target(&source.target, &path, check);
        if source.target.average_value.is_none() {
            check.required(&format!("{path}.target.averageValue"));
        }
    }
    if let Some(source) = object {
        let path = format!("{path}.object");
        check_reference(&source.described_object, &format!("{path}.describedObject"), check);
        check_identifier(&source.metric, &path, check);
        check_value(&source.target, &path, check);
    }
    if let Some(source) = external {
        let path = format!("{path}.external");
        check_identifier(&source.metric, &path, check);
        check_value(&source.target, &path, check);
        if source.target.value.is_some() && source.target.average_value.is_some() {
            let message = "must not stand beside `value`";
            check.forbidden(&format!("{path}.target.averageValue"), message);
        }
    }
}

fn check_identifier(metric: &MetricIdentifier, path: &str, check: &mut Check<'_>) {
    check.name(&format!("{path}.metric.name"), &metric.name, Rule::Path);
    if let Some(chosen) = &metric.selector {
        selector::check(chosen, &format!("{path}.metric.selector"), check);
    }
}

fn check_resource(name: &str, target: &MetricTarget, path: &str, check: &mut Check<'_>) {
    if name.is_empty() {
        check.required(&format!("{path}.name"));
    }
    check_target(target, path, check);
    match (target.average_utilization, &target.average_value) {
        (None, None) => {
            let help = "write `target: {type: Utilization, averageUtilization: 80}`";
            let path = format!("{path}.target");
            let message = "must have an `averageUtilization` or an `averageValue`";
            check.error_with("required", &path, message, help);
        }
        (Some(_), Some(_)) => {
            let message = "must not stand beside `averageUtilization`";
            check.forbidden(&format!("{path}.target.averageValue"), message);
        }
        (Some(_), None) | (None, Some(_)) => {}
    }
}

fn check_value(target: &MetricTarget, path: &str, check: &mut Check<'_>) {
    check_target(target, path, check);
    if target.value.is_none() && target.average_value.is_none() {
        let message = "must have a `value` or an `averageValue`";
        check.error("required", &format!("{path}.target"), message);
    }
}

fn check_target(target: &MetricTarget, path: &str, check: &mut Check<'_>) {
    let path = format!("{path}.target");
    let known = ["Utilization", "Value", "AverageValue"];
    check.choice(&format!("{path}.type"), &target.type_, &known);
    if let Some(value) = &target.value {
        check.above_zero(&format!("{path}.value"), value);
    }
    if let Some(value) = &target.average_value {
        check.above_zero(&format!("{path}.averageValue"), value);
    }
    let share = target.average_utilization.map(i64::from);
    check.at_least(&format!("{path}.averageUtilization"), share, 1);
}

fn check_rules(rules: &HPAScalingRules, path: &str, check: &mut Check<'_>) {
    let window = rules.stabilization_window_seconds.map(i64::from);
    check.range(&format!("{path}.stabilizationWindowSeconds"), window, WINDOW.0, WINDOW.1);
    let known = ["Max", "Min", "Disabled"];
    check.one_of(&format!("{path}.selectPolicy"), rules.select_policy.as_deref(), &known);
    if let Some(tolerance) = &rules.tolerance {
        check.not_negative(&format!("{path}.tolerance"), tolerance);
    }
    let Some(policies) = &rules.policies else { return };
    let path = format!("{path}.policies");
    if policies.is_empty() {
        check.error_with("required", &path, "must have an element", "leave it out, or write one");
    }
    for (index, policy) in policies.iter().enumerate() {
        let path = format!("{path}[{index}]");
        check.choice(&format!("{path}.type"), &policy.type_, &["Pods", "Percent"]);
        check.at_least(&format!("{path}.value"), Some(i64::from(policy.value)), 1);
        let seconds = i64::from(policy.period_seconds);
        check.range(&format!("{path}.periodSeconds"), Some(seconds), PERIOD.0, PERIOD.1);
    }
}
