//! Pods and containers by podman: steps to commands.

use super::fence::HOST_DIRECTORY;
use super::labels;
use super::script::Command;
use crate::model::{FleetName, Generation};
use crate::plan::{
    Access, Clear, ContainerToRun, Input, PodToRun, PullPolicy, Restart, VolumeToMake,
};

/// The name of podman's network of a fleet.
pub(super) fn network_name(fleet: &FleetName) -> String {
    format!("bowline-{fleet}")
}

/// The directory on the host of what belongs to one pod.
fn pod_directory(sandbox: &str) -> String {
    format!("{HOST_DIRECTORY}/pods/{sandbox}")
}

fn volume_directory(sandbox: &str, volume: &str) -> String {
    format!("{}/volumes/{volume}", pod_directory(sandbox))
}

/// Asks for an image only when the host does not have it: `podman pull` of podman 4 has no such option.
const PULL_MISSING: &str = r#"podman image exists "$1" || exec podman pull --quiet "$1""#;

/// Brings an image to the host.
pub(super) fn pull(image: &str, policy: PullPolicy) -> Vec<Command> {
    let command = match policy {
        PullPolicy::Always => Command::mutates(["podman", "pull", "--quiet", image]),
        PullPolicy::IfNotPresent => Command::mutates(["sh", "-c", PULL_MISSING, "pull", image]),
        PullPolicy::Never => Command::reads(["podman", "image", "exists", image]),
    };
    vec![command]
}

/// Makes a pod and starts it. Run twice, the second pod replaces the first.
pub(super) fn create(fleet: &FleetName, generation: Generation, pod: &PodToRun) -> Vec<Command> {
    let mut commands = Vec::new();
    if pod.clear == Clear::Sandbox {
        commands.extend(delete(&pod.sandbox, pod.grace_seconds));
    }
    commands.extend(volumes(pod));
    let labels = labels(fleet, generation, pod);
    let run = |container| (container, run_options(pod, container, &labels));
    let mut runs = pod.containers.iter().map(run);
    commands.extend(runs.next().map(|(container, options)| {
        let words = [sandbox_options(fleet, pod), options, image_and_args(container)].concat();
        run_first(pod, words)
    }));
    commands.extend(runs.map(|(container, options)| {
        let join = words(["podman", "run", "--pod", &pod.sandbox]);
        Command::mutates([join, options, image_and_args(container)].concat())
    }));
    commands
}

fn volumes(pod: &PodToRun) -> Vec<Command> {
    let mut commands = Vec::new();
    for (name, volume) in &pod.volumes {
        let directory = volume_directory(&pod.sandbox, name);
        // What an earlier pod of the same name left there is not this pod's.
        commands.push(Command::mutates(["rm", "-rf", "--", &directory]));
        match volume {
            // Any user of the pod may write, as the kubelet sets it up.
            VolumeToMake::Empty => {
                commands.push(Command::mutates(["install", "-d", "-m", "0777", "--", &directory]));
            }
            VolumeToMake::Files(files) => {
                commands.push(Command::mutates(["install", "-d", "-m", "0755", "--", &directory]));
                for (path, file) in files {
                    let mode = format!("{:04o}", file.mode & 0o7777);
                    let path = format!("{directory}/{path}");
                    let write = ["install", "-D", "-m", &mode, "--", "/dev/stdin", &path];
                    commands.push(Command::mutates(write).with_stdin(file.content.clone()));
                }
            }
        }
    }
    commands
}

/// Makes a pod on the way to its first container, which takes podman a quarter less CPU than making each by itself. What is in
/// the way is removed, but looked for only after a failure. A run that fails leaves nothing: a pod without containers has none
/// of our labels.
///
/// Arguments: the pod's name, the time that it may take to end, and those of `podman run`.
const RUN_FIRST: &str = r#"name=$1 grace=$2; shift 2
clear() { podman pod rm --force --ignore --time "$grace" "$name"; }
podman run "$@" && exit
clear
podman run "$@" && exit
code=$?
clear
exit "$code""#;

fn run_first(pod: &PodToRun, options: Vec<String>) -> Command {
    let grace = pod.grace_seconds.to_string();
    let mut argv = words(["sh", "-c", RUN_FIRST, "podman run", &pod.sandbox, &grace]);
    argv.extend(options);
    Command::mutates(argv)
}

/// What only the first container says, for all of the pod. podman shares the network, the host name and System V IPC among a
/// pod's containers by default.
fn sandbox_options(fleet: &FleetName, pod: &PodToRun) -> Vec<String> {
    let network = format!("{}:ip={}", network_name(fleet), pod.address);
    let new = format!("new:{}", pod.sandbox);
    words(["--pod", &new, "--hostname", &pod.hostname, "--network", &network])
}

/// What a pod is known by. Every container has all of it: what podman makes for the pod itself takes no labels.
fn labels(fleet: &FleetName, generation: Generation, pod: &PodToRun) -> Vec<String> {
    let owner = pod.owner.as_ref().map(|owner| format!("{}/{}", owner.kind, owner.name));
    let labels = [
        (labels::FLEET, fleet.to_string()),
        (labels::NAMESPACE, pod.key.namespace.clone()),
        (labels::POD, pod.key.name.clone()),
        (labels::OWNER, owner.unwrap_or_default()),
        (labels::DIGEST, pod.digest.to_string()),
        (labels::GENERATION, generation.to_string()),
        (labels::ADDRESS, pod.address.to_string()),
    ];
    labels.into_iter().flat_map(|(key, value)| label(key, &value)).collect()
}

fn label(key: &str, value: &str) -> [String; 2] {
    ["--label".to_owned(), format!("{key}={value}")]
}

/// The name of a container on its host.
pub fn container_name(sandbox: &str, container: &str) -> String {
    format!("{sandbox}_{container}")
}

/// As much log as the kubelet keeps of a container: 10 MiB a file.
///
/// Source: <https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation>
const LOG_SIZE: &str = "max-size=10mb";

fn run_options(pod: &PodToRun, container: &ContainerToRun, labels: &[String]) -> Vec<String> {
    let name = container_name(&pod.sandbox, &container.name);
    let mut argv = words(["--detach", "--name", &name]);
    argv.extend(labels.iter().cloned());
    argv.extend(label(labels::CONTAINER, &container.name));
    let restart = match pod.restart {
        Restart::Always => "always",
        Restart::OnFailure => "on-failure",
        Restart::Never => "no",
    };
    argv.extend(words(["--restart", restart]));
    argv.extend(words(["--stop-timeout", &pod.grace_seconds.to_string()]));
    // The image was brought by a step of its own, whose failure leaves no half-made pod.
    argv.extend(words(["--pull", "never", "--log-driver", "k8s-file", "--log-opt", LOG_SIZE]));
    for (name, value) in &container.env {
        argv.extend(words(["--env", &format!("{name}={value}")]));
    }
    if let Some(directory) = &container.working_dir {
        argv.extend(words(["--workdir", directory]));
    }
    for mount in &container.mounts {
        let source = volume_directory(&pod.sandbox, &mount.volume);
        let access = match mount.access {
            Access::ReadOnly => ":ro",
            Access::ReadWrite => "",
        };
        argv.extend(words(["--volume", &format!("{source}:{}{access}", mount.path)]));
    }
    argv.extend(limits(container));
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

fn image_and_args(container: &ContainerToRun) -> Vec<String> {
    let args = container.args.iter().flatten();
    std::iter::once(&container.image).chain(args).cloned().collect()
}

/// How long a period of CPU time is, in microseconds; what the kubelet uses.
const CPU_PERIOD: u64 = 100_000;

/// The kernel refuses a shorter quota, in microseconds.
const CPU_QUOTA_MIN: u64 = 1000;

/// The cgroup settings that the kubelet computes: shares of 1024 a CPU, at least 2; a quota per period. Not `--cpus`: podman
/// holds all of a pod to it when the pod is made on the way.
///
/// Source: <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/>
fn limits(container: &ContainerToRun) -> Vec<String> {
    let mut argv = Vec::new();
    if container.cpu_request_milli > 0 {
        let shares = (container.cpu_request_milli * 1024 / 1000).max(2);
        argv.extend(words(["--cpu-shares", &shares.to_string()]));
    }
    if let Some(milli) = container.cpu_limit_milli {
        let quota = (milli.saturating_mul(CPU_PERIOD) / 1000).max(CPU_QUOTA_MIN).to_string();
        argv.extend(words(["--cpu-period", &CPU_PERIOD.to_string(), "--cpu-quota", &quota]));
    }
    if let Some(bytes) = container.memory_limit_bytes {
        argv.extend(words(["--memory", &bytes.to_string()]));
    }
    argv
}

/// Starts containers that have ended.
pub(super) fn start(containers: &[String]) -> Vec<Command> {
    let mut argv = words(["podman", "start"]);
    argv.extend(containers.iter().cloned());
    vec![Command::mutates(argv)]
}

/// Ends a pod, giving it time, and removes it with what belongs to it.
pub(super) fn delete(sandbox: &str, grace_seconds: u32) -> Vec<Command> {
    let grace = grace_seconds.to_string();
    vec![
        Command::mutates(["podman", "pod", "rm", "--force", "--ignore", "--time", &grace, sandbox]),
        Command::mutates(["rm", "-rf", "--", &pod_directory(sandbox)]),
    ]
}

/// The argv of `podman logs`.
pub fn logs_argv(container: &str, options: &[String]) -> Vec<String> {
    let mut argv = words(["podman", "logs"]);
    argv.extend(options.iter().cloned());
    argv.push(container.to_owned());
    argv
}

/// The argv of `podman exec`.
pub fn exec_argv(container: &str, options: &[String], command: &[String]) -> Vec<String> {
    let mut argv = words(["podman", "exec"]);
    argv.extend(options.iter().cloned());
    argv.push(container.to_owned());
    argv.extend(command.iter().cloned());
    argv
}

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}
