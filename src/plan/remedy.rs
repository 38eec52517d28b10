//! The one smallest change that would give a waiting pod a host: each is tried on the scheduler before it is named.
//!
//! First what nobody has to decide (a host answers again), then what the pod asks for, then what the hosts are, then one more host.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use k8s_openapi::api::core::v1::{NodeSelectorRequirement, Toleration};
use serde::Serialize;

use super::room::Room;
use super::target::Choice;
use crate::inventory::{Taint, TaintEffect};
use crate::model::{Labels, NodeName};
use crate::schedule::{Candidate, Readiness, Rejection, Request};

/// How many changes of one kind are tried: a person is told one.
const TRIED: usize = 8;

/// How often hosts are put together anew to try what would be if one were another: each counts all pods again.
const REBUILT: usize = 4;

/// The labels by which a host says what it is: nobody gives it others.
const OF_THE_HOST: [&str; 3] = ["kubernetes.io/hostname", "kubernetes.io/arch", "kubernetes.io/os"];

/// A change with which a pod would be placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "camelCase")]
pub enum Remedy {
    /// The host answers again.
    Answer {
        /// The host.
        node: NodeName,
    },
    /// The pod asks for less.
    AskLess {
        /// The host that it would be on.
        node: NodeName,
        /// What there is too little of.
        resource: String,
        /// How much less: thousandths of a CPU, bytes, or pieces.
        less: u64,
        /// How much is free there.
        free: u64,
    },
    /// The pod bears a taint.
    Tolerate {
        /// The host that it would be on.
        node: NodeName,
        /// The taint.
        taint: String,
    },
    /// The pod asks for no such port of its host.
    Port {
        /// The host that it would be on.
        node: NodeName,
        /// The port.
        port: u16,
    },
    /// The pod may stand less evenly.
    Skew {
        /// The host that it would be on.
        node: NodeName,
        /// The topology.
        topology: String,
        /// The least `maxSkew` that would do.
        max_skew: i32,
    },
    /// There is a pod that the pod is to be near.
    Company {
        /// The host that the other pod would be on.
        node: NodeName,
        /// Its labels.
        labels: Labels,
    },
    /// A host gets labels.
    Label {
        /// The host.
        node: NodeName,
        /// The labels.
        labels: Labels,
    },
    /// There is one more host.
    Host {
        /// The one that it would be like.
        like: NodeName,
    },
    /// A quota is raised.
    Quota {
        /// The quota.
        quota: String,
        /// What it bounds.
        resource: String,
        /// How much there would have to be.
        to: String,
    },
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer { node } => write!(f, "would run on {node} if that answered"),
            Self::AskLess { node, resource, less, free } => {
                let (unit, word) = unit(resource);
                write!(f, "would fit {node} if it asked {less}{unit} {word} less: ")?;
                write!(f, "{free}{unit} {} free", if unit == "m" { "are" } else { "is" })
            }
            Self::Tolerate { node, taint } => {
                write!(f, "would run on {node} with a toleration of {taint}")
            }
            Self::Port { node, port } => write!(f, "would run on {node} without hostPort {port}"),
            Self::Skew { node, topology, max_skew } => {
                write!(f, "would run on {node} with maxSkew {max_skew} for {topology}")
            }
            Self::Company { node, labels } => {
                write!(f, "would run beside a pod with {} on {node}", listed(labels))
            }
            Self::Label { node, labels } => {
                write!(f, "would run on {node} if that had the label {}", listed(labels))
            }
            Self::Host { like } => write!(f, "would run on one more host of the size of {like}"),
            Self::Quota { quota, resource, to } => {
                write!(f, "would be made if quota {quota} allowed {resource}={to}")
            }
        }
    }
}

/// The unit of a resource, and what people call it.
fn unit(resource: &str) -> (&'static str, &str) {
    match resource {
        "cpu" => ("m", "CPU"),
        "memory" | "ephemeral-storage" => (" bytes of", resource),
        _ => ("", resource),
    }
}

fn listed(labels: &Labels) -> String {
    let all = labels.iter().map(|(key, value)| format!("{key}={value}"));
    all.collect::<Vec<_>>().join(",")
}

/// A pod that waits, and why each host is out.
pub(super) struct Unplaced<'a> {
    pub(super) request: &'a Request,
    pub(super) rejections: &'a BTreeMap<NodeName, Rejection>,
}

impl Choice<'_> {
    /// The smallest change that would place a pod which no host takes; `None` where no single one would.
    pub(super) fn remedy(&mut self, waiting: &Unplaced<'_>) -> Option<Remedy> {
        self.answer(waiting)
            .or_else(|| ask_less(&mut self.room, waiting))
            .or_else(|| tolerate(&mut self.room, waiting))
            .or_else(|| port(&mut self.room, waiting))
            .or_else(|| skew(&mut self.room, waiting))
            .or_else(|| self.company(waiting))
            .or_else(|| self.label(waiting))
            .or_else(|| self.one_more(waiting))
    }

    /// The hosts with all pods, after a change of the hosts.
    fn if_hosts_were(&self, change: impl FnOnce(&mut Vec<Candidate>)) -> Room {
        let mut hosts = self.room.hosts().to_vec();
        change(&mut hosts);
        // Nothing is preempted, so no budget is asked.
        let mut room = Room::of(hosts, self.input, Vec::new());
        let held = self.room.held();
        for (key, binding) in &self.target.bindings.pods {
            room.stays(key, binding, held.get(key).cloned());
        }
        room
    }

    fn answer(&self, waiting: &Unplaced<'_>) -> Option<Remedy> {
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
    fn company(&mut self, waiting: &Unplaced<'_>) -> Option<Remedy> {
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

    /// Labels that a host lacks.
    fn label(&mut self, waiting: &Unplaced<'_>) -> Option<Remedy> {
        let asked = asked_labels(waiting.request)?;
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
                let has = &self.room.host(node)?.labels;
                let lacks = asked.iter().filter(|(key, value)| has.get(*key) != Some(*value));
                let lacks: Labels = lacks.map(|(k, v)| (k.clone(), v.clone())).collect();
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
    fn one_more(&self, waiting: &Unplaced<'_>) -> Option<Remedy> {
        // Nobody knows which volumes could be reached from a host that is not there.
        if !waiting.request.volumes.is_empty() {
            return None;
        }
        let mut sizes: BTreeSet<(u64, u64, u64)> = BTreeSet::new();
        let mut all: Vec<&Candidate> = self.room.hosts().iter().collect();
        let size = |host: &Candidate| {
            let of = host.allocatable;
            (
                of.cpu_milli,
                of.memory_bytes,
                host.further.values().copied().fold(0, u64::saturating_add),
            )
        };
        all.sort_by_key(|host| size(host));
        let enough = |host: &&Candidate| {
            let (asked, has) = (waiting.request.resources, host.allocatable);
            asked.cpu_milli <= has.cpu_milli && asked.memory_bytes <= has.memory_bytes
        };
        let all = all.into_iter().filter(enough).filter(|host| sizes.insert(size(host)));
        all.take(REBUILT).find_map(|like| {
            let name = NodeName::new(format!("{}-and-one-more", like.name));
            let mut room = self.if_hosts_were(|hosts| hosts.push(twin(like, &name)));
            room.takes(waiting.request, &name).then(|| Remedy::Host { like: like.name.clone() })
        })
    }
}

/// A host like another, with nothing on it.
fn twin(like: &Candidate, name: &NodeName) -> Candidate {
    let mut twin = like.clone();
    twin.name = name.clone();
    twin.readiness = Readiness::Ready;
    if let Some(hostname) = twin.labels.get_mut("kubernetes.io/hostname") {
        *hostname = name.to_string();
    }
    twin
}

/// The labels that the pod's hosts must have, where that can be said in equalities.
fn asked_labels(request: &Request) -> Option<Labels> {
    let mut asked = request.spec.node_selector.clone().unwrap_or_default();
    let affinity = request.spec.affinity.as_ref();
    let required = affinity
        .and_then(|affinity| affinity.node_affinity.as_ref())
        .and_then(|nodes| nodes.required_during_scheduling_ignored_during_execution.as_ref());
    if let Some(term) = required.and_then(|required| required.node_selector_terms.first()) {
        for expression in term.match_expressions.iter().flatten() {
            let NodeSelectorRequirement { key, operator, values } = expression;
            match (operator.as_str(), values.as_deref().unwrap_or_default()) {
                ("In", [value, ..]) => asked.insert(key.clone(), value.clone()),
                ("Exists", _) => asked.insert(key.clone(), "true".to_owned()),
                _ => return None,
            };
        }
    }
    Some(asked).filter(|asked| !asked.is_empty())
}

/// Of the resource of which the least is too much, so much less that it fits.
fn ask_less(room: &mut Room, waiting: &Unplaced<'_>) -> Option<Remedy> {
    let mut lacking: Vec<(u64, &NodeName, String, u64, u64)> = Vec::new();
    for (node, why) in waiting.rejections {
        let (name, asked, free) = match why {
            Rejection::Cpu { asked, free } => ("cpu".to_owned(), *asked, *free),
            Rejection::Memory { asked, free } => ("memory".to_owned(), *asked, *free),
            Rejection::Resource { resource, asked, free } => (resource.clone(), *asked, *free),
            _ => continue,
        };
        if free > 0 && asked > free {
            // The part that it asks for too much, in thousandths: resources cannot be compared otherwise.
            let part = (u128::from(asked - free) * 1000).div_ceil(u128::from(asked));
            lacking.push((u64::try_from(part).unwrap_or(1000), node, name, asked, free));
        }
    }
    lacking.sort();
    lacking.into_iter().take(TRIED).find_map(|(_, node, resource, asked, free)| {
        let mut request = waiting.request.clone();
        match resource.as_str() {
            "cpu" => request.resources.cpu_milli = free,
            "memory" => request.resources.memory_bytes = free,
            _ => {
                request.further.insert(resource.clone(), free);
            }
        }
        let less = asked - free;
        let node = node.clone();
        room.takes(&request, &node).then_some(Remedy::AskLess { node, resource, less, free })
    })
}

/// A taint that the pod would have to bear.
fn tolerate(room: &mut Room, waiting: &Unplaced<'_>) -> Option<Remedy> {
    let mut tried: BTreeSet<String> = BTreeSet::new();
    for (node, why) in waiting.rejections {
        let Rejection::Taint { key, value } = why else { continue };
        let taints = room.host(node).map(|host| host.taints.clone()).unwrap_or_default();
        let keeps = |taint: &&Taint| {
            taint.key == *key
                && taint.value == *value
                && taint.effect != TaintEffect::PreferNoSchedule
        };
        for taint in taints.iter().filter(keeps) {
            if tried.len() >= TRIED || !tried.insert(format!("{node} {taint}")) {
                continue;
            }
            let mut request = waiting.request.clone();
            request.spec.tolerations.get_or_insert_default().push(Toleration {
                key: Some(taint.key.clone()),
                operator: Some("Equal".to_owned()),
                value: Some(taint.value.clone()),
                effect: Some(taint.effect.to_string()),
                toleration_seconds: None,
            });
            if room.takes(&request, node) {
                return Some(Remedy::Tolerate { node: node.clone(), taint: taint.to_string() });
            }
        }
    }
    None
}

/// A port of the host that the pod would have to do without.
fn port(room: &mut Room, waiting: &Unplaced<'_>) -> Option<Remedy> {
    let taken = waiting.rejections.iter().filter(|(_, why)| **why == Rejection::Ports);
    let nodes: Vec<&NodeName> = taken.map(|(node, _)| node).take(TRIED).collect();
    waiting.request.ports.iter().take(TRIED).find_map(|port| {
        let mut request = waiting.request.clone();
        request.ports.remove(port);
        let node = nodes.iter().find(|node| room.takes(&request, node))?;
        Some(Remedy::Port { node: (*node).clone(), port: port.port })
    })
}

/// The least skew with which the pod would have a host.
fn skew(room: &mut Room, waiting: &Unplaced<'_>) -> Option<Remedy> {
    let constraints = waiting.request.spec.topology_spread_constraints.as_deref()?;
    let uneven = waiting.rejections.iter().filter(|(_, why)| **why == Rejection::Spread);
    let nodes: Vec<&NodeName> = uneven.map(|(node, _)| node).take(TRIED).collect();
    for (index, constraint) in constraints.iter().enumerate() {
        if constraint.when_unsatisfiable != "DoNotSchedule" {
            continue;
        }
        for more in 1..=i32::try_from(TRIED).unwrap_or(1) {
            let max_skew = constraint.max_skew.saturating_add(more);
            let mut request = waiting.request.clone();
            let all = request.spec.topology_spread_constraints.get_or_insert_default();
            all[index].max_skew = max_skew;
            if let Some(node) = nodes.iter().find(|node| room.takes(&request, node)) {
                let topology = constraint.topology_key.clone();
                return Some(Remedy::Skew { node: (*node).clone(), topology, max_skew });
            }
        }
    }
    None
}
