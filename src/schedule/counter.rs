//! Counters: how many pods of a set each domain of a topology has, kept up as pods come and go.

use super::interned::at;
use super::topology::{NOWHERE, Topology};

/// What a counter counts, where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CounterKey {
    /// Which pods.
    pub(super) pods: Counted,
    /// The number of the topology.
    pub(super) topology: u32,
    /// The number of the list of hosts on which pods count.
    pub(super) ground: u32,
}

/// Which pods a counter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Counted {
    /// The pods of the set of this number.
    Members(u32),
    /// The pods that must not have pods of this set in their domain.
    Shunning(u32),
    /// The pods that would rather have pods of this set in their domain, or rather not, by so much.
    Wishing(u32, i64),
}

/// How many pods of a set each domain has.
#[derive(Clone, Debug)]
pub(super) struct Counter {
    /// What it counts.
    pub(super) key: CounterKey,
    /// By domain.
    counts: Vec<u32>,
    /// In all domains together.
    pub(super) total: u64,
    /// How many domains with a host that counts have how many pods.
    spread: Vec<u32>,
    /// The fewest pods that one of them has.
    least: usize,
    /// Whether each domain has a host that counts.
    eligible: Vec<bool>,
    /// How many have.
    pub(super) domains: u32,
}

impl Counter {
    /// A counter of nothing yet; `ground` says of each host whether its pods count.
    pub(super) fn new(key: CounterKey, topology: &Topology, ground: &[bool]) -> Self {
        let has = |hosts: &Vec<u32>| hosts.iter().any(|host| ground[at(*host)]);
        let eligible: Vec<bool> = topology.hosts.iter().map(has).collect();
        let domains = eligible.iter().filter(|has| **has).count();
        let domains = super::interned::number_of(domains);
        Self {
            key,
            counts: vec![0; topology.domains()],
            total: 0,
            spread: vec![domains],
            least: 0,
            eligible,
            domains,
        }
    }

    /// How many pods the domain has; `None` for no domain.
    pub(super) fn of(&self, domain: u32) -> Option<u32> {
        if domain == NOWHERE { None } else { Some(self.counts[at(domain)]) }
    }

    /// The fewest pods that a domain with a host that counts has.
    pub(super) fn least(&self) -> u32 {
        super::interned::number_of(self.least)
    }

    /// Counts one pod more.
    pub(super) fn add(&mut self, domain: u32) {
        let before = at(self.counts[at(domain)]);
        self.counts[at(domain)] += 1;
        self.total += 1;
        if self.eligible[at(domain)] {
            self.moved(before, before + 1);
            while self.domains > 0 && self.spread[self.least] == 0 {
                self.least += 1;
            }
        }
    }

    /// Counts one pod less.
    pub(super) fn take(&mut self, domain: u32) {
        let before = at(self.counts[at(domain)]);
        self.counts[at(domain)] -= 1;
        self.total -= 1;
        if self.eligible[at(domain)] {
            self.moved(before, before - 1);
            self.least = self.least.min(before - 1);
        }
    }

    fn moved(&mut self, from: usize, to: usize) {
        if self.spread.len() <= to {
            self.spread.resize(to + 1, 0);
        }
        self.spread[from] -= 1;
        self.spread[to] += 1;
    }
}
