//! Pods and containers by podman: steps to commands.

use super::fence::HOST_DIRECTORY;
use super::labels;
use super::script::Command;
use crate::model::{FleetName, Generation};
use crate::plan::{Clear, PodToRun, SecretsToBring};

mod acting;
mod container;
mod debug;
mod image;
mod secret;
mod volume;

pub use acting::{
    Beginning, Follow, LogsWanted, Passed, Sides, Times, WhichRuns, attach_argv, beginning,
    copy_in_argv, copy_out_argv, exec_argv, logs_argv, peek_argv, pod_exists_argv, runs_argv,
};
pub use debug::{DebugCommand, DebugContainer, DebugPlace, DebugProfile, DebugStay, debug_argv};
pub(super) use image::pull;
pub(super) use secret::VOLATILE_DIRECTORY;

use container::{image_and_args, run_options};
use secret::volatile_directory;
use volume::volumes;

/// The name of podman's network of a fleet.
pub(super) fn network_name(fleet: &FleetName) -> String {
    format!("bowline-{fleet}")
}

/// The directory on the host of what belongs to one pod.
fn pod_directory(sandbox: &str) -> String {
    format!("{HOST_DIRECTORY}/pods/{sandbox}")
}

/// Makes a pod and starts it. Run twice, the second pod replaces the first.
pub(super) fn create(fleet: &FleetName, generation: Generation, pod: &PodToRun) -> Vec<Command> {
    let mut commands = Vec::new();
    if pod.clear == Clear::Sandbox {
        commands.extend(delete(&pod.sandbox, pod.grace_seconds));
    }
    commands.extend(volumes(pod));
    commands.extend(secret::prepare(pod));
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

/// Starts containers that have ended.
pub(super) fn start(containers: &[String], secrets: &[SecretsToBring]) -> Vec<Command> {
    let mut argv = words(["podman", "start"]);
    argv.extend(containers.iter().cloned());
    let mut commands = secret::bring(secrets);
    commands.push(Command::mutates(argv));
    commands
}

/// Ends a pod, giving it time, and removes it with what belongs to it.
pub(super) fn delete(sandbox: &str, grace_seconds: u32) -> Vec<Command> {
    let grace = grace_seconds.to_string();
    vec![
        Command::mutates(["podman", "pod", "rm", "--force", "--ignore", "--time", &grace, sandbox]),
        Command::mutates([
            "rm",
            "-rf",
            "--",
            &pod_directory(sandbox),
            &volatile_directory(sandbox),
        ]),
    ]
}

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}
