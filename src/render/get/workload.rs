//! The columns of everything but pods.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Node, Service, ServicePort};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::or_none;
use crate::model::Labels;

pub(super) fn deployment(deployment: &Deployment, age: String) -> Vec<String> {
    let status = deployment.status.clone().unwrap_or_default();
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let count = |count: Option<i32>| count.unwrap_or(0).to_string();
    vec![
        format!("{}/{wanted}", count(status.ready_replicas)),
        count(status.updated_replicas),
        count(status.available_replicas),
        age,
    ]
}

pub(super) fn deployment_wide(deployment: &Deployment) -> Vec<String> {
    let containers = deployment.spec.template.spec.as_ref().map(|spec| spec.containers.as_slice());
    let containers = containers.unwrap_or_default();
    let names: Vec<&str> = containers.iter().map(|c| c.name.as_str()).collect();
    let images: Vec<&str> = containers.iter().filter_map(|c| c.image.as_deref()).collect();
    vec![names.join(","), images.join(","), selector(&deployment.spec.selector)]
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

pub(super) fn service(service: &Service, age: String) -> Vec<String> {
    let spec = service.spec.clone().unwrap_or_default();
    let kind = spec.type_.clone().unwrap_or_default();
    let external = match kind.as_str() {
        "ExternalName" => spec.external_name.clone(),
        "LoadBalancer" if spec.external_ips.is_none() => Some("<pending>".to_owned()),
        _ => spec.external_ips.clone().map(|addresses| addresses.join(",")),
    };
    vec![
        kind,
        or_none(spec.cluster_ip.clone()),
        or_none(external),
        ports(spec.ports.as_deref().unwrap_or_default()),
        age,
    ]
}

pub(super) fn service_wide(service: &Service) -> Vec<String> {
    let spec = service.spec.clone().unwrap_or_default();
    vec![or_none(Some(pairs(spec.selector.as_ref()).join(",")))]
}

/// The ports of a Service: `80/TCP,443:30443/TCP`.
fn ports(ports: &[ServicePort]) -> String {
    let port = |port: &ServicePort| {
        let protocol = port.protocol.as_deref().unwrap_or("TCP");
        match port.node_port {
            Some(node_port) => format!("{}:{node_port}/{protocol}", port.port),
            None => format!("{}/{protocol}", port.port),
        }
    };
    let ports: Vec<String> = ports.iter().map(port).collect();
    or_none(Some(ports.join(",")))
}

pub(super) fn node(node: &Node, age: String) -> Vec<String> {
    let version = node.status.as_ref().and_then(|status| status.node_info.as_ref());
    let version = version.map(|info| info.kubelet_version.clone());
    vec![node_status(node), roles(node), age, version.unwrap_or_else(|| "<unknown>".to_owned())]
}

pub(super) fn node_wide(node: &Node) -> Vec<String> {
    let info = node.status.as_ref().and_then(|status| status.node_info.clone());
    let unknown = || "<unknown>".to_owned();
    let (os, kernel, runtime) = match info {
        Some(info) => (info.os_image, info.kernel_version, info.container_runtime_version),
        None => (unknown(), unknown(), unknown()),
    };
    vec![
        or_none(address_of(node, "InternalIP")),
        or_none(address_of(node, "ExternalIP")),
        os,
        kernel,
        runtime,
    ]
}

/// An address of a host by its type.
fn address_of(node: &Node, type_: &str) -> Option<String> {
    let addresses = node.status.as_ref()?.addresses.as_ref()?;
    addresses.iter().find(|address| address.type_ == type_).map(|a| a.address.clone())
}

/// The column STATUS of a host.
fn node_status(node: &Node) -> String {
    let conditions = node.status.as_ref().and_then(|status| status.conditions.as_ref());
    let ready = conditions.into_iter().flatten().find(|condition| condition.type_ == "Ready");
    let word = match ready {
        Some(condition) if condition.status == "True" => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    let closed = node.spec.as_ref().and_then(|spec| spec.unschedulable) == Some(true);
    if closed { format!("{word},SchedulingDisabled") } else { word.to_owned() }
}

/// The roles that a host's labels give it.
pub(in crate::render) fn roles(node: &Node) -> String {
    let labels = node.metadata.labels.iter().flatten();
    let roles = labels.filter_map(|(key, _)| key.strip_prefix("node-role.kubernetes.io/"));
    or_none(Some(roles.collect::<Vec<_>>().join(",")))
}

/// How many entries a ConfigMap has.
pub(super) fn entries(map: &ConfigMap) -> usize {
    map.data.as_ref().map_or(0, std::collections::BTreeMap::len)
        + map.binary_data.as_ref().map_or(0, std::collections::BTreeMap::len)
}
