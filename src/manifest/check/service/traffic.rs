//! How the traffic of a Service is led.

use k8s_openapi::api::core::v1::{Service, ServiceSpec};

use super::{Check, Kind};

/// A day, the longest that a client is remembered.
const REMEMBERED: (i64, i64) = (1, 86400);

/// Where cloud providers read the ranges from that may call.
const RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

pub(super) fn check(service: &Service, spec: &ServiceSpec, check: &mut Check<'_>) {
    check_affinity(spec, check);
    check_policies(spec, check);
    check_balancer(service, spec, check);
    let known = ["PreferClose", "PreferSameZone", "PreferSameNode"];
    check.one_of("spec.trafficDistribution", spec.traffic_distribution.as_deref(), &known);
}

fn check_affinity(spec: &ServiceSpec, check: &mut Check<'_>) {
    let affinity = spec.session_affinity.as_deref().filter(|affinity| !affinity.is_empty());
    check.one_of("spec.sessionAffinity", affinity, &["None", "ClientIP"]);
    let Some(config) = &spec.session_affinity_config else { return };
    // Without an affinity the API server leaves it out before it looks at it.
    if affinity.is_none_or(|affinity| affinity == "None") {
        return;
    }
    let seconds = config.client_ip.as_ref().and_then(|client| client.timeout_seconds);
    let path = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
    check.range(path, seconds.map(i64::from), REMEMBERED.0, REMEMBERED.1);
}

fn check_policies(spec: &ServiceSpec, check: &mut Check<'_>) {
    let known = ["Cluster", "Local"];
    let inside = spec.internal_traffic_policy.as_deref();
    check.one_of("spec.internalTrafficPolicy", inside, &known);
    let path = "spec.externalTrafficPolicy";
    let outside = spec.external_traffic_policy.as_deref().filter(|policy| !policy.is_empty());
    let balanced = Kind::of(spec) == Kind::LoadBalancer;
    let reachable = match Kind::of(spec) {
        Kind::NodePort | Kind::LoadBalancer => true,
        Kind::ClusterIp => spec.external_ips.as_ref().is_some_and(|all| !all.is_empty()),
        Kind::ExternalName => false,
    };
    if outside.is_some() && !reachable {
        let help = "leave it out, or write `type: NodePort` or `type: LoadBalancer`";
        let message = "is allowed only for Services that can be reached from outside";
        check.error_with("forbidden", path, message, help);
    } else {
        check.one_of(path, outside, &known);
    }
    if let Some(port) = spec.health_check_node_port.filter(|port| *port != 0) {
        let path = "spec.healthCheckNodePort";
        if balanced && outside == Some("Local") {
            check.port(path, port);
        } else {
            let message =
                "is allowed only with `type: LoadBalancer` and `externalTrafficPolicy: Local`";
            check.forbidden(path, message);
        }
    }
}

fn check_balancer(service: &Service, spec: &ServiceSpec, check: &mut Check<'_>) {
    let balanced = Kind::of(spec) == Kind::LoadBalancer;
    let ranges = spec.load_balancer_source_ranges.as_deref().unwrap_or_default();
    for (field, there) in [
        ("loadBalancerSourceRanges", !ranges.is_empty()),
        ("allocateLoadBalancerNodePorts", spec.allocate_load_balancer_node_ports.is_some()),
        ("loadBalancerClass", spec.load_balancer_class.is_some()),
    ] {
        if there && !balanced {
            let message = "is allowed only with `type: LoadBalancer`";
            check.forbidden(&format!("spec.{field}"), message);
        }
    }
    if let Some(class) = spec.load_balancer_class.as_deref() {
        check.label_key("spec.loadBalancerClass", class);
    }
    for (index, range) in ranges.iter().enumerate() {
        check.cidr(&format!("spec.loadBalancerSourceRanges[{index}]"), range.trim());
    }
    let annotated = service.metadata.annotations.as_ref().and_then(|all| all.get(RANGES));
    let Some(annotated) = annotated.filter(|_| ranges.is_empty()) else { return };
    let path = format!("metadata.annotations[{RANGES}]");
    if annotated.trim().is_empty() {
        return;
    }
    if balanced {
        for range in annotated.split(',') {
            check.cidr(&path, range.trim());
        }
    } else {
        check.forbidden(&path, "is allowed only with `type: LoadBalancer`");
    }
}
