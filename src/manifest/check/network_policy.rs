//! `NetworkPolicies`.

use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Check, selector};
use crate::document::quoted;
use crate::model::names::Rule;

const TYPES: [&str; 2] = ["Ingress", "Egress"];

pub(super) fn check(policy: &NetworkPolicy, check: &mut Check<'_>) {
    let Some(spec) = &policy.spec else { return };
    if let Some(pods) = &spec.pod_selector {
        selector::check(pods, "spec.podSelector", check);
    }
    for (index, rule) in spec.ingress.iter().flatten().enumerate() {
        let path = format!("spec.ingress[{index}]");
        check_ports(rule.ports.as_deref().unwrap_or_default(), &path, check);
        let from = rule.from.as_deref().unwrap_or_default();
        check_peers(from, &format!("{path}.from"), check);
    }
    for (index, rule) in spec.egress.iter().flatten().enumerate() {
        let path = format!("spec.egress[{index}]");
        check_ports(rule.ports.as_deref().unwrap_or_default(), &path, check);
        check_peers(rule.to.as_deref().unwrap_or_default(), &format!("{path}.to"), check);
    }
    let types = spec.policy_types.as_deref().unwrap_or_default();
    if types.len() > TYPES.len() {
        check.error("too-many", "spec.policyTypes", "must be Ingress, Egress or both");
    }
    for (index, one) in types.iter().enumerate() {
        check.choice(&format!("spec.policyTypes[{index}]"), one, &TYPES);
    }
}

fn check_ports(ports: &[NetworkPolicyPort], path: &str, check: &mut Check<'_>) {
    for (index, port) in ports.iter().enumerate() {
        let path = format!("{path}.ports[{index}]");
        check.protocol(&format!("{path}.protocol"), port.protocol.as_deref());
        let (port_path, end_path) = (format!("{path}.port"), format!("{path}.endPort"));
        match &port.port {
            None if port.end_port.is_some() => {
                check.forbidden(&end_path, "is not allowed without `port`");
            }
            None => {}
            Some(IntOrString::Int(number)) => {
                check.port(&port_path, *number);
                let Some(end) = port.end_port else { continue };
                check.port(&end_path, end);
                if end < *number {
                    check.error("out-of-range", &end_path, "must not be less than `port`");
                }
            }
            Some(IntOrString::String(name)) => {
                check.name(&port_path, name, Rule::Port);
                if port.end_port.is_some() {
                    let message = "is not allowed when `port` is a name";
                    check.forbidden(&end_path, message);
                }
            }
        }
    }
}

fn check_peers(peers: &[NetworkPolicyPeer], path: &str, check: &mut Check<'_>) {
    for (index, peer) in peers.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let NetworkPolicyPeer { ip_block, namespace_selector, pod_selector } = peer;
        for (field, chosen) in
            [("podSelector", pod_selector), ("namespaceSelector", namespace_selector)]
        {
            if let Some(chosen) = chosen {
                selector::check(chosen, &format!("{path}.{field}"), check);
            }
        }
        let selected = pod_selector.is_some() || namespace_selector.is_some();
        match ip_block {
            None if !selected => {
                let message = "must have a `podSelector`, a `namespaceSelector` or an `ipBlock`";
                let help = "for everyone in the namespace write `podSelector: {}`";
                check.error_with("required", &path, message, help);
            }
            None => {}
            Some(block) => {
                check_block(block, &format!("{path}.ipBlock"), check);
                if selected {
                    let help = "write two elements: either of them is enough";
                    let message = "must not have an `ipBlock` beside a selector";
                    check.error_with("forbidden", &path, message, help);
                }
            }
        }
    }
}

fn check_block(block: &IPBlock, path: &str, check: &mut Check<'_>) {
    let cidr_path = format!("{path}.cidr");
    if block.cidr.is_empty() {
        return check.required(&cidr_path);
    }
    let Some(whole) = check.cidr(&cidr_path, &block.cidr) else { return };
    for (index, except) in block.except.iter().flatten().enumerate() {
        let path = format!("{path}.except[{index}]");
        let Some(part) = check.cidr(&path, except) else { continue };
        if !whole.holds_more_than(part) {
            let message = format!("must be a smaller part of {}", quoted(&block.cidr));
            check.error("invalid-value", &path, &message);
        }
    }
}
