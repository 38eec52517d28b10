//! The options of `podman run` that are a container's own.

use super::sandbox::shared_options;
use super::security::security;
use super::volume::mount_options;
use super::{container_name, label, pod_directory, secret, words};
use crate::driver::{labels, lifecycle};
use crate::observed::{Keeper, Role};
use crate::plan::{Access, ContainerToRun, DeviceToGive, Input, PodToRun, ResourcesToSet, Restart};

/// As much log as the kubelet keeps of a container: 10 MiB a file.
///
/// Source: <https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation>
const LOG_SIZE: &str = "max-size=10mb";

/// Everything between `podman run` and the image.
pub(super) fn run_options(
    pod: &PodToRun,
    container: &ContainerToRun,
    labels: &[String],
) -> Vec<String> {
    let name = container_name(&pod.sandbox, &container.name);
    let mut argv = words(["--name", &name]);
    argv.extend(labels.iter().cloned());
    argv.extend(label(labels::CONTAINER, &container.name));
    match container.role {
        Role::Main => {}
        Role::Init => argv.extend(label(labels::ROLE, "init")),
        Role::Sidecar => argv.extend(label(labels::ROLE, "sidecar")),
    }
    argv.extend(words(["--restart", restart(pod, container)]));
    argv.extend(lifecycle::monitor_option(pod, container, &name).into_iter().flatten());
    argv.extend(words(["--stop-timeout", &pod.grace_seconds.to_string()]));
    if let Some(signal) = &container.stop_signal {
        argv.extend(words(["--stop-signal", signal]));
    }
    // The image was brought by a step of its own, whose failure leaves no half-made pod.
    argv.extend(words(["--pull", "never", "--log-driver", "k8s-file", "--log-opt", LOG_SIZE]));
    argv.extend(secret::options(pod, container));
    for (name, value) in &container.env {
        argv.extend(words(["--env", &format!("{name}={value}")]));
    }
    if let Some(directory) = &container.working_dir {
        argv.extend(words(["--workdir", directory]));
    }
    argv.extend(mount_options(pod, container));
    argv.extend(devices(&container.devices));
    let message = lifecycle::message_file(&pod_directory(&pod.sandbox), container);
    argv.extend(words(["--volume", &format!("{message}:{}", container.message.path)]));
    argv.extend(shared_options(pod, container));
    argv.extend(security(container));
    argv.extend(limits(&container.resources));
    match container.input {
        Input::Closed => {}
        Input::Stdin => argv.push("--interactive".to_owned()),
        Input::Terminal => argv.extend(words(["--interactive", "--tty"])),
    }
    if let Some(command) = &container.command {
        // podman reads a JSON list here, so no word is split.
        let list = serde_json::Value::from(command.clone()).to_string();
        argv.extend(words(["--entrypoint", &list]));
    }
    argv
}

/// The devices, and a label of those that others must not be given.
fn devices(devices: &[DeviceToGive]) -> Vec<String> {
    let mut argv = Vec::new();
    let mut described = Vec::new();
    for device in devices {
        let option = match device {
            DeviceToGive::Described(name) => {
                described.push(name.as_str());
                name.clone()
            }
            DeviceToGive::Block { path, inside, access: Access::ReadWrite } => {
                format!("{path}:{inside}")
            }
            DeviceToGive::Block { path, inside, .. } => format!("{path}:{inside}:r"),
        };
        argv.extend(words(["--device", &option]));
    }
    if !described.is_empty() {
        argv.extend(label(labels::DEVICES, &described.join(",")));
    }
    argv
}

/// When podman starts a container again; where systemd does, never.
fn restart(pod: &PodToRun, container: &ContainerToRun) -> &'static str {
    match (pod.keeper, container.role, pod.restart) {
        (Keeper::Systemd, ..)
        | (Keeper::Podman, Role::Init, _)
        | (Keeper::Podman, Role::Main, Restart::Never) => "no",
        (Keeper::Podman, Role::Sidecar, _) | (_, Role::Main, Restart::Always) => "always",
        (Keeper::Podman, Role::Main, Restart::OnFailure) => "on-failure",
    }
}

/// The image and its arguments.
pub(super) fn image_and_args(container: &ContainerToRun) -> Vec<String> {
    let args = container.args.iter().flatten();
    std::iter::once(&container.image).chain(args).cloned().collect()
}

/// How long a period of CPU time is, in microseconds; what the kubelet uses.
const CPU_PERIOD: u64 = 100_000;

/// The kernel refuses a shorter quota, in microseconds.
const CPU_QUOTA_MIN: u64 = 1000;

/// As many processes as the kernel can number (`PID_MAX_LIMIT`), so no limit. podman knows -1 for that, which podman 4.3 passes
/// on to runc as 0, and then systemd's own default holds.
const PROCESSES: &str = "4194304";

/// The cgroup settings that the kubelet makes: a weight, a quota a period, no swap beyond the memory, and as many processes as
/// the host has room for. Not `--cpus`: podman holds all of a pod to it when the pod is made on the way.
///
/// Source: <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/>
fn limits(set: &ResourcesToSet) -> Vec<String> {
    let mut argv = words(["--cpu-shares", &set.cpu_shares.to_string(), "--pids-limit", PROCESSES]);
    if let Some(milli) = set.cpu_limit_milli {
        let quota = (milli.saturating_mul(CPU_PERIOD) / 1000).max(CPU_QUOTA_MIN).to_string();
        argv.extend(words(["--cpu-period", &CPU_PERIOD.to_string(), "--cpu-quota", &quota]));
    }
    if let Some(bytes) = set.memory_limit_bytes {
        let bytes = bytes.to_string();
        argv.extend(words(["--memory", &bytes, "--memory-swap", &bytes]));
    }
    if let Some(score) = set.oom_score {
        argv.extend(words(["--oom-score-adj", &score.to_string()]));
    }
    argv
}
