//! Hosts, and how they run containers.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Node;
use k8s_openapi::api::node::v1::RuntimeClass;

use super::row::{Row, or_none};

pub(super) fn node(node: &Node, now: Timestamp) -> Row {
    let info = node.status.as_ref().and_then(|status| status.node_info.clone());
    let unknown = || "<unknown>".to_owned();
    let (version, os, kernel, runtime) = match info {
        Some(info) => (
            info.kubelet_version,
            info.os_image,
            info.kernel_version,
            info.container_runtime_version,
        ),
        None => (unknown(), unknown(), unknown(), unknown()),
    };
    Row::default()
        .cell("STATUS", node_status(node))
        .cell("ROLES", roles(node))
        .age(&node.metadata, now)
        .cell("VERSION", version)
        .wide("INTERNAL-IP", or_none(address_of(node, "InternalIP")))
        .wide("EXTERNAL-IP", or_none(address_of(node, "ExternalIP")))
        .wide("OS-IMAGE", os)
        .wide("KERNEL-VERSION", kernel)
        .wide("CONTAINER-RUNTIME", runtime)
}

pub(super) fn runtime_class(class: &RuntimeClass, now: Timestamp) -> Row {
    Row::default().cell("HANDLER", &class.handler).age(&class.metadata, now)
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
