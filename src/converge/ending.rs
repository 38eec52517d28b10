//! How carrying out a plan ended.

use std::collections::BTreeMap;

use crate::model::NodeName;
use crate::observed::{Observed, UnreachableCause};
use crate::plan::{Pending, Report};

/// How carrying out a plan ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// How many steps were carried out.
    pub done: usize,
    /// The steps that failed.
    pub failures: Vec<Failure>,
    /// The hosts that do not answer, why, and whether trying again could help.
    pub unreachable: BTreeMap<NodeName, (String, UnreachableCause)>,
    /// What is left.
    pub lasting: Lasting,
}

/// A step that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The host.
    pub node: NodeName,
    /// How the step is called.
    pub step: String,
    /// Why it failed.
    pub why: String,
}

/// What is left when nothing more is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Lasting {
    /// Nothing.
    #[default]
    Converged,
    /// These wait for something.
    Waiting(Vec<Pending>),
    /// What was agreed to can no longer be had, for this reason.
    Retargeted(String),
}

impl Lasting {
    /// What a report leaves.
    pub fn of(report: &Report) -> Self {
        if report.pending.is_empty() {
            Self::Converged
        } else {
            Self::Waiting(report.pending.clone())
        }
    }
}

impl Ending {
    pub(super) fn lasting(mut self, lasting: Lasting) -> Self {
        self.lasting = lasting;
        self
    }

    pub(super) fn unreachable(mut self, observed: &Observed) -> Self {
        let hosts = observed.unreachable();
        self.unreachable =
            hosts.map(|(node, why)| (node.clone(), (why.error.clone(), why.cause))).collect();
        self
    }
}
