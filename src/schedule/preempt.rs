//! Preemption: which pods of lower priority make room for one that fits nowhere, so that it costs the least.
//!
//! Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/>

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::class::Force;
use super::decide::Filters;
use super::host_rules::BARRED;
use super::interned::{at, number_of};
use super::{ClassId, Fleet, HostId, PodId, Request};

/// A host and the pods that have to go from it, which are still counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preemption {
    /// The host.
    pub host: HostId,
    /// The pods, those that were bound first first.
    pub victims: Vec<PodId>,
}

/// What it costs to take a host; the least is taken.
///
/// Source: `pickOneNodeForPreemption` of kube-scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    /// How many go whose budget has nothing left.
    breaking: usize,
    /// The highest priority that has to go.
    highest: i32,
    /// All of their priorities, counted from the lowest that there can be.
    sum: i64,
    /// How many go.
    pods: usize,
    /// Since when the first of those of the highest priority has been there.
    since: Reverse<i64>,
}

/// Pods that would have to go from a host.
struct Victims {
    pods: Vec<u32>,
    /// How many of them have a budget with nothing left.
    breaking: usize,
}

/// What it costs pods of a class to take each host, kept up as hosts change.
#[derive(Clone, Debug)]
pub(super) struct Costs {
    heap: BinaryHeap<Reverse<(Cost, u32, u32)>>,
    stamps: Vec<u32>,
    pub(super) begun: u64,
    pub(super) seen: usize,
}

/// From this priority on a kubelet sends pods away for one that names its host.
///
/// Source: `IsCriticalPod` of Kubernetes' `pkg/kubelet/types`.
const SYSTEM_CRITICAL: i32 = 2_000_000_000;

impl Fleet {
    /// The host that is taken for a pod of a class at the least cost; `None` where that is of no use, or not allowed.
    pub fn preempt(&mut self, class: ClassId, request: &Request) -> Option<Preemption> {
        let of = &self.census.classes[at(class.0)];
        if of.rank.force == Force::Never || of.profile.is_none() {
            return None;
        }
        let filters = Filters::of(request);
        if filters == Filters::Kubelet && of.rank.priority < SYSTEM_CRITICAL {
            return None;
        }
        let is_local = !of.company.binds() && !of.spread.binds();
        let host = if let Some(pinned) = request.pin.host() {
            let host = self.host(pinned).filter(|_| !request.volumes.contains_key(pinned))?;
            self.victims(class, host.0, filters).map(|_| host.0)
        } else if is_local && request.volumes.is_empty() {
            self.cheapest(class)
        } else {
            let hosts = 0..number_of(self.loads.len());
            let may =
                |host: &u32| !request.volumes.contains_key(&self.census.hosts[at(*host)].name);
            let may: Vec<u32> = hosts.filter(may).collect();
            let costs = may.into_iter().filter_map(|host| Some((self.cost(class, host)?, host)));
            costs.min().map(|(_, host)| host)
        }?;
        let mut victims = self.victims(class, host, filters)?.pods;
        victims.sort_unstable();
        Some(Preemption { host: HostId(host), victims: victims.into_iter().map(PodId).collect() })
    }

    /// The cheapest host for a class that minds nothing but the host itself.
    fn cheapest(&mut self, class: ClassId) -> Option<u32> {
        let mut costs = self.costs(class);
        let found = loop {
            let Some(Reverse((_, host, stamp))) = costs.heap.peek() else { break None };
            if costs.stamps[at(*host)] == *stamp {
                break Some(*host);
            }
            costs.heap.pop();
        };
        self.costs[at(class.0)] = Some(costs);
        found
    }

    /// What each host costs now.
    fn costs(&mut self, class: ClassId) -> Costs {
        let (begun, end) = (self.changes.begun, self.changes.hosts.len());
        let kept = self.costs[at(class.0)].take().filter(|kept| kept.begun == begun);
        let (mut costs, changed) = match kept {
            Some(costs) => {
                let mut changed = self.changes.hosts[costs.seen..].to_vec();
                changed.sort_unstable();
                changed.dedup();
                (costs, changed)
            }
            None => {
                let stamps = vec![0; self.loads.len()];
                let all = (0..number_of(self.loads.len())).collect();
                (Costs { heap: BinaryHeap::new(), stamps, begun, seen: 0 }, all)
            }
        };
        costs.seen = end;
        for host in changed {
            let stamp = &mut costs.stamps[at(host)];
            *stamp += 1;
            let stamp = *stamp;
            if let Some(cost) = self.cost(class, host) {
                costs.heap.push(Reverse((cost, host, stamp)));
            }
        }
        costs
    }

    fn cost(&mut self, class: ClassId, host: u32) -> Option<Cost> {
        let victims = self.victims(class, host, Filters::All)?;
        let breaking = victims.breaking;
        let victims = victims.pods;
        let priorities = victims.iter().map(|pod| self.class_of(*pod).rank.priority);
        let highest = priorities.clone().max()?;
        let most = victims.iter().filter(|pod| self.class_of(**pod).rank.priority == highest);
        let since = most.map(|pod| self.census.pods[at(*pod)].since).min()?;
        Some(Cost {
            breaking,
            highest,
            sum: priorities.map(|priority| i64::from(priority) - i64::from(i32::MIN)).sum(),
            pods: victims.len(),
            since: Reverse(since),
        })
    }

    /// The fewest and least important pods of a host without which a pod of the class would fit there; none where no such
    /// pods would do, or where none have to go.
    ///
    /// Those whose budget has nothing left come back first.
    fn victims(&mut self, class: ClassId, host: u32, filters: Filters) -> Option<Victims> {
        let of = &self.census.classes[at(class.0)];
        if filters == Filters::All && of.rules.kind[at(host)] == BARRED {
            return None;
        }
        let priority = of.rank.priority;
        let there = self.loads[at(host)].pods.iter().copied();
        let mut lower: Vec<u32> =
            there.filter(|pod| self.class_of(*pod).rank.priority < priority).collect();
        if lower.is_empty() {
            return None;
        }
        for pod in &lower {
            self.set_aside(*pod);
        }
        let mut victims = Vec::new();
        let fits = self.passes(class, HostId(host), filters);
        // The most important come back first, as long as there is room; then those that were there first.
        lower.sort_unstable_by_key(|pod| {
            let since = self.census.pods[at(*pod)].since;
            (Reverse(self.class_of(*pod).rank.priority), since, *pod)
        });
        let marks = self.breaking(&lower);
        let mut marked: Vec<(bool, u32)> = marks.into_iter().zip(lower).collect();
        marked.sort_by_key(|(breaks, _)| !breaks);
        let mut breaking = 0;
        for (breaks, pod) in marked {
            self.put_back(pod);
            if fits && !self.passes(class, HostId(host), filters) {
                self.set_aside(pod);
                victims.push(pod);
                breaking += usize::from(breaks);
            }
        }
        for pod in &victims {
            self.put_back(*pod);
        }
        (!victims.is_empty()).then_some(Victims { pods: victims, breaking })
    }

    /// Does not count a pod for a moment.
    pub(super) fn set_aside(&mut self, pod: u32) {
        let bound = self.census.aside(pod);
        let (load, share) =
            (&mut self.loads[at(bound.host)], &self.census.classes[at(bound.class)].share);
        load.take(share);
        load.devices.set_aside(pod, share.gpus);
    }

    /// Counts it again.
    pub(super) fn put_back(&mut self, pod: u32) {
        let bound = self.census.back(pod);
        let (load, share) =
            (&mut self.loads[at(bound.host)], &self.census.classes[at(bound.class)].share);
        load.add(share);
        load.devices.put_back(pod, share.gpus);
    }
}
