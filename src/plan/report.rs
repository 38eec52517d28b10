//! What a plan says about itself: what changes and why, and what has to wait for what.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::desired::FieldChange;
use crate::model::{NodeName, ObjectKey};
use crate::schedule::{Rejection, describe_rejections};

/// Everything that a plan has to say.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a report that nobody reads explains nothing"]
pub struct Report {
    /// What will be different, in order of kind and name.
    pub changes: Vec<Change>,
    /// What cannot be done now.
    pub pending: Vec<Pending>,
    /// The hosts that did not answer, and why.
    pub unreachable: BTreeMap<NodeName, String>,
}

/// One thing that will be different.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// What happens.
    pub action: ChangeAction,
    /// What it happens to.
    #[serde(flatten)]
    pub object: ObjectKey,
    /// On which host, for what lives on one.
    pub host: Option<NodeName>,
    /// Why.
    pub reason: String,
    /// The fields that change, for what stays and changes; empty for everything else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

impl Pending {
    /// What it waits for. A Pod of its own is one pod, of which nobody has to be told.
    pub fn why(&self) -> String {
        match &self.waiting {
            Waiting::Host { rejections, .. } if self.object.kind == "Pod" => {
                describe_rejections(rejections)
            }
            Waiting::Refused { what, .. } if self.object.kind == "Pod" => {
                format!("FailedCreate: {what}")
            }
            other => other.to_string(),
        }
    }
}

impl Change {
    /// A change of something that lives on no host.
    pub fn new(action: ChangeAction, object: ObjectKey, reason: String) -> Self {
        Self { action, object, host: None, reason, fields: Vec::new() }
    }

    /// The same of something that lives on a host.
    #[must_use]
    pub fn on(self, host: &NodeName) -> Self {
        Self { host: Some(host.clone()), ..self }
    }
}

/// What happens to an object, a pod or a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeAction {
    /// It comes about.
    Create,
    /// It changes and stays.
    Update,
    /// It goes, and another takes its place.
    Replace,
    /// It goes from one host, and another takes its place on another host.
    Move,
    /// It goes.
    Delete,
}

/// One thing that cannot be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// What waits.
    pub object: ObjectKey,
    /// What it waits for.
    pub waiting: Waiting,
}

/// What something waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// A host that fits.
    Host {
        /// How many pods wait.
        pods: u64,
        /// Why none of the hosts fits.
        rejections: BTreeMap<NodeName, Rejection>,
    },
    /// A host that does not answer.
    Unreachable {
        /// The host.
        node: NodeName,
    },
    /// Pods that have to become available before the next step of a rollout.
    Available {
        /// How many are.
        ready: u64,
        /// How many are asked for.
        wanted: u64,
        /// What one of those that are not says.
        detail: String,
    },
    /// The rest of a rollout, which goes on by itself once the steps before are done.
    Turn {
        /// How many pods are still to be replaced.
        remaining: u64,
    },
    /// Room on the hosts that were chosen, which pods have that are to leave and may not yet.
    Room {
        /// How many pods wait.
        pods: u64,
        /// The host of one of them.
        node: NodeName,
        /// Why those that leave do not.
        detail: String,
    },
    /// Leave to be made: a `LimitRange` or a `ResourceQuota` says no. Nobody has looked for a host.
    Refused {
        /// How many pods wait.
        pods: u64,
        /// Why the next one is not taken in, in the API server's words.
        what: String,
    },
    /// Something that a person has to mend, such as a missing ConfigMap.
    Mended {
        /// What.
        what: String,
    },
}

/// Takes what is on other hosts out of the changes, for a user who limits the run to some: it waits.
pub fn leave_out(report: &mut Report, limit: &BTreeSet<NodeName>) {
    let mut left_out: BTreeMap<NodeName, usize> = BTreeMap::new();
    report.changes.retain(|change| match &change.host {
        Some(host) if !limit.contains(host) => {
            *left_out.entry(host.clone()).or_default() += 1;
            false
        }
        Some(_) | None => true,
    });
    for (node, count) in left_out {
        let what = format!("{count} changes are left out by --limit");
        let object = ObjectKey::new("Node", "", node.as_str());
        report.pending.push(Pending { object, waiting: Waiting::Mended { what } });
    }
}

/// How many changes of each kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Things that come about.
    pub create: usize,
    /// Things that change and stay.
    pub update: usize,
    /// Things that give way to another.
    pub replace: usize,
    /// Things that give way to another on another host.
    #[serde(rename = "move")]
    pub moved: usize,
    /// Things that go.
    pub delete: usize,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host { pods, rejections } => {
                let plural = if *pods == 1 { "" } else { "s" };
                write!(f, "{pods} pod{plural}: {}", describe_rejections(rejections))
            }
            Self::Refused { pods, what } => {
                let plural = if *pods == 1 { "" } else { "s" };
                write!(f, "{pods} pod{plural}: FailedCreate: {what}")
            }
            Self::Unreachable { node } => write!(f, "waits for {node}, which does not answer"),
            Self::Available { ready, wanted, detail } => {
                write!(f, "{ready} of {wanted} pods are available: {detail}")
            }
            Self::Turn { remaining: 1 } => f.write_str("1 more pod follows as the others come up"),
            Self::Turn { remaining } => {
                write!(f, "{remaining} more pods follow as the others come up")
            }
            Self::Room { pods, node, detail } => {
                let plural = if *pods == 1 { " waits" } else { "s wait" };
                write!(f, "{pods} pod{plural} for room, one of them on {node}: {detail}")
            }
            Self::Mended { what } => f.write_str(what),
        }
    }
}

/// The summary in words: `2 to create, 1 to update`.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { create, update, replace, moved, delete } = *self;
        let counts = [
            (create, "create"),
            (update, "update"),
            (replace, "replace"),
            (moved, "move"),
            (delete, "delete"),
        ];
        let some = counts.into_iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = some.map(|(count, verb)| format!("{count} to {verb}")).collect();
        if parts.is_empty() { f.write_str("nothing to do") } else { f.write_str(&parts.join(", ")) }
    }
}

impl fmt::Display for ChangeAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Move => "move",
            Self::Delete => "delete",
        })
    }
}

impl Report {
    /// Counts the changes by kind.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for change in &self.changes {
            let count = match change.action {
                ChangeAction::Create => &mut summary.create,
                ChangeAction::Update => &mut summary.update,
                ChangeAction::Replace => &mut summary.replace,
                ChangeAction::Move => &mut summary.moved,
                ChangeAction::Delete => &mut summary.delete,
            };
            *count += 1;
        }
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_of_its_own_is_not_counted() {
        let host = || Waiting::Host { pods: 1, rejections: BTreeMap::new() };
        let refused = || Waiting::Refused { pods: 1, what: "no".to_owned() };
        let why = |kind: &str, waiting| {
            let object = ObjectKey::new(kind, "default", "one");
            Pending { object, waiting }.why()
        };
        assert!(why("Pod", host()).starts_with("0/0 nodes"));
        assert!(why("Deployment", host()).starts_with("1 pod: 0/0 nodes"));
        assert_eq!(why("Pod", refused()), "FailedCreate: no");
        assert_eq!(why("Job", refused()), "1 pod: FailedCreate: no");
    }

    #[test]
    fn what_is_outside_the_limit_waits_and_is_said() {
        let change = |host: &str| {
            let (action, object) = (ChangeAction::Update, ObjectKey::new("Node", "", host));
            Change::new(action, object, "routes differ".to_owned()).on(&host.into())
        };
        let mut report =
            Report { changes: vec![change("node-1"), change("node-2")], ..Report::default() };
        leave_out(&mut report, &BTreeSet::from(["node-1".into()]));
        let hosts: Vec<_> = report.changes.iter().map(|c| c.object.name.as_str()).collect();
        assert_eq!(hosts, ["node-1"]);
        let waits: Vec<_> = report.pending.iter().map(|p| p.waiting.to_string()).collect();
        assert_eq!(waits, ["1 changes are left out by --limit"]);
    }
}
