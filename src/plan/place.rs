//! Places the pods that are missing: the most important first, and where there is no room, less important ones make some.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Pod;

use super::classify::Condition;
use super::report::{Pending, Waiting};
use super::room::MadeWay;
use super::storage::rejections;
use super::target::Choice;
use crate::admission::Life;
use crate::bindings::Binding;
use crate::controller::{Storage, Strategy, Wanted, WantedPods};
use crate::model::{NodeName, ObjectKey, PodKey};
use crate::schedule::{Decision, Rejection, Request};

/// How many pods each object lacks, and whose turn it is.
struct Queue<'w> {
    wanted: &'w [Wanted],
    missing: Vec<u64>,
    /// The objects whose turn is to come: by priority, and those of one priority by name.
    turns: BTreeSet<(Reverse<i32>, usize)>,
    /// How many pods have a host now.
    placed: u64,
    /// The objects of which pods have none for want of others that may yet come, with how many had one by then.
    lonely: Vec<(usize, u64)>,
}

impl<'w> Queue<'w> {
    fn of(wanted: &'w [Wanted], missing: Vec<u64>) -> Self {
        let mut queue =
            Self { wanted, missing, turns: BTreeSet::new(), placed: 0, lonely: Vec::new() };
        for at in 0..wanted.len() {
            queue.call(at);
        }
        queue
    }

    fn call(&mut self, at: usize) {
        if self.missing[at] > 0 {
            self.turns.insert((Reverse(self.wanted[at].priority()), at));
        }
    }

    /// Whether pods of an object are gone before others are made in their places.
    fn makes_way(&self, owner: &ObjectKey) -> bool {
        let wanted = self.wanted.iter().find(|wanted| wanted.source == *owner);
        wanted.is_some_and(|wanted| match &wanted.pods {
            WantedPods::One(_) => true,
            WantedPods::Like { strategy, .. } => matches!(strategy, Strategy::Recreate),
            WantedPods::Blocked { .. } => false,
        })
    }

    /// The objects that lacked others since when more have been placed. None lacks any afterwards.
    fn with_more_company(&mut self) -> Vec<usize> {
        let lonely = std::mem::take(&mut self.lonely).into_iter();
        let again = lonely.filter(|(_, by_then)| *by_then < self.placed);
        again.map(|(at, _)| at).collect()
    }

    /// A pod of an object is gone: it lacks one more.
    fn lost(&mut self, owner: &ObjectKey) {
        if let Some(at) = self.wanted.iter().position(|wanted| wanted.source == *owner) {
            self.missing[at] += 1;
            self.call(at);
        }
    }
}

/// Where a pod goes.
enum Place {
    At(NodeName),
    Nowhere(BTreeMap<NodeName, Rejection>),
}

impl Choice<'_> {
    /// Places as many new pods as are missing.
    pub(super) fn place_all(
        &mut self,
        wanted: &[Wanted],
        missing: Vec<u64>,
        storage: &mut Storage<'_>,
    ) {
        for (wanted, missing) in wanted.iter().zip(&missing) {
            let request = || Some(Request::of(&wanted.pod(0)?.1, wanted.owner()));
            self.room.expects(*missing, request);
        }
        for lodging in std::mem::take(&mut self.promised) {
            self.room.checks_out(lodging);
        }
        let mut queue = Queue::of(wanted, missing);
        loop {
            while let Some((_, at)) = queue.turns.pop_first() {
                let missing = std::mem::take(&mut queue.missing[at]);
                self.fill(&wanted[at], missing, &mut queue, storage);
                if missing > 0 && self.lacks_company(&wanted[at]) {
                    queue.lonely.push((at, queue.placed));
                }
            }
            let again = queue.with_more_company();
            if again.is_empty() {
                return;
            }
            for at in again {
                queue.missing[at] += self.waits_no_more(&wanted[at]);
                queue.call(at);
            }
        }
    }

    /// Places the missing pods of one object; they are alike, so where one goes nowhere the rest need not be tried.
    fn fill(
        &mut self,
        wanted: &Wanted,
        missing: u64,
        queue: &mut Queue<'_>,
        storage: &mut Storage<'_>,
    ) {
        for done in 0..missing {
            let nth = self.target.bindings.named.get(&wanted.source).copied().unwrap_or(0);
            let Some((key, pod)) = wanted.pod(nth) else { return };
            if let Err(why) = self.admit(wanted, &key, &pod) {
                self.refuse(&wanted.source, missing - done, why);
                return;
            }
            let kept_from = self.kept_from(storage, &key, &pod);
            let request = Request::of(&pod, wanted.owner()).kept_from(kept_from);
            let node = match self.place(&key, &request, queue) {
                Place::At(node) => node,
                Place::Nowhere(rejections) => {
                    let others = missing - done - 1;
                    let taken = self.admit_more(&key, &pod, others);
                    self.waits(wanted, taken + 1, rejections);
                    if taken < others
                        && let Err(why) = self.admit(wanted, &key, &pod)
                    {
                        self.refuse(&wanted.source, others - taken, why);
                    }
                    return;
                }
            };
            let spec = pod.spec.clone().unwrap_or_default();
            let Some(address) = self.address(&key, &node, &spec) else { return };
            if matches!(wanted.pods, WantedPods::Like { .. }) {
                self.target.bindings.named.insert(wanted.source.clone(), nth + 1);
            }
            self.charge_claims(storage, &key, &pod);
            storage.placed(&key, &pod, &node);
            let owner = wanted.owner();
            let digest = wanted.digest.clone();
            let devices = BTreeMap::new();
            queue.placed += 1;
            let binding = Binding { pod, node, address, owner, digest, devices };
            self.target.bindings.pods.insert(key, binding);
        }
    }

    /// The hosts that the volumes of a pod keep it from.
    pub(super) fn kept_from(
        &self,
        storage: &Storage<'_>,
        key: &PodKey,
        pod: &Pod,
    ) -> BTreeMap<NodeName, Rejection> {
        match storage.conflicts(key, pod) {
            Ok(conflicts) => match self.refused_claim(storage, key, pod) {
                None => rejections(conflicts),
                Some(why) => self.nowhere(&why),
            },
            Err(error) => self.nowhere(&error.to_string()),
        }
    }

    /// Whether pods of an object wait for a host that others who are placed later may make one for them.
    fn lacks_company(&self, wanted: &Wanted) -> bool {
        self.target.pending.iter().filter(|told| told.object == wanted.source).any(|told| {
            matches!(&told.waiting, Waiting::Host { rejections, .. } if rejections
                .values()
                .any(|why| matches!(why, Rejection::PodAffinity | Rejection::Spread)))
        })
    }

    /// Has the pods of an object not wait for a host any more, nor count, and returns how many those were.
    fn waits_no_more(&mut self, wanted: &Wanted) -> u64 {
        let is_it = |told: &Pending| {
            told.object == wanted.source && matches!(told.waiting, Waiting::Host { .. })
        };
        let told = self.target.pending.iter().find(|told| is_it(told)).map(|told| &told.waiting);
        let Some(&Waiting::Host { pods, .. }) = told else { return 0 };
        self.target.pending.retain(|told| !is_it(told));
        if let Some((key, pod)) = wanted.pod(0)
            && let Some(spec) = &pod.spec
        {
            for _ in 0..pods {
                self.quotas.release(&key.namespace, spec, Life::Lasting);
            }
        }
        pods
    }

    /// Says that pods wait for a host; those of one object are told together.
    fn waits(&mut self, wanted: &Wanted, pods: u64, rejections: BTreeMap<NodeName, Rejection>) {
        let is_told = |told: &&mut Pending| {
            told.object == wanted.source && matches!(told.waiting, Waiting::Host { .. })
        };
        let before = match self.target.pending.iter_mut().find(is_told) {
            Some(Pending { waiting: Waiting::Host { pods, .. }, .. }) => std::mem::take(pods),
            _ => 0,
        };
        self.target.pending.retain(|told| {
            told.object != wanted.source || !matches!(told.waiting, Waiting::Host { .. })
        });
        let waiting = Waiting::Host { pods: pods + before, rejections };
        self.target.pending.push(Pending { object: wanted.source.clone(), waiting });
    }

    /// A host that has room or will have, else one on which less important pods make some.
    fn place(&mut self, key: &PodKey, request: &Request, queue: &mut Queue<'_>) -> Place {
        let directed = request.owner.as_ref().and_then(|owner| self.directed.get_mut(owner)?.pop());
        if let Some(node) = directed.filter(|node| self.room.place_at(key, request, node)) {
            return Place::At(node);
        }
        let rejections = match self.room.place(key, request) {
            Decision::Place(node) => return Place::At(node),
            Decision::Pending(rejections) => rejections,
        };
        let Some(MadeWay { node, victims }) = self.room.make_way(key, request) else {
            return Place::Nowhere(rejections);
        };
        for victim in victims {
            let binding = self.target.bindings.pods.get(&victim);
            let priority = binding.and_then(|binding| binding.pod.spec.as_ref()?.priority);
            let all = self.made_way.entry(key.clone()).or_default();
            all.insert(victim.clone(), priority.unwrap_or(0));
            self.yields(&victim, key, queue);
        }
        Place::At(node)
    }

    /// A pod goes for another. It may still come up elsewhere.
    fn yields(&mut self, victim: &PodKey, key: &PodKey, queue: &mut Queue<'_>) {
        let Some(binding) = self.target.bindings.pods.remove(victim) else { return };
        let source = binding.source(victim);
        queue.lost(&source);
        let is_there = self.input.bindings.pods.contains_key(victim)
            && !matches!(self.condition(victim, &binding), Condition::Missing);
        // As long as it is there it counts, unless nothing is made in its place before it is gone.
        if !is_there || queue.makes_way(&source) {
            self.release(victim, &binding);
        }
        self.target.displaced.insert(victim.clone(), format!("makes room for Pod {key}"));
        self.target.bindings.yielding.insert(victim.clone(), binding.node.clone());
        if is_there {
            self.target.bindings.leaving.insert(victim.clone(), binding);
        }
    }

    /// Keeps in mind who makes room until they are seen to be gone.
    pub(super) fn yield_up(&mut self) {
        for (key, node) in &self.input.bindings.yielding {
            self.target.bindings.yielding.entry(key.clone()).or_insert_with(|| node.clone());
        }
        let sandbox = |key: &PodKey| super::realise::sandbox_name(&self.input.inventory.fleet, key);
        let input = self.input;
        let is_gone = |key: &PodKey, node: &NodeName| match input.observed.report(node) {
            Some(report) => !report.pods.contains_key(&sandbox(key)),
            None => !input.inventory.hosts.contains_key(node),
        };
        // One that finds room where it is has nothing to yield to any more.
        let bound = &self.target.bindings.pods;
        let comes_back =
            |key: &PodKey, node: &NodeName| bound.get(key).is_some_and(|b| b.node == *node);
        let goes =
            |key: &PodKey, node: &mut NodeName| !is_gone(key, node) && !comes_back(key, node);
        self.target.bindings.yielding.retain(goes);
        for key in self.target.bindings.yielding.keys() {
            let why = || "makes room for pods of higher priority".to_owned();
            self.target.displaced.entry(key.clone()).or_insert_with(why);
        }
    }

    /// What keeps a pod from every host.
    fn nowhere(&self, what: &str) -> BTreeMap<NodeName, Rejection> {
        let hosts = self.room.hosts().iter().map(|host| host.name.clone());
        hosts.map(|host| (host, Rejection::Claims { what: what.to_owned() })).collect()
    }
}
