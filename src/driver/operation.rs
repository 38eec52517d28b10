//! What a script is for, as a type.

use crate::model::FleetName;
use crate::plan::{Step, TagToAsk};

use super::Claim;

/// What a script does, in terms of the design; the seam at which the simulated fleet works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Answer, to show that the host is reachable.
    Ping,
    /// Report what the host is and what runs on it.
    Observe {
        /// Whose pods.
        fleet: FleetName,
    },
    /// Ask registries what they have for tags, and pull nothing.
    AskTags {
        /// The tags.
        tags: Vec<TagToAsk>,
    },
    /// Claim the host, then carry out steps, in order.
    Apply {
        /// Whose pods.
        fleet: FleetName,
        /// The claim.
        claim: Claim,
        /// The steps, all for this host.
        steps: Vec<Step>,
    },
}

impl Operation {
    /// The operation in one word, for a trace.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::Observe { .. } => "observe",
            Self::AskTags { .. } => "ask tags",
            Self::Apply { .. } => "apply",
        }
    }
}
