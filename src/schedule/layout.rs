//! What tells hosts apart for a class, besides how full they are: how they are liked, and what terms and constraints look at.

use super::census::Census;
use super::class::Class;
use super::company::Company;
use super::counter::Counter;
use super::demand::Mix;
use super::interned::at;
use super::load::Load;
use super::score::Raw;
use super::spread::Spread;
use super::topology::NOWHERE;
use crate::inventory::Scheduling;

/// What a search for the best host looks at.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) class: &'a Class,
    pub(super) census: &'a Census,
    pub(super) loads: &'a [Load],
    pub(super) profile: &'a Scheduling,
    /// The pods that GPUs are measured against.
    pub(super) mix: &'a Mix,
    /// The most domains that a topology may have for its hosts to be kept apart by domain rather than by count.
    pub(super) few: usize,
}

/// What the parts of a key are. Hosts of one key differ in nothing but how full they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    slots: Vec<Slot>,
    /// Where in a key each counter is that the class reads.
    reads: Vec<Read>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    /// The host's domain in the topology of this counter.
    Domain { topology: u32 },
    /// How many pods this counter has in the host's domain.
    Count { counter: u32 },
}

/// Where the values of a slot are, by host: what a slot says, looked up once for many hosts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column<'a> {
    domain: &'a [u32],
    /// What is counted in the domain, where that is the value and not the domain itself.
    counter: Option<&'a Counter>,
}

impl Column<'_> {
    /// The value of a host.
    pub(super) fn of(&self, host: u32) -> u32 {
        let domain = self.domain[at(host)];
        self.counter.map_or(domain, |counter| counter.of(domain).unwrap_or(NOWHERE))
    }
}

#[derive(Clone, Copy, Debug)]
enum Read {
    /// The slot has the domain.
    Domain(usize),
    /// The slot has the count.
    Count(usize),
}

impl Layout {
    /// The keys of a class.
    pub(super) fn of(view: View<'_>) -> Self {
        let mut layout = Self::default();
        for counter in &view.class.reads {
            let topology = view.census.counters[at(*counter)].key.topology;
            let few = view.census.topologies[at(topology)].domains() <= view.few;
            let slot =
                if few { Slot::Domain { topology } } else { Slot::Count { counter: *counter } };
            let place = layout.slots.iter().position(|known| *known == slot).unwrap_or_else(|| {
                layout.slots.push(slot);
                layout.slots.len() - 1
            });
            layout.reads.push(if few { Read::Domain(place) } else { Read::Count(place) });
        }
        layout
    }

    /// The values of all parts of a key but the first, which is how a host is liked.
    pub(super) fn columns<'a>(&self, view: View<'a>) -> impl Iterator<Item = Column<'a>> {
        let (topologies, counters) = (&view.census.topologies, &view.census.counters);
        self.slots.iter().map(move |slot| {
            let (topology, counter) = match slot {
                Slot::Domain { topology } => (*topology, None),
                Slot::Count { counter } => {
                    let counter = &counters[at(*counter)];
                    (counter.key.topology, Some(counter))
                }
            };
            Column { domain: &topologies[at(topology)].domain, counter }
        })
    }

    /// What is to be compared of hosts of this key; `None` where terms or constraints forbid them.
    pub(super) fn raw(&self, view: View<'_>, key: &[u32]) -> Option<Raw> {
        let (class, counters) = (view.class, view.census.counters.as_slice());
        let count = |read: u32| match self.reads[at(read)] {
            Read::Domain(slot) => counters[class.counter(read)].of(key[slot + 1]),
            Read::Count(slot) => Some(key[slot + 1]).filter(|count| *count != NOWHERE),
        };
        if Spread::reject(class, counters, &count).is_some()
            || Company::reject(class, counters, &count).is_some()
        {
            return None;
        }
        let liking = class.rules.liking(key[0]);
        Some(Raw {
            preferred: liking.preferred,
            avoided: liking.avoided,
            images: liking.images,
            company: class.company.worth(&count),
            crowd: class.spread.crowd(&count),
        })
    }
}
