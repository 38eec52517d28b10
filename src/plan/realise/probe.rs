//! What containers are asked whether they are well.

use k8s_openapi::api::core::v1::{
    Container, ExecAction, GRPCAction, HTTPGetAction, PodSpec, Probe,
};

use super::expand::expand;
use super::http::{host_or, port, request};
use super::{Surroundings, grace};
use crate::observed::ProbeKind;
use crate::plan::{Ask, HttpVersion, ProbeToRun};

/// The probes of a container, the one that is asked first before the others.
pub(super) fn probes(
    container: &Container,
    spec: &PodSpec,
    around: &Surroundings<'_>,
) -> Vec<ProbeToRun> {
    let all = [
        (ProbeKind::Startup, &container.startup_probe),
        (ProbeKind::Liveness, &container.liveness_probe),
        (ProbeKind::Readiness, &container.readiness_probe),
    ];
    let said = all.into_iter().filter_map(|(kind, probe)| Some((kind, probe.as_ref()?)));
    said.filter_map(|(kind, probe)| {
        Some(ProbeToRun {
            kind,
            ask: ask(probe, container, around)?,
            delay_seconds: number(probe.initial_delay_seconds, 0),
            period_seconds: number(probe.period_seconds, 10),
            timeout_seconds: number(probe.timeout_seconds, 1),
            successes: number(probe.success_threshold, 1),
            failures: number(probe.failure_threshold, 3),
            grace_seconds: probe
                .termination_grace_period_seconds
                .and_then(|seconds| u32::try_from(seconds).ok())
                .unwrap_or_else(|| grace(spec)),
        })
    })
    .collect()
}

/// A number of a probe; 0 stands for what holds when it is not said.
fn number(said: Option<i32>, default: u32) -> u32 {
    said.and_then(|said| u32::try_from(said).ok()).filter(|said| *said > 0).unwrap_or(default)
}

fn ask(probe: &Probe, container: &Container, around: &Surroundings<'_>) -> Option<Ask> {
    if let Some(command) = &probe.exec {
        return Some(Ask::Exec(words(command, container)));
    }
    if let Some(get) = &probe.http_get {
        let (url, headers) = request(get, container, around.address);
        return Some(Ask::Http { version: version(get), url, headers });
    }
    if let Some(socket) = &probe.tcp_socket {
        let host = host_or(socket.host.as_ref(), around.address);
        return Some(Ask::Tcp { host, port: port(&socket.port, container) });
    }
    let GRPCAction { mode, port, service } = probe.grpc.as_ref()?;
    let scheme = if mode.as_deref() == Some("TLS") { "https" } else { "http" };
    let url = format!("{scheme}://{}:{port}/grpc.health.v1.Health/Check", around.address);
    Some(Ask::Grpc { url, request: frame(service.as_deref().unwrap_or_default()) })
}

fn version(get: &HTTPGetAction) -> HttpVersion {
    match get.protocol.as_deref() {
        Some("HTTP2") => HttpVersion::Two,
        Some(_) | None => HttpVersion::One,
    }
}

/// The words of a command. What they refer to is replaced when the manifest says its value itself, as the kubelet does it.
fn words(command: &ExecAction, container: &Container) -> Vec<String> {
    let value = |name: &str| {
        let mut said = container.env.iter().flatten().filter(|of| of.value_from.is_none());
        let said = said.rfind(|variable| variable.name == name);
        said.map(|variable| variable.value.as_deref().unwrap_or_default())
    };
    command.command.iter().flatten().map(|word| expand(word, value)).collect()
}

/// A request of gRPC's health service: one frame, with one message, whose first field is the name of a service.
///
/// Sources: <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>, <https://protobuf.dev/programming-guides/encoding/>
fn frame(service: &str) -> Vec<u8> {
    let mut message = Vec::new();
    if !service.is_empty() {
        message.push(0x0a);
        let mut length = service.len();
        while length > 0x7f {
            message.push(low_bits(length) | 0x80);
            length >>= 7;
        }
        message.push(low_bits(length));
        message.extend(service.bytes());
    }
    // Not compressed, and how long it is.
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.len()).unwrap_or_default().to_be_bytes());
    frame.extend(message);
    frame
}

/// The lowest seven bits of a number.
fn low_bits(number: usize) -> u8 {
    u8::try_from(number & 0x7f).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_says_how_long_its_message_is() {
        assert_eq!(frame(""), [0; 5]);
        assert_eq!(frame("ab"), [0, 0, 0, 0, 4, 0x0a, 2, b'a', b'b']);
        let long = frame(&"a".repeat(300));
        assert_eq!(long[..8], [0, 0, 0, 1, 47, 0x0a, 0xac, 0x02]);
        assert_eq!(long.len(), 308);
    }

    #[test]
    fn nothing_is_said_by_0() {
        assert_eq!([number(None, 3), number(Some(0), 3), number(Some(-1), 3)], [3; 3]);
        assert_eq!(number(Some(7), 3), 7);
    }
}
