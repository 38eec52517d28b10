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
mod pulls;

use graph::Graph;
pub use pulls::{Pull, PullNews, Pulls};

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

/// A step, as it is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// How it is called.
    pub title: String,
    /// The image that it pulls, if it does.
    pub image: Option<String>,
}

impl Told {
    fn of(step: &Step) -> Self {
        Self { title: step.title(), image: step.image_to_pull().map(str::to_owned) }
    }
}

/// What is told while a plan is carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Which hosts are to pull which images, before any begins.
    Planned {
        /// Hosts and images.
        pulls: Vec<(NodeName, String)>,
    },
    /// A host was sent steps.
    Sent {
        /// The host.
        node: NodeName,
        /// The steps, in order.
        steps: Vec<Told>,
    },
    /// A step ended on its host.
    Ended {
        /// The host.
        node: NodeName,
        /// The step.
        step: Told,
        /// What became of it.
        outcome: Outcome,
        /// How many bytes it printed: `podman pull` prints an id, and what finds its image there prints nothing.
        printed: usize,
    },
    /// A host is through with what it was sent, or lost.
    Over {
        /// The host.
        node: NodeName,
        /// What became of the steps of which no end was told.
        rest: Outcome,
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
    let pulls = steps.iter().filter_map(|s| Some((s.node.clone(), s.image_to_pull()?.to_owned())));
    listener.hear(Event::Planned { pulls: pulls.collect() });
    loop {
        while busy.len() < execution.parallel.max(1) {
            let Some((node, batch)) = graph.next_batch(&busy) else { break };
            let (Some(connection), Some(claim)) = (execution.nodes.get(&node), claims.get(&node))
            else {
                let why = "the host is not connected";
                graph.fail_all(&batch, why);
                listener.hear(Event::Over { node, rest: Outcome::Failed(Fault::from(why)) });
                continue;
            };
            let errand =
                Errand { fleet: execution.fleet, network: execution.network, claim: claim.clone() };
            let listed: Vec<(&Step, Vec<usize>)> =
                batch.iter().map(|id| (&steps[id.0], graph.needs_within(*id, &batch))).collect();
            let script = apply_script(&errand, &listed);
            let told: Vec<Told> = listed.iter().map(|(step, _)| Told::of(step)).collect();
            listener.hear(Event::Sent { node: node.clone(), steps: told.clone() });
            let (connection, listener) = (Arc::clone(connection), Arc::clone(listener));
            busy.insert(node.clone());
            running.spawn(async move {
                let answer = send(&*connection, &script, (&node, &told), &*listener).await;
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
                let rest = settle(&mut graph, &mut outcomes, (node.clone(), &batch, answer));
                listener.hear(Event::Over { node, rest });
            }
        }
    }
    outcomes.steps = graph.outcomes();
    outcomes
}

/// Sends the script of these steps and tells of each step as its last command ends.
async fn send(
    connection: &dyn Node,
    script: &crate::driver::Script,
    (node, steps): (&NodeName, &[Told]),
    listener: &dyn Listener,
) -> Result<Applied, NodeError> {
    let progress = |Progress::Ended { block, command, exit, printed }: Progress| {
        // The first block is the claim.
        let step = block.checked_sub(1).and_then(|at| steps.get(at));
        let (Some(of), Some(step)) = (script.blocks.get(block), step) else { return };
        let failed = of.commands.get(command).is_some_and(|command| !command.succeeded(exit));
        if failed || command + 1 == of.commands.len() {
            let outcome = if failed {
                Outcome::Failed(Fault::from(format!("exit code {exit}").as_str()))
            } else {
                Outcome::Done
            };
            let (node, step) = (node.clone(), step.clone());
            listener.hear(Event::Ended { node, step, outcome, printed });
        }
    };
    let output = connection.run(script, &progress).await?;
    Ok(parse_applied(script, &output))
}

/// Takes in what a host made of its batch, and says what became of the steps of which it told no end.
fn settle(
    graph: &mut Graph<'_>,
    outcomes: &mut Outcomes,
    (node, batch, answer): (NodeName, &[StepId], Result<Applied, NodeError>),
) -> Outcome {
    let why = match answer {
        Ok(Applied::Done(results)) => {
            for (id, result) in batch.iter().zip(results) {
                graph.settle(
                    *id,
                    match result {
                        StepResult::Done => Outcome::Done,
                        StepResult::Failed(why) => Outcome::Failed(why),
                        StepResult::Skipped => Outcome::Skipped(KEPT_BACK.to_owned()),
                    },
                );
            }
            return Outcome::Skipped(KEPT_BACK.to_owned());
        }
        Ok(Applied::Moved) => {
            let why = "the host was changed meanwhile";
            graph.skip_all(batch, why);
            outcomes.moved.insert(node);
            return Outcome::Skipped(why.to_owned());
        }
        Ok(Applied::Held(fence)) => {
            outcomes.held.insert(node, fence);
            "somebody else holds the host".to_owned()
        }
        Ok(Applied::Failed(why)) => why,
        Err(error) => error.to_string(),
    };
    graph.fail_all(batch, &why);
    Outcome::Failed(Fault::from(why.as_str()))
}

/// Why a host left out a step.
const KEPT_BACK: &str = "a step before it failed";
