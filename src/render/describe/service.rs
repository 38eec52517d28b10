//! A Service in full, with the addresses behind it.

use k8s_openapi::api::core::v1::{Pod, Service, ServicePort};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::events::Told;
use super::fields::{beginning, marks};
use super::selected;
use crate::model::{Kind, Selector};
use crate::render::get::{or_none, pairs};

pub(super) fn describe(service: &Service, pods: &[Pod], told: &Told<'_>) -> String {
    let spec = service.spec.clone().unwrap_or_default();
    let mut fields = beginning(&service.metadata);
    marks(&mut fields, &service.metadata);
    fields.add("Selector", or_none(Some(pairs(spec.selector.as_ref()).join(","))));
    fields.add("Type", spec.type_.clone().unwrap_or_default());
    fields.add_some("External Name", spec.external_name.clone());
    fields.add("IP", or_none(spec.cluster_ip.clone()));
    let selector = spec.selector.as_ref().filter(|labels| !labels.is_empty()).map(Selector::equal);
    let namespace = service.metadata.namespace.as_deref();
    let behind: Vec<&Pod> = match &selector {
        Some(selector) => {
            selected(pods, namespace, selector).filter(|pod| takes_calls(pod)).collect()
        }
        None => Vec::new(),
    };
    for port in spec.ports.iter().flatten() {
        let protocol = port.protocol.as_deref().unwrap_or("TCP");
        let name = port.name.as_deref().unwrap_or("<unset>");
        fields.add("Port", format!("{name}  {}/{protocol}", port.port));
        fields.add("TargetPort", format!("{}/{protocol}", target(port)));
        let endpoints = behind.iter().filter_map(|pod| endpoint(pod, port)).collect::<Vec<_>>();
        fields.add("Endpoints", or_none(Some(endpoints.join(","))));
    }
    fields.add("Session Affinity", spec.session_affinity.unwrap_or_else(|| "None".to_owned()));
    format!("{}{}", fields.text(), told.table(Kind::Service, &service.metadata, &[]))
}

/// Whether a pod is ready.
fn takes_calls(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.into_iter().flatten().any(|c| c.type_ == "Ready" && c.status == "True")
}

fn target(port: &ServicePort) -> String {
    match &port.target_port {
        Some(IntOrString::Int(number)) => number.to_string(),
        Some(IntOrString::String(name)) => name.clone(),
        None => port.port.to_string(),
    }
}

/// The address and port of a pod behind a Service's port.
fn endpoint(pod: &Pod, port: &ServicePort) -> Option<String> {
    let address = pod.status.as_ref()?.pod_ip.as_ref()?;
    let number = match &port.target_port {
        None => port.port,
        Some(IntOrString::Int(number)) => *number,
        Some(IntOrString::String(name)) => {
            let containers = pod.spec.as_ref()?.containers.iter();
            let mut ports = containers.flat_map(|container| container.ports.iter().flatten());
            ports.find(|port| port.name.as_ref() == Some(name))?.container_port
        }
    };
    Some(format!("{address}:{number}"))
}
