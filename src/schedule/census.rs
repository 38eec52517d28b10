//! Who is where, and what is counted of it: classes, bound pods, and a counter for each thing that a term or a constraint asks.
//! A pod that comes or goes changes the counters that it concerns and nothing else.

use std::collections::BTreeMap;

use super::Candidate;
use super::class::Class;
use super::company::Company;
use super::counter::{Counted, Counter, CounterKey};
use super::interned::{Interned, Met, at, number_of};
use super::pod_set::PodSet;
use super::topology::{NOWHERE, Topology};
use crate::model::{Labels, ObjectKey};

/// No host: the pod is not bound any more.
const GONE: u32 = u32::MAX;

/// Who is where, and what is counted of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Census {
    /// The hosts, in order of their names.
    pub(super) hosts: Vec<Candidate>,
    /// The labels of every namespace.
    pub(super) namespaces: BTreeMap<String, Labels>,
    /// The topologies that something asks for, by the numbers of their labels.
    pub(super) topologies: Vec<Topology>,
    labels: Interned<String>,
    /// Lists of hosts on which pods count.
    grounds: Interned<Vec<bool>>,
    sets: Interned<PodSet>,
    of_set: Vec<OfSet>,
    pub(super) counters: Vec<Counter>,
    by_key: BTreeMap<CounterKey, u32>,
    owners: Interned<ObjectKey>,
    pub(super) classes: Vec<Class>,
    pub(super) pods: Vec<Bound>,
    free: Vec<u32>,
}

/// The counters about a set of pods.
#[derive(Clone, Debug, Default)]
struct OfSet {
    /// Those that count its pods.
    members: Vec<u32>,
    /// Those of pods that have a wish about it.
    terms: Vec<u32>,
}

/// A bound pod.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) class: u32,
    pub(super) host: u32,
    /// Its place among the pods of its host.
    pub(super) at_host: u32,
    /// Its place among the pods of its class.
    at_class: u32,
    /// Since when it has been there, in seconds since 1970; the largest number where that is not known.
    pub(super) since: i64,
}

impl Census {
    /// Nobody anywhere.
    pub(super) fn of(hosts: Vec<Candidate>, namespaces: BTreeMap<String, Labels>) -> Self {
        let mut census = Self { hosts, namespaces, ..Self::default() };
        let everywhere = vec![true; census.hosts.len()];
        census.ground(everywhere);
        census
    }

    /// The number of a topology.
    pub(super) fn topology(&mut self, label: &str) -> u32 {
        let (number, met) = self.labels.number(label.to_owned());
        if met == Met::Now {
            self.topologies.push(Topology::of(&self.hosts, label));
        }
        number
    }

    /// The number of a list of hosts on which pods count; that of all hosts is 0.
    pub(super) fn ground(&mut self, hosts: Vec<bool>) -> u32 {
        self.grounds.number(hosts).0
    }

    /// The number of an owner.
    pub(super) fn owner(&mut self, owner: &ObjectKey) -> u32 {
        self.owners.number(owner.clone()).0
    }

    /// Takes in a class; its own terms are read after that.
    pub(super) fn admit(&mut self, class: Class) -> usize {
        let number = self.classes.len();
        self.classes.push(class);
        for set in 0..self.sets.values().len() {
            self.join(number_of(set), number);
        }
        number
    }

    /// Has a class join a set that it is in.
    fn join(&mut self, set: u32, class: usize) {
        let Self { sets, of_set, classes, counters, namespaces, .. } = self;
        let class = &mut classes[class];
        if !sets.value(set).has(&class.traits, namespaces) {
            return;
        }
        class.sets.push(set);
        let OfSet { members, terms } = &of_set[at(set)];
        class.feeds.extend(members);
        for counter in terms {
            Company::heed(class, *counter, counters[at(*counter)].key.pods);
        }
    }

    /// The number of a set of pods.
    pub(super) fn set(&mut self, set: PodSet) -> u32 {
        let (number, met) = self.sets.number(set);
        if met == Met::Now {
            self.of_set.push(OfSet::default());
            for class in 0..self.classes.len() {
                self.join(number, class);
            }
        }
        number
    }

    /// The counter of the pods of a set, on this ground.
    pub(super) fn members(&mut self, set: u32, topology: u32, ground: u32) -> u32 {
        let key = CounterKey { pods: Counted::Members(set), topology, ground };
        let (number, met) = self.counter(key);
        if met == Met::Before {
            return number;
        }
        self.of_set[at(set)].members.push(number);
        let Self { classes, counters, pods, topologies, grounds, .. } = self;
        let (counter, topology) = (&mut counters[at(number)], &topologies[at(topology)]);
        for class in classes.iter_mut().filter(|class| class.sets.contains(&set)) {
            class.feeds.push(number);
            for pod in &class.pods {
                let host = at(pods[at(*pod)].host);
                if topology.domain[host] != NOWHERE && grounds.value(ground)[host] {
                    counter.add(topology.domain[host]);
                }
            }
        }
        number
    }

    /// The counter of pods that have a wish about a set, which all classes of the set heed from now on.
    pub(super) fn terms(&mut self, counted: Counted, topology: u32) -> u32 {
        let (number, met) = self.counter(CounterKey { pods: counted, topology, ground: 0 });
        let (Counted::Members(set) | Counted::Shunning(set) | Counted::Wishing(set, _)) = counted;
        if met == Met::Now {
            self.of_set[at(set)].terms.push(number);
            for class in self.classes.iter_mut().filter(|class| class.sets.contains(&set)) {
                Company::heed(class, number, counted);
            }
        }
        number
    }

    fn counter(&mut self, key: CounterKey) -> (u32, Met) {
        if let Some(number) = self.by_key.get(&key) {
            return (*number, Met::Before);
        }
        let number = number_of(self.counters.len());
        let (topology, ground) = (&self.topologies[at(key.topology)], key.ground);
        self.counters.push(Counter::new(key.clone(), topology, self.grounds.value(ground)));
        self.by_key.insert(key, number);
        (number, Met::Now)
    }

    /// Counts a pod that comes; returns its number. `place` is its place among the pods of its host.
    pub(super) fn arrive(&mut self, class: u32, host: u32, place: u32) -> u32 {
        self.count(class, host, Counter::add);
        let pods = &mut self.classes[at(class)].pods;
        let at_class = number_of(pods.len());
        let bound = Bound { class, host, at_host: place, at_class, since: i64::MAX };
        let number = match self.free.pop() {
            Some(number) => {
                self.pods[at(number)] = bound;
                number
            }
            None => {
                self.pods.push(bound);
                number_of(self.pods.len() - 1)
            }
        };
        pods.push(number);
        number
    }

    /// Counts a pod that goes.
    pub(super) fn leave(&mut self, pod: u32) -> Bound {
        let bound = self.pods[at(pod)];
        self.count(bound.class, bound.host, Counter::take);
        let pods = &mut self.classes[at(bound.class)].pods;
        pods.swap_remove(at(bound.at_class));
        if let Some(moved) = pods.get(at(bound.at_class)) {
            self.pods[at(*moved)].at_class = bound.at_class;
        }
        self.pods[at(pod)].host = GONE;
        self.free.push(pod);
        bound
    }

    /// Does not count a pod for a moment, which stays where it is.
    pub(super) fn aside(&mut self, pod: u32) -> Bound {
        let bound = self.pods[at(pod)];
        self.count(bound.class, bound.host, Counter::take);
        bound
    }

    /// Counts a pod again.
    pub(super) fn back(&mut self, pod: u32) -> Bound {
        let bound = self.pods[at(pod)];
        self.count(bound.class, bound.host, Counter::add);
        bound
    }

    fn count(&mut self, class: u32, host: u32, change: fn(&mut Counter, u32)) {
        let Self { classes, counters, topologies, grounds, .. } = self;
        for number in &classes[at(class)].feeds {
            let counter = &mut counters[at(*number)];
            let domain = topologies[at(counter.key.topology)].domain[at(host)];
            if domain != NOWHERE && grounds.value(counter.key.ground)[at(host)] {
                change(counter, domain);
            }
        }
    }

    /// The domain of a host for a counter.
    pub(super) fn domain(&self, counter: u32, host: u32) -> u32 {
        let topology = self.counters[at(counter)].key.topology;
        self.topologies[at(topology)].domain[at(host)]
    }
}
