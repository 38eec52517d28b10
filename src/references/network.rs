//! What Services and Ingresses lead to.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::networking::v1::{Ingress, IngressServiceBackend};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Reference, Subject, listed};
use crate::document::{Finding, Severity, closest};
use crate::inventory::Inventory;
use crate::manifest::ReadObject;
use crate::model::{Kind, Object, PodTemplate, Selector};

pub(super) fn check(subject: &mut Subject<'_>) {
    match subject.object() {
        Object::Service(service) => target_ports(subject, service),
        Object::Ingress(ingress) => check_ingress(subject, ingress),
        _ => {}
    }
}

/// A port of a Service that is led to by name must be one of some pod that it selects.
fn target_ports(subject: &mut Subject<'_>, service: &Service) {
    let Some(spec) = &service.spec else { return };
    let Some(labels) = spec.selector.as_ref().filter(|labels| !labels.is_empty()) else { return };
    let selector = Selector::equal(labels);
    let selected: Vec<PodTemplate<'_>> = subject
        .beside()
        .filter_map(PodTemplate::of)
        .filter(|pods| selector.matches(pods.labels))
        .collect();
    if selected.is_empty() {
        return;
    }
    let ports = selected.into_iter().flat_map(PodTemplate::ports);
    let names: BTreeSet<&str> = ports.filter_map(|port| port.name.as_deref()).collect();
    for (index, port) in spec.ports.iter().flatten().enumerate() {
        let Some(IntOrString::String(name)) = &port.target_port else { continue };
        if names.contains(name.as_str()) || subject.room.is_full(Severity::Warning) {
            continue;
        }
        let message = format!("no pod that this Service selects has a port \"{name}\"");
        let help = match closest(name, names.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if names.is_empty() => "give a port of the container this name".to_owned(),
            None => {
                let names: Vec<&str> = names.iter().copied().collect();
                format!("its pods have the ports {}", listed(&names))
            }
        };
        let path = format!("spec.ports[{index}].targetPort");
        let finding = subject.read.finding(Severity::Warning, "service-target-port", path, message);
        subject.push(finding.with_label("no such port").with_help(help));
    }
}

fn check_ingress(subject: &mut Subject<'_>, ingress: &Ingress) {
    let Some(spec) = &ingress.spec else { return };
    let class = spec.ingress_class_name.as_deref().unwrap_or_default();
    let kind = Kind::IngressClass;
    if !class.is_empty() && subject.find(kind, class).is_none() {
        let reference = Reference { kind, name: class, path: "spec.ingressClassName" };
        let otherwise = "nobody takes this Ingress until the class is there";
        subject.missing(Severity::Warning, &reference, otherwise);
    }
    let mut seen = BTreeSet::new();
    if let Some(service) = spec.default_backend.as_ref().and_then(|b| b.service.as_ref()) {
        backend(subject, service, "spec.defaultBackend.service", &mut seen);
    }
    for (index, rule) in spec.rules.iter().flatten().enumerate() {
        let paths = rule.http.iter().flat_map(|http| &http.paths);
        for (at, one) in paths.enumerate() {
            let path = format!("spec.rules[{index}].http.paths[{at}].backend.service");
            if let Some(service) = &one.backend.service {
                backend(subject, service, &path, &mut seen);
            }
        }
    }
    for (index, tls) in spec.tls.iter().flatten().enumerate() {
        let name = tls.secret_name.as_deref().unwrap_or_default();
        if !name.is_empty() && subject.find(Kind::Secret, name).is_none() {
            let path = format!("spec.tls[{index}].secretName");
            let reference = Reference { kind: Kind::Secret, name, path: &path };
            let otherwise = "its hosts are served without a certificate of their own until then";
            subject.missing(Severity::Warning, &reference, otherwise);
        }
    }
}

/// A backend is a Service that is there, and a port that it has; a Service that is not there is told once.
fn backend<'s>(
    subject: &mut Subject<'_>,
    backend: &'s IngressServiceBackend,
    path: &str,
    seen: &mut BTreeSet<&'s str>,
) {
    let (kind, name) = (Kind::Service, backend.name.as_str());
    let Some(Object::Service(service)) = subject.find(kind, name) else {
        if seen.insert(name) {
            let path = format!("{path}.name");
            let otherwise = "what it should lead to answers 503 until the Service is there";
            subject.missing(Severity::Warning, &Reference { kind, name, path: &path }, otherwise);
        }
        return;
    };
    let Some(port) = &backend.port else { return };
    let ports = service.spec.as_ref().and_then(|spec| spec.ports.as_deref()).unwrap_or_default();
    let (field, wanted) = match (port.name.as_deref().unwrap_or_default(), port.number) {
        ("", Some(number)) => ("number", number.to_string()),
        (name, _) => ("name", name.to_owned()),
    };
    let there = ports.iter().any(|one| match field {
        "number" => Some(one.port) == port.number,
        _ => one.name.as_ref() == Some(&wanted),
    });
    if there || wanted.is_empty() {
        return;
    }
    let has = |one: &k8s_openapi::api::core::v1::ServicePort| match one.name.as_deref() {
        Some(name) => format!("{} ({name})", one.port),
        None => one.port.to_string(),
    };
    let known: Vec<String> = ports.iter().map(has).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let message = format!("service \"{name}\" has no port {wanted}");
    let path = format!("{path}.port.{field}");
    let finding = subject.read.finding(Severity::Warning, "service-port-missing", path, message);
    let help = format!("its ports are {}", listed(&known));
    subject.push(finding.with_label("no such port").with_help(help));
}

/// An address that a Service asks for must be one of the Services' range, and nobody else's.
pub(super) fn cluster_ip(
    read: &ReadObject,
    inventory: &Inventory,
    seen: &mut BTreeSet<Ipv4Addr>,
) -> Option<Finding> {
    let Object::Service(service) = &read.object else { return None };
    let text = service.spec.as_ref()?.cluster_ip.as_deref()?;
    let address: Ipv4Addr = text.parse().ok()?;
    let range = inventory.network.service_cidr;
    let message = if !range.contains(address) {
        format!("{address} is not in the Services' range {range}")
    } else if !seen.insert(address) {
        format!("{address} is asked for by two Services")
    } else {
        return None;
    };
    Some(read.finding(Severity::Error, "cluster-ip", "spec.clusterIP", message))
}
