//! Which of a host's devices each container is given.
//!
//! What a container was given stays the same for as long as its pod is bound: it is part of the binding, and a label of the
//! container for the case that the bindings are lost.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Container, PodSpec};

use super::super::PlanInput;
use super::super::classify::has_ended;
use super::super::realise::sandbox_name;
use crate::bindings::{Binding, Bindings};
use crate::model::{Amount, GPU, GPU_MILLI, NodeName, PodKey, is_sidecar};
use crate::observed::{Facts, ObservedPod};
use crate::schedule::{Held, further_resources};

/// Devices by the containers that have them.
type Given = BTreeMap<String, Vec<String>>;

/// Too few devices are there for a pod that is bound, in the kubelet's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "Allocate failed due to requested number of devices unavailable for {resource}. Requested: {asked}, Available: {given}"
)]
pub(in crate::plan) struct DeviceError {
    resource: String,
    asked: usize,
    given: usize,
}

/// A device of a host, by its full name.
type Device = (NodeName, String);

/// All of a device, in thousandths.
const WHOLE: u64 = 1000;

/// What is used of the devices of all hosts, in thousandths of each.
#[derive(Default)]
struct Used<'a> {
    /// By pods that keep what they have, and by those that were given theirs.
    given: BTreeMap<Device, u64>,
    /// By pods that are there and do not keep it.
    held: BTreeMap<Device, Vec<(&'a PodKey, u64)>>,
}

impl Used<'_> {
    /// What is left of a device for a pod.
    fn left(&self, device: &Device, key: &PodKey) -> u64 {
        let given = self.given.get(device).copied().unwrap_or(0);
        let held = self.held.get(device).into_iter().flatten();
        let others = held.filter(|(pod, _)| *pod != key).map(|(_, amount)| *amount);
        WHOLE.saturating_sub(others.fold(given, u64::saturating_add))
    }

    fn give(&mut self, node: &NodeName, amounts: BTreeMap<String, u64>) {
        for (name, amount) in amounts {
            let given = self.given.entry((node.clone(), name)).or_default();
            *given = given.saturating_add(amount);
        }
    }
}

/// Gives every pod the devices that it asks for: what it has, else those GPUs that it was placed with, and free ones of other kinds in
/// the host's order. What a pod has that is to go is nobody's until it is gone; one that has ended has
/// nothing.
pub(in crate::plan) fn hand_out(
    input: &PlanInput<'_>,
    bindings: &mut Bindings,
    chosen: &BTreeMap<PodKey, Held>,
) {
    let (mut used, mut wanting) = (Used::default(), BTreeSet::new());
    for (key, binding) in &mut bindings.pods {
        let there = observed(input, key, &binding.node);
        if binding.devices.is_empty()
            && let Some(pod) = there
        {
            binding.devices = labelled(pod);
        }
        if has_ended(input, key, binding) {
            continue;
        }
        let facts = input.observed.report(&binding.node).map(|report| &report.facts);
        if keeps(binding, there.is_some(), facts) {
            used.give(&binding.node, amounts(binding.pod.spec.as_ref(), &binding.devices));
        } else {
            binding.devices = Given::new();
            wanting.insert(key.clone());
        }
    }
    for (node, report) in input.observed.reachable() {
        for pod in report.pods.values() {
            let keeps = |binding: &Binding| binding.node == *node && !wanting.contains(&pod.key);
            if bindings.pods.get(&pod.key).is_some_and(keeps) {
                continue;
            }
            let before = input.bindings.leaving.get(&pod.key);
            let before = before.or_else(|| input.bindings.pods.get(&pod.key));
            if before.is_some_and(|binding| has_ended(input, &pod.key, binding)) {
                continue;
            }
            let spec = before.and_then(|binding| binding.pod.spec.as_ref());
            for (name, amount) in amounts(spec, &labelled(pod)) {
                let held = used.held.entry((node.clone(), name)).or_default();
                held.push((&pod.key, amount));
            }
        }
    }
    for key in wanting {
        let Some(binding) = bindings.pods.get_mut(&key) else { continue };
        let Some(report) = input.observed.report(&binding.node) else { continue };
        let stock = Stock { used: &used, key: &key, node: &binding.node, facts: &report.facts };
        let spec = binding.pod.spec.clone().unwrap_or_default();
        let given = choose(&spec, &stock, chosen.get(&key));
        used.give(&binding.node, amounts(Some(&spec), &given));
        binding.devices = given;
    }
}

/// The devices that there are for a pod on its host.
struct Stock<'a> {
    used: &'a Used<'a>,
    key: &'a PodKey,
    node: &'a NodeName,
    facts: &'a Facts,
}

impl Stock<'_> {
    /// The full names of those of a kind of which so much is left, in order; of GPUs, of these only.
    fn free(&self, kind: &str, amount: u64, of: Option<&[u16]>) -> Vec<String> {
        let all = self.facts.devices.get(kind).into_iter().flatten().enumerate();
        let meant = |number: usize| {
            of.is_none_or(|numbers| numbers.iter().any(|one| usize::from(*one) == number))
        };
        let full = all
            .filter(|(number, _)| meant(*number))
            .map(|(_, name)| (self.node.clone(), format!("{kind}={name}")));
        full.filter(|device| self.used.left(device, self.key) >= amount)
            .map(|(_, name)| name)
            .collect()
    }
}

/// The GPUs that a bound pod has, by their numbers on its host; `None` where it has none yet.
pub(in crate::plan) fn held(binding: &Binding, facts: Option<&Facts>) -> Option<Held> {
    let all = facts?.devices.get(GPU)?;
    let number = |name: &String| {
        let (_, name) = name.split_once('=')?;
        u16::try_from(all.iter().position(|one| one == name)?).ok()
    };
    let of_gpus = amounts(binding.pod.spec.as_ref(), &binding.devices).into_iter();
    let of_gpus: Vec<_> = of_gpus.filter(|(name, _)| is_of(name, GPU)).collect();
    let whole = of_gpus.iter().filter(|(_, amount)| *amount == WHOLE);
    let shared = of_gpus.iter().find(|(_, amount)| *amount < WHOLE);
    (!of_gpus.is_empty()).then(|| Held {
        whole: whole.filter_map(|(name, _)| number(name)).collect(),
        shared: shared.and_then(|(name, _)| number(name)),
    })
}

/// How much of each device a pod has that has these: a part of the last GPU of a container that asks for one, and all of the others.
fn amounts(spec: Option<&PodSpec>, given: &Given) -> BTreeMap<String, u64> {
    let part = spec.map_or(0, |spec| further_resources(spec).remove(GPU_MILLI).unwrap_or(0));
    let mut amounts = BTreeMap::new();
    for (container, names) in given {
        let of = spec.and_then(|spec| containers(spec).find(|one| one.name == *container));
        let shares = of.is_some_and(|container| asked_part(container) > 0);
        let shared = names.iter().rfind(|name| shares && is_of(name, GPU));
        for name in names {
            let amount = if Some(name) == shared { part.min(WHOLE) } else { WHOLE };
            let of_pod = amounts.entry(name.clone()).or_insert(amount);
            *of_pod = amount.max(*of_pod);
        }
    }
    amounts
}

/// Whether a pod that is to be made has all of the devices that it asks for.
pub(in crate::plan) fn check(binding: &Binding, facts: Option<&Facts>) -> Result<(), DeviceError> {
    let Some(spec) = &binding.pod.spec else { return Ok(()) };
    for container in containers(spec) {
        for (resource, asked) in pieces(container, facts) {
            let given = given_of(&binding.devices, &container.name, &resource).count();
            if given < asked {
                return Err(DeviceError { resource, asked, given });
            }
        }
        let part = asked_part(container);
        let described = facts.is_some_and(|facts| facts.devices.contains_key(GPU));
        let has = given_of(&binding.devices, &container.name, GPU).count();
        if part > 0 && described && has <= count(container, GPU) {
            let asked = usize::try_from(part).unwrap_or(usize::MAX);
            return Err(DeviceError { resource: GPU_MILLI.to_owned(), asked, given: 0 });
        }
    }
    Ok(())
}

fn observed<'a>(input: &PlanInput<'a>, key: &PodKey, node: &NodeName) -> Option<&'a ObservedPod> {
    input.observed.report(node)?.pods.get(&sandbox_name(&input.inventory.fleet, key))
}

/// The devices that the labels of a pod's containers tell.
pub(in crate::plan) fn labelled(pod: &ObservedPod) -> Given {
    let with = pod.containers.iter().filter(|(_, container)| !container.devices.is_empty());
    with.map(|(name, container)| (name.clone(), container.devices.clone())).collect()
}

/// Whether a pod keeps what it has: as much as it asks for, of what is there, or in use by it. Nothing is known of a host that
/// does not answer.
fn keeps(binding: &Binding, is_there: bool, facts: Option<&Facts>) -> bool {
    let Some(facts) = facts else { return true };
    let known = |name: &String| {
        let part = name.split_once('=');
        part.is_some_and(|(kind, name)| {
            facts.devices.get(kind).is_some_and(|all| all.iter().any(|one| one == name))
        })
    };
    check(binding, Some(facts)).is_ok()
        && (is_there || binding.devices.values().flatten().all(known))
}

fn containers(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    spec.init_containers.iter().flatten().chain(&spec.containers)
}

fn given_of<'a>(given: &'a Given, container: &str, kind: &str) -> impl Iterator<Item = &'a String> {
    given.get(container).into_iter().flatten().filter(move |name| is_of(name, kind))
}

/// Whether a device is of a kind.
fn is_of(name: &str, kind: &str) -> bool {
    name.split_once('=').is_some_and(|(of, _)| of == kind)
}

/// How many devices a container asks for of each kind that its host describes.
fn pieces(container: &Container, facts: Option<&Facts>) -> Vec<(String, usize)> {
    let kinds = facts.into_iter().flat_map(|facts| facts.devices.keys());
    let asked = kinds.map(|kind| (kind.clone(), count(container, kind)));
    asked.filter(|(_, count)| *count > 0).collect()
}

/// How many of a resource a container asks for.
fn count(container: &Container, name: &str) -> usize {
    let limits = container.resources.as_ref().and_then(|resources| resources.limits.as_ref());
    let limit = limits.and_then(|limits| limits.get(name));
    let amount = limit.and_then(|limit| Amount::parse(&limit.0).ok());
    amount.and_then(|amount| usize::try_from(amount.units()).ok()).unwrap_or(0)
}

/// Thousandths of a GPU that a container asks for.
fn asked_part(container: &Container) -> u64 {
    count(container, GPU_MILLI) as u64
}

/// Chooses for the containers in the order in which they are started. What a container had that has ended by then is given to the
/// next. A part of a GPU is of the same one for all of them, and comes last.
///
/// Source: `devicesToAllocate` of Kubernetes' `pkg/kubelet/cm/devicemanager/manager.go`.
fn choose(spec: &PodSpec, stock: &Stock<'_>, chosen: Option<&Held>) -> Given {
    let mut left: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut again: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut given = Given::new();
    let runs_on: BTreeSet<&str> = spec.containers.iter().map(|c| c.name.as_str()).collect();
    let free = |kind: &str| {
        let of = chosen.filter(|_| kind == GPU).map(|held| held.whole.as_slice());
        stock.free(kind, WHOLE, of)
    };
    let part = further_resources(spec).remove(GPU_MILLI).unwrap_or(0);
    let shared = chosen.and_then(|held| held.shared).filter(|_| part > 0);
    let shared = shared.and_then(|number| stock.free(GPU, part, Some(&[number])).pop());
    for container in containers(spec) {
        for (kind, count) in pieces(container, Some(stock.facts)) {
            let stock = left.entry(kind.clone()).or_insert_with(|| free(&kind));
            let used = again.entry(kind).or_default();
            let mut own: Vec<String> = used.drain(..count.min(used.len())).collect();
            own.extend(stock.drain(..(count - own.len()).min(stock.len())));
            if !runs_on.contains(container.name.as_str()) && !is_sidecar(container) {
                // It has ended before the next is started.
                used.splice(0..0, own.iter().cloned());
            }
            given.entry(container.name.clone()).or_default().extend(own);
        }
        if asked_part(container) > 0 {
            given.entry(container.name.clone()).or_default().extend(shared.clone());
        }
    }
    given.retain(|_, names| !names.is_empty());
    given
}
