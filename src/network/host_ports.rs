//! Ports of hosts that lead to pods.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddrV4};

use k8s_openapi::api::core::v1::PodSpec;

use super::rules::{Backend, Locality, Ruleset, ServicePort};
use super::services::Endpoints;
use crate::inventory::Cidr;
use crate::model::{NodeName, host_ports};

/// Adds to each host's rules the ports of its own that its pods ask for. A pod on the host's network opens its ports itself.
pub fn open_host_ports(
    rulesets: &mut BTreeMap<NodeName, Ruleset>,
    endpoints: &[Endpoints<'_>],
    ranges: &BTreeMap<NodeName, Cidr>,
) {
    for endpoint in endpoints {
        let on = ranges.iter().find(|(_, range)| range.contains(endpoint.address));
        let Some((node, range)) = on else { continue };
        let Some(rules) = rulesets.get_mut(node) else { continue };
        let none = PodSpec::default();
        for port in host_ports(endpoint.pod.spec.as_ref().unwrap_or(&none)) {
            let IpAddr::V4(address) = port.address else { continue };
            let key = ServicePort { address, protocol: port.protocol, port: port.port };
            let target = SocketAddrV4::new(endpoint.address, port.target);
            let backend = Backend { target, locality: Locality::Here(*range) };
            rules.services.entry(key).or_default().insert(backend);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Certainty;
    use k8s_openapi::api::core::v1::Pod;
    use serde_json::json;

    #[test]
    fn a_port_is_open_on_the_host_of_its_pod_and_nowhere_else() {
        let pod: Pod = serde_json::from_value(json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "web"},
            "spec": {"containers": [{"name": "c", "ports": [
                {"containerPort": 80, "hostPort": 8080},
                {"containerPort": 53, "hostPort": 53, "protocol": "UDP", "hostIP": "10.42.0.11"},
                {"containerPort": 81}]}]}}))
        .unwrap();
        let range: Cidr = "10.100.1.0/24".parse().unwrap();
        let ranges = BTreeMap::from([
            (NodeName::from("a"), "10.100.0.0/24".parse().unwrap()),
            (NodeName::from("b"), range),
        ]);
        let mut rules: BTreeMap<NodeName, Ruleset> =
            ranges.keys().map(|node| (node.clone(), Ruleset::default())).collect();
        let address = [10, 100, 1, 5].into();
        let endpoint = Endpoints { pod: &pod, address, certainty: Certainty::Heard };
        open_host_ports(&mut rules, &[endpoint], &ranges);
        assert!(rules[&NodeName::from("a")].services.is_empty());
        let open = rules[&NodeName::from("b")].services.iter();
        let open: Vec<_> =
            open.map(|(port, to)| format!("{port} {}", to.first().unwrap().target)).collect();
        assert_eq!(
            open,
            ["0.0.0.0 . tcp . 8080 10.100.1.5:80", "10.42.0.11 . udp . 53 10.100.1.5:53"]
        );
    }
}
