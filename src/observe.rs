//! Looking at every host at once. A host that does not answer is an entry, never an error.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::driver::{observe_script, parse_report};
use crate::model::{FleetName, NodeName};
use crate::node::{Node, NodeError, for_each_host};
use crate::observed::{HostState, Observed, Unreachable, UnreachableCause};
use jiff::Timestamp;

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
    let fleet = fleet.clone();
    let answers = for_each_host(nodes, parallel, |node| {
        let fleet = fleet.clone();
        async move { ask(&*node, &fleet, now).await }
    });
    let mut hosts = answers.await;
    for (name, state) in &mut hosts {
        if let (HostState::Unreachable(why), Some(earlier)) = (state, before.get(name)) {
            why.since = earlier.since;
        }
    }
    Observed { hosts }
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
