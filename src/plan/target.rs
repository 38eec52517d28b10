//! The target: which Pods should exist, on which host, at which address.
//!
//! Whatever can stay, stays. What is new is placed after everything that stays has been counted.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{Pod, PodSpec};

use super::PlanInput;
use super::amounts::Others;
use super::capacity::candidates;
use super::classify::{Condition, available, classify};
use super::realise::{network as network_of, sandbox_name};
use super::report::{Pending, Waiting};
use super::sandbox::PodNetwork;
use super::storage::rejections;
use super::tags::moved_tag;
use crate::bindings::{Binding, Bindings};
use crate::controller::{ClaimError, Storage, Wanted, WantedPods};
use crate::model::{Digest, NodeName, ObjectKey, PodKey};
use crate::network::{Subnets, allocate_pod, allocate_service, host_range};
use crate::observed::Observed;
use crate::schedule::{Candidate, Decision, Rejection, Request, count, may_stay, place};

/// The target, and what could not be part of it.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// Every choice.
    pub(super) bindings: Bindings,
    /// Pods that go nowhere now, and Services without an address.
    pub(super) pending: Vec<Pending>,
    /// Why pods that were bound before are bound no longer, where it is not that something else is wanted.
    pub(super) displaced: BTreeMap<PodKey, String>,
}

/// Chooses the target.
pub(super) fn target(
    input: &PlanInput<'_>,
    wanted: &[Wanted],
    storage: &mut Storage<'_>,
) -> Target {
    let mut choice = Choice::begin(input);
    let missing: Vec<u64> = wanted.iter().map(|wanted| choice.keep(wanted)).collect();
    choice.retire();
    choice.occupy(storage);
    for (wanted, missing) in wanted.iter().zip(missing) {
        choice.fill(wanted, missing, storage);
    }
    choice.addresses_of_services();
    choice.done()
}

/// A target in the making.
struct Choice<'a> {
    input: &'a PlanInput<'a>,
    /// The hosts with what stays and what is new.
    final_load: Vec<Candidate>,
    /// The hosts with what is leaving as well.
    current_load: Vec<Candidate>,
    /// What is asked for beside what the scheduler counts.
    others: Others,
    /// Addresses that no new pod can have; known once it is clear what stays and what is leaving.
    taken: BTreeSet<Ipv4Addr>,
    target: Target,
}

impl<'a> Choice<'a> {
    fn begin(input: &'a PlanInput<'a>) -> Self {
        let mut subnets = Subnets { nodes: input.bindings.nodes.clone() };
        subnets.nodes.retain(|node, _| input.inventory.hosts.contains_key(node));
        let mut pending = Vec::new();
        for node in input.inventory.hosts.keys() {
            let reported = input.observed.report(node).and_then(|report| report.network.subnet);
            if !subnets.ensure(node, reported, &input.inventory.network) {
                let range = input.inventory.network.pod_cidr;
                let what = format!("{range} has no range left for this host");
                let object = ObjectKey::new("Node", "", node.as_str());
                pending.push(Pending { object, waiting: Waiting::Mended { what } });
            }
        }
        for (node, given) in &mut subnets.nodes {
            let host = input.inventory.hosts.get(node);
            let reported = input.observed.report(node).and_then(|report| report.facts.address);
            let address = host.and_then(|h| h.internal_address).or(reported);
            given.address = address.or(given.address);
        }
        let hosts: Vec<Candidate> = candidates(input)
            .into_iter()
            .filter(|host| subnets.nodes.contains_key(&host.name))
            .collect();
        let bindings = Bindings {
            nodes: subnets.nodes,
            named: input.bindings.named.clone(),
            ..Bindings::default()
        };
        Self {
            input,
            final_load: hosts.clone(),
            current_load: hosts,
            others: Others::begin(input),
            taken: BTreeSet::new(),
            target: Target { bindings, pending, displaced: BTreeMap::new() },
        }
    }

    /// Keeps what fits of what is bound, and returns how many pods are missing.
    fn keep(&mut self, wanted: &Wanted) -> u64 {
        match &wanted.pods {
            WantedPods::One(pod) => {
                let key = PodKey::new(&wanted.source.namespace, &wanted.source.name);
                let standing = self.standing(wanted).remove(&key);
                let bound = self.input.bindings.pods.get(&key).cloned().or(standing);
                let Some(bound) = bound.filter(|bound| self.stays(&key, bound)) else { return 1 };
                let digest = wanted.digest.clone();
                self.bind(key, Binding { pod: (**pod).clone(), digest, ..bound });
                0
            }
            WantedPods::Like { count, min_ready_seconds, .. } => {
                let ranked = self.ranked(wanted, *min_ready_seconds);
                let kept = ranked.into_iter().take(usize::try_from(*count).unwrap_or(usize::MAX));
                let kept: Vec<_> = kept.collect();
                let missing = count.saturating_sub(kept.len() as u64);
                for (key, binding) in kept {
                    self.bind(key, binding);
                }
                missing
            }
            WantedPods::Blocked(why) => {
                let waiting = Waiting::Mended { what: why.clone() };
                let object = wanted.source.clone();
                self.target.pending.push(Pending { object, waiting });
                self.keep_as_they_are(wanted);
                0
            }
        }
    }

    /// The pods of an object that may stay, those to keep first: available ones, among them those that are bound (what was
    /// replaced while its host was lost stays replaced), and spread over hosts.
    fn ranked(&mut self, wanted: &Wanted, min_ready_seconds: u32) -> Vec<(PodKey, Binding)> {
        let mut staying = Vec::new();
        for (key, binding) in self.standing(wanted) {
            if self.stays(&key, &binding) {
                let condition = self.condition(&key, &binding);
                let ready = available(&condition, min_ready_seconds, self.input.now);
                let bound = self.input.bindings.pods.contains_key(&key);
                staying.push(((!ready, !bound), 0_u64, key, binding));
            }
        }
        staying.sort_by_key(|(last, ..)| *last);
        let mut on_host: BTreeMap<NodeName, u64> = BTreeMap::new();
        for (_, nth, _, binding) in &mut staying {
            let before = on_host.entry(binding.node.clone()).or_default();
            *nth = *before;
            *before += 1;
        }
        staying.sort_by_key(|(last, nth, ..)| (*last, *nth));
        staying.into_iter().map(|(_, _, key, binding)| (key, binding)).collect()
    }

    /// Every pod that was made from what is wanted now: bound ones, leaving ones that may stay after all, and ones that only
    /// their host knows of (the state was lost, or the fleet was taken over).
    fn standing(&self, wanted: &Wanted) -> BTreeMap<PodKey, Binding> {
        let owner = wanted.owner();
        let own = PodKey::new(&wanted.source.namespace, &wanted.source.name);
        let mine = |key: &PodKey, of: &Option<ObjectKey>, digest: &Digest| {
            *of == owner && *digest == wanted.digest && (of.is_some() || *key == own)
        };
        let mut standing = BTreeMap::new();
        for (node, report) in self.input.observed.reachable() {
            for pod in report.pods.values().filter(|p| mine(&p.key, &p.owner, &p.digest)) {
                let definition = wanted.named(&pod.key.name);
                if let (Some(address), Some((_, definition))) = (pod.address, definition) {
                    let binding = adopt(definition, node, address, wanted);
                    standing.insert(pod.key.clone(), binding);
                }
            }
        }
        let there = |(key, binding): &(&PodKey, &Binding)| {
            !matches!(self.condition(key, binding), Condition::Missing | Condition::Homeless)
        };
        let leaving = self.input.bindings.leaving.iter().filter(there);
        let known = leaving.chain(&self.input.bindings.pods);
        for (key, binding) in known.filter(|(k, b)| mine(k, &b.owner, &b.digest)) {
            standing.insert(key.clone(), binding.clone());
        }
        standing
    }

    /// Leaves the pods of an object alone that cannot be made at present.
    fn keep_as_they_are(&mut self, wanted: &Wanted) {
        let own = PodKey::new(&wanted.source.namespace, &wanted.source.name);
        let bound = self.input.bindings.pods.iter().filter(|(key, binding)| match &binding.owner {
            Some(owner) => *owner == wanted.source,
            None => wanted.source.kind == "Pod" && **key == own,
        });
        let bound: Vec<_> = bound.map(|(key, binding)| (key.clone(), binding.clone())).collect();
        for (key, binding) in bound {
            self.bind(key, binding);
        }
    }

    /// Whether a bound pod may stay where it is.
    fn stays(&mut self, key: &PodKey, binding: &Binding) -> bool {
        let why = match self.condition(key, binding) {
            Condition::Homeless => Some(format!("{} is no longer in the inventory", binding.node)),
            Condition::Unknown { since } if binding.owner.is_some() => {
                let gone = self.input.now.duration_since(since).unsigned_abs();
                (gone >= self.input.inventory.unreachable_after).then(|| {
                    format!("{} has been unreachable for {} s", binding.node, gone.as_secs())
                })
            }
            Condition::Unknown { .. }
            | Condition::Missing
            | Condition::Broken(_)
            | Condition::Stopped { .. }
            | Condition::Starting(_)
            | Condition::BackOff { .. }
            | Condition::Finished
            | Condition::Unready(_)
            | Condition::Running(_) => {
                self.repelled(binding).or_else(|| self.outdated(key, binding))
            }
        };
        match why {
            None => true,
            Some(why) => {
                self.target.displaced.insert(key.clone(), why);
                false
            }
        }
    }

    /// Why one of many like pods has to give way to another: a tag of it has moved. A Pod of its own is made anew in its place.
    fn outdated(&self, key: &PodKey, binding: &Binding) -> Option<String> {
        binding.owner.as_ref()?;
        moved_tag(self.input, key, &binding.node)
    }

    fn repelled(&self, binding: &Binding) -> Option<String> {
        let host = self.final_load.iter().find(|host| host.name == binding.node)?;
        let none = PodSpec::default();
        let spec = binding.pod.spec.as_ref().unwrap_or(&none);
        (!may_stay(host, spec)).then(|| format!("{} no longer takes this pod", binding.node))
    }

    /// Whatever was bound and is bound no longer is leaving, until it is seen to be gone.
    fn retire(&mut self) {
        let before = self.input.bindings.leaving.iter().chain(&self.input.bindings.pods);
        for (key, binding) in before {
            if self.target.bindings.pods.contains_key(key) {
                continue;
            }
            if matches!(self.condition(key, binding), Condition::Missing | Condition::Homeless) {
                continue;
            }
            let none = PodSpec::default();
            let request = Request::of(binding.pod.spec.as_ref().unwrap_or(&none), None);
            if let Some(host) = self.current_load.iter_mut().find(|h| h.name == binding.node) {
                count(host, &request);
            }
            self.others.count_leaving(binding);
            self.target.bindings.leaving.insert(key.clone(), binding.clone());
        }
        self.taken = taken(&self.target.bindings, self.input.observed);
    }

    /// Places as many new pods as are missing; they are alike, so where one goes nowhere the rest need not be tried.
    fn fill(&mut self, wanted: &Wanted, missing: u64, storage: &mut Storage<'_>) {
        for done in 0..missing {
            let nth = self.target.bindings.named.get(&wanted.source).copied().unwrap_or(0);
            let Some((key, pod)) = wanted.pod(nth) else { return };
            let spec = pod.spec.clone().unwrap_or_default();
            let mut kept_from = match storage.conflicts(&key, &pod) {
                Ok(conflicts) => rejections(conflicts),
                Err(error) => self.nowhere(&error),
            };
            for (host, lacks) in self.others.lacking(&spec) {
                kept_from.entry(host).or_insert(lacks);
            }
            let request = Request::of(&spec, wanted.owner()).kept_from(kept_from);
            let node = match self.place(&request) {
                Decision::Place(node) => node,
                Decision::Pending(rejections) => {
                    let waiting = Waiting::Host { pods: missing - done, rejections };
                    let object = wanted.source.clone();
                    self.target.pending.push(Pending { object, waiting });
                    return;
                }
            };
            let Some(address) = self.address(&key, &node, &spec) else { return };
            if matches!(wanted.pods, WantedPods::Like { .. }) {
                self.target.bindings.named.insert(wanted.source.clone(), nth + 1);
            }
            self.others.count(&node, &spec);
            storage.placed(&key, &pod, &node);
            let owner = wanted.owner();
            let digest = wanted.digest.clone();
            let devices = BTreeMap::new();
            let binding = Binding { pod, node, address, owner, digest, devices };
            self.target.bindings.pods.insert(key, binding);
        }
    }

    /// Counts the pods that are there as users of their claims.
    fn occupy(&self, storage: &mut Storage<'_>) {
        let bindings = &self.target.bindings;
        for (key, binding) in bindings.leaving.iter().chain(&bindings.pods) {
            storage.occupy(key, &binding.pod, &binding.node);
        }
    }

    /// What keeps a pod from every host.
    fn nowhere(&self, error: &ClaimError) -> BTreeMap<NodeName, Rejection> {
        let hosts = self.final_load.iter().map(|host| host.name.clone());
        hosts.map(|host| (host, Rejection::Claims { what: error.to_string() })).collect()
    }

    /// A host that has room now if there is one, else one that will have.
    fn place(&mut self, request: &Request<'_>) -> Decision {
        let now = place(&mut self.current_load, request);
        let (node, other) = match now {
            Decision::Place(node) => (node, &mut self.final_load),
            Decision::Pending(_) => match place(&mut self.final_load, request) {
                Decision::Place(node) => (node, &mut self.current_load),
                Decision::Pending(rejections) => return Decision::Pending(rejections),
            },
        };
        if let Some(host) = other.iter_mut().find(|host| host.name == node) {
            count(host, request);
        }
        Decision::Place(node)
    }

    /// An address of the host's range; the host's own for a pod on its network.
    fn address(&mut self, key: &PodKey, node: &NodeName, spec: &PodSpec) -> Option<Ipv4Addr> {
        if network_of(spec) == PodNetwork::Host {
            let address = self.target.bindings.nodes.get(node)?.address;
            if address.is_none() {
                let what = format!("the address of {node} is not known");
                let object = ObjectKey::new("Pod", &key.namespace, &key.name);
                self.target.pending.push(Pending { object, waiting: Waiting::Mended { what } });
            }
            return address;
        }
        let subnet = self.target.bindings.nodes.get(node)?.subnet;
        let range = host_range(&self.input.inventory.network, subnet)?;
        let address = allocate_pod(range, &key.to_string(), &self.taken);
        match address {
            Some(address) => {
                self.taken.insert(address);
            }
            None => {
                let what = format!("{node} has no address left in {range}");
                let object = ObjectKey::new("Pod", &key.namespace, &key.name);
                self.target.pending.push(Pending { object, waiting: Waiting::Mended { what } });
            }
        }
        address
    }

    fn bind(&mut self, key: PodKey, mut binding: Binding) {
        let none = PodSpec::default();
        let spec = binding.pod.spec.as_ref().unwrap_or(&none);
        if network_of(spec) == PodNetwork::Host {
            // It has the address that its host has now.
            let given = self.target.bindings.nodes.get(&binding.node);
            binding.address = given.and_then(|given| given.address).unwrap_or(binding.address);
        }
        let spec = binding.pod.spec.as_ref().unwrap_or(&none);
        let request = Request::of(spec, binding.owner.clone());
        for hosts in [&mut self.final_load, &mut self.current_load] {
            if let Some(host) = hosts.iter_mut().find(|host| host.name == binding.node) {
                count(host, &request);
            }
        }
        self.others.count(&binding.node, spec);
        self.target.bindings.pods.insert(key, binding);
    }

    fn condition(&self, key: &PodKey, binding: &Binding) -> Condition {
        let sandbox = sandbox_name(&self.input.inventory.fleet, key);
        classify(&sandbox, key, binding, (self.input.observed, self.input.now))
    }

    /// Gives every Service an address: the one it asks for, the one it has, or a free one.
    fn addresses_of_services(&mut self) {
        let range = self.input.inventory.network.service_cidr;
        let asked = self.input.asked_service_addresses();
        let mut taken: BTreeSet<Ipv4Addr> = asked.values().flatten().copied().collect();
        let keeps = |key: &ObjectKey| {
            let have = self.input.bindings.services.get(key).copied();
            have.filter(|address| range.contains(*address) && !taken.contains(address))
        };
        let kept: BTreeMap<ObjectKey, Ipv4Addr> = asked
            .iter()
            .filter(|(_, asked)| asked.is_none())
            .filter_map(|(key, _)| Some((key.clone(), keeps(key)?)))
            .collect();
        taken.extend(kept.values());
        for (key, asked) in asked {
            let have = asked.or_else(|| kept.get(&key).copied());
            match have.or_else(|| allocate_service(range, &key.to_string(), &taken)) {
                Some(address) => {
                    taken.insert(address);
                    self.target.bindings.services.insert(key, address);
                }
                None => {
                    let waiting = Waiting::Mended { what: format!("{range} has no address left") };
                    self.target.pending.push(Pending { object: key, waiting });
                }
            }
        }
    }

    fn done(mut self) -> Target {
        let sources = &self.input.desired.objects;
        self.target.bindings.named.retain(|key, _| sources.contains_key(key));
        self.target
    }
}

/// A pod that its host knows of, bound to where it is.
fn adopt(pod: Pod, node: &NodeName, address: Ipv4Addr, wanted: &Wanted) -> Binding {
    let (owner, digest) = (wanted.owner(), wanted.digest.clone());
    let devices = BTreeMap::new();
    Binding { pod, node: node.clone(), address, owner, digest, devices }
}

/// Addresses that some pod has or may still have.
fn taken(chosen: &Bindings, observed: &Observed) -> BTreeSet<Ipv4Addr> {
    let bound = chosen.pods.values().chain(chosen.leaving.values());
    let seen = observed.reachable().flat_map(|(_, report)| report.pods.values());
    bound.map(|binding| binding.address).chain(seen.filter_map(|pod| pod.address)).collect()
}
