//! `NetworkPolicies`.

use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicyPort};

use super::{drop_none, fill};

pub(super) fn complete(policy: &mut NetworkPolicy) {
    let Some(spec) = &mut policy.spec else { return };
    spec.pod_selector.get_or_insert_default();
    drop_none(&mut spec.ingress);
    drop_none(&mut spec.egress);
    for rule in spec.ingress.iter_mut().flatten() {
        rule.ports.iter_mut().flatten().for_each(complete_port);
    }
    for rule in spec.egress.iter_mut().flatten() {
        rule.ports.iter_mut().flatten().for_each(complete_port);
    }
    if spec.policy_types.as_ref().is_none_or(Vec::is_empty) {
        let mut types = vec!["Ingress".to_owned()];
        types.extend(spec.egress.as_ref().map(|_| "Egress".to_owned()));
        spec.policy_types = Some(types);
    }
}

fn complete_port(port: &mut NetworkPolicyPort) {
    fill(&mut port.protocol, "TCP");
}
