//! Steps on a simulated host, command by command, as podman does them: names are unique, an address is given once, an image
//! must be there before a container is run from it.

use std::collections::BTreeMap;

use bowline::driver::{Command, CommandOutput, container_name};
use bowline::observed::Role;
use bowline::plan::{Action, PodNetwork, PodToRun, PullPolicy, Start};

use super::World;
use super::host::{Life, SimContainer, SimHost, SimPod};
use super::network;

/// A command of a step: which one, and of how many.
pub(super) struct Place<'a> {
    pub(super) action: &'a Action,
    pub(super) commands: &'a [Command],
    pub(super) at: usize,
}

/// Does to a host what one command of a step does.
pub(super) fn carry_out(world: &mut World, host: &mut SimHost, place: &Place<'_>) -> CommandOutput {
    match place.action {
        Action::ConfigureNetwork(wanted) => {
            network::configure(host, wanted, &place.commands[place.at].argv)
        }
        Action::PullImage { image, policy, .. } => pull(world, host, image, *policy),
        Action::CreatePod(pod) => create(world, host, pod, place),
        Action::UpdateVolumes(_)
        | Action::MakeVolume { .. }
        | Action::GrowVolume { .. }
        | Action::ReleaseVolume { .. } => volume(host, &place.commands[place.at].argv),
        Action::StartContainers { containers, .. } => start(world, host, containers),
        Action::BringUp { sandbox, .. } => bring_up(world, host, sandbox),
        Action::DeletePod { sandbox, .. } => delete(host, sandbox, &place.commands[place.at].argv),
        Action::ChangeRules(change) if place.at == 0 => network::change(host, change, &world.mark),
        // The second command of a change is what the host keeps of it for a reboot.
        Action::ChangeRules(_) | Action::TakeOver => CommandOutput::default(),
        Action::LeaveHost => leave(host, place),
    }
}

/// What podman's commands answer when they fail.
pub(super) fn failed(exit: i32, why: impl AsRef<str>) -> CommandOutput {
    CommandOutput { exit, stdout: Vec::new(), stderr: format!("{}\n", why.as_ref()).into_bytes() }
}

fn pull(world: &World, host: &mut SimHost, image: &str, policy: PullPolicy) -> CommandOutput {
    let there = host.images.contains(image);
    match policy {
        PullPolicy::IfNotPresent | PullPolicy::Never if there => return CommandOutput::default(),
        PullPolicy::Never => return failed(1, ""),
        PullPolicy::IfNotPresent | PullPolicy::Always => {}
    }
    if let Some(why) = world.refused.get(image) {
        return failed(125, format!("Trying to pull {image}...\n{why}"));
    }
    host.images.insert(image.to_owned());
    // podman prints the id of what it has pulled.
    CommandOutput { stdout: format!("{image}\n").into_bytes(), ..CommandOutput::default() }
}

/// The commands are: what is in the way removed, files made, a container made after the other, of which the first makes the
/// pod, and all of it brought up, where that is done in order.
fn create(
    world: &mut World,
    host: &mut SimHost,
    pod: &PodToRun,
    place: &Place<'_>,
) -> CommandOutput {
    let argv = &place.commands[place.at].argv;
    if makes(argv) {
        return match place.commands[..place.at].iter().filter(|c| makes(&c.argv)).count() {
            0 => make_first(world, host, pod, argv),
            nth => make(world, host, (pod, nth), argv),
        };
    }
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["sh", "-c", _, "end-pod", ..] => delete(host, &pod.sandbox, argv),
        ["sh", "-c", _, "detach", ..] | ["systemctl", "start", _] => {
            bring_up(world, host, &pod.sandbox)
        }
        _ => volume(host, argv),
    }
}

/// Whether a command makes a container: it says which.
fn makes(argv: &[String]) -> bool {
    argv.iter().any(|word| word.starts_with("bowline.container="))
}

/// What is left when the power goes within a command: of a pod, what holds its namespaces.
pub(super) fn half_done(world: &mut World, host: &mut SimHost, place: &Place<'_>) {
    let before = &place.commands[..place.at];
    if let Action::CreatePod(pod) = place.action
        && makes(&place.commands[place.at].argv)
        && !before.iter().any(|command| makes(&command.argv))
    {
        sandbox(world, host, pod);
    }
}

/// Everything of a pod is started, and what is to run to its end has.
fn bring_up(world: &World, host: &mut SimHost, sandbox: &str) -> CommandOutput {
    let Some(pod) = host.pods.get_mut(sandbox) else {
        return failed(125, format!("Error: no pod with name or ID {sandbox} found"));
    };
    pod.brought_up = true;
    let at = world.now.as_second();
    for container in &mut pod.containers {
        let runs = matches!(container.life, Life::Runs { .. });
        container.life = match container.role {
            Role::Init => Life::Ended { at, code: 0 },
            Role::Main | Role::Sidecar if runs => container.life,
            Role::Main | Role::Sidecar => Life::Runs { since: at },
        };
    }
    CommandOutput::default()
}

fn make_first(
    world: &mut World,
    host: &mut SimHost,
    pod: &PodToRun,
    argv: &[String],
) -> CommandOutput {
    let without = host.subnet.is_none_or(|subnet| !subnet.contains(pod.address));
    if without && pod.sandbox_options.network == PodNetwork::Own {
        return failed(125, "Error: unable to find network with name or ID bowline-sim");
    }
    sandbox(world, host, pod);
    let answer = make(world, host, (pod, 0), argv);
    if answer.exit != 0 {
        host.pods.remove(&pod.sandbox);
    }
    answer
}

/// A pod of this name that is in the way is removed.
fn sandbox(world: &mut World, host: &mut SimHost, pod: &PodToRun) {
    let made = SimPod {
        id: world.new_id(),
        name: pod.key.name.clone(),
        address: pod.address.to_string(),
        network: pod.sandbox_options.network,
        containers: Vec::new(),
        brought_up: false,
    };
    host.pods.insert(pod.sandbox.clone(), made);
}

fn make(
    world: &mut World,
    host: &mut SimHost,
    (pod, nth): (&PodToRun, usize),
    argv: &[String],
) -> CommandOutput {
    let container = &pod.containers[nth];
    let address = pod.address.to_string();
    let taken = |(name, other): (&String, &SimPod)| {
        let both =
            pod.sandbox_options.network == PodNetwork::Own && other.network == PodNetwork::Own;
        *name != pod.sandbox && both && other.runs() && other.address == address
    };
    if host.pods.iter().any(taken) {
        return failed(
            126,
            format!("Error: IPAM error: requested ip address {address} is already allocated"),
        );
    }
    if !host.images.contains(&container.image) {
        return failed(125, format!("Error: {}: image not known", container.image));
    }
    let Some(there) = host.pods.get_mut(&pod.sandbox) else {
        return failed(125, format!("Error: no pod with name or ID {} found", pod.sandbox));
    };
    let name = container_name(&pod.sandbox, &container.name);
    if there.containers.iter().any(|other| other.name == name) {
        return failed(125, format!("Error: the container name \"{name}\" is already in use"));
    }
    there.containers.push(SimContainer {
        id: world.new_id(),
        name,
        image: container.image.clone(),
        labels: labels(argv),
        role: container.role,
        probes: container.probes.iter().map(|probe| probe.kind).collect(),
        life: match pod.start() {
            Start::AtOnce => Life::Runs { since: world.now.as_second() },
            Start::InOrder => Life::Made,
        },
    });
    CommandOutput::default()
}

fn labels(argv: &[String]) -> BTreeMap<String, String> {
    let pairs = argv.windows(2).filter(|pair| pair[0] == "--label");
    pairs.filter_map(|pair| pair[1].split_once('=')).map(|(k, v)| (k.into(), v.into())).collect()
}

fn start(world: &World, host: &mut SimHost, names: &[String]) -> CommandOutput {
    for name in names {
        let mut all = host.pods.values_mut().flat_map(|pod| &mut pod.containers);
        let Some(container) = all.find(|container| container.name == *name) else {
            return failed(125, format!("Error: no container with name or ID \"{name}\" found"));
        };
        if let Life::Ended { .. } | Life::Made = container.life {
            container.life = Life::Runs { since: world.now.as_second() };
        }
    }
    CommandOutput::default()
}

/// A command that makes, writes, marks or clears volumes; only the marks are remembered.
fn volume(host: &mut SimHost, argv: &[String]) -> CommandOutput {
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["sh", "-c", _, "clear volumes", directories @ ..] => {
            let within = |mark: &str| {
                directories.iter().any(|directory| mark.starts_with(&format!("{directory}/")))
            };
            host.marks.retain(|mark, _| !within(mark));
        }
        [
            "sh",
            "-c",
            _,
            "write volume" | "make volume" | "use directory" | "mount share",
            _,
            _,
            _,
            mark,
            says,
        ]
        | ["sh", "-c", _, "hostPath" | "block device", _, _, mark, says]
        | ["sh", "-c", _, "make directory", _, mark, says]
        | ["sh", "-c", _, "mark volume", mark, says] => {
            host.marks.insert((*mark).to_owned(), (*says).to_owned());
        }
        ["sh", "-c", _, "use file system", _, _, _, mounted, says, own, _] => {
            for mark in [mounted, own] {
                host.marks.insert((*mark).to_owned(), (*says).to_owned());
            }
        }
        ["sh", "-c", _, "make file system", _, mark, says, size]
        | ["sh", "-c", _, "grow file system", _, mark, says, size, _] => {
            host.marks.insert((*mark).to_owned(), format!("{says}\nsize {size}"));
        }
        ["sh", "-c", _, "release directory", _, mark, _] => {
            host.marks.remove(*mark);
        }
        // Nothing else that comes before a container is remembered.
        _ => {}
    }
    CommandOutput::default()
}

/// The pod goes with the first command, what it kept on its host with the second.
fn delete(host: &mut SimHost, sandbox: &str, argv: &[String]) -> CommandOutput {
    if argv.iter().any(|word| word == "end-pod") {
        host.pods.remove(sandbox);
        return CommandOutput::default();
    }
    volume(host, argv)
}

fn leave(host: &mut SimHost, place: &Place<'_>) -> CommandOutput {
    match place.at {
        0 => {
            host.pods.clear();
            host.subnet = None;
        }
        1 => host.routes.clear(),
        2 => host.rules = None,
        3 => return volume(host, &place.commands[place.at].argv),
        4 => host.keeping = None,
        _ => host.fence = None,
    }
    CommandOutput::default()
}
