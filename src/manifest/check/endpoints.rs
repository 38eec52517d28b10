//! Endpoints and `EndpointSlices`.

use k8s_openapi::api::core::v1::{EndpointAddress, EndpointSubset, Endpoints};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};

use super::address::{Family, family};
use super::{Check, Seen, metadata};
use crate::document::quoted;
use crate::model::names::{Rule, label_value};

/// The most endpoints of a slice, addresses of an endpoint, zones of a hint.
const ENDPOINTS: usize = 1000;
const ADDRESSES: usize = 100;
const ZONES: usize = 8;

/// The most ports of a slice.
const PORTS: usize = 20_000;

const FAMILIES: [&str; 3] = ["IPv4", "IPv6", "FQDN"];

pub(super) fn check(endpoints: &Endpoints, check: &mut Check<'_>) {
    for (index, subset) in endpoints.subsets.iter().flatten().enumerate() {
        check_subset(subset, &format!("subsets[{index}]"), check);
    }
}

fn check_subset(subset: &EndpointSubset, path: &str, check: &mut Check<'_>) {
    let ready = subset.addresses.as_deref().unwrap_or_default();
    let unready = subset.not_ready_addresses.as_deref().unwrap_or_default();
    if ready.is_empty() && unready.is_empty() {
        check.error("required", path, "must have `addresses` or `notReadyAddresses`");
    }
    for (field, addresses) in [("addresses", ready), ("notReadyAddresses", unready)] {
        for (index, address) in addresses.iter().enumerate() {
            check_address(address, &format!("{path}.{field}[{index}]"), check);
        }
    }
    let ports = subset.ports.as_deref().unwrap_or_default();
    for (index, port) in ports.iter().enumerate() {
        let path = format!("{path}.ports[{index}]");
        if ports.len() > 1 {
            let name = port.name.as_deref().unwrap_or_default();
            check.name(&format!("{path}.name"), name, Rule::Label);
        } else {
            check.name_if_any(&format!("{path}.name"), port.name.as_deref(), Rule::Label);
        }
        if port.port == 0 {
            check.required(&format!("{path}.port"));
        } else {
            check.port(&format!("{path}.port"), port.port);
        }
        check.protocol(&format!("{path}.protocol"), port.protocol.as_deref());
        if let Some(protocol) = port.app_protocol.as_deref() {
            check.label_key(&format!("{path}.appProtocol"), protocol);
        }
    }
}

fn check_address(address: &EndpointAddress, path: &str, check: &mut Check<'_>) {
    let ip_path = format!("{path}.ip");
    if address.ip.is_empty() {
        check.required(&ip_path);
    } else {
        check.ordinary_address(&ip_path, &address.ip);
    }
    check.name_if_any(&format!("{path}.hostname"), address.hostname.as_deref(), Rule::Label);
    let node = address.node_name.as_deref();
    check.name_if_any(&format!("{path}.nodeName"), node, Rule::Subdomain);
}

pub(super) fn check_slice(slice: &EndpointSlice, check: &mut Check<'_>) {
    check.choice("addressType", &slice.address_type, &FAMILIES);
    let endpoints = slice.endpoints.as_deref().unwrap_or_default();
    if at_most("endpoints", endpoints.len(), ENDPOINTS, check) {
        for (index, endpoint) in endpoints.iter().enumerate() {
            check_endpoint(endpoint, &slice.address_type, &format!("endpoints[{index}]"), check);
        }
    }
    let ports = slice.ports.as_deref().unwrap_or_default();
    if !at_most("ports", ports.len(), PORTS, check) {
        return;
    }
    let mut names = Seen::default();
    for (index, port) in ports.iter().enumerate() {
        let path = format!("ports[{index}]");
        let (name, name_path) = (port.name.as_deref().unwrap_or_default(), format!("{path}.name"));
        check.name_if_any(&name_path, Some(name), Rule::Label);
        if let Some(first) = names.before(name, &name_path) {
            check.twice(&name_path, &first, &format!("the port {}", quoted(name)));
        }
        check.range(&format!("{path}.port"), port.port.map(i64::from), 0, 65535);
        check.protocol(&format!("{path}.protocol"), port.protocol.as_deref());
        if let Some(protocol) = port.app_protocol.as_deref() {
            check.label_key(&format!("{path}.appProtocol"), protocol);
        }
    }
}

fn at_most(path: &str, count: usize, most: usize, check: &mut Check<'_>) -> bool {
    if count > most {
        check.error("too-many", path, &format!("has {count} elements; at most {most} are allowed"));
    }
    count <= most
}

fn check_endpoint(endpoint: &Endpoint, kind: &str, path: &str, check: &mut Check<'_>) {
    let addresses_path = format!("{path}.addresses");
    if endpoint.addresses.is_empty() {
        check.required(&addresses_path);
    }
    at_most(&addresses_path, endpoint.addresses.len(), ADDRESSES, check);
    for (index, address) in endpoint.addresses.iter().enumerate() {
        check_typed(address, kind, &format!("{addresses_path}[{index}]"), check);
    }
    check.name_if_any(&format!("{path}.hostname"), endpoint.hostname.as_deref(), Rule::Label);
    let node = endpoint.node_name.as_deref();
    check.name_if_any(&format!("{path}.nodeName"), node, Rule::Subdomain);
    if let Some(topology) = &endpoint.deprecated_topology {
        metadata::labels(topology, &format!("{path}.deprecatedTopology"), check);
    }
    let zones = endpoint.hints.as_ref().and_then(|hints| hints.for_zones.as_deref());
    let zones = zones.unwrap_or_default();
    let zones_path = format!("{path}.hints.forZones");
    at_most(&zones_path, zones.len(), ZONES, check);
    for (index, zone) in zones.iter().enumerate() {
        let path = format!("{zones_path}[{index}].name");
        if zone.name.is_empty() {
            check.required(&path);
        } else if let Err(why) = label_value(&zone.name) {
            check.error("invalid-label", &path, &format!("{} {why}", quoted(&zone.name)));
        }
    }
}

/// An address is of the type that the slice says.
fn check_typed(text: &str, kind: &str, path: &str, check: &mut Check<'_>) {
    let wanted = match kind {
        "IPv4" => Family::V4,
        "IPv6" => Family::V6,
        "FQDN" => {
            let name = text.strip_suffix('.').unwrap_or(text);
            check.name(path, name, Rule::Subdomain);
            if !name.is_empty() && !name.contains('.') {
                let message = format!("{} is not a complete name", quoted(text));
                check.error("invalid-name", path, &message);
            }
            return;
        }
        _ => return,
    };
    if super::address::parse(text).is_some_and(|address| family(address) != wanted) {
        check.error("invalid-value", path, &format!("{} is not an {kind} address", quoted(text)));
    } else {
        check.ordinary_address(path, text);
    }
}
