//! What a host has left: resources, ports, room for pods.

use super::interned::at;
use super::{Candidate, Readiness, Rejection};
use crate::model::{HostPort, Resources};

/// What a pod takes of a host.
#[derive(Clone, Debug, Default)]
pub(super) struct Share {
    /// What it asks for, and one pod.
    pub(super) asked: Resources,
    /// What it asks for of other resources, by number.
    pub(super) further: Vec<(u32, u64)>,
    /// Thousandths of a CPU and bytes that it counts as taking in scores.
    pub(super) weight: (u64, u64),
    /// Ports of the host.
    pub(super) ports: Vec<HostPort>,
}

/// What a host has, and what is taken of it.
#[derive(Clone, Debug)]
pub(super) struct Load {
    pub(super) readiness: Readiness,
    pub(super) allocatable: Resources,
    used: Resources,
    weight: (u64, u64),
    /// What there is of other resources, by number; what is beyond the end is nothing.
    further: Vec<Further>,
    ports: Vec<HostPort>,
    /// The numbers of the pods that are bound to it.
    pub(super) pods: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Further {
    allocatable: u64,
    used: u64,
}

impl Load {
    /// A host without pods.
    pub(super) fn of(host: &Candidate, amounts: impl Iterator<Item = (u32, u64)>) -> Self {
        let mut load = Self {
            readiness: host.readiness,
            allocatable: host.allocatable,
            used: Resources::default(),
            weight: (0, 0),
            further: Vec::new(),
            ports: Vec::new(),
            pods: Vec::new(),
        };
        for (resource, amount) in amounts {
            load.further_mut(resource).allocatable = amount;
        }
        load
    }

    /// Takes what a pod takes.
    pub(super) fn add(&mut self, share: &Share) {
        self.used = self.used.plus(share.asked);
        self.weight.0 = self.weight.0.saturating_add(share.weight.0);
        self.weight.1 = self.weight.1.saturating_add(share.weight.1);
        for (resource, amount) in &share.further {
            let further = self.further_mut(*resource);
            further.used = further.used.saturating_add(*amount);
        }
        self.ports.extend(&share.ports);
    }

    /// Gives back what a pod took.
    pub(super) fn take(&mut self, share: &Share) {
        self.used = self.used.minus(share.asked);
        self.weight.0 = self.weight.0.saturating_sub(share.weight.0);
        self.weight.1 = self.weight.1.saturating_sub(share.weight.1);
        for (resource, amount) in &share.further {
            let further = self.further_mut(*resource);
            further.used = further.used.saturating_sub(*amount);
        }
        for port in &share.ports {
            if let Some(place) = self.ports.iter().position(|taken| taken == port) {
                self.ports.swap_remove(place);
            }
        }
    }

    /// Whether the pod fits; in short, what [`Load::reject`] says at length.
    pub(super) fn fits(&self, share: &Share) -> bool {
        let free = self.allocatable.minus(self.used);
        self.readiness == Readiness::Ready
            && share.asked.pods <= free.pods
            && share.asked.cpu_milli <= free.cpu_milli
            && share.asked.memory_bytes <= free.memory_bytes
            && (share.further.is_empty()
                || share.further.iter().all(|(resource, asked)| *asked <= self.free(*resource)))
            && (share.ports.is_empty() || !self.collides(share))
    }

    /// Whether a port is taken that the pod asks for.
    pub(super) fn collides(&self, share: &Share) -> bool {
        share.ports.iter().any(|port| self.ports.iter().any(|taken| taken.collides(port)))
    }

    /// What there is too little of; `name` gives the names of other resources.
    pub(super) fn lacks<'n>(
        &self,
        share: &Share,
        name: impl Fn(u32) -> &'n str,
    ) -> Option<Rejection> {
        let free = self.allocatable.minus(self.used);
        let asked = share.asked;
        if asked.pods > free.pods {
            return Some(Rejection::Pods);
        }
        if asked.cpu_milli > free.cpu_milli {
            return Some(Rejection::Cpu { asked: asked.cpu_milli, free: free.cpu_milli });
        }
        if asked.memory_bytes > free.memory_bytes {
            return Some(Rejection::Memory { asked: asked.memory_bytes, free: free.memory_bytes });
        }
        let lacking = share.further.iter().find(|(number, asked)| *asked > self.free(*number));
        lacking.map(|(number, asked)| Rejection::Resource {
            resource: name(*number).to_owned(),
            asked: *asked,
            free: self.free(*number),
        })
    }

    /// How much of CPU and memory would be taken with this pod, each in hundred-thousandths and at most all.
    pub(super) fn fractions(&self, share: &Share) -> (u64, u64) {
        (
            fraction(self.weight.0.saturating_add(share.weight.0), self.allocatable.cpu_milli),
            fraction(self.weight.1.saturating_add(share.weight.1), self.allocatable.memory_bytes),
        )
    }

    fn free(&self, resource: u32) -> u64 {
        let further = self.further.get(at(resource)).copied().unwrap_or_default();
        further.allocatable.saturating_sub(further.used)
    }

    fn further_mut(&mut self, resource: u32) -> &mut Further {
        if self.further.len() <= at(resource) {
            self.further.resize(at(resource) + 1, Further::default());
        }
        &mut self.further[at(resource)]
    }
}

/// All of something, in the unit of scores.
pub(super) const WHOLE: u64 = 100_000;

fn fraction(part: u64, whole: u64) -> u64 {
    if part >= whole { WHOLE } else { part.saturating_mul(WHOLE) / whole }
}
