//! What makes more pods of few, and fewer of many.

use jiff::Timestamp;
use k8s_openapi::api::autoscaling::v2::{
    HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::row::{Row, count, or_none, or_unset, some};

/// How many metrics are named.
const MOST: usize = 2;

const UNKNOWN: &str = "<unknown>";

pub(super) fn autoscaler(scaler: &HorizontalPodAutoscaler, now: Timestamp) -> Row {
    let spec = scaler.spec.clone();
    let status = scaler.status.clone().unwrap_or_default();
    let measured = status.current_metrics.unwrap_or_default();
    let metrics = spec.metrics.iter().flatten().enumerate();
    let metrics: Vec<String> = metrics.map(|(at, spec)| metric(spec, measured.get(at))).collect();
    let target = spec.scale_target_ref;
    Row::default()
        .cell("REFERENCE", format!("{}/{}", target.kind, target.name))
        .cell("TARGETS", or_none(Some(some(&metrics, MOST, ", "))))
        .cell("MINPODS", or_unset(spec.min_replicas.map(|least| least.to_string())))
        .cell("MAXPODS", spec.max_replicas)
        .cell("REPLICAS", count(status.current_replicas))
        .age(&scaler.metadata, now)
}

/// What is measured and what it should be: `cpu: 20%/80%`.
fn metric(spec: &MetricSpec, status: Option<&MetricStatus>) -> String {
    if let Some(spec) = &spec.resource {
        let current = status.and_then(|status| Some(&status.resource.as_ref()?.current));
        return format!("{}: {}", spec.name, of_resource(&spec.target, current));
    }
    if let Some(spec) = &spec.container_resource {
        let current = status.and_then(|status| Some(&status.container_resource.as_ref()?.current));
        return format!("{}: {}", spec.name, of_resource(&spec.target, current));
    }
    if let Some(spec) = &spec.pods {
        let current = status.and_then(|status| Some(&status.pods.as_ref()?.current));
        let average = current.and_then(|current| current.average_value.as_ref());
        return pair(average, spec.target.average_value.as_ref());
    }
    if let Some(spec) = &spec.object {
        let current = status.and_then(|status| Some(&status.object.as_ref()?.current));
        return of_value(&spec.target, current);
    }
    if let Some(spec) = &spec.external {
        let current = status.and_then(|status| Some(&status.external.as_ref()?.current));
        return of_value(&spec.target, current);
    }
    "<unknown type>".to_owned()
}

fn of_resource(target: &MetricTarget, current: Option<&MetricValueStatus>) -> String {
    if let Some(average) = &target.average_value {
        return pair(current.and_then(|current| current.average_value.as_ref()), Some(average));
    }
    let percent = |share: Option<i32>, otherwise: &str| {
        share.map_or_else(|| otherwise.to_owned(), |share| format!("{share}%"))
    };
    let current = percent(current.and_then(|current| current.average_utilization), UNKNOWN);
    format!("{current}/{}", percent(target.average_utilization, "<auto>"))
}

fn of_value(target: &MetricTarget, current: Option<&MetricValueStatus>) -> String {
    match &target.average_value {
        Some(average) => {
            let current = current.and_then(|current| current.average_value.as_ref());
            format!("{} (avg)", pair(current, Some(average)))
        }
        None => pair(current.and_then(|current| current.value.as_ref()), target.value.as_ref()),
    }
}

fn pair(current: Option<&Quantity>, wanted: Option<&Quantity>) -> String {
    let current = current.map_or(UNKNOWN, |quantity| quantity.0.as_str());
    format!("{current}/{}", wanted.map_or("0", |quantity| quantity.0.as_str()))
}
