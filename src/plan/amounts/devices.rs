//! Which of a host's devices each container is given.
//!
//! What a container was given stays the same for as long as its pod is bound: it is part of the binding, and a label of the
//! container for the case that the bindings are lost.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Container, PodSpec};

use super::super::PlanInput;
use super::super::realise::sandbox_name;
use crate::bindings::{Binding, Bindings};
use crate::model::{Amount, NodeName, PodKey, is_sidecar};
use crate::observed::{Facts, ObservedPod};

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

/// Gives every pod the devices that it asks for: what it has, else free ones in the host's order. What a pod has that is to go is
/// nobody's until it is gone.
pub(in crate::plan) fn hand_out(input: &PlanInput<'_>, bindings: &mut Bindings) {
    let mut taken: BTreeSet<(NodeName, String)> = BTreeSet::new();
    let mut wanting = Vec::new();
    for (key, binding) in &mut bindings.pods {
        let there = observed(input, key, &binding.node);
        if binding.devices.is_empty()
            && let Some(pod) = there
        {
            binding.devices = labelled(pod);
        }
        let facts = input.observed.report(&binding.node).map(|report| &report.facts);
        if keeps(binding, there.is_some(), facts) {
            let names = binding.devices.values().flatten();
            taken.extend(names.map(|name| (binding.node.clone(), name.clone())));
        } else {
            binding.devices = Given::new();
            wanting.push(key.clone());
        }
    }
    let mut held: BTreeMap<(NodeName, String), &PodKey> = BTreeMap::new();
    for (node, report) in input.observed.reachable() {
        for pod in report.pods.values() {
            let names = labelled(pod).into_values().flatten();
            held.extend(names.map(|name| ((node.clone(), name), &pod.key)));
        }
    }
    for key in wanting {
        let Some(binding) = bindings.pods.get_mut(&key) else { continue };
        let node = &binding.node;
        let Some(report) = input.observed.report(node) else { continue };
        let free = |kind: &str| {
            let all = report.facts.devices.get(kind).into_iter().flatten();
            let full = all.map(|name| (node.clone(), format!("{kind}={name}")));
            let free = full.filter(|device| {
                !taken.contains(device) && held.get(device).is_none_or(|pod| **pod == key)
            });
            free.map(|(_, name)| name).collect::<Vec<_>>()
        };
        let spec = binding.pod.spec.clone().unwrap_or_default();
        let given = choose(&spec, &report.facts, free);
        taken.extend(given.values().flatten().map(|name| (node.clone(), name.clone())));
        binding.devices = given;
    }
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
    }
    Ok(())
}

fn observed<'a>(input: &PlanInput<'a>, key: &PodKey, node: &NodeName) -> Option<&'a ObservedPod> {
    input.observed.report(node)?.pods.get(&sandbox_name(&input.inventory.fleet, key))
}

fn labelled(pod: &ObservedPod) -> Given {
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
    let is_of = move |name: &&String| name.split_once('=').is_some_and(|(of, _)| of == kind);
    given.get(container).into_iter().flatten().filter(is_of)
}

/// How many devices a container asks for of each kind that its host describes.
fn pieces(container: &Container, facts: Option<&Facts>) -> Vec<(String, usize)> {
    let limits = container.resources.as_ref().and_then(|resources| resources.limits.as_ref());
    let described = |name: &str| facts.is_some_and(|facts| facts.devices.contains_key(name));
    let devices = limits.into_iter().flatten().filter(|(name, _)| described(name));
    let count = |text: &str| usize::try_from(Amount::parse(text).map_or(0, Amount::units)).ok();
    devices.filter_map(|(name, amount)| Some((name.clone(), count(&amount.0)?))).collect()
}

/// Chooses for the containers in the order in which they are started. What a container had that has ended by then is given to the
/// next.
///
/// Source: `devicesToAllocate` of Kubernetes' `pkg/kubelet/cm/devicemanager/manager.go`.
fn choose(spec: &PodSpec, facts: &Facts, free: impl Fn(&str) -> Vec<String>) -> Given {
    let mut left: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut again: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut given = Given::new();
    let runs_on: BTreeSet<&str> = spec.containers.iter().map(|c| c.name.as_str()).collect();
    for container in containers(spec) {
        for (kind, count) in pieces(container, Some(facts)) {
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
    }
    given.retain(|_, names| !names.is_empty());
    given
}
