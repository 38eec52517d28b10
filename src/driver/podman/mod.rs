//! Pods and containers by podman: steps to commands.

use super::fence::HOST_DIRECTORY;
use super::labels;
use super::lifecycle;
use super::script::Command;
use crate::model::{FleetName, Generation};
use crate::observed::Keeper;
use crate::plan::{Clear, Moment, PodToRun, SecretsToBring, Start};

mod acting;
mod container;
mod debug;
mod image;
mod sandbox;
mod secret;
mod security;
mod volume;

pub use acting::{
    Beginning, Follow, LogsWanted, Passed, Sides, Times, WhichRuns, attach_argv, beginning,
    copy_in_argv, copy_out_argv, exec_argv, logs_argv, peek_argv, pod_exists_argv, runs_argv,
};
pub use debug::{DebugCommand, DebugContainer, DebugPlace, DebugProfile, DebugStay, debug_argv};
pub(super) use image::{ask_for_tag, pull};
pub(super) use secret::VOLATILE_DIRECTORY;
pub(super) use volume::{
    ALL as OF_PODS, MADE, MARKS, VOLUMES, clear_all, grow as grow_volume, make as make_volume,
    parse as parse_made, release as release_volume, update,
};

use container::{image_and_args, run_options};
use sandbox::{Making, create_options, files, making, pod_options, sysctls};
use security::{as_its_user, checks};
use volume::{after_reboot, clear, volumes};

/// The name of podman's network of a fleet.
pub(super) fn network_name(fleet: &FleetName) -> String {
    format!("bowline-{fleet}")
}

/// The directory on the host of what belongs to one pod.
fn pod_directory(sandbox: &str) -> String {
    format!("{HOST_DIRECTORY}/pods/{sandbox}")
}

/// Names of hosts in a container.
const HOSTS_FILE: &str = "/etc/hosts";
/// What a container's resolver is told.
const RESOLVER_FILE: &str = "/etc/resolv.conf";

/// Makes a pod and starts it, or has it brought up in order. Run twice, the second pod replaces the first.
pub(super) fn create(fleet: &FleetName, generation: Generation, pod: &PodToRun) -> Vec<Command> {
    let mut commands = Vec::new();
    if pod.clear == Clear::Sandbox {
        commands.extend(delete(&pod.sandbox, pod.grace_seconds));
    }
    commands.extend(pod.containers.iter().filter_map(checks));
    commands.extend(volumes(pod));
    commands.extend(files(pod));
    commands.extend(secret::prepare(pod));
    let directory = pod_directory(&pod.sandbox);
    commands.extend(lifecycle::files(pod, &directory));
    let (make, name) = match pod.start() {
        Start::AtOnce => (words(["run", "--detach"]), "podman run"),
        Start::InOrder => {
            commands.extend(lifecycle::order(pod, &directory, &after_reboot(pod)));
            (words(["create"]), "podman create")
        }
    };
    let making = making(pod);
    if making == Making::Before {
        let create = words(["pod", "create"]);
        commands.push(Command::mutates(make_room(
            pod,
            "podman pod create",
            [create, create_options(fleet, pod)].concat(),
        )));
    }
    let labels = labels(fleet, generation, pod);
    for (nth, container) in pod.containers.iter().enumerate() {
        let options = run_options(pod, container, &labels);
        let options = [options, image_and_args(container)].concat();
        let argv = match (nth, making) {
            (0, Making::OnTheWay) => {
                let new = words(["--pod", &format!("new:{}", pod.sandbox)]);
                let own = [pod_options(fleet, pod), sysctls(pod), options].concat();
                make_room(pod, name, [make.clone(), new, own].concat())
            }
            (nth, Making::OnTheWay | Making::Before) => {
                let join = words(["--pod", &pod.sandbox]);
                let settings = if nth == 0 { sysctls(pod) } else { Vec::new() };
                [words(["podman"]), make.clone(), join, settings, options].concat()
            }
        };
        commands.push(
            Command::mutates(as_its_user(container, argv)).about(&container.name, Moment::Made),
        );
    }
    match pod.start() {
        Start::AtOnce => {}
        Start::InOrder => {
            commands.push(lifecycle::start_sandbox(&pod.sandbox));
            commands.extend(lifecycle::enable(pod));
            commands.push(lifecycle::start(&pod.sandbox, pod.keeper));
        }
    }
    commands
}

/// Runs podman to make a pod. What is in the way is removed, but looked for only after a failure. A command that fails leaves
/// nothing: a pod without containers may have none of our labels.
///
/// Arguments: the pod's name, the time that it may take to end, and those of `podman`.
const MAKE_ROOM: &str = r#"name=$1 grace=$2; shift 2
clear() { podman pod rm --force --ignore --time "$grace" "$name"; }
podman "$@" && exit
clear
podman "$@" && exit
code=$?
clear
exit "$code""#;

fn make_room(pod: &PodToRun, name: &str, options: Vec<String>) -> Vec<String> {
    let grace = pod.grace_seconds.to_string();
    let mut argv = words(["sh", "-c", MAKE_ROOM, name, &pod.sandbox, &grace]);
    argv.extend(options);
    argv
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

/// Brings a pod up whose containers are all there.
pub(super) fn bring_up(sandbox: &str, keeper: Keeper, secrets: &[SecretsToBring]) -> Vec<Command> {
    let mut commands = secret::bring(secrets);
    commands.push(lifecycle::start(sandbox, keeper));
    commands
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
    vec![lifecycle::end(sandbox, grace_seconds), clear(sandbox)]
}

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}
