//! Observing a host: one script out, one report back.

use super::error::{ReportError, said};
use super::fence::{FENCE_FILE, parse_fence};
use super::script::{Block, BlockOutput, Command, CommandOutput, Lock, Output, Script};
use super::{Operation, containers, host, labels, nftables};
use crate::model::FleetName;
use crate::observed::{HostReport, ObservedNetwork};

/// The commands of an observation, in order; `parse_report` reads them by these positions.
struct Queries {
    facts: Vec<Command>,
    fence: Command,
    pods: Command,
    network: Vec<Command>,
    rules: Command,
}

fn queries(fleet: &FleetName) -> Queries {
    let filter = format!("label={}={fleet}", labels::FLEET);
    Queries {
        facts: host::fact_queries(),
        fence: Command::reads(["cat", FENCE_FILE]).accepting(1),
        pods: Command::reads(["podman", "ps", "--all", "--format", "json", "--filter", &filter]),
        network: host::network_queries(fleet),
        rules: nftables::list(),
    }
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
    let Queries { facts, fence, pods, network, rules } = queries(fleet);
    let mut commands = facts;
    commands.extend([fence, pods]);
    commands.extend(network);
    commands.push(rules);
    Script {
        operation: Operation::Observe { fleet: fleet.clone() },
        lock: Lock::Shared,
        blocks: vec![Block { title: "observe".to_owned(), needs: Vec::new(), commands }],
    }
}

/// Reads a host's answer to [`observe_script`].
pub fn parse_report(fleet: &FleetName, output: &Output) -> Result<HostReport, ReportError> {
    let asked = observe_script(fleet);
    let commands = asked.blocks.first().map(|block| block.commands.as_slice()).unwrap_or_default();
    let answers = match output.blocks.first() {
        Some(BlockOutput::Ran(answers)) => answers.as_slice(),
        Some(BlockOutput::Skipped) | None => &[],
    };
    for (command, answer) in commands.iter().zip(answers) {
        succeeded(command, answer)?;
    }
    if answers.len() != commands.len() {
        return Err(ReportError::missing("the host", "some of its answers"));
    }
    let text = |answer: &CommandOutput| String::from_utf8_lossy(&answer.stdout).into_owned();
    let (facts, rest) = answers.split_at(host::fact_queries().len());
    let [fence, pods, podman_network, routes, forwarding, bridge_filter, rules] = rest else {
        return Err(ReportError::missing("the host", "some of its answers"));
    };
    let facts: Vec<String> = facts.iter().map(text).collect();
    let fence_text = text(fence);
    let fence = match fence_text.trim() {
        "" => None,
        line => {
            let unreadable = || ReportError::missing(FENCE_FILE, "a line of ours");
            Some(parse_fence(line).ok_or_else(unreadable)?)
        }
    };
    Ok(HostReport {
        facts: host::facts(&facts)?,
        fence,
        pods: containers::parse(fleet, &pods.stdout)?,
        network: ObservedNetwork {
            subnet: host::subnet(&text(podman_network))?,
            forwarding: text(forwarding).trim() == "1",
            bridge_filter: text(bridge_filter).trim() == "1",
            routes: host::routes(&text(routes))?,
            rules: nftables::parse(&rules.stdout)?,
        },
    })
}

fn succeeded(command: &Command, answer: &CommandOutput) -> Result<(), ReportError> {
    if command.succeeded(answer.exit) {
        return Ok(());
    }
    Err(ReportError::Failed {
        command: command.argv.join(" "),
        exit: answer.exit,
        said: said(&answer.stderr),
    })
}
