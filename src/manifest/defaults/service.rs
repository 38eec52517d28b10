//! Services.

use k8s_openapi::api::core::v1::{Service, ServicePort};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{drop_empty, fill};

pub(super) fn complete(service: &mut Service) {
    let spec = service.spec.get_or_insert_default();
    fill(&mut spec.type_, "ClusterIP");
    fill(&mut spec.session_affinity, "None");
    drop_empty(&mut spec.selector);
    // The two spellings of an address that the API server keeps equal.
    if let Some([only]) = spec.cluster_ips.as_deref()
        && spec.cluster_ip.is_none()
    {
        spec.cluster_ip = Some(only.clone());
    }
    spec.cluster_ips = None;
    if spec.cluster_ip.as_deref() == Some("") {
        spec.cluster_ip = None;
    }
    spec.ports.iter_mut().flatten().for_each(complete_port);
}

fn complete_port(port: &mut ServicePort) {
    fill(&mut port.protocol, "TCP");
    match &port.target_port {
        None | Some(IntOrString::Int(0)) => port.target_port = Some(IntOrString::Int(port.port)),
        Some(IntOrString::String(name)) if name.is_empty() => {
            port.target_port = Some(IntOrString::Int(port.port));
        }
        Some(IntOrString::Int(_) | IntOrString::String(_)) => {}
    }
}
