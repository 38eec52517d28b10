//! Probes, in kubectl's words.

use k8s_openapi::api::core::v1::{Container, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::fields::Fields;

/// The probes of a container, a line each.
pub(super) fn probes(fields: &mut Fields, container: &Container) {
    for (name, probe) in [
        ("Liveness", &container.liveness_probe),
        ("Readiness", &container.readiness_probe),
        ("Startup", &container.startup_probe),
    ] {
        fields.add_some(name, probe.as_ref().map(words));
    }
}

fn words(probe: &Probe) -> String {
    let number = |number: Option<i32>, default: i32| number.unwrap_or(default);
    format!(
        "{} delay={}s timeout={}s period={}s #success={} #failure={}",
        asked(probe),
        number(probe.initial_delay_seconds, 0),
        number(probe.timeout_seconds, 1),
        number(probe.period_seconds, 10),
        number(probe.success_threshold, 1),
        number(probe.failure_threshold, 3),
    )
}

fn asked(probe: &Probe) -> String {
    if let Some(exec) = &probe.exec {
        return format!("exec [{}]", exec.command.clone().unwrap_or_default().join(" "));
    }
    if let Some(get) = &probe.http_get {
        let scheme = get.scheme.as_deref().unwrap_or("HTTP").to_ascii_lowercase();
        let host = get.host.as_deref().unwrap_or_default();
        let path = get.path.as_deref().unwrap_or("/");
        return format!("http-get {scheme}://{host}:{}{path}", port(&get.port));
    }
    if let Some(socket) = &probe.tcp_socket {
        let host = socket.host.as_deref().unwrap_or_default();
        return format!("tcp-socket {host}:{}", port(&socket.port));
    }
    match &probe.grpc {
        Some(grpc) => {
            format!("grpc <pod>:{} {}", grpc.port, grpc.service.as_deref().unwrap_or_default())
        }
        None => "unknown".to_owned(),
    }
}

fn port(port: &IntOrString) -> String {
    match port {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn probes_are_worded_as_kubectl_words_them() {
        let container: Container = serde_json::from_value(json!({"name": "c",
            "livenessProbe": {"exec": {"command": ["cat", "/tmp/healthy"]}, "failureThreshold": 1},
            "readinessProbe": {"httpGet": {"port": "web", "path": "/ready"}, "initialDelaySeconds": 5},
            "startupProbe": {"tcpSocket": {"port": 8080}}}))
        .unwrap();
        let mut fields = Fields::default();
        probes(&mut fields, &container);
        insta::assert_snapshot!(fields.text(), @"
        Liveness:   exec [cat /tmp/healthy] delay=0s timeout=1s period=10s #success=1 #failure=1
        Readiness:  http-get http://:web/ready delay=5s timeout=1s period=10s #success=1 #failure=3
        Startup:    tcp-socket :8080 delay=0s timeout=1s period=10s #success=1 #failure=3
        ");
        let grpc: Probe =
            serde_json::from_value(json!({"grpc": {"port": 9, "service": "a"}})).unwrap();
        assert!(words(&grpc).starts_with("grpc <pod>:9 a delay=0s"));
    }
}
