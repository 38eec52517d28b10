//! Rebalancing: few moves after which hosts are used about evenly.
//!
//! The host that is used the most gives, and the move is made that evens out the most, until the shares of CPU and memory asked
//! for lie within a bound, or no move evens anything out. What turns out not to be needed is not moved.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::decide::Filters;
use super::interned::{at, number_of};
use super::load::WHOLE;
use super::{Fleet, HostId, PodId, Readiness};
use crate::inventory::TaintEffect;
use crate::model::Resources;

/// A pod and the host that it moves to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// The pod, by the number that it had before.
    pub pod: PodId,
    /// The host.
    pub to: HostId,
}

/// How many hosts are tried for a pod, those that are used the least first.
const TRIED: usize = 32;

/// How often a pod is moved on average before it is enough; each move evens out, so this ends in any case.
const ROUNDS: usize = 8;

/// What is asked for of each host, and which hosts count.
struct Shares {
    used: Vec<Resources>,
    allocatable: Vec<Resources>,
    counts: Vec<bool>,
}

/// A pod that may be moved.
#[derive(Clone, Copy, Debug)]
struct Movable {
    first: PodId,
    from: u32,
    now: PodId,
    at: u32,
}

impl Fleet {
    /// Moves pods that may be moved until the shares of what is asked for of the hosts' CPU and memory differ by at most `bound`, in
    /// hundred-thousandths, and returns the moves. Hosts that do not answer or that keep pods away by taints do not count.
    ///
    /// The pods are counted where they go. A second call moves nothing.
    pub fn rebalance(&mut self, movable: &BTreeSet<PodId>, bound: u64) -> Vec<Move> {
        let mut shares = Shares::of(self);
        let host_of = |pod: PodId| self.census.pods[at(pod.0)].host;
        let mut pods: Vec<Movable> = movable
            .iter()
            .map(|pod| Movable { first: *pod, from: host_of(*pod), now: *pod, at: host_of(*pod) })
            .collect();
        for _ in 0..pods.len().saturating_mul(ROUNDS) {
            if shares.spread() <= bound {
                break;
            }
            let Some((pod, to)) = self.best_move(&shares, &pods) else { break };
            self.shift(&mut shares, &mut pods[pod], to);
        }
        if shares.spread() <= bound {
            while self.undo_needless(&mut shares, &mut pods, bound) {}
        }
        let moved = pods.iter().filter(|pod| pod.at != pod.from);
        moved.map(|pod| Move { pod: pod.first, to: HostId(pod.at) }).collect()
    }

    /// The move that evens out the most, from the host that is used the most and has one that does.
    fn best_move(&mut self, shares: &Shares, pods: &[Movable]) -> Option<(usize, u32)> {
        let mut by_host: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (number, pod) in pods.iter().enumerate() {
            by_host.entry(pod.at).or_default().push(number);
        }
        let mut takers: Vec<u32> = (0..number_of(shares.used.len())).collect();
        takers.retain(|host| shares.counts[at(*host)]);
        takers.sort_by_key(|host| (shares.fullest(*host), *host));
        let mut givers: Vec<u32> = by_host.keys().copied().collect();
        givers.retain(|host| shares.counts[at(*host)]);
        givers.sort_by_key(|host| (Reverse(shares.fullest(*host)), *host));
        givers.iter().find_map(|giver| self.best_from(shares, (pods, &by_host[giver]), &takers))
    }

    fn best_from(
        &mut self,
        shares: &Shares,
        (pods, mine): (&[Movable], &[usize]),
        takers: &[u32],
    ) -> Option<(usize, u32)> {
        let mut seen = BTreeSet::new();
        let mut best = None;
        for number in mine {
            let pod = pods[*number];
            let class = self.census.pods[at(pod.now.0)].class;
            let asked = self.census.classes[at(class)].share.asked;
            if !seen.insert(class) {
                continue;
            }
            self.set_aside(pod.now.0);
            let fit = |host: &&u32| {
                **host != pod.at && self.passes(super::ClassId(class), HostId(**host), Filters::All)
            };
            for taker in takers.iter().filter(fit).take(TRIED) {
                if let Some(gain) = shares.gain(pod.at, *taker, asked) {
                    best = best.max(Some((gain, Reverse(*number), Reverse(*taker))));
                }
            }
            self.put_back(pod.now.0);
        }
        best.map(|(_, Reverse(number), Reverse(taker))| (number, taker))
    }

    fn shift(&mut self, shares: &mut Shares, pod: &mut Movable, to: u32) {
        let class = self.census.pods[at(pod.now.0)].class;
        let asked = self.census.classes[at(class)].share.asked;
        self.unbind(pod.now);
        shares.shift(pod.at, to, asked);
        pod.now = self.bind(super::ClassId(class), HostId(to));
        pod.at = to;
    }

    /// Leaves pods where they were without which the bound holds as well; says whether there were any.
    fn undo_needless(&mut self, shares: &mut Shares, pods: &mut [Movable], bound: u64) -> bool {
        let mut undone = false;
        for pod in pods.iter_mut().filter(|pod| pod.at != pod.from) {
            let class = self.census.pods[at(pod.now.0)].class;
            let asked = self.census.classes[at(class)].share.asked;
            let (from, to) = (pod.from, pod.at);
            shares.shift(to, from, asked);
            let holds = shares.spread() <= bound;
            shares.shift(from, to, asked);
            self.set_aside(pod.now.0);
            let fits = holds && self.passes(super::ClassId(class), HostId(from), Filters::All);
            self.put_back(pod.now.0);
            if fits {
                self.shift(shares, pod, from);
                undone = true;
            }
        }
        undone
    }
}

impl Shares {
    fn of(fleet: &Fleet) -> Self {
        let counts = fleet.census.hosts.iter().map(|host| {
            let keeps = host.taints.iter().any(|t| t.effect != TaintEffect::PreferNoSchedule);
            host.readiness == Readiness::Ready && !keeps
        });
        let used = fleet.loads.iter().map(|load| {
            let asked = load.pods.iter().map(|pod| fleet.class_of(*pod).share.asked);
            asked.fold(Resources::default(), Resources::plus)
        });
        Self {
            used: used.collect(),
            allocatable: fleet.loads.iter().map(|load| load.allocatable).collect(),
            counts: counts.collect(),
        }
    }

    /// The shares of CPU and memory that are asked for of a host, in hundred-thousandths.
    fn share(&self, host: u32, used: Resources) -> [u64; 2] {
        let all = self.allocatable[at(host)];
        let share = |part: u64, whole: u64| {
            if part >= whole { WHOLE } else { part.saturating_mul(WHOLE) / whole }
        };
        [share(used.cpu_milli, all.cpu_milli), share(used.memory_bytes, all.memory_bytes)]
    }

    fn fullest(&self, host: u32) -> u64 {
        self.share(host, self.used[at(host)]).into_iter().max().unwrap_or(0)
    }

    /// By how much the fullest and the emptiest host differ.
    fn spread(&self) -> u64 {
        let hosts = (0..number_of(self.used.len())).filter(|host| self.counts[at(*host)]);
        let shares: Vec<[u64; 2]> =
            hosts.map(|host| self.share(host, self.used[at(host)])).collect();
        let of = |resource: usize| {
            let values = shares.iter().map(|share| share[resource]);
            values.clone().max().unwrap_or(0) - values.min().unwrap_or(0)
        };
        of(0).max(of(1))
    }

    /// How much more even it is if a pod goes from one host to another; `None` if it is not.
    fn gain(&self, from: u32, to: u32, asked: Resources) -> Option<u64> {
        let uneven = |host: u32, used: Resources| {
            let squares = self.share(host, used).into_iter().map(|share| share * share);
            squares.sum::<u64>()
        };
        let (giver, taker) = (self.used[at(from)], self.used[at(to)]);
        let before = uneven(from, giver) + uneven(to, taker);
        let after = uneven(from, giver.minus(asked)) + uneven(to, taker.plus(asked));
        before.checked_sub(after).filter(|gain| *gain > 0)
    }

    fn shift(&mut self, from: u32, to: u32, asked: Resources) {
        self.used[at(from)] = self.used[at(from)].minus(asked);
        self.used[at(to)] = self.used[at(to)].plus(asked);
    }
}
