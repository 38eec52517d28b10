//! Questions of capacity: what would fit, what would move and what would be lost, before anything is bought or broken.
//!
//! A host that fails is one that has not answered for longer than any pod waits for it, in a fleet where everything else has come
//! to rest.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;

use super::capacity::candidates;
use super::classify::has_ended;
use super::remedy::{Remedy, Unplaced};
use super::report::Waiting;
use super::simulation::{Cause, Fate, Fit, HostUse, Simulation, Standing, Unfit, Uprooted};
use super::target::{Choice, choose};
use super::{PlanInput, plan, storage};
use crate::bindings::{Binding, Bindings};
use crate::controller::{Storage, Wanted, wanted};
use crate::desired::Pen;
use crate::model::{NodeName, ObjectKey, PodKey, Resources};
use crate::observed::{
    Facts, HostReport, HostState, Keeper, Observed, ObservedNetwork, OomScore, Unreachable,
    UnreachableCause,
};
use crate::schedule::{Rejection, Request, describe_rejections};

/// Says where all pods would be, and when hosts fail, where they would be then.
///
/// Nothing is compared with what runs but the use of hosts: without failing hosts with that of `input`'s bindings, else with
/// that before they fail.
pub fn simulate(input: &PlanInput<'_>, failed: &BTreeSet<NodeName>) -> Simulation {
    if failed.is_empty() {
        return outcome(input, input, failed);
    }
    let plan = plan(input);
    let pen = Pen { fleet: &input.inventory.fleet, now: input.now };
    let desired = input.desired.written(&plan.writes, pen);
    let target = plan.target;
    let bindings = Bindings {
        leaving: BTreeMap::new(),
        yielding: BTreeMap::new(),
        evicting: BTreeMap::new(),
        ..target
    };
    let observed = without(input.observed, failed);
    let (desired, bindings) = (&desired, &bindings);
    let before = PlanInput { desired, bindings, ..input.clone() };
    let after = PlanInput { observed: &observed, ..before.clone() };
    outcome(&before, &after, failed)
}

/// What is seen when hosts have been silent for ever.
fn without(observed: &Observed, failed: &BTreeSet<NodeName>) -> Observed {
    let mut observed = observed.clone();
    for node in failed {
        let error = "it fails in this simulation".to_owned();
        let (since, cause) = (Timestamp::MIN, UnreachableCause::Connection);
        let state = HostState::Unreachable(Unreachable { since, error, cause });
        observed.hosts.insert(node.clone(), state);
    }
    observed
}

fn outcome(
    before: &PlanInput<'_>,
    after: &PlanInput<'_>,
    failed: &BTreeSet<NodeName>,
) -> Simulation {
    let wanted = wanted(after.desired);
    let mut storage = storage::begin(after);
    let mut choice = choose(after, &wanted, &mut storage);
    let index = Index::of(&choice);
    let mut outcome = Outcome { choice: &mut choice, storage: &storage, failed, index };
    let workloads: Vec<Fit> = wanted.iter().map(|wanted| outcome.fit(wanted)).collect();
    let uprooted = if failed.is_empty() { Vec::new() } else { outcome.uprooted(&workloads) };
    Simulation {
        hosts: outcome.hosts(before),
        unusable: outcome.unusable(),
        failed: failed.clone(),
        workloads,
        uprooted,
    }
}

/// A choice that is looked at.
struct Outcome<'c, 'i, 's> {
    choice: &'c mut Choice<'i>,
    storage: &'c Storage<'s>,
    failed: &'c BTreeSet<NodeName>,
    index: Index,
}

/// What belongs to each object that asks for pods.
struct Index {
    /// Its pods, and their hosts.
    bound: BTreeMap<ObjectKey, Vec<(PodKey, NodeName)>>,
    /// What it waits for.
    waits: BTreeMap<ObjectKey, Vec<Waiting>>,
}

impl Index {
    fn of(choice: &Choice<'_>) -> Self {
        let mut index = Self { bound: BTreeMap::new(), waits: BTreeMap::new() };
        for (key, binding) in &choice.target.bindings.pods {
            let of = index.bound.entry(binding.source(key)).or_default();
            of.push((key.clone(), binding.node.clone()));
        }
        for pending in &choice.target.pending {
            let of = index.waits.entry(pending.object.clone()).or_default();
            of.push(pending.waiting.clone());
        }
        index
    }

    fn waits(&self, object: &ObjectKey) -> &[Waiting] {
        self.waits.get(object).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Outcome<'_, '_, '_> {
    fn fit(&mut self, wanted: &Wanted) -> Fit {
        let asked = wanted.count();
        let mine = self.index.bound.get(&wanted.source).map(Vec::as_slice).unwrap_or_default();
        let (mut fits, mut silent, mut down) = (0, BTreeMap::new(), Vec::new());
        for (key, node) in mine {
            if self.failed.contains(node) {
                down.push(key);
            } else if self.choice.input.observed.report(node).is_some() {
                fits += 1;
            } else {
                *silent.entry(node.clone()).or_insert(0_u64) += 1;
            }
        }
        let fits = asked.min(fits);
        let bindings = &self.choice.target.bindings.pods;
        let first = down.first().and_then(|key| Some((*key, bindings.get(key)?)));
        let stuck = first.map(|(key, binding)| self.stuck(key, binding));
        let stuck = stuck.map(|(cause, why)| {
            let pods = down.len() as u64;
            Unfit { pods, cause, why, remedy: None }
        });
        let mut unfit: Vec<Unfit> = stuck.into_iter().collect();
        let waits = self.index.waits(&wanted.source).to_vec();
        unfit.extend(waits.into_iter().filter_map(|waiting| self.unfit(wanted, waiting)));
        let told = silent.values().chain(unfit.iter().map(|unfit| &unfit.pods));
        let told = told.fold(fits, |told, pods| told.saturating_add(*pods));
        if asked > told {
            let why = self.why_not_made(wanted);
            unfit.push(Unfit { pods: asked - told, cause: Cause::NotMade, why, remedy: None });
        }
        Fit { object: wanted.source.clone(), asked, fits, silent, unfit }
    }

    /// Why a pod goes down with its host.
    fn stuck(&self, key: &PodKey, binding: &Binding) -> (Cause, String) {
        let node = &binding.node;
        let elsewhere = self.choice.kept_from(self.storage, key, &binding.pod);
        if is_of_data(&elsewhere) {
            return (Cause::LocalData, format!("its data are on {node}"));
        }
        let why = match &binding.owner {
            None => format!("it is a Pod of its own on {node}: nothing makes it anew elsewhere"),
            Some(_) => format!("it tolerates that {node} does not answer, and waits for it"),
        };
        (Cause::HostLost, why)
    }

    fn unfit(&mut self, wanted: &Wanted, waiting: Waiting) -> Option<Unfit> {
        match waiting {
            Waiting::Host { pods, rejections } => {
                let (rejections, remedy) = self.looked_at(wanted, rejections);
                let cause = if is_of_data(&rejections) { Cause::LocalData } else { Cause::NoHost };
                Some(Unfit { pods, cause, why: describe_rejections(&rejections), remedy })
            }
            Waiting::Refused { pods, what } => {
                let next = self.next(wanted);
                let remedy = next.and_then(|(key, pod)| self.choice.raised_quota(&key, &pod));
                Some(Unfit { pods, cause: Cause::NotMade, why: what, remedy })
            }
            Waiting::Unreachable { .. }
            | Waiting::Available { .. }
            | Waiting::Turn { .. }
            | Waiting::Room { .. }
            | Waiting::Mended { .. } => None,
        }
    }

    /// Why hosts reject the next pod once all have been placed, and what would place it. That a failed host answers again is no
    /// answer to who asks what to do without it.
    fn looked_at(
        &mut self,
        wanted: &Wanted,
        then: BTreeMap<NodeName, Rejection>,
    ) -> (BTreeMap<NodeName, Rejection>, Option<Remedy>) {
        let Some((key, pod)) = self.next(wanted) else { return (then, None) };
        let kept_from = self.choice.kept_from(self.storage, &key, &pod);
        let request = Request::of(&pod, wanted.owner()).kept_from(kept_from);
        let now = self.choice.room.why_not(&request);
        let rejections = if now.len() == self.choice.room.hosts().len() { now } else { then };
        let mut running = rejections.clone();
        running.retain(|node, _| !self.failed.contains(node));
        let remedy = self.choice.remedy(&Unplaced { request: &request, rejections: &running });
        (rejections, remedy)
    }

    /// The next pod of an object.
    fn next(&self, wanted: &Wanted) -> Option<(PodKey, k8s_openapi::api::core::v1::Pod)> {
        let nth = self.choice.target.bindings.named.get(&wanted.source).copied().unwrap_or(0);
        wanted.pod(nth)
    }

    /// Why a pod is not made though nobody rejects it: it or what it is made for has something to be mended.
    fn why_not_made(&self, wanted: &Wanted) -> String {
        let next = self.next(wanted).map(|(key, _)| key);
        let next = next.map(|key| key.object());
        let of_next = next.iter().flat_map(|next| self.index.waits(next));
        let told = self.index.waits(&wanted.source).iter().chain(of_next);
        let told = told.into_iter().find_map(|waiting| match waiting {
            Waiting::Mended { what } => Some(what.clone()),
            Waiting::Host { .. }
            | Waiting::Refused { .. }
            | Waiting::Unreachable { .. }
            | Waiting::Available { .. }
            | Waiting::Turn { .. }
            | Waiting::Room { .. } => None,
        });
        told.unwrap_or_else(|| "it makes way for others".to_owned())
    }

    /// What becomes of every pod that was somewhere and is there no more. A pod that comes up takes the place of one of its own.
    fn uprooted(&self, workloads: &[Fit]) -> Vec<Uprooted> {
        let before = &self.choice.input.bindings.pods;
        let after = &self.choice.target.bindings.pods;
        let of: BTreeMap<&ObjectKey, &Fit> =
            workloads.iter().map(|fit| (&fit.object, fit)).collect();
        let mut fresh: BTreeMap<ObjectKey, VecDeque<(&PodKey, &NodeName)>> = BTreeMap::new();
        for (key, new) in after {
            if before.get(key).is_none_or(|old| old.node != new.node) {
                fresh.entry(new.source(key)).or_default().push_back((key, &new.node));
            }
        }
        let mut uprooted = Vec::new();
        for (key, old) in before {
            let stays = after.get(key).is_some_and(|new| new.node == old.node);
            if stays && !self.failed.contains(&old.node) {
                continue;
            }
            let source = old.source(key);
            let successor = fresh.get_mut(&source).and_then(VecDeque::pop_front);
            let fate = match (stays, successor) {
                (false, Some((successor, to))) => {
                    Fate::Moves { successor: successor.clone(), to: to.clone() }
                }
                (true, _) => {
                    let (cause, why) = self.stuck(key, old);
                    Fate::Lost { cause, why }
                }
                (false, None) => lost(of.get(&source).copied(), &source),
            };
            uprooted.push(Uprooted { pod: key.clone(), from: old.node.clone(), fate });
        }
        uprooted
    }

    /// The hosts, with what they have when nothing has failed.
    fn hosts(&self, before: &PlanInput<'_>) -> BTreeMap<NodeName, HostUse> {
        let unusable = self.unusable();
        let was = used(before, &before.bindings.pods);
        let is = used(self.choice.input, &self.choice.target.bindings.pods);
        let hosts = candidates(before).into_iter();
        let hosts = hosts.filter(|host| !unusable.contains_key(&host.name));
        let used = hosts.map(|host| {
            let of = |used: &BTreeMap<NodeName, Resources>| {
                used.get(&host.name).copied().unwrap_or_default()
            };
            let failed = self.failed.contains(&host.name);
            let standing = match before.observed.report(&host.name) {
                _ if failed => Standing::Failed,
                Some(_) => Standing::Up,
                None => Standing::Silent,
            };
            let after = if failed { Resources::default() } else { of(&is) };
            let allocatable = host.allocatable;
            let used = HostUse { allocatable, before: of(&was), after, standing };
            (host.name.clone(), used)
        });
        used.collect()
    }

    fn unusable(&self) -> BTreeMap<NodeName, String> {
        let pending = self.choice.target.pending.iter();
        let of_hosts = pending.filter_map(|pending| match &pending.waiting {
            Waiting::Mended { what } if pending.object.kind == "Node" => {
                Some((NodeName::new(&pending.object.name), what.clone()))
            }
            _ => None,
        });
        of_hosts.collect()
    }
}

/// Why a pod of an object is lost: as the next of them has it.
fn lost(workload: Option<&Fit>, source: &ObjectKey) -> Fate {
    let unfit = workload.and_then(|fit| fit.unfit.iter().find(|u| u.cause != Cause::HostLost));
    match unfit {
        Some(unfit) => Fate::Lost { cause: unfit.cause, why: unfit.why.clone() },
        None => Fate::Lost { cause: Cause::NotMade, why: format!("{source} asks for no more") },
    }
}

/// Whether a pod would have a host if its data were elsewhere.
fn is_of_data(rejections: &BTreeMap<NodeName, Rejection>) -> bool {
    rejections.values().any(|why| matches!(why, Rejection::VolumeAffinity))
}

/// What the pods of each host ask for that have not ended.
fn used(input: &PlanInput<'_>, pods: &BTreeMap<PodKey, Binding>) -> BTreeMap<NodeName, Resources> {
    let mut used: BTreeMap<NodeName, Resources> = BTreeMap::new();
    for (_, binding) in pods.iter().filter(|(key, binding)| !has_ended(input, key, binding)) {
        let of = used.entry(binding.node.clone()).or_default();
        *of = of.plus(Request::of(&binding.pod, None).resources);
    }
    used
}

/// What a host would report that nobody has: it is empty. Where the inventory does not say what it offers, it is what `like` is.
pub fn empty_report(like: Option<&HostReport>) -> HostReport {
    // The address is one of those that nobody has; RFC 5737.
    let address = Some([192, 0, 2, 1].into());
    let unknown = || Facts {
        cpus: 0,
        memory_bytes: 0,
        architecture: "amd64".to_owned(),
        variant: String::new(),
        kernel: String::new(),
        os: String::new(),
        address,
        oom_score: OomScore::Free,
        resolver: String::new(),
        keeper: Keeper::Systemd,
        devices: BTreeMap::new(),
        amounts: BTreeMap::new(),
    };
    let facts = like.map_or_else(unknown, |like| Facts { address, ..like.facts.clone() });
    HostReport {
        facts,
        fence: None,
        pods: BTreeMap::new(),
        volumes: BTreeMap::new(),
        made_volumes: BTreeMap::new(),
        network: ObservedNetwork::default(),
        // Nothing was pulled there yet.
        images: BTreeMap::new(),
    }
}
