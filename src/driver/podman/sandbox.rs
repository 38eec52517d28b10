//! How a pod is made: on the way to its first container where podman can, else before it.

use super::{HOSTS_FILE, RESOLVER_FILE, label, network_name, pod_directory, words};
use crate::driver::labels;
use crate::driver::script::Command;
use crate::model::FleetName;
use crate::plan::{ContainerToRun, Ipc, PodNetwork, PodToRun, Processes, Users};

/// How many numbers of users a pod with its own has, as the kubelet gives it.
const USERS: &str = "auto:size=65536";

/// Whether podman makes the pod on the way to its first container, which takes it a quarter less CPU than making each by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Making {
    /// `podman run --pod new:NAME`.
    OnTheWay,
    /// `podman pod create` before: what the pod asks for is no option of `podman run`, or it is not on the fleet's network, by
    /// which one that was left half made is known, and needs labels.
    Before,
}

/// How a pod is made.
pub(super) fn making(pod: &PodToRun) -> Making {
    let sandbox = &pod.sandbox_options;
    let plain = sandbox.network == PodNetwork::Own
        && sandbox.processes != Processes::Shared
        && sandbox.users == Users::Host
        && sandbox.limits.is_empty();
    if plain { Making::OnTheWay } else { Making::Before }
}

/// What is said once for all of the pod.
pub(super) fn pod_options(fleet: &FleetName, pod: &PodToRun) -> Vec<String> {
    let options = &pod.sandbox_options;
    match options.network {
        PodNetwork::Own => {
            let network = format!("{}:ip={}", network_name(fleet), pod.address);
            words(["--hostname", &pod.hostname, "--network", &network])
        }
        PodNetwork::Host => words(["--network", "host"]),
    }
}

/// The arguments of `podman pod create`.
pub(super) fn create_options(fleet: &FleetName, pod: &PodToRun) -> Vec<String> {
    let options = &pod.sandbox_options;
    let mut argv = words(["--name", &pod.sandbox]);
    if let Some(runtime) = &options.runtime {
        argv.extend(words(["--runtime", runtime]));
    }
    let known = [
        (labels::FLEET, fleet.as_str()),
        (labels::NAMESPACE, &pod.key.namespace),
        (labels::POD, &pod.key.name),
    ];
    argv.extend(known.into_iter().flat_map(|(key, value)| label(key, value)));
    argv.extend(pod_options(fleet, pod));
    if options.processes == Processes::Shared {
        argv.extend(words(["--share", "ipc,net,uts,pid"]));
    }
    if options.users == Users::Own {
        argv.extend(words(["--userns", USERS]));
    }
    if let Some(shares) = options.limits.cpu_shares {
        argv.extend(words(["--cpu-shares", &shares.to_string()]));
    }
    if let Some(milli) = options.limits.cpu_milli {
        argv.extend(words(["--cpus", &format!("{}.{:03}", milli / 1000, milli % 1000)]));
    }
    if let Some(bytes) = options.limits.memory_bytes {
        argv.extend(words(["--memory", &bytes.to_string()]));
    }
    argv
}

/// What every container says of what it shares.
pub(super) fn shared_options(pod: &PodToRun, container: &ContainerToRun) -> Vec<String> {
    let options = &pod.sandbox_options;
    let mut argv = Vec::new();
    if options.network == PodNetwork::Host {
        argv.extend(words(["--uts", "host"]));
        for entry in &options.add_hosts {
            argv.extend(words(["--add-host", entry]));
        }
    }
    if options.processes == Processes::Host {
        argv.extend(words(["--pid", "host"]));
    }
    if options.ipc == Ipc::Host {
        argv.extend(words(["--ipc", "host"]));
    }
    for (content, path) in
        [(&options.hosts_file, HOSTS_FILE), (&options.resolver_file, RESOLVER_FILE)]
    {
        let mounted = container.mounts.iter().any(|mount| mount.path == path);
        if content.is_some() && !mounted {
            let source = host_path(&pod.sandbox, path);
            argv.extend(words(["--volume", &format!("{source}:{path}")]));
        }
    }
    argv
}

/// Kernel settings, said by the container that is run first: the namespaces that they hold in are the pod's.
pub(super) fn sysctls(pod: &PodToRun) -> Vec<String> {
    let settings = pod.sandbox_options.sysctls.iter();
    settings.flat_map(|(name, value)| words(["--sysctl", &format!("{name}={value}")])).collect()
}

/// Writes the files that all containers of the pod see.
pub(super) fn files(pod: &PodToRun) -> Vec<Command> {
    let options = &pod.sandbox_options;
    let files = [(&options.hosts_file, HOSTS_FILE), (&options.resolver_file, RESOLVER_FILE)];
    let written = files.into_iter().filter_map(|(content, path)| {
        let path = host_path(&pod.sandbox, path);
        let write = ["install", "-D", "-m", "0644", "--", "/dev/stdin", &path];
        Some(Command::mutates(write).with_stdin(content.clone()?))
    });
    written.collect()
}

/// Where a file of the pod's /etc is on the host.
fn host_path(sandbox: &str, path: &str) -> String {
    format!("{}{path}", pod_directory(sandbox))
}
