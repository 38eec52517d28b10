//! The ports of its host that a pod asks for.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use k8s_openapi::api::core::v1::{ContainerPort, PodSpec};
use serde::{Deserialize, Serialize};

use super::is_sidecar;

/// The protocols that ports are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// Reads Kubernetes' word; TCP where there is none.
    pub fn of(word: Option<&str>) -> Self {
        match word {
            Some("UDP") => Self::Udp,
            Some("SCTP") => Self::Sctp,
            Some(_) | None => Self::Tcp,
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        })
    }
}

/// A port of the host that leads to a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostPort {
    /// The host's address at which it is open; `0.0.0.0` is every one.
    pub address: IpAddr,
    /// The protocol.
    pub protocol: Protocol,
    /// The port of the host.
    pub port: u16,
    /// The pod's own port.
    pub target: u16,
}

impl HostPort {
    /// Whether both cannot be on one host.
    ///
    /// Source: <https://kubernetes.io/docs/concepts/configuration/overview/#services>
    pub fn collides(&self, other: &Self) -> bool {
        let same_address = self.address == other.address
            || self.address.is_unspecified()
            || other.address.is_unspecified();
        same_address && self.protocol == other.protocol && self.port == other.port
    }
}

/// The ports of the host that a pod's containers ask for; those of containers that only prepare it do not count.
pub fn host_ports(spec: &PodSpec) -> BTreeSet<HostPort> {
    let sidecars = spec.init_containers.iter().flatten();
    let sidecars = sidecars.filter(|init| is_sidecar(init));
    let ports = spec.containers.iter().chain(sidecars).flat_map(|c| c.ports.iter().flatten());
    ports.filter_map(|port| host_port(spec, port)).collect()
}

fn host_port(spec: &PodSpec, port: &ContainerPort) -> Option<HostPort> {
    let number = |port: i32| u16::try_from(port).ok().filter(|port| *port != 0);
    // On the host's network the pod's own port is the host's.
    let own = (spec.host_network == Some(true)).then_some(port.container_port);
    let address = port.host_ip.as_deref().and_then(|text| text.parse().ok());
    Some(HostPort {
        address: address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        protocol: Protocol::of(port.protocol.as_deref()),
        port: number(port.host_port.or(own)?)?,
        target: number(port.container_port)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ports_collide_on_one_address_or_on_every_one() {
        let one = |json: serde_json::Value| {
            let spec = json!({"containers": [{"name": "c", "ports": [json]}]});
            let spec: PodSpec = serde_json::from_value(spec).unwrap();
            host_ports(&spec).first().copied().unwrap()
        };
        let every = one(json!({"containerPort": 80, "hostPort": 8080}));
        for (other, collides) in [
            (json!({"containerPort": 81, "hostPort": 8080, "hostIP": "10.0.0.1"}), true),
            (json!({"containerPort": 80, "hostPort": 8080, "protocol": "UDP"}), false),
            (json!({"containerPort": 80, "hostPort": 8081}), false),
        ] {
            assert_eq!(one(other.clone()).collides(&every), collides, "{other}");
        }
        let at = |ip: &str| one(json!({"containerPort": 80, "hostPort": 8080, "hostIP": ip}));
        assert!(!at("10.0.0.1").collides(&at("10.0.0.2")));
    }
}
