//! What a host has left: resources, ports, room for pods.

use std::cell::Cell;

use super::demand::{Left, Mix, gpu_points};
use super::devices::{Devices, Gpus};
use super::interned::at;
use super::{Candidate, Readiness, Rejection};
use crate::model::{GPU, GPU_MILLI, HostPort, Resources};

/// What a pod takes of a host.
#[derive(Clone, Debug, Default)]
pub(super) struct Share {
    /// What it asks for, and one pod.
    pub(super) asked: Resources,
    /// What it asks for of other resources, by number.
    pub(super) further: Vec<(u32, u64)>,
    /// What it asks for of GPUs.
    pub(super) gpus: Gpus,
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
    /// How evenly CPU and memory are asked for, once somebody has asked: a score needs it of every host for every class.
    even: Cell<Option<u64>>,
    /// What there is of other resources, by number; what is beyond the end is nothing.
    further: Vec<Further>,
    pub(super) devices: Devices,
    /// What the GPUs that are left are worth, measured against the mix of this age.
    worth: Cell<Option<(u64, f64)>>,
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
            even: Cell::new(None),
            further: Vec::new(),
            devices: Devices::of(host.further.get(GPU).copied().unwrap_or(0)),
            worth: Cell::new(None),
            ports: host.ssh_port.into_iter().collect(),
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
        self.worth.set(None);
        self.even.set(None);
    }

    /// Gives back what a pod took.
    pub(super) fn take(&mut self, share: &Share) {
        self.worth.set(None);
        self.even.set(None);
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

    /// Points for how little the GPUs that are left lose of what they are worth when a pod comes, beside what it asks for.
    pub(super) fn gpu_points(&self, host: u32, share: &Share, mix: &Mix) -> u64 {
        if mix.age == 0 {
            return 0;
        }
        if self.devices.is_empty() {
            return WHOLE / 2;
        }
        let free = self.allocatable.minus(self.used);
        let (cpu_milli, memory_bytes) = (free.cpu_milli, free.memory_bytes);
        let before = self.worth.get().filter(|(age, _)| *age == mix.age).map(|(_, worth)| worth);
        let before = before.unwrap_or_else(|| {
            let gpus: Vec<u64> = self.devices.left().collect();
            let worth = mix.worth(Left { host, cpu_milli, memory_bytes, gpus: &gpus });
            self.worth.set(Some((mix.age, worth)));
            worth
        });
        let after = mix.worth(Left {
            host,
            cpu_milli: cpu_milli.saturating_sub(share.asked.cpu_milli),
            memory_bytes: memory_bytes.saturating_sub(share.asked.memory_bytes),
            gpus: &self.devices.left_after(share.gpus),
        });
        gpu_points(before - after, share.gpus)
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
            && (share.gpus.is_none() || self.devices.fit(share.gpus))
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
        if !share.gpus.is_none()
            && let Some(lacking) = self.lacks_gpus(share.gpus)
        {
            return Some(lacking);
        }
        let lacking = share.further.iter().find(|(number, asked)| *asked > self.free(*number));
        lacking.map(|(number, asked)| Rejection::Resource {
            resource: name(*number).to_owned(),
            asked: *asked,
            free: self.free(*number),
        })
    }

    /// What of GPUs there is too little of.
    fn lacks_gpus(&self, asked: Gpus) -> Option<Rejection> {
        let (free, widest) = (self.devices.free(), self.devices.widest(asked.whole));
        let lacking = |resource: &str, asked: u64, free: u64| {
            (asked > free).then(|| Rejection::Resource {
                resource: resource.to_owned(),
                asked,
                free,
            })
        };
        let parts = || lacking(GPU_MILLI, asked.part, widest);
        lacking(GPU, asked.whole, free).or_else(parts)
    }

    /// How full the host would be with this pod.
    pub(super) fn with(&self, share: &Share) -> Fullness {
        let used = self.used.plus(share.asked);
        let asked = self.fractions(used.cpu_milli, used.memory_bytes);
        let cpu = self.weight.0.saturating_add(share.weight.0);
        let memory = self.weight.1.saturating_add(share.weight.1);
        // Divisions are the greater part of a look at a host; most pods ask for all that they count as taking.
        let is_asked = (cpu, memory) == (used.cpu_milli, used.memory_bytes);
        let taken = if is_asked { asked } else { self.fractions(cpu, memory) };
        Fullness { taken, even: even(asked), even_without: self.evenness() }
    }

    /// How evenly CPU and memory are asked for.
    fn evenness(&self) -> u64 {
        self.even.get().unwrap_or_else(|| {
            let even = even(self.fractions(self.used.cpu_milli, self.used.memory_bytes));
            self.even.set(Some(even));
            even
        })
    }

    /// The share of what the host has of CPU and memory that this is.
    fn fractions(&self, cpu_milli: u64, memory_bytes: u64) -> (u64, u64) {
        (
            fraction(cpu_milli, self.allocatable.cpu_milli),
            fraction(memory_bytes, self.allocatable.memory_bytes),
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

/// How full a host would be with a pod, in hundred-thousandths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fullness {
    /// How much of CPU and of memory would be taken, at most all; what containers do not ask for counts as something.
    pub(super) taken: (u64, u64),
    /// How evenly CPU and memory would be asked for, from half to all; what pods do not ask for counts as nothing.
    pub(super) even: u64,
    /// How evenly they are asked for without the pod.
    pub(super) even_without: u64,
}

/// All of something, in the unit of scores.
pub(super) const WHOLE: u64 = 100_000;

fn fraction(part: u64, whole: u64) -> u64 {
    if part >= whole { WHOLE } else { part.saturating_mul(WHOLE) / whole }
}

fn even((cpu, memory): (u64, u64)) -> u64 {
    WHOLE - cpu.abs_diff(memory) / 2
}
