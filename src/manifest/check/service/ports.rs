//! The ports of a Service.

use k8s_openapi::api::core::v1::ServicePort;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Check, Kind, Seen};
use crate::document::quoted;
use crate::model::names::Rule;

/// The ports of a host that Services may take, unless the API server is told of others.
const NODE_PORTS: (i64, i64) = (30000, 32767);

/// The port of the kubelet, which must not be opened to the world.
const KUBELET: i32 = 10250;

pub(super) fn check(ports: &[ServicePort], kind: Kind, check: &mut Check<'_>) {
    let (mut names, mut numbers, mut nodes) = (Seen::default(), Seen::default(), Seen::default());
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
        if kind == Kind::LoadBalancer && port.port == KUBELET {
            let message = "is the kubelet's port, which must not be opened to the world";
            check.error("invalid-value", &number_path, message);
        }
        check_target(port.target_port.as_ref(), &format!("{path}.targetPort"), check);
        if let Some(protocol) = port.app_protocol.as_deref() {
            check.label_key(&format!("{path}.appProtocol"), protocol);
        }
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
        if let Some(number) = port.node_port.filter(|number| *number != 0) {
            let path = format!("{path}.nodePort");
            check_node_port(number, kind, &path, check);
            if let Some(first) = nodes.before((number, protocol), &path) {
                check.twice(&path, &first, &format!("node port {number} of {protocol}"));
            }
        }
    }
}

fn check_node_port(number: i32, kind: Kind, path: &str, check: &mut Check<'_>) {
    match kind {
        Kind::ClusterIp => {
            let message = "is not allowed with `type: ClusterIP`";
            check.error_with("forbidden", path, message, "write `type: NodePort`, or leave it out");
        }
        Kind::ExternalName => {}
        Kind::NodePort | Kind::LoadBalancer => {
            check.range(path, Some(i64::from(number)), NODE_PORTS.0, NODE_PORTS.1);
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
