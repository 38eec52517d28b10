//! `HorizontalPodAutoscalers`.

use k8s_openapi::api::autoscaling::v2::{
    HPAScalingPolicy, HPAScalingRules, HorizontalPodAutoscaler, MetricSpec, MetricTarget,
    ResourceMetricSource,
};

use super::fill;
use crate::manifest::quantity::canonical;

/// The share of its request of CPU that a pod should use, when nothing else is asked for, in percent.
const UTILIZATION: i32 = 80;

/// How far back a policy looks that is not the user's, in seconds.
const PERIOD: i32 = 15;

pub(super) fn complete(autoscaler: &mut HorizontalPodAutoscaler) {
    let spec = &mut autoscaler.spec;
    spec.min_replicas.get_or_insert(1);
    if spec.metrics.as_ref().is_none_or(Vec::is_empty) {
        spec.metrics = Some(vec![utilization()]);
    }
    spec.metrics.iter_mut().flatten().for_each(spell);
    let Some(behavior) = &mut spec.behavior else { return };
    let up = behavior.scale_up.get_or_insert_default();
    up.stabilization_window_seconds.get_or_insert(0);
    complete_rules(up, &[policy("Pods", 4), policy("Percent", 100)]);
    complete_rules(behavior.scale_down.get_or_insert_default(), &[policy("Percent", 100)]);
}

fn utilization() -> MetricSpec {
    let target = MetricTarget {
        type_: "Utilization".to_owned(),
        average_utilization: Some(UTILIZATION),
        ..MetricTarget::default()
    };
    let resource = ResourceMetricSource { name: "cpu".to_owned(), target };
    MetricSpec { type_: "Resource".to_owned(), resource: Some(resource), ..MetricSpec::default() }
}

fn policy(kind: &str, value: i32) -> HPAScalingPolicy {
    HPAScalingPolicy { type_: kind.to_owned(), value, period_seconds: PERIOD }
}

fn complete_rules(rules: &mut HPAScalingRules, policies: &[HPAScalingPolicy]) {
    fill(&mut rules.select_policy, "Max");
    rules.policies.get_or_insert_with(|| policies.to_vec());
    if let Some(tolerance) = &mut rules.tolerance {
        *tolerance = canonical(tolerance);
    }
}

fn spell(metric: &mut MetricSpec) {
    let MetricSpec { container_resource, external, object, pods, resource, type_: _ } = metric;
    let targets = [
        container_resource.as_mut().map(|source| &mut source.target),
        external.as_mut().map(|source| &mut source.target),
        object.as_mut().map(|source| &mut source.target),
        pods.as_mut().map(|source| &mut source.target),
        resource.as_mut().map(|source| &mut source.target),
    ];
    for target in targets.into_iter().flatten() {
        for amount in [&mut target.value, &mut target.average_value].into_iter().flatten() {
            *amount = canonical(amount);
        }
    }
}
