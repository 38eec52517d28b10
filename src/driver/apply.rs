//! Carrying out steps: one script for all steps of a host, and back from its output to what became of each.

use super::error::said;
use super::fence::{Claim, EXIT_HELD, EXIT_MOVED, claim_block, parse_fence};
use super::script::{Block, BlockOutput, Command, CommandOutput, Lock, Output, Script};
use super::{Operation, host, nftables, podman};
use crate::inventory::Network;
use crate::model::FleetName;
use crate::network::base_mark;
use crate::observed::Fence;
use crate::plan::{Action, AtContainer, Fault, Moment, Step};

/// What became of the steps that were sent to a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The host was claimed; what became of each step, in their order.
    Done(Vec<StepResult>),
    /// The host had been changed since it was observed; nothing was done.
    Moved,
    /// Somebody else holds the host, or a later generation was there; nothing was done.
    Held(Option<Fence>),
    /// The claim itself failed; nothing was done.
    Failed(String),
}

/// What became of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepResult {
    /// It was carried out.
    Done,
    /// A command failed.
    Failed(Fault),
    /// A step on this host that it needs had failed.
    Skipped,
}

/// What the steps of one host are carried out with.
#[derive(Clone, Debug)]
pub struct Errand<'a> {
    /// Whose pods.
    pub fleet: &'a FleetName,
    /// The fleet's ranges.
    pub network: &'a Network,
    /// The claim on the host.
    pub claim: Claim,
}

/// The script that claims a host and carries out steps on it. `needs` names, for each step, earlier ones of this list.
pub fn apply_script(errand: &Errand<'_>, steps: &[(&Step, Vec<usize>)]) -> Script {
    let mut blocks = vec![claim_block(&errand.claim)];
    for (step, needs) in steps {
        // The claim is block 0, so the step at position n is block n + 1.
        let needs = std::iter::once(0).chain(needs.iter().map(|need| need + 1)).collect();
        blocks.push(Block { title: step.title(), needs, commands: commands(errand, step) });
    }
    Script {
        operation: Operation::Apply {
            fleet: errand.fleet.clone(),
            claim: errand.claim.clone(),
            steps: steps.iter().map(|(step, _)| (*step).clone()).collect(),
        },
        lock: Lock::Exclusive,
        blocks,
    }
}

fn commands(errand: &Errand<'_>, step: &Step) -> Vec<Command> {
    let fleet = errand.fleet;
    match &step.action {
        Action::ConfigureNetwork(wanted) => host::configure(fleet, wanted),
        Action::PullImage { image, policy, credentials, pinned } => {
            podman::pull(image, *policy, credentials.as_ref(), pinned.as_ref())
        }
        Action::CreatePod(pod) => podman::create(fleet, errand.claim.generation, pod),
        Action::UpdateVolumes(volumes) => podman::update(volumes),
        Action::StartContainers { containers, secrets, .. } => podman::start(containers, secrets),
        Action::BringUp { sandbox, keeper, secrets, .. } => {
            podman::bring_up(sandbox, *keeper, secrets)
        }
        Action::DeletePod { sandbox, grace_seconds, .. } => podman::delete(sandbox, *grace_seconds),
        Action::MakeVolume { name, claim, path, size_bytes } => {
            podman::make_volume(fleet, (name, claim), path, *size_bytes)
        }
        Action::GrowVolume { name, claim, path, size_bytes } => {
            podman::grow_volume(fleet, (name, claim), path, *size_bytes)
        }
        Action::ReleaseVolume { name, path, data } => podman::release_volume(name, path, *data),
        Action::ChangeRules(change) => {
            nftables::change(change, errand.network, &base_mark(errand.network))
        }
        // Every script claims its host: there is nothing else to do.
        Action::TakeOver => Vec::new(),
        Action::LeaveHost => host::leave(fleet),
    }
}

/// Reads what a host made of [`apply_script`].
pub fn parse_applied(script: &Script, output: &Output) -> Applied {
    let mut blocks = script.blocks.iter().zip(&output.blocks);
    match blocks.next() {
        Some((_, BlockOutput::Ran(ran))) => match ran.first() {
            Some(claim) if claim.exit == 0 => {}
            Some(claim) if claim.exit == EXIT_MOVED => return Applied::Moved,
            Some(claim) if claim.exit == EXIT_HELD => {
                return Applied::Held(parse_fence(&String::from_utf8_lossy(&claim.stdout)));
            }
            Some(claim) => return Applied::Failed(failure("claim", claim)),
            None => return Applied::Failed("the claim was not answered".to_owned()),
        },
        Some((_, BlockOutput::Skipped)) | None => {
            return Applied::Failed("the claim was not answered".to_owned());
        }
    }
    Applied::Done(blocks.map(|(block, output)| step_result(block, output)).collect())
}

fn step_result(block: &Block, output: &BlockOutput) -> StepResult {
    let ran = match output {
        BlockOutput::Skipped => return StepResult::Skipped,
        BlockOutput::Ran(ran) => ran,
    };
    for (command, answer) in block.commands.iter().zip(ran) {
        if !command.succeeded(answer.exit) {
            return StepResult::Failed(fault(command, answer));
        }
    }
    if ran.len() < block.commands.len() {
        return StepResult::Failed(Fault::from("it was cut short"));
    }
    StepResult::Done
}

/// The exit codes of `podman run` when the container is there and its program cannot be started.
///
/// Source: podman-run(1), "Exit Status".
const NOT_STARTED: [i32; 2] = [126, 127];

fn fault(command: &Command, answer: &CommandOutput) -> Fault {
    let at = command.about.clone().map(|about| match about.moment {
        Moment::Made if NOT_STARTED.contains(&answer.exit) => {
            AtContainer { moment: Moment::Started, ..about }
        }
        Moment::Checked | Moment::Made | Moment::Started => about,
    });
    let said = said(&answer.stderr);
    let said = said.strip_prefix("Error: ").unwrap_or(&said).to_owned();
    Fault { why: failure(&command.name(), answer), said, at }
}

fn failure(command: &str, answer: &CommandOutput) -> String {
    format!("`{command}` failed with exit code {}: {}", answer.exit, said(&answer.stderr))
}
