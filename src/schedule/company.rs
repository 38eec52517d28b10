//! Pod affinity and anti-affinity: whom a pod must, must not, would rather and would rather not have beside it, and whom those
//! that are there already would.
//!
//! Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity>

use k8s_openapi::api::core::v1::{PodAffinityTerm, PodSpec, WeightedPodAffinityTerm};

use super::Rejection;
use super::census::Census;
use super::class::Class;
use super::counter::{Counted, Counter};
use super::pod_set::{Choice, PodSet};

/// How much a pod is drawn to one that must have it near: kube-scheduler's `hardPodAffinityWeight`.
const MUST: i64 = 1;

/// Whom the pods of a class want to be with; counters are named by their place in the class's list.
#[derive(Clone, Debug, Default)]
pub(super) struct Company {
    /// Pods that they must have in their domain, a counter a topology.
    near: Vec<u32>,
    /// Whether they are such pods themselves.
    among: Among,
    /// Pods that they must not have in their domain.
    apart: Vec<u32>,
    /// Pods that must not have them in their domain.
    shunned: Vec<u32>,
    /// Pods that count so much, or so little.
    wishes: Vec<(u32, i64)>,
}

/// Whether a pod is one of those that it must be near.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Among {
    #[default]
    Others,
    Itself,
}

impl Company {
    /// Heeds a counter of pods that have a wish about this class.
    pub(super) fn heed(class: &mut Class, counter: u32, counted: Counted) {
        let read = class.read(counter);
        match counted {
            Counted::Members(_) => {}
            Counted::Shunning(_) => class.company.shunned.push(read),
            Counted::Wishing(_, weight) => class.company.wishes.push((read, weight)),
        }
    }

    /// What forbids the host; `count` says how many pods of each counter its domain has, if it is in one.
    pub(super) fn reject(
        class: &Class,
        counters: &[Counter],
        count: &impl Fn(u32) -> Option<u32>,
    ) -> Option<Rejection> {
        let company = &class.company;
        let taken = |read: &u32| count(*read).is_some_and(|pods| pods > 0);
        if !company.near.is_empty() && !company.near.iter().all(taken) {
            let in_all = company.near.iter().all(|read| count(*read).is_some());
            let nobody = company.near.iter().all(|read| counters[class.counter(*read)].total == 0);
            if !(in_all && nobody && company.among == Among::Itself) {
                return Some(Rejection::PodAffinity);
            }
        }
        if company.apart.iter().any(taken) {
            return Some(Rejection::PodAntiAffinity);
        }
        company.shunned.iter().any(taken).then_some(Rejection::ExistingAntiAffinity)
    }

    /// Whether other pods can forbid a host.
    pub(super) fn binds(&self) -> bool {
        !(self.near.is_empty() && self.apart.is_empty() && self.shunned.is_empty())
    }

    /// How much the company in a domain is worth.
    pub(super) fn worth(&self, count: &impl Fn(u32) -> Option<u32>) -> i64 {
        let worth = |(read, weight): &(u32, i64)| {
            i64::from(count(*read).unwrap_or(0)).saturating_mul(*weight)
        };
        self.wishes.iter().map(worth).fold(0, i64::saturating_add)
    }
}

impl Census {
    /// Reads the terms of a class that was just admitted.
    pub(super) fn keep_company(&mut self, class: usize, spec: &PodSpec) {
        let Some(affinity) = &spec.affinity else { return };
        if let Some(pods) = &affinity.pod_affinity {
            let required = pods.required_during_scheduling_ignored_during_execution.as_deref();
            self.must_be_near(class, required.unwrap_or_default());
            let wishes = pods.preferred_during_scheduling_ignored_during_execution.as_deref();
            self.wish(class, wishes.unwrap_or_default(), 1);
        }
        if let Some(pods) = &affinity.pod_anti_affinity {
            let required = pods.required_during_scheduling_ignored_during_execution.as_deref();
            for term in required.unwrap_or_default() {
                let (set, topology) = self.term(class, term);
                let counter = self.members(set, topology, 0);
                let read = self.classes[class].read(counter);
                self.classes[class].company.apart.push(read);
                let shunning = self.terms(Counted::Shunning(set), topology);
                self.classes[class].feeds.push(shunning);
            }
            let wishes = pods.preferred_during_scheduling_ignored_during_execution.as_deref();
            self.wish(class, wishes.unwrap_or_default(), -1);
        }
    }

    /// A pod counts only if every term chooses it.
    fn must_be_near(&mut self, class: usize, terms: &[PodAffinityTerm]) {
        if terms.is_empty() {
            return;
        }
        let traits = self.classes[class].traits.clone();
        let choices = terms.iter().map(|term| Choice::of_term(term, &traits)).collect();
        let all = self.set(PodSet::Chosen(choices));
        if self.classes[class].sets.contains(&all) {
            self.classes[class].company.among = Among::Itself;
        }
        for term in terms {
            let topology = self.topology(&term.topology_key);
            let counter = self.members(all, topology, 0);
            let read = self.classes[class].read(counter);
            self.classes[class].company.near.push(read);
            // Others are drawn to it in turn.
            let (set, topology) = self.term(class, term);
            let wishing = self.terms(Counted::Wishing(set, MUST), topology);
            self.classes[class].feeds.push(wishing);
        }
    }

    fn wish(&mut self, class: usize, terms: &[WeightedPodAffinityTerm], sign: i64) {
        for WeightedPodAffinityTerm { pod_affinity_term, weight } in terms {
            let weight = sign * i64::from(*weight);
            let (set, topology) = self.term(class, pod_affinity_term);
            let counter = self.members(set, topology, 0);
            let read = self.classes[class].read(counter);
            self.classes[class].company.wishes.push((read, weight));
            let wishing = self.terms(Counted::Wishing(set, weight), topology);
            self.classes[class].feeds.push(wishing);
        }
    }

    fn term(&mut self, class: usize, term: &PodAffinityTerm) -> (u32, u32) {
        let choice = Choice::of_term(term, &self.classes[class].traits);
        (self.set(PodSet::Chosen(vec![choice])), self.topology(&term.topology_key))
    }
}
