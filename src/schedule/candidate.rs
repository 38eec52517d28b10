//! A host as the scheduler sees it.

use std::collections::BTreeMap;

use crate::inventory::Taint;
use crate::model::{HostPort, Labels, Machine, NodeName, Resources};

/// A host as the scheduler sees it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The host.
    pub name: NodeName,
    /// Its labels.
    pub labels: Labels,
    /// Its taints.
    pub taints: Vec<Taint>,
    /// What pods may use in all.
    pub allocatable: Resources,
    /// What pods may use of other resources, by name: `ephemeral-storage` in bytes, extended resources in whole ones. A host has
    /// nothing of what is not here, except that its storage is not counted where nobody says how much there is.
    pub further: BTreeMap<String, u64>,
    /// The images that it has, by name, with their sizes in bytes.
    pub images: BTreeMap<String, u64>,
    /// What images have to be made for; `None` where that is not known.
    pub machine: Option<Machine>,
    /// The port at which its own SSH server answers, which no pod gets: without it nobody gets there any more.
    pub ssh_port: Option<HostPort>,
    /// Whether new pods may be sent there now.
    pub readiness: Readiness,
}

/// Whether a host takes new pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It answered.
    Ready,
    /// It did not answer.
    Unreachable,
}
