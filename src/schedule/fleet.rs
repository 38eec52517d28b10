//! The fleet as the scheduler keeps it: hosts, the pods that are bound to them, and where the next pod goes.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::census::Census;
use super::class::{Class, Force, Rank};
use super::company::Company;
use super::demand::Demand;
use super::devices::{Gpus, Held};
use super::host_rules::HostRules;
use super::images::{Images, Wanted};
use super::interned::{Interned, at, number_of};
use super::layout::View;
use super::load::{Load, Share};
use super::machines::Lists;
use super::offers::Offers;
use super::pod_set::Traits;
use super::preempt::Costs;
use super::request::STORAGE;
use super::search::Search;
use super::spread::Spread;
use super::topology::NOWHERE;
use super::{Candidate, Guard, Readiness, Request};
use crate::inventory::{Profiles, Scheduling};
use crate::model::{GPU, GPU_MILLI, ImageOfList, Labels, NodeName};

/// Names a class of pods that are alike to the scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClassId(pub(super) u32);

/// Names a bound pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PodId(pub(super) u32);

/// Names a host, counted in order of the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostId(pub(super) u32);

/// The most domains that a topology may have for its hosts to be kept apart by domain.
const FEW: usize = 64;

/// Hosts, the pods that are bound to them, and where the next pod goes.
///
/// The same calls give the same answers, and the order in which hosts are given does not matter.
#[derive(Clone, Debug)]
pub struct Fleet {
    pub(super) census: Census,
    pub(super) loads: Vec<Load>,
    pub(super) profiles: Profiles,
    few: usize,
    by_name: BTreeMap<NodeName, u32>,
    classes: BTreeMap<String, u32>,
    rules: BTreeMap<String, Rc<HostRules>>,
    pub(super) resources: Interned<String>,
    /// What hosts have of images; worked out when it first counts for a pod.
    images: Option<Images>,
    /// The lists that registries have for images, where they were asked.
    lists: BTreeMap<String, Vec<ImageOfList>>,
    /// The pods that GPUs are kept whole for; nothing where no host has any.
    pub(super) demand: Demand,
    has_gpus: bool,
    pub(super) changes: Changes,
    pub(super) costs: Vec<Option<Costs>>,
    pub(super) searches: Vec<Search>,
    /// What pods take of hosts, and how hosts are chosen for them, as text.
    asks: Interned<String>,
    pub(super) offers: Offers,
    pub(super) guards: Vec<Guard>,
    /// The classes that have an index, the oldest first.
    pub(super) indexed: VecDeque<u32>,
}

/// The hosts that changed, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    pub(super) hosts: Vec<u32>,
    /// How often the list was begun anew.
    pub(super) begun: u64,
}

impl Fleet {
    /// Hosts without pods; `namespaces` are the labels of every namespace that has some.
    pub fn new(
        mut hosts: Vec<Candidate>,
        namespaces: BTreeMap<String, Labels>,
        profile: Scheduling,
    ) -> Self {
        hosts.sort_by(|one, other| one.name.cmp(&other.name));
        let mut resources = Interned::default();
        let load = |host: &Candidate| {
            let unsaid = (!host.further.contains_key(STORAGE)).then_some((STORAGE, u64::MAX));
            let counted = host.further.iter().filter(|(name, _)| !is_of_gpus(name));
            let said = counted.map(|(name, amount)| (name.as_str(), *amount));
            let amounts: Vec<(u32, u64)> = said
                .chain(unsaid)
                .map(|(name, amount)| (resources.number(name.to_owned()).0, amount))
                .collect();
            Load::of(host, amounts.into_iter())
        };
        let loads: Vec<Load> = hosts.iter().map(load).collect();
        let has_gpus = loads.iter().any(|load| !load.devices.is_empty());
        let by_name = hosts.iter().enumerate();
        let by_name = by_name.map(|(place, host)| (host.name.clone(), number_of(place))).collect();
        let images = match profile.weights.images {
            0 => None,
            _ => Some(Images::of(&hosts)),
        };
        Self {
            loads,
            by_name,
            images,
            lists: BTreeMap::new(),
            census: Census::of(hosts, namespaces),
            profiles: Profiles { own: profile, named: BTreeMap::new() },
            few: FEW,
            classes: BTreeMap::new(),
            rules: BTreeMap::new(),
            resources,
            demand: Demand::default(),
            has_gpus,
            changes: Changes::default(),
            costs: Vec::new(),
            searches: Vec::new(),
            asks: Interned::default(),
            offers: Offers::default(),
            guards: Vec::new(),
            indexed: VecDeque::new(),
        }
    }

    /// The same, with profiles that pods can name.
    #[must_use]
    pub fn profiled(mut self, named: BTreeMap<String, Scheduling>) -> Self {
        self.profiles.named = named;
        self
    }

    /// The same, with what is known of the lists that images are of, by the images' names as podman lists them.
    #[must_use]
    pub fn listed(mut self, lists: BTreeMap<String, Vec<ImageOfList>>) -> Self {
        self.lists = lists;
        self
    }

    /// The same, with topologies of more domains than this kept apart by how many pods their domains have.
    #[cfg(test)]
    pub(super) fn with_few(self, few: usize) -> Self {
        Self { few, ..self }
    }

    /// The hosts, in order of their names.
    pub fn hosts(&self) -> &[Candidate] {
        &self.census.hosts
    }

    /// The host of this name.
    pub fn host(&self, name: &NodeName) -> Option<HostId> {
        self.by_name.get(name).copied().map(HostId)
    }

    /// The name of a host.
    pub fn name(&self, host: HostId) -> &NodeName {
        &self.census.hosts[at(host.0)].name
    }

    /// The class of a pod; what it reads of a pod it reads once for all that are alike.
    pub fn class(&mut self, request: &Request) -> ClassId {
        let profile = self.profiles.of(&request.scheduler);
        let images = self.images_for(request, profile);
        let lists = Lists::of(&self.lists, &request.spec);
        let machines = lists.text();
        let asks_alike = images.text() + &machines;
        let key = request.class() + &asks_alike;
        if let Some(class) = self.classes.get(&key) {
            return ClassId(*class);
        }
        let hosts = &self.census.hosts;
        let host_rules = request.host_rules();
        let rules = self.rules.entry(host_rules.clone() + &asks_alike);
        let rules = Rc::clone(
            rules.or_insert_with(|| Rc::new(HostRules::of(hosts, request, &images, lists))),
        );
        let owner = request.owner.as_ref().map(|owner| self.census.owner(owner));
        let (namespace, labels) = (request.namespace.clone(), request.labels.clone());
        let traits = Traits { namespace, labels, owner };
        let guards = self.guards_of(&traits);
        let further = request.further.iter().filter(|(name, _)| !is_of_gpus(name));
        let further = further.map(|(name, asked)| (self.resources.number(name.clone()).0, *asked));
        let asked = |name: &str| request.further.get(name).copied().unwrap_or(0);
        let share = Share {
            asked: request.resources,
            further: further.collect(),
            gpus: Gpus { whole: asked(GPU), part: asked(GPU_MILLI) },
            weight: request.weight,
            ports: request.ports.iter().copied().collect(),
        };
        let asks = self.asks.number(format!("{share:?} {profile:?}")).0;
        let class = Class {
            traits,
            guards,
            profile,
            share,
            asks,
            rules,
            host_rules: (host_rules + &machines).into(),
            sets: Vec::new(),
            feeds: Vec::new(),
            reads: Vec::new(),
            version: 0,
            company: Company::default(),
            spread: Spread::default(),
            rank: Rank {
                priority: request.spec.priority.unwrap_or(0),
                force: match request.spec.preemption_policy.as_deref() {
                    Some("Never") => Force::Never,
                    Some(_) | None => Force::Lower,
                },
            },
            pods: Vec::new(),
        };
        let number = self.census.admit(class);
        self.census.keep_company(number, &request.spec);
        self.census.spread_out(number, &request.spec);
        self.searches.push(Search::default());
        self.costs.push(None);
        self.classes.insert(key, number_of(number));
        ClassId(number_of(number))
    }

    /// What of a pod's images some host has, where that counts.
    fn images_for(&mut self, request: &Request, profile: Option<Scheduling>) -> Wanted {
        if profile.is_none_or(|profile| profile.weights.images == 0) {
            return Wanted::default();
        }
        let images = self.images.get_or_insert_with(|| Images::of(&self.census.hosts));
        images.wanted(&request.spec)
    }

    /// Whether hosts have GPUs.
    pub fn has_gpus(&self) -> bool {
        self.has_gpus
    }

    /// Says that so many pods of a class are there or to be placed, so that GPUs are left as they need them. Of no effect where no
    /// host has any.
    pub fn expect(&mut self, class: ClassId, pods: u64) {
        if self.has_gpus() {
            self.demand.expect(&self.census.classes[at(class.0)], pods);
        }
    }

    /// Counts a pod of a class on a host, whether or not it fits there; it gets GPUs as it asks for.
    pub fn bind(&mut self, class: ClassId, host: HostId) -> PodId {
        let asked = self.census.classes[at(class.0)].share.gpus;
        let held = if asked.is_none() {
            Held::default()
        } else {
            self.loads[at(host.0)].devices.choose(asked)
        };
        self.bind_holding(class, host, held)
    }

    /// Counts a pod of a class on a host which has these GPUs there.
    pub fn bind_holding(&mut self, class: ClassId, host: HostId, held: Held) -> PodId {
        let load = &mut self.loads[at(host.0)];
        let pod = self.census.arrive(class.0, host.0, number_of(load.pods.len()));
        load.pods.push(pod);
        let share = &self.census.classes[at(class.0)].share;
        load.add(share);
        if !share.gpus.is_none() {
            load.devices.hold(pod, share.gpus, held);
        }
        self.note(class.0, host.0);
        PodId(pod)
    }

    /// Says since when a bound pod has been there, in seconds since 1970: of those of one priority, the first to come goes last.
    pub fn came(&mut self, pod: PodId, since: i64) {
        self.census.pods[at(pod.0)].since = since;
    }

    /// The GPUs that a bound pod has.
    pub fn held(&self, pod: PodId) -> Held {
        let bound = self.census.pods[at(pod.0)];
        let load = self.loads.get(at(bound.host));
        load.and_then(|load| load.devices.held(pod.0)).cloned().unwrap_or_default()
    }

    /// Counts a bound pod no more.
    pub fn unbind(&mut self, pod: PodId) {
        let bound = self.census.leave(pod.0);
        let load = &mut self.loads[at(bound.host)];
        load.pods.swap_remove(at(bound.at_host));
        if let Some(moved) = load.pods.get(at(bound.at_host)) {
            self.census.pods[at(*moved)].at_host = bound.at_host;
        }
        let share = &self.census.classes[at(bound.class)].share;
        load.take(share);
        if !share.gpus.is_none() {
            load.devices.give_back(pod.0, share.gpus);
        }
        self.note(bound.class, bound.host);
    }

    /// Takes a host for lost: nothing more goes there, and its pods are returned, which are counted no more.
    pub fn lose(&mut self, host: HostId) -> Vec<ClassId> {
        let pods = self.loads[at(host.0)].pods.clone();
        let classes = pods.iter().map(|pod| ClassId(self.census.pods[at(*pod)].class)).collect();
        for pod in pods {
            self.unbind(PodId(pod));
        }
        self.loads[at(host.0)].readiness = Readiness::Unreachable;
        self.changes.hosts.push(host.0);
        classes
    }

    /// Notes that pods of a class on a host have changed, and with them what the other hosts of its domains are told apart by.
    fn note(&mut self, class: u32, host: u32) {
        if self.changes.hosts.len() > 4 * self.loads.len() + 1024 {
            self.changes.hosts.clear();
            self.changes.begun += 1;
        }
        self.changes.hosts.push(host);
        for counter in &self.census.classes[at(class)].feeds {
            let number = self.census.counters[at(*counter)].key.topology;
            let topology = &self.census.topologies[at(number)];
            let domain = topology.domain[at(host)];
            if topology.domains() > self.few && domain != NOWHERE {
                let others = topology.hosts[at(domain)].iter().filter(|other| **other != host);
                self.changes.hosts.extend(others);
            }
        }
    }

    pub(super) fn view(&self, class: ClassId) -> View<'_> {
        let class = &self.census.classes[at(class.0)];
        View {
            class,
            census: &self.census,
            loads: &self.loads,
            profile: class.profile.as_ref().unwrap_or(&self.profiles.own),
            mix: self.demand.mix(),
            few: self.few,
        }
    }
}

/// Whether a resource is counted by device.
fn is_of_gpus(name: &str) -> bool {
    [GPU, GPU_MILLI].contains(&name)
}
