//! Looking at every host at once. A host that does not answer is an entry, never an error.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::driver::{observe_script, parse_report};
use crate::model::{FleetName, NodeName};
use crate::node::{Node, NodeError};
use crate::observed::{HostState, Observed, Unreachable, UnreachableCause};

/// The hosts' connections, by name.
pub type Nodes = BTreeMap<NodeName, Arc<dyn Node>>;

/// Asks every host for its report, at most `parallel` at a time.
///
/// `before` holds since when hosts have been out of reach that did not answer last time either.
pub async fn observe(
    nodes: &Nodes,
    fleet: &FleetName,
    before: &BTreeMap<NodeName, Unreachable>,
    now: Timestamp,
    parallel: usize,
) -> Observed {
    let slots = Arc::new(Semaphore::new(parallel.max(1)));
    let mut asked = JoinSet::new();
    for (name, node) in nodes {
        let (name, node, fleet) = (name.clone(), Arc::clone(node), fleet.clone());
        let slots = Arc::clone(&slots);
        asked.spawn(async move {
            let _slot = slots.acquire().await;
            let state = ask(&*node, &fleet, now).await;
            (name, state)
        });
    }
    let mut observed = Observed::default();
    while let Some(answer) = asked.join_next().await {
        let Ok((name, mut state)) = answer else { continue };
        if let HostState::Unreachable(why) = &mut state
            && let Some(earlier) = before.get(&name)
        {
            why.since = earlier.since;
        }
        observed.hosts.insert(name, state);
    }
    observed
}

async fn ask(node: &dyn Node, fleet: &FleetName, now: Timestamp) -> HostState {
    let script = observe_script(fleet);
    let unreachable =
        |error: String, cause| HostState::Unreachable(Unreachable { since: now, error, cause });
    match node.run(&script, &|_| {}).await {
        Err(error) => {
            let cause = match error {
                NodeError::HostKeyUnknown { .. } | NodeError::HostKeyChanged { .. } => {
                    UnreachableCause::HostKey
                }
                _ => UnreachableCause::Connection,
            };
            unreachable(error.to_string(), cause)
        }
        Ok(output) => match parse_report(fleet, &output) {
            Ok(report) => HostState::Reachable(Box::new(report)),
            Err(error) => unreachable(error.to_string(), UnreachableCause::Connection),
        },
    }
}
