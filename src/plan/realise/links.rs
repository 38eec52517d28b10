//! Variables that tell of the Services of a pod's namespace.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>, and
//! `pkg/kubelet/envvars` of Kubernetes.

use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::Service;

use crate::bindings::Bindings;
use crate::desired::Desired;
use crate::model::Object;

/// The variables of every Service of a namespace that has an address, in order of their names.
pub(super) fn service_links(
    desired: &Desired,
    chosen: &Bindings,
    namespace: &str,
) -> Vec<(String, String)> {
    let mut links = Vec::new();
    for (key, address) in chosen.services.iter().filter(|(key, _)| key.namespace == namespace) {
        let stored = desired.objects.get(key).map(|stored| &stored.object);
        if let Some(Object::Service(service)) = stored {
            links.extend(of_service(&key.name, service, *address));
        }
    }
    links
}

fn of_service(name: &str, service: &Service, address: Ipv4Addr) -> Vec<(String, String)> {
    let name = variable(name);
    let mut links = Vec::new();
    let mut set = |name: String, value: String| links.push((name, value));
    let ports = || service.spec.iter().flat_map(|spec| spec.ports.iter().flatten());
    set(format!("{name}_SERVICE_HOST"), address.to_string());
    if let Some(first) = ports().next() {
        set(format!("{name}_SERVICE_PORT"), first.port.to_string());
    }
    for port in ports() {
        if let Some(of) = port.name.as_deref().filter(|of| !of.is_empty()) {
            set(format!("{name}_SERVICE_PORT_{}", variable(of)), port.port.to_string());
        }
    }
    for (nth, port) in ports().enumerate() {
        let (number, protocol) = (port.port, port.protocol.as_deref().unwrap_or("TCP"));
        let scheme = protocol.to_lowercase();
        let url = format!("{scheme}://{address}:{number}");
        if nth == 0 {
            set(format!("{name}_PORT"), url.clone());
        }
        let prefix = format!("{name}_PORT_{number}_{}", protocol.to_uppercase());
        set(prefix.clone(), url);
        set(format!("{prefix}_PROTO"), scheme);
        set(format!("{prefix}_PORT"), number.to_string());
        set(format!("{prefix}_ADDR"), address.to_string());
    }
    links
}

/// A name as a part of a variable's.
fn variable(name: &str) -> String {
    name.replace('-', "_").to_uppercase()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn a_service_tells_of_itself_as_in_kubernetes() {
        let service = serde_json::from_value(serde_json::json!({"spec": {"ports": [
            {"name": "http", "port": 80}, {"name": "dns-udp", "port": 53, "protocol": "UDP"},
        ]}}));
        let links = of_service("redis-primary", &service.unwrap(), [10, 96, 0, 11].into());
        let text = links.iter().fold(String::new(), |mut text, (name, value)| {
            let _ = writeln!(text, "{name}={value}");
            text
        });
        insta::assert_snapshot!(text, @r"
        REDIS_PRIMARY_SERVICE_HOST=10.96.0.11
        REDIS_PRIMARY_SERVICE_PORT=80
        REDIS_PRIMARY_SERVICE_PORT_HTTP=80
        REDIS_PRIMARY_SERVICE_PORT_DNS_UDP=53
        REDIS_PRIMARY_PORT=tcp://10.96.0.11:80
        REDIS_PRIMARY_PORT_80_TCP=tcp://10.96.0.11:80
        REDIS_PRIMARY_PORT_80_TCP_PROTO=tcp
        REDIS_PRIMARY_PORT_80_TCP_PORT=80
        REDIS_PRIMARY_PORT_80_TCP_ADDR=10.96.0.11
        REDIS_PRIMARY_PORT_53_UDP=udp://10.96.0.11:53
        REDIS_PRIMARY_PORT_53_UDP_PROTO=udp
        REDIS_PRIMARY_PORT_53_UDP_PORT=53
        REDIS_PRIMARY_PORT_53_UDP_ADDR=10.96.0.11
        ");
    }
}
