//! How a container is known to be well.

use k8s_openapi::api::core::v1::Probe;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::document::{Severity, quoted};
use crate::lint::found::Found;
use crate::lint::pods::{Contained, Life, Role, Workload};
use crate::lint::rule::{Check, Rule, Usual};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "no-readiness-probe",
        usual: Usual::On(Severity::Warning),
        finds: "long-running pods of which no container has a readiness probe",
        why: "A pod counts as ready as soon as its process runs, so it gets calls that it cannot answer yet, and a rollout goes on over a version that does not work.",
        fix: "ask the program itself: `readinessProbe: {httpGet: {path: /ready, port: 8080}}`",
        check: Check::Pods(no_readiness),
    },
    Rule {
        id: "no-liveness-probe",
        usual: Usual::Off(
            "a process that ends is started again anyway, and a liveness probe that is set carelessly kills healthy pods under load",
        ),
        finds: "a long-running container without a liveness probe",
        why: "A process that hangs without ending stays as it is until somebody looks.",
        fix: "add one that fails only when a restart helps: `livenessProbe: {httpGet: {path: /alive, port: 8080}, failureThreshold: 6}`",
        check: Check::Container(no_liveness),
    },
    Rule {
        id: "equal-probes",
        usual: Usual::On(Severity::Warning),
        finds: "a liveness probe that fails as soon as the readiness probe does",
        why: "A pod that is only busy is killed instead of being left alone until it is ready again.",
        fix: "give the liveness probe more patience, such as `failureThreshold: 10`, or a question of its own",
        check: Check::Container(equal_probes),
    },
    Rule {
        id: "probe-port",
        usual: Usual::On(Severity::Warning),
        finds: "a probe of a named port that the container does not have",
        why: "The probe can never succeed, so the pod never becomes ready or is killed again and again.",
        fix: "name a port of the container, or write its number: `port: 8080`",
        check: Check::Container(probe_port),
    },
];

fn no_readiness(workload: &Workload<'_>, found: &mut Found) {
    let template = workload.template;
    let mut lasting = template.containers().filter(|(_, role, _)| *role != Role::Init);
    if template.life == Life::Passing
        || lasting.any(|(_, _, container)| container.readiness_probe.is_some())
    {
        return;
    }
    let message = "no container has a readiness probe: the pod counts as ready as soon as it runs";
    let path = workload.at("containers[0].readinessProbe");
    found.say(workload.read, &path, "no readinessProbe", message);
}

fn no_liveness(one: &Contained<'_>, found: &mut Found) {
    if one.lasts() && one.container.liveness_probe.is_none() {
        let message = format!("container {} has no liveness probe", quoted(&one.container.name));
        found.say(one.workload.read, &one.at("livenessProbe"), "no livenessProbe", &message);
    }
}

/// How long a probe must fail before it counts, in seconds. What is not said is ten seconds, three times.
fn patience(probe: &Probe) -> i64 {
    let or =
        |value: Option<i32>, usual| i64::from(value.filter(|value| *value > 0).unwrap_or(usual));
    or(probe.period_seconds, 10) * or(probe.failure_threshold, 3)
}

fn equal_probes(one: &Contained<'_>, found: &mut Found) {
    let (Some(alive), Some(ready)) =
        (&one.container.liveness_probe, &one.container.readiness_probe)
    else {
        return;
    };
    let question = |probe: &Probe| {
        let Probe { exec, grpc, http_get, tcp_socket, .. } = probe.clone();
        (exec, grpc, http_get, tcp_socket)
    };
    if question(alive) == question(ready) && patience(alive) <= patience(ready) {
        let message = format!(
            "container {} is killed as soon as it is not ready: both probes ask the same, and the liveness probe is no more patient",
            quoted(&one.container.name)
        );
        found.say(
            one.workload.read,
            &one.at("livenessProbe"),
            "the same as readinessProbe",
            &message,
        );
    }
}

fn probe_port(one: &Contained<'_>, found: &mut Found) {
    let container = one.container;
    let probes = [
        ("livenessProbe", &container.liveness_probe),
        ("readinessProbe", &container.readiness_probe),
        ("startupProbe", &container.startup_probe),
    ];
    for (name, probe) in probes {
        let Some(probe) = probe else { continue };
        let http = probe.http_get.as_ref().map(|http| ("httpGet", &http.port));
        let tcp = probe.tcp_socket.as_ref().map(|tcp| ("tcpSocket", &tcp.port));
        for (way, port) in http.into_iter().chain(tcp) {
            let IntOrString::String(port) = port else { continue };
            let mut ports = container.ports.iter().flatten();
            // A number in quotes is refused elsewhere or meant as one.
            let is_number = port.bytes().all(|b| b.is_ascii_digit());
            if is_number || ports.any(|known| known.name.as_deref() == Some(port)) {
                continue;
            }
            let message =
                format!("container {} has no port {}", quoted(&container.name), quoted(port));
            let path = one.at(&format!("{name}.{way}.port"));
            found.say(one.workload.read, &path, "no such port", &message);
        }
    }
}
