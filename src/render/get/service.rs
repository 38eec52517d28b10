//! Services.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Service, ServicePort};

use super::row::{Row, or_none};
use super::workload::pairs;

pub(super) fn service(service: &Service, now: Timestamp) -> Row {
    let spec = service.spec.clone().unwrap_or_default();
    let kind = spec.type_.clone().unwrap_or_default();
    let external = match kind.as_str() {
        "ExternalName" => spec.external_name.clone(),
        "LoadBalancer" if spec.external_ips.is_none() => Some("<pending>".to_owned()),
        _ => spec.external_ips.clone().map(|addresses| addresses.join(",")),
    };
    Row::default()
        .cell("TYPE", kind)
        .cell("CLUSTER-IP", or_none(spec.cluster_ip.clone()))
        .cell("EXTERNAL-IP", or_none(external))
        .cell("PORT(S)", ports(spec.ports.as_deref().unwrap_or_default()))
        .age(&service.metadata, now)
        .wide("SELECTOR", or_none(Some(pairs(spec.selector.as_ref()).join(","))))
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
