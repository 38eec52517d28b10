//! Services.

use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Check, Seen, metadata};
use crate::document::quoted;
use crate::model::names::Rule;

pub(super) fn check(service: &Service, check: &mut Check<'_>) {
    let Some(spec) = &service.spec else { return check.required("spec") };
    let kind = spec.type_.as_deref().filter(|kind| !kind.is_empty()).unwrap_or("ClusterIP");
    let kinds = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"];
    check.one_of("spec.type", Some(kind), &kinds);
    let headless = spec.cluster_ip.as_deref() == Some("None");
    match kind {
        "NodePort" | "LoadBalancer" => {
            let message = format!("{kind} is not carried out yet: it is treated as ClusterIP");
            check.notice("spec.type", &message);
        }
        "ExternalName" => {
            check.notice(
                "spec.type",
                "ExternalName is not carried out yet: it is kept, and has no effect",
            );
            if spec.external_name.as_deref().is_none_or(str::is_empty) {
                check.required("spec.externalName");
            }
        }
        _ => {}
    }
    if headless {
        let message = "a headless Service is not carried out yet: it is kept, and has no effect";
        check.notice("spec.clusterIP", message);
    }
    check_address(spec, check);
    if let Some(selector) = &spec.selector {
        metadata::labels(selector, "spec.selector", check);
    }
    check.one_of("spec.sessionAffinity", spec.session_affinity.as_deref(), &["None", "ClientIP"]);
    let ports = spec.ports.as_deref().unwrap_or_default();
    if ports.is_empty() && !headless && kind != "ExternalName" {
        check.required("spec.ports");
    }
    check_ports(ports, check);
}

fn check_address(spec: &ServiceSpec, check: &mut Check<'_>) {
    let address = spec.cluster_ip.as_deref().unwrap_or_default();
    if !matches!(address, "" | "None") && address.parse::<Ipv4Addr>().is_err() {
        let message = format!("{} is not an IPv4 address", quoted(address));
        check.error("invalid-value", "spec.clusterIP", &message);
    }
}

fn check_ports(ports: &[ServicePort], check: &mut Check<'_>) {
    let (mut names, mut numbers) = (Seen::default(), Seen::default());
    for (index, port) in ports.iter().enumerate() {
        let path = format!("spec.ports[{index}]");
        let (name_path, number_path) = (format!("{path}.name"), format!("{path}.port"));
        let protocol = port.protocol.as_deref().filter(|p| !p.is_empty()).unwrap_or("TCP");
        check.protocol(&format!("{path}.protocol"), Some(protocol));
        if port.port == 0 {
            check.required(&number_path);
        } else {
            check.port(&number_path, port.port);
            if let Some(first) = numbers.before((port.port, protocol), &number_path) {
                check.twice(&number_path, &first, &format!("port {} of {protocol}", port.port));
            }
        }
        check_target(port.target_port.as_ref(), &format!("{path}.targetPort"), check);
        match port.name.as_deref().filter(|name| !name.is_empty()) {
            None if ports.len() > 1 => check.required(&name_path),
            None => {}
            Some(name) => {
                check.name(&name_path, name, Rule::Label);
                if let Some(first) = names.before(name, &name_path) {
                    check.twice(&name_path, &first, &format!("the port {}", quoted(name)));
                }
            }
        }
    }
}

fn check_target(target: Option<&IntOrString>, path: &str, check: &mut Check<'_>) {
    match target {
        None | Some(IntOrString::Int(0)) => {}
        Some(IntOrString::Int(number)) => check.port(path, *number),
        Some(IntOrString::String(name)) if name.is_empty() => {}
        Some(IntOrString::String(name)) => {
            if name.bytes().all(|b| b.is_ascii_digit()) {
                let help = format!("write it without quotes: {name}");
                check.error_with("invalid-name", path, "a port's name has letters", &help);
            } else {
                check.name(path, name, Rule::Port);
            }
        }
    }
}
