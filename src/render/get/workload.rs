//! What makes pods.

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::{PodTemplateSpec, ReplicationController};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::row::{Row, count, or_none};
use crate::model::Labels;

pub(super) fn deployment(deployment: &Deployment, now: Timestamp) -> Row {
    let status = deployment.status.clone().unwrap_or_default();
    let wanted = deployment.spec.replicas.unwrap_or(1);
    Row::default()
        .cell("READY", format!("{}/{wanted}", count(status.ready_replicas)))
        .cell("UP-TO-DATE", count(status.updated_replicas))
        .cell("AVAILABLE", count(status.available_replicas))
        .age(&deployment.metadata, now)
        .containers(Some(&deployment.spec.template))
        .wide("SELECTOR", selector(&deployment.spec.selector))
}

pub(super) fn replica_set(set: &ReplicaSet, now: Timestamp) -> Row {
    let status = set.status.clone().unwrap_or_default();
    let spec = set.spec.clone();
    Row::default()
        .cell("DESIRED", spec.replicas.unwrap_or(1))
        .cell("CURRENT", status.replicas)
        .cell("READY", count(status.ready_replicas))
        .age(&set.metadata, now)
        .containers(spec.template.as_ref())
        .wide("SELECTOR", selector(&spec.selector))
}

pub(super) fn replication_controller(it: &ReplicationController, now: Timestamp) -> Row {
    let status = it.status.clone().unwrap_or_default();
    let spec = it.spec.clone().unwrap_or_default();
    Row::default()
        .cell("DESIRED", spec.replicas.unwrap_or(1))
        .cell("CURRENT", status.replicas)
        .cell("READY", count(status.ready_replicas))
        .age(&it.metadata, now)
        .containers(spec.template.as_ref())
        .wide("SELECTOR", or_none(Some(pairs(spec.selector.as_ref()).join(","))))
}

pub(super) fn stateful_set(set: &StatefulSet, now: Timestamp) -> Row {
    let status = set.status.clone().unwrap_or_default();
    let spec = set.spec.clone();
    let wanted = spec.replicas.unwrap_or(1);
    Row::default()
        .cell("READY", format!("{}/{wanted}", count(status.ready_replicas)))
        .age(&set.metadata, now)
        .containers(Some(&spec.template))
}

pub(super) fn daemon_set(set: &DaemonSet, now: Timestamp) -> Row {
    let status = set.status.clone().unwrap_or_default();
    let spec = set.spec.clone();
    let nodes = spec.template.spec.as_ref().and_then(|pod| pod.node_selector.as_ref());
    Row::default()
        .cell("DESIRED", status.desired_number_scheduled)
        .cell("CURRENT", status.current_number_scheduled)
        .cell("READY", status.number_ready)
        .cell("UP-TO-DATE", count(status.updated_number_scheduled))
        .cell("AVAILABLE", count(status.number_available))
        .cell("NODE SELECTOR", or_none(Some(pairs(nodes).join(","))))
        .age(&set.metadata, now)
        .containers(Some(&spec.template))
        .wide("SELECTOR", selector(&spec.selector))
}

impl Row {
    /// Adds the names and images of a template's containers.
    pub(super) fn containers(self, template: Option<&PodTemplateSpec>) -> Self {
        let containers = template.and_then(|template| Some(&template.spec.as_ref()?.containers));
        let containers = containers.map(Vec::as_slice).unwrap_or_default();
        let names: Vec<&str> = containers.iter().map(|c| c.name.as_str()).collect();
        let images: Vec<&str> = containers.iter().filter_map(|c| c.image.as_deref()).collect();
        self.wide("CONTAINERS", names.join(",")).wide("IMAGES", images.join(","))
    }
}

/// A selector in the form of `-l`.
pub(in crate::render) fn selector(selector: &LabelSelector) -> String {
    let mut terms: Vec<String> = pairs(selector.match_labels.as_ref());
    for term in selector.match_expressions.iter().flatten() {
        let values = term.values.clone().unwrap_or_default().join(",");
        terms.push(match term.operator.as_str() {
            "In" => format!("{} in ({values})", term.key),
            "NotIn" => format!("{} notin ({values})", term.key),
            "DoesNotExist" => format!("!{}", term.key),
            _ => term.key.clone(),
        });
    }
    or_none(Some(terms.join(",")))
}

pub(in crate::render) fn pairs(labels: Option<&Labels>) -> Vec<String> {
    labels.into_iter().flatten().map(|(key, value)| format!("{key}={value}")).collect()
}
