//! The one smallest change that would give a waiting pod a host: each is tried on the scheduler before it is named.
//!
//! First what nobody has to decide (a host answers again), then what the pod asks for, then what the hosts are, then one more host.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::target::Choice;
use crate::model::{Labels, NodeName, Rounding, bytes_text, is_in_bytes};
use crate::schedule::{Rejection, Request};

mod of_hosts;
mod of_pod;

/// How many changes of one kind are tried: a person is told one.
const TRIED: usize = 8;

/// A change with which a pod would be placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "camelCase")]
pub enum Remedy {
    /// The pod names another profile.
    Scheduler {
        /// The host that it would be on.
        node: NodeName,
        /// The profile.
        name: String,
    },
    /// The host answers again.
    Answer {
        /// The host.
        node: NodeName,
    },
    /// The pod asks for less.
    AskLess {
        /// The host that it would be on.
        node: NodeName,
        /// What there is too little of.
        resource: String,
        /// How much less: thousandths of a CPU, bytes, or pieces.
        less: u64,
        /// How much is free there.
        free: u64,
    },
    /// The pod bears a taint.
    Tolerate {
        /// The host that it would be on.
        node: NodeName,
        /// The taint.
        taint: String,
    },
    /// The pod asks for no such port of its host.
    Port {
        /// The host that it would be on.
        node: NodeName,
        /// The port.
        port: u16,
    },
    /// The pod may stand less evenly.
    Skew {
        /// The host that it would be on.
        node: NodeName,
        /// The topology.
        topology: String,
        /// The least `maxSkew` that would do.
        max_skew: i32,
    },
    /// There is a pod that the pod is to be near.
    Company {
        /// The host that the other pod would be on.
        node: NodeName,
        /// Its labels.
        labels: Labels,
    },
    /// A host is uncordoned.
    Uncordon {
        /// The host.
        node: NodeName,
    },
    /// A host gets labels.
    Label {
        /// The host.
        node: NodeName,
        /// The labels.
        labels: Labels,
    },
    /// There is one more host.
    Host {
        /// The one that it would be like.
        like: NodeName,
    },
    /// A quota is raised.
    Quota {
        /// The quota.
        quota: String,
        /// What it bounds.
        resource: String,
        /// How much there would have to be.
        to: String,
    },
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheduler { node, name } => {
                write!(f, "would run on {node} with `schedulerName: {name}`")
            }
            Self::Answer { node } => write!(f, "would run on {node} if that answered"),
            Self::AskLess { node, resource, less, free } => {
                let (less, what, free) = amounts(resource, *less, *free);
                write!(f, "would fit {node} if it asked for {less} less {what}: {free} free")
            }
            Self::Tolerate { node, taint } => {
                write!(f, "would run on {node} with a toleration of {taint}")
            }
            Self::Port { node, port } => write!(f, "would run on {node} without hostPort {port}"),
            Self::Skew { node, topology, max_skew } => {
                write!(f, "would run on {node} with maxSkew {max_skew} for {topology}")
            }
            Self::Company { node, labels } => {
                write!(f, "would run beside a pod with {} on {node}", listed(labels))
            }
            Self::Uncordon { node } => {
                write!(f, "would run on {node} after `bowline uncordon {node}`")
            }
            Self::Label { node, labels } => {
                write!(f, "would run on {node} if that had the label {}", listed(labels))
            }
            Self::Host { like } => write!(f, "would run on one more host of the size of {like}"),
            Self::Quota { quota, resource, to } => {
                write!(f, "would be made if quota {quota} allowed {resource}={to}")
            }
        }
    }
}

/// How much less of a resource is to be asked for, what people call it, and how much of it is free. Who asks for so much less fits.
fn amounts(resource: &str, less: u64, free: u64) -> (String, &str, String) {
    match resource {
        "cpu" => (format!("{less}m"), "CPU", format!("{free}m are")),
        bytes if is_in_bytes(bytes) => {
            let free = format!("{} is", bytes_text(free, Rounding::Down));
            (bytes_text(less, Rounding::Up), bytes, free)
        }
        pieces => {
            let free = format!("{free} {}", if free == 1 { "is" } else { "are" });
            (less.to_string(), pieces, free)
        }
    }
}

fn listed(labels: &Labels) -> String {
    let all = labels.iter().map(|(key, value)| format!("{key}={value}"));
    all.collect::<Vec<_>>().join(",")
}

/// A pod that waits, and why each host is out.
pub(super) struct Unplaced<'a> {
    pub(super) request: &'a Request,
    pub(super) rejections: &'a BTreeMap<NodeName, Rejection>,
}

impl Choice<'_> {
    /// The smallest change that would place a pod which no host takes; `None` where no single one would.
    pub(super) fn remedy(&mut self, waiting: &Unplaced<'_>) -> Option<Remedy> {
        // Nobody chooses a host for it, whatever else changes.
        let is_unknown = |why: &Rejection| matches!(why, Rejection::Scheduler { .. });
        if waiting.rejections.values().any(is_unknown) {
            return of_pod::scheduler(&mut self.room, waiting, &self.input.inventory.scheduling);
        }
        self.answer(waiting)
            .or_else(|| of_pod::ask_less(&mut self.room, waiting))
            .or_else(|| of_pod::tolerate(&mut self.room, waiting))
            .or_else(|| of_pod::port(&mut self.room, waiting))
            .or_else(|| of_pod::skew(&mut self.room, waiting))
            .or_else(|| self.company(waiting))
            .or_else(|| self.uncordon(waiting))
            .or_else(|| self.label(waiting))
            .or_else(|| self.one_more(waiting))
    }
}
