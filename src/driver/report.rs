//! Observing a host: one script out, one report back.

use std::collections::BTreeMap;

use super::error::{ReportError, said};
use super::fence::{FENCE_FILE, parse_fence};
use super::files::Files;
use super::podman::{MADE, MARKS, parse_made};
use super::script::{Block, BlockOutput, Command, CommandOutput, Lock, Output, Script};
use super::stored::{self, Stored};
use super::{Operation, amounts, containers, host, nftables};
use crate::model::{Digest, FleetName};
use crate::observed::HostReport;

/// The commands of an observation; `parse_report` reads their answers in this order.
fn queries(fleet: &FleetName) -> [Command; 8] {
    [
        host::read_files(fleet),
        Command::reads(["uname", "-rm"]),
        Command::reads(["printenv", "SSH_CONNECTION"]).accepting(1),
        containers::list(fleet),
        host::list_routes(),
        nftables::list(),
        amounts::disk(),
        stored::list(),
    ]
}

/// Asks a host for nothing but an answer.
pub fn ping_script() -> Script {
    let block = Block {
        title: "ping".to_owned(),
        needs: Vec::new(),
        commands: vec![Command::reads(["true"])],
    };
    Script { operation: Operation::Ping, lock: Lock::None, blocks: vec![block] }
}

/// Asks a host for everything that planning needs to know, in one round trip.
pub fn observe_script(fleet: &FleetName) -> Script {
    let commands = queries(fleet).into();
    Script {
        operation: Operation::Observe { fleet: fleet.clone() },
        lock: Lock::Shared,
        blocks: vec![Block { title: "observe".to_owned(), needs: Vec::new(), commands }],
    }
}

/// Reads a host's answer to [`observe_script`].
pub fn parse_report(fleet: &FleetName, output: &Output) -> Result<HostReport, ReportError> {
    let answers = match output.blocks.first() {
        Some(BlockOutput::Ran(answers)) => answers.as_slice(),
        Some(BlockOutput::Skipped) | None => &[],
    };
    for (command, answer) in queries(fleet).iter().zip(answers) {
        succeeded(command, answer)?;
    }
    let [files, uname, connection, pods, routes, rules, disk, stored] = answers else {
        return Err(ReportError::missing("the host", "some of its answers"));
    };
    let text = |answer: &CommandOutput| String::from_utf8_lossy(&answer.stdout).into_owned();
    let files = text(files);
    let files = Files(&files);
    let fence = match files.text(FENCE_FILE).trim() {
        "" => None,
        line => {
            let unreadable = || ReportError::missing(FENCE_FILE, "a line of ours");
            Some(parse_fence(line).ok_or_else(unreadable)?)
        }
    };
    let rules = nftables::parse(&rules.stdout)?;
    let mut pods = containers::parse(fleet, &pods.stdout, files)?;
    let stored = text(stored);
    let stored = Stored::parse(&stored);
    stored.fill(&mut pods);
    Ok(HostReport {
        facts: host::facts(files, &text(uname), &text(connection), &text(disk))?,
        fence,
        pods,
        volumes: volumes(fleet, files),
        made_volumes: parse_made(fleet, files.within(MADE)),
        images: stored.images(),
        network: host::network(fleet, files, &text(routes), rules)?,
    })
}

/// What the marks say of the fleet's volumes. A mark that is none of ours says nothing.
fn volumes(fleet: &FleetName, files: Files<'_>) -> BTreeMap<String, BTreeMap<String, Digest>> {
    let ours = format!("{fleet}_");
    let mut all: BTreeMap<String, BTreeMap<String, Digest>> = BTreeMap::new();
    for (path, digest) in MARKS.into_iter().flat_map(|directory| files.within(directory)) {
        if let Some((sandbox, volume)) = path.split_once('/')
            && sandbox.starts_with(&ours)
        {
            let digest = Digest::from_label(digest);
            all.entry(sandbox.to_owned()).or_default().insert(volume.to_owned(), digest);
        }
    }
    all
}

fn succeeded(command: &Command, answer: &CommandOutput) -> Result<(), ReportError> {
    if command.succeeded(answer.exit) {
        return Ok(());
    }
    Err(ReportError::Failed {
        command: command.name(),
        exit: answer.exit,
        said: said(&answer.stderr),
    })
}
