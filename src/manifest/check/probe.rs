//! What asks a container whether it is well, and what it is told at its beginning and end.

use k8s_openapi::api::core::v1::{
    Container, ExecAction, HTTPGetAction, Lifecycle, LifecycleHandler, PodSpec, Probe,
};

use super::Check;
use crate::document::quoted;

/// A field of a container with a probe.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Liveness,
    Readiness,
    Startup,
}

/// Checks what a container that keeps running is asked and told.
pub(super) fn check(container: &Container, spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    for (asks, field, probe) in [
        (Asks::Liveness, "livenessProbe", &container.liveness_probe),
        (Asks::Readiness, "readinessProbe", &container.readiness_probe),
        (Asks::Startup, "startupProbe", &container.startup_probe),
    ] {
        if let Some(probe) = probe {
            check_probe(probe, asks, &format!("{path}.{field}"), check);
        }
    }
    if let Some(lifecycle) = &container.lifecycle {
        check_lifecycle(lifecycle, spec, &format!("{path}.lifecycle"), check);
    }
}

/// Refuses probes and hooks of a container that runs to its end before the others begin.
pub(super) fn refuse(container: &Container, path: &str, check: &mut Check<'_>) {
    for (field, is_there) in [
        ("lifecycle", container.lifecycle.is_some()),
        ("livenessProbe", container.liveness_probe.is_some()),
        ("readinessProbe", container.readiness_probe.is_some()),
        ("startupProbe", container.startup_probe.is_some()),
    ] {
        if is_there {
            let message = "has no place in an init container that is no sidecar";
            let help = "leave it out, or make it a sidecar: `restartPolicy: Always`";
            check.error_with("forbidden", &format!("{path}.{field}"), message, help);
        }
    }
}

fn check_probe(probe: &Probe, asks: Asks, path: &str, check: &mut Check<'_>) {
    let count = usize::from(probe.exec.is_some())
        + usize::from(probe.http_get.is_some())
        + usize::from(probe.tcp_socket.is_some())
        + usize::from(probe.grpc.is_some());
    check.exactly_one(path, count, "exec, httpGet, tcpSocket and grpc");
    check_exec(probe.exec.as_ref(), path, check);
    if let Some(http) = &probe.http_get {
        check_http(http, &format!("{path}.httpGet"), check);
    }
    if let Some(socket) = &probe.tcp_socket {
        check.port_or_name(&format!("{path}.tcpSocket.port"), &socket.port);
    }
    if let Some(grpc) = &probe.grpc {
        check.port(&format!("{path}.grpc.port"), grpc.port);
    }
    for (field, number) in [
        ("initialDelaySeconds", probe.initial_delay_seconds),
        ("timeoutSeconds", probe.timeout_seconds),
        ("periodSeconds", probe.period_seconds),
        ("successThreshold", probe.success_threshold),
        ("failureThreshold", probe.failure_threshold),
    ] {
        check.at_least(&format!("{path}.{field}"), number.map(i64::from), 0);
    }
    check_of_kind(probe, asks, path, check);
}

fn check_of_kind(probe: &Probe, asks: Asks, path: &str, check: &mut Check<'_>) {
    let grace = format!("{path}.terminationGracePeriodSeconds");
    match asks {
        Asks::Readiness if probe.termination_grace_period_seconds.is_some() => {
            check.forbidden(&grace, "a readiness probe ends nothing");
        }
        Asks::Readiness => {}
        Asks::Liveness | Asks::Startup => {
            check.at_least(&grace, probe.termination_grace_period_seconds, 1);
            if probe.success_threshold.is_some_and(|threshold| threshold > 1) {
                let message = "must be 1: only a readiness probe may ask for more";
                check.error("out-of-range", &format!("{path}.successThreshold"), message);
            }
        }
    }
}

fn check_exec(exec: Option<&ExecAction>, path: &str, check: &mut Check<'_>) {
    if exec.is_some_and(|exec| exec.command.as_ref().is_none_or(Vec::is_empty)) {
        check.required(&format!("{path}.exec.command"));
    }
}

fn check_http(http: &HTTPGetAction, path: &str, check: &mut Check<'_>) {
    check.port_or_name(&format!("{path}.port"), &http.port);
    check.one_of(&format!("{path}.scheme"), http.scheme.as_deref(), &["HTTP", "HTTPS"]);
    for (index, header) in http.http_headers.iter().flatten().enumerate() {
        let path = format!("{path}.httpHeaders[{index}].name");
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if header.name.is_empty() {
            check.required(&path);
        } else if !header.name.bytes().all(fits) {
            let message = format!(
                "{} is not a valid header: use letters, digits and `-`",
                quoted(&header.name)
            );
            check.error("invalid-name", &path, &message);
        }
    }
}

fn check_lifecycle(lifecycle: &Lifecycle, spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    for (field, handler) in [("postStart", &lifecycle.post_start), ("preStop", &lifecycle.pre_stop)]
    {
        if let Some(handler) = handler {
            check_handler(handler, spec, &format!("{path}.{field}"), check);
        }
    }
    if let Some(signal) = &lifecycle.stop_signal {
        check_signal(signal, spec, &format!("{path}.stopSignal"), check);
    }
}

fn check_handler(handler: &LifecycleHandler, spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    let count = usize::from(handler.exec.is_some())
        + usize::from(handler.http_get.is_some())
        + usize::from(handler.tcp_socket.is_some())
        + usize::from(handler.sleep.is_some());
    check.exactly_one(path, count, "exec, httpGet, tcpSocket and sleep");
    check_exec(handler.exec.as_ref(), path, check);
    if let Some(http) = &handler.http_get {
        check_http(http, &format!("{path}.httpGet"), check);
    }
    if let Some(socket) = &handler.tcp_socket {
        check.port_or_name(&format!("{path}.tcpSocket.port"), &socket.port);
    }
    if let (Some(sleep), Some(grace)) = (&handler.sleep, spec.termination_grace_period_seconds)
        && !(0..=grace).contains(&sleep.seconds)
    {
        let message = format!("must be from 0 to terminationGracePeriodSeconds, which is {grace}");
        check.error("out-of-range", &format!("{path}.sleep.seconds"), &message);
    }
}

/// Checks the signal that ends a container: which there are depends on the system.
fn check_signal(signal: &str, spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    match spec.os.as_ref().map(|os| os.name.as_str()) {
        None => {
            let message = "needs `os.name`: which signals there are depends on the system";
            check.error("invalid-value", path, message);
        }
        Some("windows") => check.choice(path, signal, &["SIGTERM", "SIGKILL"]),
        Some(_) if !is_signal(signal) => {
            let message = format!("{} is not a signal of Linux, such as SIGTERM", quoted(signal));
            check.error("invalid-value", path, &message);
        }
        Some(_) => {}
    }
}

/// Whether Linux has a signal of this name.
///
/// Source: signal(7)
fn is_signal(name: &str) -> bool {
    const NAMES: [&str; 36] = [
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT",
        "KILL", "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM",
        "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
        "RTMIN", "RTMAX",
    ];
    let Some(name) = name.strip_prefix("SIG") else { return false };
    let number = |text: &str, most: u8| text.parse().is_ok_and(|n: u8| (1..=most).contains(&n));
    NAMES.contains(&name)
        || name.strip_prefix("RTMIN+").is_some_and(|n| number(n, 15))
        || name.strip_prefix("RTMAX-").is_some_and(|n| number(n, 14))
}
