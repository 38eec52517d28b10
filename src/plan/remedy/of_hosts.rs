//! Changes of hosts that would give a pod a place.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::NodeSelectorRequirement;

use super::super::classify::has_ended;
use super::{Remedy, TRIED, Unplaced};
use crate::inventory::{Admission, Host, UNSCHEDULABLE};
use crate::model::{Labels, NodeName};
use crate::plan::room::Room;
use crate::plan::target::Choice;
use crate::schedule::{Candidate, Readiness, Rejection, Request};

/// How often hosts are put together anew to try what would be if one were another: each counts all pods again.
const REBUILT: usize = 4;

/// The labels by which a host says what it is: nobody gives it others.
const OF_THE_HOST: [&str; 5] = [
    "kubernetes.io/hostname",
    "kubernetes.io/arch",
    "kubernetes.io/os",
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/os",
];

impl Choice<'_> {
    /// The hosts with all pods, after a change of the hosts.
    fn if_hosts_were(&self, change: impl FnOnce(&mut Vec<Candidate>)) -> Room {
        let mut hosts = self.room.hosts().to_vec();
        change(&mut hosts);
        // Nothing is preempted, so no budget is asked.
        let mut room = Room::of(hosts, self.input, Vec::new());
        let held = self.room.held();
        let bound = self.target.bindings.pods.iter();
        for (key, binding) in bound.filter(|(key, pod)| !has_ended(self.input, key, pod)) {
            room.stays(key, binding, held.get(key).cloned(), None);
        }
        room
    }

    pub(super) fn answer(&self, waiting: &Unplaced<'_>) -> Option<Remedy> {
        let silent = waiting.rejections.iter().filter(|(_, why)| **why == Rejection::Unreachable);
        silent.map(|(node, _)| node).take(REBUILT).find_map(|node| {
            let mut room = self.if_hosts_were(|hosts| {
                let it = hosts.iter_mut().filter(|host| host.name == *node);
                it.for_each(|host| host.readiness = Readiness::Ready);
            });
            room.takes(waiting.request, node).then(|| Remedy::Answer { node: node.clone() })
        })
    }

    /// A pod that the pod must be near, on a host that would do.
    pub(super) fn company(&mut self, waiting: &Unplaced<'_>) -> Option<Remedy> {
        let affinity = waiting.request.spec.affinity.as_ref()?.pod_affinity.as_ref()?;
        let terms = affinity.required_during_scheduling_ignored_during_execution.as_deref()?;
        let alone = waiting.rejections.iter().filter(|(_, why)| **why == Rejection::PodAffinity);
        let nodes: Vec<&NodeName> = alone.map(|(node, _)| node).take(TRIED).collect();
        for term in terms {
            let labels = term.label_selector.as_ref().and_then(|s| s.match_labels.clone());
            let Some(labels) = labels.filter(|labels| !labels.is_empty()) else { continue };
            let namespace = term.namespaces.iter().flatten().next();
            let namespace = namespace.unwrap_or(&waiting.request.namespace).clone();
            let mut other = Request::of(&k8s_openapi::api::core::v1::Pod::default(), None);
            other.namespace = namespace;
            other.labels.clone_from(&labels);
            for node in &nodes {
                if self.room.takes_beside(waiting.request, node, &other) {
                    return Some(Remedy::Company { node: (*node).clone(), labels });
                }
            }
        }
        None
    }

    /// A host that somebody has cordoned.
    pub(super) fn uncordon(&self, waiting: &Unplaced<'_>) -> Option<Remedy> {
        let closed = waiting.rejections.iter().filter(|(_, why)| **why == Rejection::Unschedulable);
        let hosts = &self.input.inventory.hosts;
        let cordoned = closed.filter(|(node, _)| {
            hosts.get(*node).is_some_and(|host| host.admission == Admission::Cordoned)
        });
        cordoned.map(|(node, _)| node).take(REBUILT).find_map(|node| {
            let mut room = self.if_hosts_were(|all| {
                let open = hosts[node].clone();
                let open = Host { admission: Admission::Open, ..open }.standing_taints();
                let it = all.iter_mut().filter(|host| host.name == *node);
                it.for_each(|host| host.taints.clone_from(&open));
            });
            room.takes(waiting.request, node).then(|| Remedy::Uncordon { node: node.clone() })
        })
    }

    /// Labels that a host lacks.
    pub(super) fn label(&mut self, waiting: &Unplaced<'_>) -> Option<Remedy> {
        let asked = asked_labels(waiting.request)?;
        let lacks = |has: &Labels| -> Labels {
            let lacking = asked.iter().filter(|(key, values)| !has_one(has, key, values));
            let first = |values: &Vec<String>| values.first().cloned().unwrap_or("true".to_owned());
            lacking.map(|(key, values)| (key.clone(), first(values))).collect()
        };
        let mut bare = waiting.request.clone();
        bare.spec.node_selector = None;
        if let Some(affinity) = bare.spec.affinity.as_mut().and_then(|a| a.node_affinity.as_mut()) {
            affinity.required_during_scheduling_ignored_during_execution = None;
        }
        let still_out = self.room.why_not(&bare);
        let unlabelled = waiting.rejections.iter();
        let unlabelled = unlabelled.filter(|(_, why)| **why == Rejection::NodeSelector);
        let mut would_do: Vec<(Labels, NodeName)> = unlabelled
            .filter(|(node, _)| !still_out.contains_key(*node))
            .filter_map(|(node, _)| {
                let lacks = lacks(&self.room.host(node)?.labels);
                let its_own = lacks.keys().any(|key| OF_THE_HOST.contains(&key.as_str()));
                (!its_own && !lacks.is_empty()).then(|| (lacks, node.clone()))
            })
            .collect();
        would_do.sort_by_key(|(labels, _)| labels.len());
        would_do.into_iter().take(REBUILT).find_map(|(labels, node)| {
            let mut room = self.if_hosts_were(|hosts| {
                let it = hosts.iter_mut().filter(|host| host.name == node);
                it.for_each(|host| host.labels.extend(labels.clone()));
            });
            room.takes(waiting.request, &node).then_some(Remedy::Label { node, labels })
        })
    }

    /// One more host like the smallest that would do.
    pub(super) fn one_more(&self, waiting: &Unplaced<'_>) -> Option<Remedy> {
        // Nobody knows which volumes could be reached from a host that is not there.
        if !waiting.request.volumes.is_empty() {
            return None;
        }
        let mut seen = BTreeSet::new();
        let mut all: Vec<&Candidate> = self.room.hosts().iter().collect();
        let size = |host: &Candidate| {
            let of = host.allocatable;
            (
                of.cpu_milli,
                of.memory_bytes,
                host.further.values().copied().fold(0, u64::saturating_add),
            )
        };
        // Another like one that the pod does not want is of no use.
        let unwanted = |host: &Candidate| {
            matches!(
                waiting.rejections.get(&host.name),
                Some(Rejection::NodeSelector | Rejection::Taint { .. })
            )
        };
        all.sort_by_key(|host| (unwanted(host), size(host)));
        let enough = |host: &&Candidate| {
            let (asked, has) = (waiting.request.resources, host.allocatable);
            let why = waiting.rejections.get(&host.name);
            asked.cpu_milli <= has.cpu_milli
                && asked.memory_bytes <= has.memory_bytes
                && !matches!(why, Some(Rejection::Machine { .. }))
        };
        let kind = |host: &Candidate| {
            let twin = twin(host, &NodeName::new(""));
            let taints: Vec<String> = twin.taints.iter().map(ToString::to_string).collect();
            (size(host), taints, twin.labels)
        };
        let all = all.into_iter().filter(enough).filter(|host| seen.insert(kind(host)));
        all.take(REBUILT).find_map(|like| {
            let name = NodeName::new(format!("{}-and-one-more", like.name));
            let mut room = self.if_hosts_were(|hosts| hosts.push(twin(like, &name)));
            room.takes(waiting.request, &name).then(|| Remedy::Host { like: like.name.clone() })
        })
    }
}

/// A host like another, with nothing on it, which nobody has cordoned.
fn twin(like: &Candidate, name: &NodeName) -> Candidate {
    let mut twin = like.clone();
    twin.name = name.clone();
    twin.readiness = Readiness::Ready;
    twin.taints.retain(|taint| taint.key != UNSCHEDULABLE);
    if let Some(hostname) = twin.labels.get_mut("kubernetes.io/hostname") {
        *hostname = name.to_string();
    }
    twin
}

/// The labels that the pod's hosts must have, each with the values that will do, of which none means any; `None` where that cannot
/// be said so.
fn asked_labels(request: &Request) -> Option<BTreeMap<String, Vec<String>>> {
    let selector = request.spec.node_selector.iter().flatten();
    let mut asked: BTreeMap<String, Vec<String>> =
        selector.map(|(key, value)| (key.clone(), vec![value.clone()])).collect();
    let affinity = request.spec.affinity.as_ref();
    let required = affinity
        .and_then(|affinity| affinity.node_affinity.as_ref())
        .and_then(|nodes| nodes.required_during_scheduling_ignored_during_execution.as_ref());
    if let Some(term) = required.and_then(|required| required.node_selector_terms.first()) {
        for expression in term.match_expressions.iter().flatten() {
            let NodeSelectorRequirement { key, operator, values } = expression;
            let values = match (operator.as_str(), values.as_deref().unwrap_or_default()) {
                ("In", values @ [_, ..]) => values.to_vec(),
                ("Exists", _) => Vec::new(),
                _ => return None,
            };
            let known = asked.entry(key.clone()).or_insert_with(|| values.clone());
            if known.is_empty() {
                *known = values;
            } else if !values.is_empty() {
                known.retain(|value| values.contains(value));
                if known.is_empty() {
                    return None;
                }
            }
        }
    }
    Some(asked).filter(|asked| !asked.is_empty())
}

/// Whether a host has a label with one of these values; with any, where there are none.
fn has_one(has: &Labels, key: &str, values: &[String]) -> bool {
    has.get(key).is_some_and(|value| values.is_empty() || values.contains(value))
}
