//! `autoscaling`: what a `HorizontalPodAutoscaler` measures came to be a list, then got targets of one form.

use super::{Advice, Old, list_of, rename, same, take};
use crate::document::{Placed, PlacedEntry};
use crate::model::Kind;

pub(super) const OLD: &[Old] = &[
    Old { api_version: "autoscaling/v1", kind: Kind::HorizontalPodAutoscaler, lift: first },
    Old { api_version: "autoscaling/v2beta1", kind: Kind::HorizontalPodAutoscaler, lift: targets },
    Old { api_version: "autoscaling/v2beta2", kind: Kind::HorizontalPodAutoscaler, lift: same },
];

fn first(object: &mut Placed) -> Advice {
    let Some(spec) = object.get_mut("spec") else { return Vec::new() };
    let Some(percent) = take(spec, "targetCPUUtilizationPercentage") else { return Vec::new() };
    let key = percent.key_place.clone();
    let mut resource = Placed::mapping(key.clone());
    resource.set("name", key.clone(), Placed::text("cpu", key.clone()));
    let target = target("Utilization", "averageUtilization", percent);
    resource.set("target", key.clone(), target);
    let mut metric = Placed::mapping(key.clone());
    metric.set("type", key.clone(), Placed::text("Resource", key.clone()));
    metric.set("resource", key.clone(), resource);
    spec.set("metrics", key, list_of(metric));
    vec![
        "write `metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: …}}}]` for targetCPUUtilizationPercentage",
    ]
}

/// A target of a type; the number keeps its place.
fn target(type_: &str, field: &str, number: PlacedEntry) -> Placed {
    let mut target = Placed::mapping(number.key_place.clone());
    target.set("type", number.key_place.clone(), Placed::text(type_, number.key_place.clone()));
    target.set(field, number.key_place, number.value);
    target
}

fn targets(object: &mut Placed) -> Advice {
    let metrics = object.get_mut("spec").and_then(|spec| spec.get_mut("metrics"));
    let Some(metrics) = metrics.and_then(Placed::elements_mut) else { return Vec::new() };
    for metric in metrics {
        for source in ["resource", "containerResource", "pods", "object", "external"] {
            if let Some(source) = metric.get_mut(source) {
                lift_source(source);
            }
        }
    }
    vec![
        "write each target as `target: {type: …, averageUtilization: …}` and each metric as `metric: {name: …}`",
    ]
}

/// One source of a metric. The names of the fields do not overlap between kinds of sources, but for `target`, which
/// in an object's was the object.
fn lift_source(source: &mut Placed) {
    if source.get("target").is_some_and(|target| target.get("kind").is_some()) {
        rename(source, "target", "describedObject");
    }
    if let Some(name) = take(source, "metricName") {
        let mut metric = Placed::mapping(name.key_place.clone());
        let place = name.key_place.clone();
        metric.set("name", name.key_place, name.value);
        for selector in ["metricSelector", "selector"] {
            if let Some(selector) = take(source, selector) {
                metric.set("selector", selector.key_place, selector.value);
            }
        }
        source.set("metric", place, metric);
    }
    // Of two numbers the average is what counts, as it was.
    for (old, type_, field) in [
        ("targetValue", "Value", "value"),
        ("targetAverageUtilization", "Utilization", "averageUtilization"),
        ("targetAverageValue", "AverageValue", "averageValue"),
        ("averageValue", "AverageValue", "averageValue"),
    ] {
        if let Some(number) = take(source, old) {
            let place = number.key_place.clone();
            source.set("target", place, target(type_, field, number));
        }
    }
}
