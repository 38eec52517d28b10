//! What a simulation says: which pods would have a host, which move, which are lost, and how full hosts would be.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::remedy::Remedy;
use crate::model::{NodeName, ObjectKey, PodKey, Resources};

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulation {
    /// Every object that asks for pods.
    pub workloads: Vec<Fit>,
    /// The hosts that fail.
    pub failed: BTreeSet<NodeName>,
    /// The pods that do not stay where they are when hosts fail, and those that are lost with them.
    pub uprooted: Vec<Uprooted>,
    /// The hosts.
    pub hosts: BTreeMap<NodeName, HostUse>,
    /// Hosts that cannot be used at all, and why.
    pub unusable: BTreeMap<NodeName, String>,
}

impl Simulation {
    /// Whether every pod that is asked for has a host that runs.
    pub fn fits(&self) -> bool {
        self.workloads.iter().all(|fit| fit.fits == fit.asked)
    }

    /// Whether there is a pod that has no host at all.
    pub fn lacks_room(&self) -> bool {
        self.workloads.iter().any(|fit| !fit.unfit.is_empty())
    }
}

/// How many of an object's pods have a host.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The object.
    pub object: ObjectKey,
    /// How many pods it asks for.
    pub asked: u64,
    /// How many of them have a host that runs.
    pub fits: u64,
    /// How many are bound to hosts that do not answer: nobody knows whether they run.
    pub silent: BTreeMap<NodeName, u64>,
    /// Those that have no host.
    pub unfit: Vec<Unfit>,
}

/// Pods that have no host.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unfit {
    /// How many.
    pub pods: u64,
    /// What kind of reason it is.
    pub cause: Cause,
    /// Why, in the words of the API server or the scheduler.
    pub why: String,
    /// The smallest change that would place one of them; `None` where no single one would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
}

/// The kinds of reasons why a pod has no host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Cause {
    /// No host takes it.
    NoHost,
    /// Its data are on a host where it cannot be.
    LocalData,
    /// Its host fails, and nothing makes it anew elsewhere.
    HostLost,
    /// It is not made, whatever hosts say.
    NotMade,
}

/// A pod that does not stay where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Uprooted {
    /// The pod.
    pub pod: PodKey,
    /// Where it is.
    pub from: NodeName,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Another takes its place.
    Moves {
        /// The other.
        successor: PodKey,
        /// Where that is.
        to: NodeName,
    },
    /// None does.
    Lost {
        /// What kind of reason it is.
        cause: Cause,
        /// Why.
        why: String,
    },
}

/// How much of a host is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HostUse {
    /// What pods may use of it.
    pub allocatable: Resources,
    /// What pods ask for now.
    pub before: Resources,
    /// What they would.
    pub after: Resources,
    /// Whether it runs.
    pub standing: Standing,
}

/// Whether a host runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// It does.
    Up,
    /// It is to fail.
    Failed,
    /// It did not answer when it was asked.
    Silent,
}
