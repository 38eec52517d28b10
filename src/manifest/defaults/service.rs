//! Services and what they lead to.

use k8s_openapi::api::core::v1::{Endpoints, Service, ServicePort, ServiceSpec};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{drop_empty, drop_none, fill};

/// How long a client is remembered: three hours.
const REMEMBERED: i32 = 10_800;

pub(super) fn complete(service: &mut Service) {
    let spec = service.spec.get_or_insert_default();
    fill(&mut spec.type_, "ClusterIP");
    fill(&mut spec.session_affinity, "None");
    drop_empty(&mut spec.selector);
    drop_none(&mut spec.external_ips);
    drop_none(&mut spec.load_balancer_source_ranges);
    complete_addresses(spec);
    complete_traffic(spec);
    spec.ports.iter_mut().flatten().for_each(complete_port);
}

fn complete_addresses(spec: &mut ServiceSpec) {
    if spec.cluster_ip.as_deref() == Some("") {
        spec.cluster_ip = None;
    }
    // The two spellings of an address that the API server keeps equal.
    if spec.cluster_ips.as_ref().is_some_and(|all| all.len() < 2) {
        spec.cluster_ips = None;
    }
}

fn complete_traffic(spec: &mut ServiceSpec) {
    let kind = spec.type_.as_deref().unwrap_or_default();
    if matches!(kind, "NodePort" | "LoadBalancer")
        || (kind == "ClusterIP" && spec.external_ips.is_some())
    {
        fill(&mut spec.external_traffic_policy, "Cluster");
    }
    if kind == "LoadBalancer" {
        spec.allocate_load_balancer_node_ports.get_or_insert(true);
    }
    if kind != "ExternalName" {
        fill(&mut spec.internal_traffic_policy, "Cluster");
    }
    if spec.session_affinity.as_deref() == Some("None") {
        spec.session_affinity_config = None;
    }
    if spec.session_affinity.as_deref() == Some("ClientIP") {
        let config = spec.session_affinity_config.get_or_insert_default();
        config.client_ip.get_or_insert_default().timeout_seconds.get_or_insert(REMEMBERED);
    }
    // No port is no port, however it is written.
    spec.health_check_node_port = spec.health_check_node_port.filter(|port| *port != 0);
}

fn complete_port(port: &mut ServicePort) {
    fill(&mut port.protocol, "TCP");
    port.node_port = port.node_port.filter(|number| *number != 0);
    match &port.target_port {
        None | Some(IntOrString::Int(0)) => port.target_port = Some(IntOrString::Int(port.port)),
        Some(IntOrString::String(name)) if name.is_empty() => {
            port.target_port = Some(IntOrString::Int(port.port));
        }
        Some(IntOrString::Int(_) | IntOrString::String(_)) => {}
    }
}

pub(super) fn complete_endpoints(endpoints: &mut Endpoints) {
    for port in endpoints.subsets.iter_mut().flatten().flat_map(|s| s.ports.iter_mut().flatten()) {
        fill(&mut port.protocol, "TCP");
    }
}

pub(super) fn complete_slice(slice: &mut EndpointSlice) {
    for port in slice.ports.iter_mut().flatten() {
        port.name.get_or_insert_default();
        fill(&mut port.protocol, "TCP");
    }
}
