//! The GPUs of a host: each is one pod's alone, or shared in thousandths by pods that ask for parts of one.

use std::collections::BTreeMap;

/// All of a GPU, in thousandths.
pub(super) const WHOLE_GPU: u64 = 1000;

/// The most GPUs that are counted on one host.
const GPUS_MAX: u64 = 1024;

/// What a pod asks of GPUs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gpus {
    /// How many for itself.
    pub(super) whole: u64,
    /// Thousandths of one more that it shares; 0 for none.
    pub(super) part: u64,
}

impl Gpus {
    /// Thousandths of GPUs in all.
    pub(super) fn milli(self) -> u64 {
        self.whole.saturating_mul(WHOLE_GPU).saturating_add(self.part)
    }

    /// Whether it asks for none.
    pub(super) fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// The GPUs that a pod has, by their numbers on the host.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// Those that are its own.
    pub whole: Vec<u16>,
    /// The one that it shares.
    pub shared: Option<u16>,
}

/// The GPUs of a host and who has them.
#[derive(Clone, Debug, Default)]
pub(super) struct Devices {
    /// Thousandths that are taken, by GPU; more than there are where pods were bound that did not fit.
    taken: Vec<u64>,
    /// By the number of the pod.
    held: BTreeMap<u32, Held>,
}

impl Devices {
    /// So many GPUs that nobody has.
    pub(super) fn of(count: u64) -> Self {
        let count = usize::try_from(count.min(GPUS_MAX)).unwrap_or(0);
        Self { taken: vec![0; count], held: BTreeMap::new() }
    }

    /// Whether there are any.
    pub(super) fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    /// Thousandths that are left of each.
    pub(super) fn left(&self) -> impl Iterator<Item = u64> {
        self.taken.iter().map(|taken| WHOLE_GPU.saturating_sub(*taken))
    }

    /// The same if a pod came that asks for some.
    pub(super) fn left_after(&self, asked: Gpus) -> Vec<u64> {
        let mut left: Vec<u64> = self.left().collect();
        let Held { whole, shared } = self.choose(asked);
        let whole = whole.into_iter().map(|number| (number, WHOLE_GPU));
        for (number, amount) in whole.chain(shared.map(|number| (number, asked.part))) {
            left[usize::from(number)] -= amount.min(left[usize::from(number)]);
        }
        left
    }

    /// How many nobody has.
    pub(super) fn free(&self) -> u64 {
        self.taken.iter().filter(|taken| **taken == 0).count() as u64
    }

    /// The most that is left of one for a part, when so many are taken whole.
    pub(super) fn widest(&self, whole: u64) -> u64 {
        let used = self.left().filter(|left| *left < WHOLE_GPU).max().unwrap_or(0);
        if self.free() > whole { WHOLE_GPU } else { used }
    }

    /// Whether they are there as asked for.
    pub(super) fn fit(&self, asked: Gpus) -> bool {
        asked.whole <= self.free() && asked.part <= self.widest(asked.whole)
    }

    /// Those that a pod gets: for a part the fullest that has room for it, then the first that nobody has.
    pub(super) fn choose(&self, asked: Gpus) -> Held {
        let mut held = Held::default();
        if asked.part > 0 {
            let room = self.left().enumerate().filter(|(_, left)| *left >= asked.part);
            held.shared =
                room.min_by_key(|(number, left)| (*left, *number)).map(|(n, _)| number(n));
        }
        let nobodys = self.taken.iter().enumerate().filter(|(_, taken)| **taken == 0);
        let others = nobodys.map(|(n, _)| number(n)).filter(|n| held.shared != Some(*n));
        held.whole = others.take(usize::try_from(asked.whole).unwrap_or(usize::MAX)).collect();
        held
    }

    /// Has a pod hold some; it counts from now on.
    pub(super) fn hold(&mut self, pod: u32, asked: Gpus, held: Held) {
        self.held.insert(pod, held);
        self.count(pod, asked, u64::saturating_add);
    }

    /// Counts what a pod holds no more, though it keeps its claim to it.
    pub(super) fn set_aside(&mut self, pod: u32, asked: Gpus) {
        self.count(pod, asked, u64::saturating_sub);
    }

    /// Counts what a pod holds again.
    pub(super) fn put_back(&mut self, pod: u32, asked: Gpus) {
        self.count(pod, asked, u64::saturating_add);
    }

    /// Has a pod give back what it holds.
    pub(super) fn give_back(&mut self, pod: u32, asked: Gpus) {
        self.set_aside(pod, asked);
        self.held.remove(&pod);
    }

    /// What a pod holds.
    pub(super) fn held(&self, pod: u32) -> Option<&Held> {
        self.held.get(&pod)
    }

    fn count(&mut self, pod: u32, asked: Gpus, change: fn(u64, u64) -> u64) {
        let Self { taken, held } = self;
        let Some(Held { whole, shared }) = held.get(&pod) else { return };
        let whole = whole.iter().map(|number| (*number, WHOLE_GPU));
        for (number, amount) in whole.chain(shared.map(|number| (number, asked.part))) {
            if let Some(taken) = taken.get_mut(usize::from(number)) {
                *taken = change(*taken, amount);
            }
        }
    }
}

fn number(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}
