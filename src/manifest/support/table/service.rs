//! Services.

use crate::manifest::support::rule::{Rule, honoured, no_effect, not_yet};

const NO_BALANCER: &str = "there is no load balancer";

pub(super) const SERVICE: &[Rule] = &[
    not_yet("allocateLoadBalancerNodePorts", NO_BALANCER).unless(&["true"]),
    honoured(
        "clusterIP",
        "an address of your choice, or a free one; a headless Service (`None`) is kept without effect, with a notice",
    ),
    honoured("clusterIPs", "another spelling of clusterIP"),
    not_yet("externalIPs", "calls to these addresses are not led to pods"),
    not_yet("externalName", "there is no DNS that could answer with it"),
    not_yet("externalTrafficPolicy", "nothing comes from outside").unless(&["Cluster"]),
    not_yet("healthCheckNodePort", NO_BALANCER).unless(&["0"]),
    not_yet("internalTrafficPolicy", "calls go to pods of any host").unless(&["Cluster"]),
    not_yet("ipFamilies", "addresses are IPv4").unless(&["IPv4"]),
    not_yet("ipFamilyPolicy", "addresses are IPv4").unless(&["SingleStack"]),
    not_yet("loadBalancerClass", NO_BALANCER),
    not_yet("loadBalancerIP", NO_BALANCER),
    not_yet("loadBalancerSourceRanges", NO_BALANCER),
    no_effect(
        "ports[].appProtocol",
        "a hint to those who read calls; here addresses are rewritten",
    ),
    honoured("ports[].name", "the port's name"),
    not_yet("ports[].nodePort", "no port is open on a host").unless(&["0"]),
    honoured("ports[].port", "where the Service is called"),
    honoured("ports[].protocol", "TCP or UDP; SCTP is refused"),
    honoured("ports[].targetPort", "where pods are called; a name is looked up in each pod"),
    honoured("publishNotReadyAddresses", "pods that run are called though they are not ready"),
    honoured("selector", "the pods that are called; without it, none are"),
    not_yet("sessionAffinity", "each call goes to any of the pods").unless(&["None"]),
    not_yet("sessionAffinityConfig", "each call goes to any of the pods"),
    not_yet("trafficDistribution", "calls go to pods of any host"),
    honoured(
        "type",
        "ClusterIP; NodePort and LoadBalancer are treated as ClusterIP, ExternalName is kept without effect, each with a \
         notice",
    ),
];
