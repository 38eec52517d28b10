//! Pods that reach into the host that they stand on.

use k8s_openapi::api::core::v1::Volume;

use crate::document::{Severity, quoted};
use crate::lint::found::Found;
use crate::lint::pods::{Contained, Workload};
use crate::lint::rule::{Check, Rule, Usual};
use crate::model::Kind;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "host-path",
        usual: Usual::On(Severity::Warning),
        finds: "a directory of the host in a pod",
        why: "The pod finds other data on each host, and can change files that are the host's.",
        fix: "use an `emptyDir`, a `configMap` or a `persistentVolumeClaim` in place of `hostPath`",
        check: Check::Pods(host_path),
    },
    Rule {
        id: "container-socket",
        usual: Usual::On(Severity::Warning),
        finds: "the socket of the container engine in a pod",
        why: "Whoever can speak to it can start a container that is root on the host.",
        fix: "take the `hostPath` out; to build images, use a builder that needs no engine",
        check: Check::Pods(socket),
    },
    Rule {
        id: "host-namespace",
        usual: Usual::On(Severity::Warning),
        finds: "a pod in the host's network, process or IPC namespace",
        why: "It sees, and can often reach, everything else that runs on that host.",
        fix: "take `hostNetwork`, `hostPID` or `hostIPC` out; a Service or a `hostPort` mostly does what it was for",
        check: Check::Pods(namespaces),
    },
    Rule {
        id: "host-port",
        usual: Usual::On(Severity::Notice),
        finds: "a container that takes a port of its host",
        why: "Only one such pod fits on a host, and the port is open to whoever reaches the host.",
        fix: "take `hostPort` out, and put a Service before the pods",
        check: Check::Container(host_port),
    },
];

/// The sockets of the engines that there are.
const SOCKETS: [&str; 6] = [
    "docker.sock",
    "podman.sock",
    "containerd.sock",
    "crio.sock",
    "cri-dockerd.sock",
    "dockershim.sock",
];

/// What every host has alike, and what reading does not harm.
const HARMLESS: [&str; 4] =
    ["/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo", "/etc/ssl/certs"];

fn host_paths<'a>(workload: &Workload<'a>) -> impl Iterator<Item = (usize, &'a Volume, &'a str)> {
    let volumes = workload.template.spec.volumes.iter().flatten().enumerate();
    volumes.filter_map(|(at, volume)| Some((at, volume, volume.host_path.as_ref()?.path.as_str())))
}

fn is_socket(path: &str) -> bool {
    SOCKETS.contains(&path.rsplit('/').next().unwrap_or(path))
}

fn host_path(workload: &Workload<'_>, found: &mut Found) {
    for (at, volume, path) in host_paths(workload) {
        let read_only = is_read_only(workload, &volume.name);
        // An agent that reads its host is what a DaemonSet is for.
        let agent = workload.read.object.kind() == Kind::DaemonSet;
        let harmless = read_only && (agent || HARMLESS.contains(&path.trim_end_matches('/')));
        if harmless || is_socket(path) {
            continue;
        }
        let message = format!(
            "the volume {} is {} of whatever host the pod is on",
            quoted(&volume.name),
            quoted(path)
        );
        let path = workload.at(&format!("volumes[{at}].hostPath.path"));
        found.say(workload.read, &path, "the host's own", &message);
    }
}

/// Whether no container can write to a volume.
fn is_read_only(workload: &Workload<'_>, volume: &str) -> bool {
    let containers = workload.template.containers();
    let mut mounts =
        containers.flat_map(|(_, _, container)| container.volume_mounts.iter().flatten());
    mounts.all(|mount| mount.name != volume || mount.read_only == Some(true))
}

fn socket(workload: &Workload<'_>, found: &mut Found) {
    for (at, volume, path) in host_paths(workload).filter(|(_, _, path)| is_socket(path)) {
        let message = format!(
            "the volume {} hands out {}: as good as root on the host",
            quoted(&volume.name),
            quoted(path)
        );
        let path = workload.at(&format!("volumes[{at}].hostPath.path"));
        found.say(workload.read, &path, "the engine's socket", &message);
    }
}

fn namespaces(workload: &Workload<'_>, found: &mut Found) {
    let spec = workload.template.spec;
    for (field, asked, what) in [
        ("hostNetwork", spec.host_network, "network"),
        ("hostPID", spec.host_pid, "processes"),
        ("hostIPC", spec.host_ipc, "shared memory"),
    ] {
        if asked == Some(true) {
            let message = format!("the pod shares the {what} of its host");
            found.say(workload.read, &workload.at(field), "the host's own", &message);
        }
    }
}

fn host_port(one: &Contained<'_>, found: &mut Found) {
    // In the host's network every port is the host's.
    if one.workload.template.spec.host_network == Some(true) {
        return;
    }
    for (at, port) in one.container.ports.iter().flatten().enumerate() {
        let Some(number) = port.host_port.filter(|port| *port != 0) else { continue };
        let message =
            format!("container {} takes port {number} of its host", quoted(&one.container.name));
        let path = one.at(&format!("ports[{at}].hostPort"));
        found.say(one.workload.read, &path, "one such pod a host", &message);
    }
}
