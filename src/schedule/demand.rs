//! What the pods that are known ask for beside GPUs and of them, and what the GPUs that are left on a host are worth to such pods.
//!
//! A GPU that no pod can use is lost though nobody has it: too little is left of it, or of the host's CPU or memory beside it. So
//! hosts are measured against the mix of pods: how much of a host's GPUs is likely to be used one day, and, for less, how much of them a
//! pod of each kind could make use of now. A pod goes where that becomes the least less.
//! Source: the idea of measuring against the mix is that of Weng et al., "Beware of Fragmentation: Scheduling GPU-Sharing Workloads
//! with Fragmentation Gradient Descent", USENIX ATC 2023.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "amounts are far below what a float counts exactly, or need not be exact"
)]

use std::collections::BTreeMap;
use std::rc::Rc;

use super::class::Class;
use super::devices::{Gpus, WHOLE_GPU};
use super::filling::{Coming, Filling};
use super::host_rules::{BARRED, HostRules};
use super::interned::at;
use super::load::WHOLE;

/// The most kinds of pods that a host is measured against; those that are seldom asked for are left out.
const KINDS_MAX: usize = 64;

/// The mix is taken anew when there are half as many pods again.
const GROWTH: (u64, u64) = (3, 2);

/// How many times as far as for pods as they come CPU and memory are thought to reach: they go first to those that need little.
const REACH: f64 = 2.5;

/// How much of what pods that come next could use counts, beside what is likely to be used one day: it knows which hosts pods may go
/// to, and how many GPUs they need at once.
const NEXT: f64 = 0.25;

/// The pods that are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Demand {
    kinds: BTreeMap<Kind, (u64, Rc<HostRules>)>,
    pods: u64,
    cpu_milli: u128,
    memory_bytes: u128,
    milli: u128,
    mix: Mix,
}

/// Pods that are alike in what they ask for, and in the hosts that would do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    gpus: Gpus,
    cpu_milli: u64,
    memory_bytes: u64,
    rules: Rc<str>,
}

/// The mix of pods at some time.
#[derive(Clone, Debug, Default)]
pub(super) struct Mix {
    /// How often it was taken anew.
    pub(super) age: u64,
    pods: u64,
    wanted: Vec<Wanted>,
    /// What CPU and memory do for on average, in thousandths of a GPU.
    per_cpu: f64,
    per_byte: f64,
    filling: Filling,
}

/// A kind of pods in the mix.
#[derive(Clone, Debug)]
struct Wanted {
    kind: Kind,
    rules: Rc<HostRules>,
    share: f64,
}

/// What is left on a host.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left<'a> {
    /// Its number.
    pub(super) host: u32,
    pub(super) cpu_milli: u64,
    pub(super) memory_bytes: u64,
    /// Thousandths of each GPU.
    pub(super) gpus: &'a [u64],
}

impl Demand {
    /// Counts pods of a class that are there or asked for.
    pub(super) fn expect(&mut self, class: &Class, pods: u64) {
        let (gpus, asked) = (class.share.gpus, class.share.asked);
        self.pods = self.pods.saturating_add(pods);
        self.cpu_milli += u128::from(asked.cpu_milli) * u128::from(pods);
        self.memory_bytes += u128::from(asked.memory_bytes) * u128::from(pods);
        if gpus.is_none() {
            return;
        }
        self.milli += u128::from(gpus.milli()) * u128::from(pods);
        let kind = Kind {
            gpus,
            cpu_milli: asked.cpu_milli,
            memory_bytes: asked.memory_bytes,
            rules: Rc::clone(&class.host_rules),
        };
        let known = self.kinds.entry(kind).or_insert_with(|| (0, Rc::clone(&class.rules)));
        known.0 = known.0.saturating_add(pods);
    }

    /// Takes the mix anew where there are many more pods than there were.
    pub(super) fn settle(&mut self) {
        if self.pods == 0 || self.pods * GROWTH.1 < self.mix.pods * GROWTH.0 {
            return;
        }
        let mut wanted: Vec<(&Kind, u64, &Rc<HostRules>)> =
            self.kinds.iter().map(|(kind, (pods, rules))| (kind, *pods, rules)).collect();
        wanted.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
        wanted.truncate(KINDS_MAX);
        let all: u64 = wanted.iter().map(|(_, pods, _)| pods).sum();
        let wanted = wanted.into_iter().map(|(kind, pods, rules)| Wanted {
            kind: kind.clone(),
            rules: Rc::clone(rules),
            share: pods as f64 / all as f64,
        });
        let wanted: Vec<Wanted> = wanted.collect();
        let per_cpu = self.milli as f64 / self.cpu_milli.max(1) as f64;
        let per_byte = self.milli as f64 / self.memory_bytes.max(1) as f64;
        let coming = wanted.iter().map(|wanted| wanted.coming(per_cpu, per_byte));
        let filling = Filling::by(coming);
        let age = self.mix.age + 1;
        self.mix = Mix { age, pods: self.pods, wanted, per_cpu, per_byte, filling };
    }

    /// The mix.
    pub(super) fn mix(&self) -> &Mix {
        &self.mix
    }
}

impl Wanted {
    /// How it comes to a single GPU; pods that ask for several come to each of them with their share of what they need beside.
    fn coming(&self, per_cpu: f64, per_byte: f64) -> Coming {
        let Kind { gpus, cpu_milli, memory_bytes, .. } = &self.kind;
        let size = if gpus.whole > 0 { WHOLE_GPU } else { gpus.part };
        let needed = (*cpu_milli as f64 * per_cpu).max(*memory_bytes as f64 * per_byte);
        Coming { size, beside: needed / gpus.whole.max(1) as f64, share: self.share }
    }
}

impl Mix {
    /// What the GPUs that are left on a host are worth, in thousandths.
    pub(super) fn worth(&self, left: Left<'_>) -> f64 {
        if self.wanted.is_empty() {
            return 0.0;
        }
        let (cpu, memory) = (left.cpu_milli as f64, left.memory_bytes as f64);
        let beside = REACH * (cpu * self.per_cpu).min(memory * self.per_byte);
        let next = self.wanted.iter().map(|wanted| wanted.share * self.use_of(wanted, left));
        self.filling.of(left.gpus, beside) + NEXT * next.sum::<f64>()
    }

    /// How much of them pods of one kind could make use of, as far as CPU and memory reach.
    fn use_of(&self, wanted: &Wanted, left: Left<'_>) -> f64 {
        let Kind { gpus, cpu_milli, memory_bytes, .. } = &wanted.kind;
        if left.cpu_milli < *cpu_milli
            || left.memory_bytes < *memory_bytes
            || wanted.rules.kind[at(left.host)] == BARRED
        {
            return 0.0;
        }
        let usable = usable(*gpus, left.gpus);
        if usable == 0 {
            return 0.0;
        }
        let asked = gpus.milli() as f64;
        let (cpu, memory) = (left.cpu_milli - cpu_milli, left.memory_bytes - memory_bytes);
        let by_cpu = asked + REACH * cpu as f64 * self.per_cpu;
        let by_memory = asked + REACH * memory as f64 * self.per_byte;
        let squares = [usable as f64, by_cpu, by_memory].map(|reach| 1.0 / (reach * reach));
        1.0 / squares.iter().sum::<f64>().sqrt()
    }
}

/// Points for a loss of worth, in thousandths of a GPU: half of all where it is as much as a pod asks for, more where what it takes is
/// of little use to others.
pub(super) fn gpu_points(loss: f64, asked: Gpus) -> u64 {
    let (asked, half) = (asked.milli() as f64, WHOLE as f64 / 2.0);
    let (all, span) = ((1.0 + NEXT) * asked, (1.0 + NEXT) * asked.max(WHOLE_GPU as f64));
    let points = half - (loss - all) * half / span;
    points.clamp(0.0, WHOLE as f64) as u64
}

/// Thousandths of all GPUs that could be of use to a pod; none if it does not fit.
fn usable(asked: Gpus, left: &[u64]) -> u64 {
    let free = left.iter().filter(|milli| **milli == WHOLE_GPU).count() as u64;
    if asked.whole > free {
        return 0;
    }
    let whole = if asked.whole > 0 { free * WHOLE_GPU } else { 0 };
    if asked.part == 0 {
        return whole;
    }
    let least = if asked.whole > 0 { WHOLE_GPU } else { u64::MAX };
    let shared = left.iter().filter(|milli| **milli >= asked.part && **milli < least);
    let shared: u64 = shared.sum();
    if shared == 0 && free <= asked.whole { 0 } else { whole + shared }
}
