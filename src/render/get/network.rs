//! How calls find pods, and which may.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{EndpointSubset, Endpoints};
use k8s_openapi::api::discovery::v1::{EndpointPort, EndpointSlice};
use k8s_openapi::api::networking::v1::{Ingress, IngressClass, IngressRule, NetworkPolicy};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::row::{Name, Row, or_none, or_unset, some};
use super::workload::selector;

/// How many addresses, ports or hosts are named.
const MOST: usize = 3;

pub(super) fn endpoints(endpoints: &Endpoints, now: Timestamp) -> Row {
    let all: Vec<String> = endpoints.subsets.iter().flatten().flat_map(sockets).collect();
    Row::default()
        .cell("ENDPOINTS", or_none(Some(some(&all, MOST, ","))))
        .age(&endpoints.metadata, now)
}

fn sockets(subset: &EndpointSubset) -> Vec<String> {
    let addresses = || subset.addresses.iter().flatten().map(|address| address.ip.as_str());
    match subset.ports.as_deref() {
        None | Some([]) => addresses().map(str::to_owned).collect(),
        Some(ports) => {
            let socket = |ip: &str, port: i32| {
                if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") }
            };
            let all = ports.iter().flat_map(|port| addresses().map(|ip| socket(ip, port.port)));
            all.collect()
        }
    }
}

pub(super) fn endpoint_slice(slice: &EndpointSlice, now: Timestamp) -> Row {
    let port = |port: &EndpointPort| match (port.port, &port.name) {
        (Some(number), _) => number.to_string(),
        (None, Some(name)) => name.clone(),
        (None, None) => "*".to_owned(),
    };
    let ports: Vec<String> = slice.ports.iter().flatten().map(port).collect();
    let addresses = slice.endpoints.iter().flatten().flat_map(|one| one.addresses.clone());
    let addresses: Vec<String> = addresses.collect();
    Row::default()
        .cell("ADDRESSTYPE", &slice.address_type)
        .cell("PORTS", or_unset(Some(some(&ports, MOST, ","))))
        .cell("ENDPOINTS", or_unset(Some(some(&addresses, MOST, ","))))
        .age(&slice.metadata, now)
}

pub(super) fn ingress(ingress: &Ingress, now: Timestamp) -> Row {
    let spec = ingress.spec.clone().unwrap_or_default();
    let balancer = ingress.status.as_ref().and_then(|status| status.load_balancer.as_ref());
    let points = balancer.and_then(|balancer| balancer.ingress.as_deref()).unwrap_or_default();
    let address = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let mut addresses: Vec<String> = points
        .iter()
        .filter_map(|point| address(&point.ip).or_else(|| address(&point.hostname)))
        .collect();
    addresses.sort();
    addresses.dedup();
    let encrypted = spec.tls.as_ref().is_some_and(|tls| !tls.is_empty());
    Row::default()
        .cell("CLASS", or_none(spec.ingress_class_name))
        .cell("HOSTS", hosts(spec.rules.as_deref().unwrap_or_default()))
        .cell("ADDRESS", addresses.join(","))
        .cell("PORTS", if encrypted { "80, 443" } else { "80" })
        .age(&ingress.metadata, now)
}

/// The hosts of the rules; rules beyond the first hosts are counted, whether they name one or not, as kubectl does.
fn hosts(rules: &[IngressRule]) -> String {
    let named = |rule: &IngressRule| rule.host.clone().filter(|host| !host.is_empty());
    let hosts: Vec<String> = rules.iter().filter_map(named).take(MOST).collect();
    let third = rules.iter().enumerate().filter(|(_, rule)| named(rule).is_some()).nth(MOST - 1);
    let more = third.is_some_and(|(at, _)| at + 1 < rules.len());
    match (hosts.is_empty(), more) {
        (true, _) => "*".to_owned(),
        (_, true) => format!("{} + {} more...", hosts.join(","), rules.len() - MOST),
        (_, false) => hosts.join(","),
    }
}

pub(super) fn ingress_class(class: &IngressClass, now: Timestamp) -> Row {
    let spec = class.spec.clone().unwrap_or_default();
    let parameters = spec.parameters.map(|it| match it.api_group {
        Some(group) => format!("{}.{group}/{}", it.kind, it.name),
        None => format!("{}/{}", it.kind, it.name),
    });
    let default = is_default(&class.metadata, "ingressclass.kubernetes.io/is-default-class");
    Row::default()
        .name(default)
        .cell("CONTROLLER", spec.controller.unwrap_or_default())
        .cell("PARAMETERS", or_none(parameters))
        .age(&class.metadata, now)
}

/// Whether an annotation marks a class as the one that is taken where none is named.
pub(super) fn is_default(metadata: &ObjectMeta, annotation: &str) -> Name {
    let annotations = metadata.annotations.as_ref();
    match annotations.and_then(|all| all.get(annotation)).map(String::as_str) {
        Some("true") => Name::Default,
        _ => Name::First,
    }
}

pub(super) fn network_policy(policy: &NetworkPolicy, now: Timestamp) -> Row {
    let pods = policy.spec.as_ref().and_then(|spec| spec.pod_selector.as_ref());
    Row::default().cell("POD-SELECTOR", or_none(pods.map(selector))).age(&policy.metadata, now)
}
