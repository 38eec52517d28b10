//! The target: which Pods should exist, on which host, at which address.
//!
//! Whatever can stay, stays. What is new is placed after everything that stays has been counted.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Pod, PodSpec};

use super::PlanInput;
use super::amounts::{held, labelled};
use super::budget::{budgets, guards};
use super::capacity::candidates;
use super::classify::{Condition, available, condition, has_ended};
use super::evict::{directed, is_evicted};
use super::realise::{network as network_of, sandbox_name};
use super::report::{Pending, Waiting};
use super::room::Room;
use super::sandbox::PodNetwork;
use super::staying::ages;
use crate::admission::Quotas;
use crate::bindings::{Binding, Bindings};
use crate::controller::{Storage, Wanted, WantedPods, default_class_name};
use crate::model::{Digest, NodeName, ObjectKey, PodKey};
use crate::network::{Subnets, allocate_pod, allocate_service, host_range};
use crate::observed::Observed;
use crate::schedule::{Candidate, Held, PodId};

/// The target, and what could not be part of it.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// Every choice.
    pub(super) bindings: Bindings,
    /// Pods that go nowhere now, and Services without an address.
    pub(super) pending: Vec<Pending>,
    /// Pods that are leaving since a taint of their hosts sends them away.
    pub(super) repelled: BTreeSet<PodKey>,
    /// Why pods that were bound before are bound no longer, where it is not that something else is wanted.
    pub(super) displaced: BTreeMap<PodKey, String>,
    /// The GPUs that pods were placed with.
    pub(super) held: BTreeMap<PodKey, Held>,
}

/// Chooses the target.
pub(super) fn target(
    input: &PlanInput<'_>,
    wanted: &[Wanted],
    storage: &mut Storage<'_>,
) -> Target {
    choose(input, wanted, storage).done()
}

/// Chooses the target, and keeps what it was chosen from.
pub(super) fn choose<'a>(
    input: &'a PlanInput<'a>,
    wanted: &[Wanted],
    storage: &mut Storage<'_>,
) -> Choice<'a> {
    let mut choice = Choice::begin(input, wanted);
    let mut missing: Vec<u64> = wanted.iter().map(|wanted| choice.keep(wanted)).collect();
    choice.retire();
    let homeless = choice.charge(wanted);
    for (wanted, missing) in wanted.iter().zip(&mut missing) {
        *missing += u64::from(homeless.contains(&wanted.source));
    }
    choice.occupy(storage);
    choice.place_all(wanted, missing, storage);
    choice.yield_up();
    choice.evict();
    choice.addresses_of_services();
    choice
}

/// A target in the making.
pub(super) struct Choice<'a> {
    pub(super) input: &'a PlanInput<'a>,
    /// The room that hosts have now and will have.
    pub(super) room: Room,
    /// What quotas let in, and what of it is used.
    pub(super) quotas: Quotas,
    /// Addresses that no new pod can have; known once it is clear what stays and what is leaving.
    taken: BTreeSet<Ipv4Addr>,
    /// The hosts that were chosen for the successors of pods that are moved away, by what the pods were made for.
    pub(super) directed: BTreeMap<ObjectKey, Vec<NodeName>>,
    pub(super) target: Target,
    /// The room that is kept for pods which leave a host that does not take what they are to be, until they are placed.
    pub(super) promised: Vec<PodId>,
    /// The pods that go for others in this plan, by the pod that they go for, with their priorities.
    pub(super) made_way: BTreeMap<PodKey, BTreeMap<PodKey, i32>>,
}

impl<'a> Choice<'a> {
    fn begin(input: &'a PlanInput<'a>, wanted: &[Wanted]) -> Self {
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
            let taints = host.map(|host| host.taints.as_slice()).unwrap_or_default();
            given.tainted = ages(taints, &given.tainted, input.now);
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
            room: Room::of(hosts, input, guards(&budgets(input, input.bindings, wanted))),
            promised: Vec::new(),
            quotas: Quotas::of(input.desired, default_class_name(input.desired)),
            taken: BTreeSet::new(),
            made_way: BTreeMap::new(),
            directed: directed(input),
            target: Target {
                bindings,
                pending,
                displaced: BTreeMap::new(),
                repelled: BTreeSet::new(),
                held: BTreeMap::new(),
            },
        }
    }

    /// Keeps what fits of what is bound, and returns how many pods are missing.
    fn keep(&mut self, wanted: &Wanted) -> u64 {
        match &wanted.pods {
            WantedPods::One(pod) => {
                let key = PodKey::new(&wanted.source.namespace, &wanted.source.name);
                let standing = self.standing(wanted).remove(&key);
                let bound = self.input.bindings.pods.get(&key);
                let bound = bound.filter(|bound| !self.has_to_go(&key, &bound.node));
                let bound = bound.cloned().or(standing);
                let Some(bound) = bound.filter(|bound| self.stays(&key, bound)) else { return 1 };
                self.keep_one(wanted, (key, pod), bound);
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
            WantedPods::Blocked { why, .. } => {
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
                if self.has_to_go(&pod.key, node) {
                    continue;
                }
                let definition = wanted.named(&pod.key.name);
                if let (Some(address), Some((_, definition))) = (pod.address, definition) {
                    let devices = labelled(pod);
                    let binding = adopt(definition, (node, address), devices, wanted);
                    standing.insert(pod.key.clone(), binding);
                }
            }
        }
        let there = |(key, binding): &(&PodKey, &Binding)| {
            !matches!(self.condition(key, binding), Condition::Missing | Condition::Homeless)
        };
        let is_mine =
            |(key, binding): &(&PodKey, &Binding)| mine(key, &binding.owner, &binding.digest);
        let leaving = self.input.bindings.leaving.iter().filter(is_mine).filter(there);
        for (key, binding) in leaving.chain(self.input.bindings.pods.iter().filter(is_mine)) {
            if self.has_to_go(key, &binding.node) {
                continue;
            }
            standing.insert(key.clone(), binding.clone());
        }
        standing
    }

    /// Whether a pod makes room for others or is moved away: it is not kept, even while it is still there.
    fn has_to_go(&self, key: &PodKey, node: &NodeName) -> bool {
        self.input.bindings.yielding.get(key).is_some_and(|from| from == node)
            || is_evicted(self.input, key, node)
    }

    /// Leaves the pods of an object alone that cannot be made at present.
    fn keep_as_they_are(&mut self, wanted: &Wanted) {
        let bound = &self.input.bindings.pods;
        let bound = bound.iter().filter(|(key, binding)| binding.source(key) == wanted.source);
        let bound: Vec<_> = bound.map(|(key, binding)| (key.clone(), binding.clone())).collect();
        for (key, binding) in bound {
            self.bind(key, binding);
        }
    }

    /// Whatever was bound and is bound no longer is leaving, until it is seen to be gone.
    fn retire(&mut self) {
        let before = self.input.bindings.leaving.iter().chain(&self.input.bindings.pods);
        for (key, binding) in before {
            let bound = self.target.bindings.pods.get(key);
            if bound.is_some_and(|bound| bound.node == binding.node) {
                continue;
            }
            if matches!(self.condition(key, binding), Condition::Missing | Condition::Homeless) {
                continue;
            }
            if !has_ended(self.input, key, binding) {
                self.room.leaves(binding, self.held(binding));
            }
            if self.repelled(binding).is_some() {
                self.target.repelled.insert(key.clone());
            }
            self.target.bindings.leaving.insert(key.clone(), binding.clone());
        }
        self.taken = taken(&self.target.bindings, self.input.observed);
    }

    /// Counts the pods that are there as users of their claims.
    fn occupy(&self, storage: &mut Storage<'_>) {
        let bindings = &self.target.bindings;
        let there = bindings.leaving.iter().chain(&bindings.pods);
        for (key, binding) in there.filter(|(key, binding)| !has_ended(self.input, key, binding)) {
            storage.occupy(key, &binding.pod, &binding.node);
        }
    }

    /// An address of the host's range; the host's own for a pod on its network.
    pub(super) fn address(
        &mut self,
        key: &PodKey,
        node: &NodeName,
        spec: &PodSpec,
    ) -> Option<Ipv4Addr> {
        if network_of(spec) == PodNetwork::Host {
            let address = self.target.bindings.nodes.get(node)?.address;
            if address.is_none() {
                let what = format!("the address of {node} is not known");
                let object = key.object();
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
                let object = key.object();
                self.target.pending.push(Pending { object, waiting: Waiting::Mended { what } });
            }
        }
        address
    }

    pub(super) fn bind(&mut self, key: PodKey, mut binding: Binding) {
        let none = PodSpec::default();
        let spec = binding.pod.spec.as_ref().unwrap_or(&none);
        if network_of(spec) == PodNetwork::Host {
            // It has the address that its host has now.
            let given = self.target.bindings.nodes.get(&binding.node);
            binding.address = given.and_then(|given| given.address).unwrap_or(binding.address);
        }
        if !has_ended(self.input, &key, &binding) {
            let held = self.held(&binding);
            let since = self.since(&key, &binding);
            self.room.stays(&key, &binding, held, since);
        }
        self.target.bindings.pods.insert(key, binding);
    }

    /// Since when a bound pod has been on its host.
    fn since(&self, key: &PodKey, binding: &Binding) -> Option<Timestamp> {
        let name = sandbox_name(&self.input.inventory.fleet, key);
        self.input.observed.report(&binding.node)?.pods.get(&name)?.created
    }

    /// The GPUs that a bound pod has.
    pub(super) fn held(&self, binding: &Binding) -> Option<Held> {
        let report = self.input.observed.report(&binding.node);
        held(binding, report.map(|report| &report.facts))
    }

    pub(super) fn condition(&self, key: &PodKey, binding: &Binding) -> Condition {
        condition(self.input, key, binding)
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
        self.target.held = self.room.held();
        self.target
    }
}

/// A pod that its host knows of, bound to where it is.
fn adopt(
    pod: Pod,
    (node, address): (&NodeName, Ipv4Addr),
    devices: BTreeMap<String, Vec<String>>,
    wanted: &Wanted,
) -> Binding {
    let (owner, digest) = (wanted.owner(), wanted.digest.clone());
    Binding { pod, node: node.clone(), address, owner, digest, devices }
}

/// Addresses that some pod has or may still have.
fn taken(chosen: &Bindings, observed: &Observed) -> BTreeSet<Ipv4Addr> {
    let bound = chosen.pods.values().chain(chosen.leaving.values());
    let seen = observed.reachable().flat_map(|(_, report)| report.pods.values());
    bound.map(|binding| binding.address).chain(seen.filter_map(|pod| pod.address)).collect()
}
