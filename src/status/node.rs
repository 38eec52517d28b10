//! Hosts of the inventory as Kubernetes' nodes.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Node, NodeAddress, NodeCondition, NodeSpec, NodeStatus, NodeSystemInfo, Taint,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{Fleet, Resource, time};
use crate::inventory::{Admission, Connection, Host, TaintEffect};
use crate::model::Resources;
use crate::network::host_range;
use crate::observed::{HostReport, HostState};
use crate::plan::{allocatable, capacity, labels, other_capacity};

impl Fleet<'_> {
    pub(super) fn nodes(&self) -> Vec<Resource> {
        let hosts = self.inventory.hosts.values();
        hosts.map(|host| Resource::Node(Box::new(self.node(host)))).collect()
    }

    fn node(&self, host: &Host) -> Node {
        let report = self.observed.report(&host.name);
        let held = report.and_then(|report| report.fence.as_ref()).map(|fence| fence.since);
        let given = self.bindings.nodes.get(&host.name);
        let range = given.and_then(|given| host_range(&self.inventory.network, given.subnet));
        let range = range.map(|range| range.to_string());
        Node {
            metadata: ObjectMeta {
                name: Some(host.name.to_string()),
                labels: Some(labels(host, report)),
                annotations: (!host.annotations.is_empty()).then(|| host.annotations.clone()),
                creation_timestamp: time(held),
                ..ObjectMeta::default()
            },
            spec: Some(NodeSpec {
                pod_cidr: range.clone(),
                pod_cidrs: range.map(|range| vec![range]),
                taints: taints(host),
                unschedulable: (host.admission == Admission::Cordoned).then_some(true),
                ..NodeSpec::default()
            }),
            status: Some(NodeStatus {
                addresses: Some(self.addresses(host)),
                capacity: report.map(|_| quantities(capacity(host, report), host, report)),
                allocatable: report.map(|_| quantities(allocatable(host, report), host, report)),
                conditions: Some(vec![self.ready(host)]),
                node_info: report.map(info),
                ..NodeStatus::default()
            }),
        }
    }

    fn ready(&self, host: &Host) -> NodeCondition {
        let (status, reason, message, since) = match self.observed.hosts.get(&host.name) {
            Some(HostState::Reachable(_)) => {
                ("True", "HostAnswers", "the host answers".to_owned(), None)
            }
            Some(HostState::Unreachable(why)) => {
                ("Unknown", "NodeStatusUnknown", why.error.clone(), Some(why.since))
            }
            None => ("Unknown", "NotAsked", "the host was not asked".to_owned(), None),
        };
        NodeCondition {
            type_: "Ready".to_owned(),
            status: status.to_owned(),
            reason: Some(reason.to_owned()),
            message: Some(message),
            last_heartbeat_time: since.is_none().then(|| time(Some(self.now))).flatten(),
            last_transition_time: time(since),
        }
    }

    fn addresses(&self, host: &Host) -> Vec<NodeAddress> {
        let connection = match &host.connection {
            Connection::Ssh(settings) => Some(settings.address.clone()),
            Connection::Local(_) => None,
        };
        let internal = self.address(&host.name).or(connection);
        let named = |type_: &str, address: String| NodeAddress { type_: type_.to_owned(), address };
        let internal = internal.map(|address| named("InternalIP", address));
        internal.into_iter().chain([named("Hostname", host.name.to_string())]).collect()
    }
}

fn taints(host: &Host) -> Option<Vec<Taint>> {
    let taints = host.standing_taints().into_iter().map(|taint| Taint {
        key: taint.key,
        value: (!taint.value.is_empty()).then_some(taint.value),
        effect: match taint.effect {
            TaintEffect::NoSchedule => "NoSchedule",
            TaintEffect::PreferNoSchedule => "PreferNoSchedule",
            TaintEffect::NoExecute => "NoExecute",
        }
        .to_owned(),
        ..Taint::default()
    });
    let taints: Vec<Taint> = taints.collect();
    (!taints.is_empty()).then_some(taints)
}

fn quantities(
    resources: Resources,
    host: &Host,
    report: Option<&HostReport>,
) -> BTreeMap<String, Quantity> {
    let Resources { cpu_milli, memory_bytes, pods } = resources;
    let cpu = if cpu_milli % 1000 == 0 {
        (cpu_milli / 1000).to_string()
    } else {
        format!("{cpu_milli}m")
    };
    let own = [("cpu", cpu), ("memory", bytes(memory_bytes)), ("pods", pods.to_string())];
    let own = own.into_iter().map(|(name, amount)| (name.to_owned(), Quantity(amount)));
    let others = other_capacity(host, report).into_iter().map(|(name, amount)| {
        let text = if name.contains('/') { amount.to_string() } else { bytes(amount) };
        (name, Quantity(text))
    });
    others.chain(own).collect()
}

/// Bytes as the kubelet writes them.
fn bytes(amount: u64) -> String {
    if amount > 0 && amount.is_multiple_of(1024) {
        format!("{}Ki", amount / 1024)
    } else {
        amount.to_string()
    }
}

/// What a host is. Nothing stays resident on it, so the version is that of the program that asks.
fn info(report: &HostReport) -> NodeSystemInfo {
    let facts = &report.facts;
    NodeSystemInfo {
        architecture: facts.architecture.clone(),
        kernel_version: facts.kernel.clone(),
        os_image: facts.os.clone(),
        operating_system: "linux".to_owned(),
        kubelet_version: concat!("v", env!("CARGO_PKG_VERSION")).to_owned(),
        container_runtime_version: "podman".to_owned(),
        ..NodeSystemInfo::default()
    }
}
