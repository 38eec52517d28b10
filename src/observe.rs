//! Looking at every host at once. A host that does not answer is an entry, never an error.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::driver::{ask_script, observe_script, parse_asked, parse_report};
use crate::model::{FleetName, NodeName};
use crate::node::{Node, NodeError, for_each_host};
use crate::observed::{HostState, Observed, OfferedTags, Unreachable, UnreachableCause};
use crate::plan::{TagToAsk, TagsToAsk};
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
    Observed { hosts, ..Observed::default() }
}

/// Has hosts ask their registries for tags, at most `parallel` hosts at a time; and which images nobody answered for, by host.
///
/// Of a tag that names one image for one host and another for the next, the first host's is what all are given.
pub async fn ask_registries(
    nodes: &Nodes,
    tags: TagsToAsk,
    parallel: usize,
) -> (OfferedTags, Vec<(NodeName, String)>) {
    let asked: Nodes = nodes
        .iter()
        .filter(|(name, _)| tags.contains_key(*name))
        .map(|(name, node)| (name.clone(), Arc::clone(node)))
        .collect();
    let answers = for_each_host(&asked, parallel, |node| {
        let tags: Vec<TagToAsk> =
            tags.get(node.name()).into_iter().flat_map(BTreeMap::keys).cloned().collect();
        async move {
            let output = node.run(&ask_script(&tags), &|_| {}).await;
            let offered = output.map(|output| parse_asked(&output)).unwrap_or_default();
            let offered = offered.into_iter().chain(std::iter::repeat(None));
            tags.into_iter().zip(offered).collect::<Vec<_>>()
        }
    });
    let (mut tags, mut silent) = (OfferedTags::new(), Vec::new());
    for (node, answers) in answers.await {
        for (tag, offered) in answers {
            match offered {
                Some(offered) => {
                    tags.entry(tag.image).or_insert(offered);
                }
                None => silent.push((node.clone(), tag.image)),
            }
        }
    }
    (tags, silent)
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
