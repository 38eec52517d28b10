//! The hosts as the scheduler sees them: what they report, less what is kept back, and the labels that they have by themselves.

use std::net::{IpAddr, Ipv4Addr};

use super::PlanInput;
use super::amounts::other_capacity;
use crate::inventory::{Connection, Host};
use crate::model::{HostPort, Labels, Protocol, Resources};
use crate::observed::HostReport;
use crate::schedule::{Candidate, Readiness};

/// Pods that a host takes where nothing is said.
///
/// Source: <https://kubernetes.io/docs/setup/best-practices/cluster-large/>
const PODS: u64 = 110;

/// Addresses of a host's range that are no pod's: the network's own, the gateway's, the broadcast address.
const NOT_FOR_PODS: u64 = 3;

/// Every host of the inventory, with nothing bound to it yet. It takes no more pods than its range has addresses.
pub(super) fn candidates(input: &PlanInput<'_>) -> Vec<Candidate> {
    let addresses = (1_u64 << (32 - u32::from(input.inventory.network.host_prefix))) - NOT_FOR_PODS;
    input
        .inventory
        .hosts
        .values()
        .map(|host| {
            let report = input.observed.report(&host.name);
            let allocatable = allocatable(host, report);
            Candidate {
                name: host.name.clone(),
                labels: labels(host, report),
                taints: host.standing_taints(),
                allocatable: Resources { pods: allocatable.pods.min(addresses), ..allocatable },
                further: other_capacity(host, report),
                images: report.map(|report| report.images.clone()).unwrap_or_default(),
                machine: report.map(|report| report.facts.machine()),
                ssh_port: ssh_port(host),
                readiness: match report {
                    Some(_) => Readiness::Ready,
                    None => Readiness::Unreachable,
                },
            }
        })
        .collect()
}

/// The port at which a host's SSH server answers, at the address that is logged in at; at every one where only a name is known.
fn ssh_port(host: &Host) -> Option<HostPort> {
    let Connection::Ssh(ssh) = &host.connection else { return None };
    let address = ssh.address.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    Some(HostPort { address, protocol: Protocol::Tcp, port: ssh.port, target: ssh.port })
}

/// The labels of a host: the inventory's, and those that every node of Kubernetes has by itself. The architecture is known when
/// the host has answered.
///
/// Source: <https://kubernetes.io/docs/reference/labels-annotations-taints/>
pub fn labels(host: &Host, report: Option<&HostReport>) -> Labels {
    let mut labels = host.labels.clone();
    let architecture = report.map(|report| report.facts.architecture.as_str());
    for (name, value) in [("os", Some("linux")), ("arch", architecture)] {
        for prefix in ["kubernetes.io", "beta.kubernetes.io"] {
            if let Some(value) = value {
                labels.entry(format!("{prefix}/{name}")).or_insert_with(|| value.to_owned());
            }
        }
    }
    labels
}

/// What pods may ask for of a host in all: what they have together, as many times as the inventory says.
pub fn allocatable(host: &Host, report: Option<&HostReport>) -> Resources {
    host.overcommit.of(usable(host, report))
}

/// What the pods of a host have together, whatever they may ask for: what there is, less what is kept back. What is kept back is not
/// given out several times either, as in `OpenStack`'s Placement.
///
/// Source: <https://docs.openstack.org/placement/latest/user/index.html>
pub fn usable(host: &Host, report: Option<&HostReport>) -> Resources {
    // What is set aside for huge pages is nobody's memory else, as the kubelet counts it.
    let amounts = report.into_iter().flat_map(|report| &report.facts.amounts);
    let huge = amounts.filter(|(name, _)| name.starts_with("hugepages-")).map(|(_, bytes)| *bytes);
    let huge =
        Resources { memory_bytes: huge.fold(0, u64::saturating_add), ..Resources::default() };
    capacity(host, report).minus(host.reserved).minus(huge)
}

/// What a host has in all: what the inventory says, else what the host reports.
pub fn capacity(host: &Host, report: Option<&HostReport>) -> Resources {
    let facts = report.map(|report| &report.facts);
    let cpu = host.capacity.cpu_milli.or(facts.map(|facts| facts.cpus * 1000));
    let memory = host.capacity.memory_bytes.or(facts.map(|facts| facts.memory_bytes));
    Resources {
        cpu_milli: cpu.unwrap_or(0),
        memory_bytes: memory.unwrap_or(0),
        pods: host.capacity.pods.unwrap_or(PODS),
    }
}
