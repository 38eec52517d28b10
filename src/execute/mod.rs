//! Carrying out a plan: every host works through its own steps, in batches, and waits only for what its steps need.
//!
//! Nothing is decided here. A failed step keeps back what needs it and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::driver::{Applied, Claim, Errand, Progress, StepResult, apply_script, parse_applied};
use crate::inventory::Network;
use crate::model::{FleetName, NodeName};
use crate::node::{Node, NodeError};
use crate::observe::Nodes;
use crate::observed::Fence;
use crate::plan::{Fault, Step, StepId};

mod graph;

use graph::Graph;

/// What a plan is carried out with.
#[derive(Clone, Debug)]
pub struct Execution<'a> {
    /// The connections.
    pub nodes: &'a Nodes,
    /// Whose pods.
    pub fleet: &'a FleetName,
    /// The fleet's ranges.
    pub network: &'a Network,
    /// The claim on each host, with the serial at which it was observed.
    pub claims: BTreeMap<NodeName, Claim>,
    /// How many hosts work at a time.
    pub parallel: usize,
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was carried out.
    Done,
    /// It was left out, for this reason.
    Skipped(String),
    /// It failed.
    Failed(Fault),
}

/// What became of all steps, and of the claims.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// What became of each step, in the plan's order.
    pub steps: Vec<Option<Outcome>>,
    /// Hosts that were changed since they were observed: what was to be done there is planned anew.
    pub moved: BTreeSet<NodeName>,
    /// Hosts that somebody else holds, or that have seen a later generation.
    pub held: BTreeMap<NodeName, Option<Fence>>,
}

/// What is told while a plan is carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A host was sent steps.
    Sent {
        /// The host.
        node: NodeName,
        /// How the steps are called.
        titles: Vec<String>,
    },
    /// A step ended on its host.
    Ended {
        /// The host.
        node: NodeName,
        /// How the step is called.
        title: String,
        /// What became of it.
        outcome: Outcome,
    },
}

/// Who is told.
pub trait Listener: Send + Sync {
    /// Hears of an event.
    fn hear(&self, event: Event);
}

/// Carries out steps.
pub async fn execute(
    execution: &Execution<'_>,
    steps: &[Step],
    listener: &Arc<dyn Listener>,
) -> Outcomes {
    let mut graph = Graph::new(steps);
    let mut claims = execution.claims.clone();
    let mut outcomes = Outcomes::default();
    let mut running = JoinSet::new();
    let mut busy: BTreeSet<NodeName> = BTreeSet::new();
    loop {
        while busy.len() < execution.parallel.max(1) {
            let Some((node, batch)) = graph.next_batch(&busy) else { break };
            let (Some(connection), Some(claim)) = (execution.nodes.get(&node), claims.get(&node))
            else {
                graph.fail_all(&batch, "the host is not connected");
                continue;
            };
            let errand =
                Errand { fleet: execution.fleet, network: execution.network, claim: claim.clone() };
            let listed: Vec<(&Step, Vec<usize>)> =
                batch.iter().map(|id| (&steps[id.0], graph.needs_within(*id, &batch))).collect();
            let script = apply_script(&errand, &listed);
            let titles = listed.iter().map(|(step, _)| step.title()).collect();
            listener.hear(Event::Sent { node: node.clone(), titles });
            let (connection, listener) = (Arc::clone(connection), Arc::clone(listener));
            busy.insert(node.clone());
            running.spawn(async move {
                let answer = send(&*connection, &script, &node, &*listener).await;
                (node, batch, answer)
            });
        }
        match running.join_next().await {
            None => break,
            // Nobody aborts a task here: it has panicked, and that is a fault of ours that must not go unseen.
            Some(Err(error)) => {
                if let Ok(panic) = error.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
            }
            Some(Ok((node, batch, answer))) => {
                busy.remove(&node);
                if let Some(claim) = claims.get_mut(&node) {
                    claim.serial += 1;
                }
                settle(&mut graph, &mut outcomes, (node, &batch, answer));
            }
        }
    }
    outcomes.steps = graph.outcomes();
    outcomes
}

/// Sends a script and tells of each step as its last command ends.
async fn send(
    connection: &dyn Node,
    script: &crate::driver::Script,
    node: &NodeName,
    listener: &dyn Listener,
) -> Result<Applied, NodeError> {
    let progress = |Progress::Ended { block, command, exit }: Progress| {
        let Some(of) = script.blocks.get(block).filter(|_| block > 0) else { return };
        let failed = of.commands.get(command).is_some_and(|command| !command.succeeded(exit));
        if failed || command + 1 == of.commands.len() {
            let outcome = if failed {
                Outcome::Failed(Fault::from(format!("exit code {exit}").as_str()))
            } else {
                Outcome::Done
            };
            listener.hear(Event::Ended { node: node.clone(), title: of.title.clone(), outcome });
        }
    };
    let output = connection.run(script, &progress).await?;
    Ok(parse_applied(script, &output))
}

fn settle(
    graph: &mut Graph<'_>,
    outcomes: &mut Outcomes,
    (node, batch, answer): (NodeName, &[StepId], Result<Applied, NodeError>),
) {
    match answer {
        Ok(Applied::Done(results)) => {
            for (id, result) in batch.iter().zip(results) {
                graph.settle(
                    *id,
                    match result {
                        StepResult::Done => Outcome::Done,
                        StepResult::Failed(why) => Outcome::Failed(why),
                        StepResult::Skipped => {
                            Outcome::Skipped("a step before it failed".to_owned())
                        }
                    },
                );
            }
        }
        Ok(Applied::Moved) => {
            graph.skip_all(batch, "the host was changed meanwhile");
            outcomes.moved.insert(node);
        }
        Ok(Applied::Held(fence)) => {
            graph.fail_all(batch, "somebody else holds the host");
            outcomes.held.insert(node, fence);
        }
        Ok(Applied::Failed(why)) => graph.fail_all(batch, &why),
        Err(error) => graph.fail_all(batch, &error.to_string()),
    }
}
