//! A host in full, with its pods.

use k8s_openapi::api::core::v1::{Node, Pod, Taint};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::events::Told;
use super::fields::{Fields, beginning, date, marks};
use crate::model::{Kind, Resources};
use crate::render::get::{reason, roles};
use crate::schedule::pod_resources;

pub(super) fn describe(node: &Node, pods: &[Pod], told: &Told<'_>) -> String {
    let spec = node.spec.clone().unwrap_or_default();
    let status = node.status.clone().unwrap_or_default();
    let mut fields = beginning(&node.metadata);
    fields.add("Roles", roles(node));
    marks(&mut fields, &node.metadata);
    fields.add_some("CreationTimestamp", date(node.metadata.creation_timestamp.as_ref()));
    fields.add_all("Taints", spec.taints.iter().flatten().map(taint).collect());
    fields.add("Unschedulable", spec.unschedulable.unwrap_or(false).to_string());
    let conditions = status.conditions.clone().unwrap_or_default();
    let mut table = Fields::default();
    for condition in &conditions {
        let (reason, message) = (condition.reason.as_deref(), condition.message.as_deref());
        let words = [Some(condition.status.as_str()), reason, message];
        table.add(&condition.type_, words.into_iter().flatten().collect::<Vec<_>>().join("  "));
    }
    fields.add_block("Conditions", &table);
    let mut addresses = Fields::default();
    for address in status.addresses.iter().flatten() {
        addresses.add(&address.type_, address.address.clone());
    }
    fields.add_block("Addresses", &addresses);
    for (name, amounts) in [("Capacity", &status.capacity), ("Allocatable", &status.allocatable)] {
        let mut block = Fields::default();
        for (name, Quantity(amount)) in amounts.iter().flatten() {
            block.add(name, amount.clone());
        }
        fields.add_block(name, &block);
    }
    if let Some(info) = &status.node_info {
        let mut block = Fields::default();
        block.add("Kernel Version", info.kernel_version.clone());
        block.add("OS Image", info.os_image.clone());
        block.add("Operating System", info.operating_system.clone());
        block.add("Architecture", info.architecture.clone());
        block.add("Container Runtime", info.container_runtime_version.clone());
        block.add("Bowline Version", info.kubelet_version.clone());
        fields.add_block("System Info", &block);
    }
    fields.add_some("PodCIDR", spec.pod_cidr);
    its_pods(&mut fields, node, pods);
    let faults: Vec<(&str, &str)> = conditions
        .iter()
        .filter(|condition| condition.type_ == "Ready" && condition.status != "True")
        .filter_map(|condition| Some(("NodeNotReady", condition.message.as_deref()?)))
        .collect();
    format!("{}{}", fields.text(), told.table(Kind::Node, &node.metadata, &faults))
}

fn taint(taint: &Taint) -> String {
    let value = taint.value.as_deref().map(|value| format!("={value}")).unwrap_or_default();
    format!("{}{value}:{}", taint.key, taint.effect)
}

/// The pods that are bound to a host and have not ended, and what they ask for in all.
fn its_pods(fields: &mut Fields, node: &Node, pods: &[Pod]) {
    let here = |pod: &&Pod| {
        let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
        let ended = matches!(phase, Some("Succeeded" | "Failed"));
        !ended && pod.spec.as_ref().is_some_and(|spec| spec.node_name == node.metadata.name)
    };
    let mine = pods.iter().filter(here);
    let (mut lines, mut sum) = (Vec::new(), Resources::default());
    for pod in mine {
        let namespace = pod.metadata.namespace.clone().unwrap_or_default();
        let name = pod.metadata.name.clone().unwrap_or_default();
        lines.push(format!("{namespace}/{name}  {}", reason(pod)));
        sum = sum.plus(pod.spec.as_ref().map(pod_resources).unwrap_or_default());
    }
    fields.add_all(&format!("Pods ({} in total)", lines.len()), lines);
    let mut block = Fields::default();
    block.add("cpu", format!("{}m", sum.cpu_milli));
    block.add("memory", format!("{}Mi", sum.memory_bytes / (1024 * 1024)));
    fields.add_block("Allocated resources (requests)", &block);
}
