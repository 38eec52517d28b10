//! Why a round could not be made.

use std::collections::BTreeSet;

use miette::Diagnostic;
use thiserror::Error;

use crate::model::{Generation, NodeName};
use crate::observed::Fence;
use crate::state::StateError;

/// Why a round could not be made.
#[derive(Debug, Error, Diagnostic)]
pub enum ConvergeError {
    /// The state cannot be read or written.
    #[error(transparent)]
    #[diagnostic(transparent)]
    State(#[from] StateError),
    /// A host is held by another state file, or has seen a later generation.
    #[error("{node} is held by {}", held_by(fence.as_ref()))]
    #[diagnostic(help(
        "work with the state file that holds it; or, when that is lost, take the fleet over by adding --take-over"
    ))]
    Held {
        /// The host.
        node: NodeName,
        /// Its mark, as far as it could be read.
        fence: Option<Fence>,
    },
    /// Another run committed a generation of its own while this one was at work.
    #[error(
        "another run has committed generation {found}, while this one carried out generation {ours}"
    )]
    #[diagnostic(help(
        "what is done is done, and the other run goes on from there; look at it with: bowline plan"
    ))]
    Superseded {
        /// The generation that was being carried out.
        ours: Generation,
        /// The generation of the state now.
        found: Generation,
    },
    /// Hosts were changed by somebody else each time they were planned anew.
    #[error("somebody else keeps changing {}", listed(nodes))]
    #[diagnostic(help("see who works on the fleet: a reconcile daemon, or another apply"))]
    Moving {
        /// The hosts.
        nodes: BTreeSet<NodeName>,
    },
    /// The plan breaks a promise: a fault in bowline, found before anything was done.
    #[error("the plan is unsound and was not carried out: {violations}")]
    #[diagnostic(help(
        "this is a fault in bowline; please report it with the manifests and `bowline plan -o json`"
    ))]
    Unsound {
        /// What is wrong with it.
        violations: String,
    },
}

fn held_by(fence: Option<&Fence>) -> String {
    match fence {
        None => "somebody else".to_owned(),
        Some(Fence { generation, who, since, holder, .. }) => {
            let holder: String =
                holder.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
            let who: String = who.chars().filter(|c| !c.is_control()).take(100).collect();
            let since = since.strftime("%Y-%m-%d %H:%M:%S UTC");
            format!("{who} since {since} (state {holder}, generation {generation})")
        }
    }
}

fn listed(nodes: &BTreeSet<NodeName>) -> String {
    nodes.iter().map(NodeName::as_str).collect::<Vec<_>>().join(", ")
}
