//! From Services and ready pods to each host's rules.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddrV4};

use k8s_openapi::api::core::v1::{Pod, Service, ServicePort as ServicePortSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::rules::{Backend, Locality, Ruleset, ServicePort};
use crate::inventory::Cidr;
use crate::model::{NodeName, ObjectKey, Protocol, Selector};

/// A pod that takes a Service's calls: its definition and its address.
#[derive(Clone, Debug)]
pub struct Endpoints<'a> {
    /// The pod.
    pub pod: &'a Pod,
    /// Its address.
    pub address: Ipv4Addr,
    /// Whether it is known to be ready.
    pub certainty: Certainty,
}

/// Whether a pod is known to be ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Its host said so.
    Heard,
    /// Its host said that it runs and is not: it takes calls of Services alone that ask for such pods, and of its host's ports.
    Unready,
    /// Its host does not answer: it takes calls only when no other pod of the Service is heard of, since a host that the
    /// workstation cannot reach may be in reach of the others.
    Unheard,
}

/// The rules of every host: the same Services everywhere, seen from each host's own range.
pub fn rulesets(
    services: &[(&ObjectKey, &Service, Ipv4Addr)],
    endpoints: &[Endpoints<'_>],
    ranges: &BTreeMap<NodeName, Cidr>,
) -> BTreeMap<NodeName, Ruleset> {
    let mut targets: BTreeMap<ServicePort, BTreeSet<SocketAddrV4>> = BTreeMap::new();
    for (key, service, address) in services {
        let chosen = chosen(key, service, endpoints);
        for port in service.spec.iter().flat_map(|spec| spec.ports.iter().flatten()) {
            let Some(number) = number(port.port) else { continue };
            let port_key = ServicePort {
                address: *address,
                protocol: Protocol::of(port.protocol.as_deref()),
                port: number,
            };
            let sockets = chosen.iter().filter_map(|endpoint| {
                let target = target_port(port, number, endpoint.pod)?;
                Some(SocketAddrV4::new(endpoint.address, target))
            });
            targets.entry(port_key).or_default().extend(sockets);
        }
    }
    ranges.iter().map(|(node, range)| (node.clone(), seen_from(*range, &targets))).collect()
}

fn seen_from(range: Cidr, targets: &BTreeMap<ServicePort, BTreeSet<SocketAddrV4>>) -> Ruleset {
    let backend = |target: &SocketAddrV4| {
        let here = range.contains(*target.ip());
        let locality = if here { Locality::Here(range) } else { Locality::Elsewhere };
        Backend { target: *target, locality }
    };
    let services =
        targets.iter().map(|(port, targets)| (*port, targets.iter().map(backend).collect()));
    Ruleset { services: services.collect() }
}

/// The pods that a Service selects; one without a selector selects none.
fn chosen<'e, 'p>(
    key: &ObjectKey,
    service: &Service,
    endpoints: &'e [Endpoints<'p>],
) -> Vec<&'e Endpoints<'p>> {
    let labels = service.spec.as_ref().and_then(|spec| spec.selector.clone()).unwrap_or_default();
    if labels.is_empty() {
        return Vec::new();
    }
    let selector = Selector::equal(&labels);
    let selected = |endpoint: &&Endpoints<'_>| {
        let metadata = &endpoint.pod.metadata;
        metadata.namespace.as_deref() == Some(key.namespace.as_str())
            && metadata.labels.as_ref().is_some_and(|labels| selector.matches(labels))
    };
    let unready = service.spec.as_ref().and_then(|spec| spec.publish_not_ready_addresses);
    let mut chosen: Vec<_> = endpoints.iter().filter(selected).collect();
    if unready != Some(true) {
        chosen.retain(|endpoint| endpoint.certainty != Certainty::Unready);
    }
    if chosen.iter().any(|endpoint| endpoint.certainty != Certainty::Unheard) {
        chosen.retain(|endpoint| endpoint.certainty != Certainty::Unheard);
    }
    chosen
}

fn number(port: i32) -> Option<u16> {
    u16::try_from(port).ok().filter(|port| *port != 0)
}

/// The pod's port that a Service port leads to; a name is looked up among the pod's own ports.
///
/// Source: <https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports>
fn target_port(port: &ServicePortSpec, own: u16, pod: &Pod) -> Option<u16> {
    match &port.target_port {
        None => Some(own),
        Some(IntOrString::Int(n)) => number(*n),
        Some(IntOrString::String(name)) => {
            let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
            let mut ports = containers.flat_map(|container| container.ports.iter().flatten());
            let found = ports.find(|candidate| candidate.name.as_deref() == Some(name))?;
            number(found.container_port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn named_ports_lead_to_each_pods_own_number_and_localities_differ_by_host() {
        let pod = |port: u16| -> Pod {
            serde_json::from_value(json!({"apiVersion": "v1", "kind": "Pod",
                "metadata": {"namespace": "default", "labels": {"app": "web"}},
                "spec": {"containers": [{"name": "c", "ports": [{"name": "http", "containerPort": port}]}]}}))
            .unwrap()
        };
        let service: Service =
            serde_json::from_value(json!({"apiVersion": "v1", "kind": "Service",
            "metadata": {"namespace": "default", "name": "web"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}]}}))
            .unwrap();
        let key = ObjectKey::new("Service", "default", "web");
        let (one, two) = (pod(8080), pod(9090));
        let endpoints = [
            Endpoints {
                pod: &one,
                address: Ipv4Addr::new(10, 100, 0, 5),
                certainty: Certainty::Heard,
            },
            Endpoints {
                pod: &two,
                address: Ipv4Addr::new(10, 100, 1, 5),
                certainty: Certainty::Heard,
            },
        ];
        let ranges = BTreeMap::from([
            (NodeName::from("a"), "10.100.0.0/24".parse().unwrap()),
            (NodeName::from("b"), "10.100.1.0/24".parse().unwrap()),
        ]);
        let address = Ipv4Addr::new(10, 96, 0, 9);
        let all = rulesets(&[(&key, &service, address)], &endpoints, &ranges);
        let port = ServicePort { address, protocol: Protocol::Tcp, port: 80 };
        let seen: Vec<_> = all[&NodeName::from("a")].services[&port]
            .iter()
            .map(|b| (b.target.to_string(), b.locality))
            .collect();
        assert_eq!(
            seen,
            [
                ("10.100.0.5:8080".to_owned(), Locality::Here("10.100.0.0/24".parse().unwrap())),
                ("10.100.1.5:9090".to_owned(), Locality::Elsewhere)
            ]
        );
    }
}
