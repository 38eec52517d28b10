//! Every filter written the plain way: no classes, no counters, no index. It says what is right; `properties` compares.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{
    Pod, PodAffinityTerm, PodSpec, Toleration, TopologySpreadConstraint,
};

use crate::inventory::{Packing, Scheduling, Taint, TaintEffect, Weights};
use crate::model::{GPU, GPU_MILLI, ImageOfList, Labels, Selector, chooses_node, host_ports};
use crate::schedule::{Candidate, Held, Readiness, further_resources, pod_resources};

/// The profile `batch` of the fleets that are compared.
pub(super) const BATCH: Scheduling = Scheduling {
    packing: Packing::Most,
    weights: Weights { resources: 5, balance: 0, images: 3, ..Scheduling::SPREAD.weights },
};

/// A fleet as plain values.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub(super) hosts: Vec<Candidate>,
    pub(super) namespaces: BTreeMap<String, Labels>,
    /// What images are made for, by their names.
    pub(super) lists: BTreeMap<String, Vec<ImageOfList>>,
    /// Pods, each with the place of its host.
    pub(super) bound: Vec<(Pod, usize)>,
    /// The GPUs that each of them has.
    pub(super) held: Vec<Held>,
}

pub(super) fn spec(pod: &Pod) -> &PodSpec {
    pod.spec.as_ref().unwrap()
}

fn namespace(pod: &Pod) -> &str {
    pod.metadata.namespace.as_deref().unwrap()
}

fn labels(pod: &Pod) -> Labels {
    pod.metadata.labels.clone().unwrap_or_default()
}

impl World {
    /// Whether a pod may go to a host. Of one that names its host no more is asked than a kubelet asks.
    pub(super) fn allows(&self, pod: &Pod, host: usize) -> bool {
        let all = &[TaintEffect::NoSchedule, TaintEffect::NoExecute][..];
        let may = match &spec(pod).node_name {
            Some(name) => {
                name == self.hosts[host].name.as_str()
                    && self.is_borne(pod, host, &[TaintEffect::NoExecute])
            }
            None => {
                self.is_borne(pod, host, all)
                    && self.is_spread(pod, host)
                    && self.has_company(pod, host)
            }
        };
        profile(pod).is_some()
            && may
            && self.hosts[host].readiness == Readiness::Ready
            && self.selects(pod, host)
            && self.can_run(pod, host)
            && self.has_ports(pod, host)
            && self.has_room(pod, host)
    }

    /// The points of a host for a pod's images, in thousandths.
    pub(super) fn image_points(&self, pod: &Pod, host: usize) -> u64 {
        let containers = spec(pod).init_containers.iter().flatten().chain(&spec(pod).containers);
        let names: Vec<String> = containers
            .filter_map(|container| container.image.as_deref())
            .map(|name| match name {
                "big:1" => "docker.io/library/big:1".to_owned(),
                "reg.io/middle" => "reg.io/middle:latest".to_owned(),
                full => full.to_owned(),
            })
            .collect();
        let all = self.hosts.len() as u64;
        let counts = |name: &String| {
            let sizes: Vec<u64> =
                self.hosts.iter().filter_map(|host| host.images.get(name)).copied().collect();
            sizes.iter().max().map_or(0, |size| size * sizes.len() as u64 / all)
        };
        let there = names.iter().filter(|name| self.hosts[host].images.contains_key(*name));
        let (least, most) = (23 << 20, (1000 << 20) * names.len() as u64);
        let sum: u64 = there.map(counts).sum();
        if sum < least { 0 } else { 100_000 * (sum.min(most) - least) / (most - least) }
    }

    /// Whether each image that is pulled anew is made for the host's machine, or there by its digest.
    fn can_run(&self, pod: &Pod, host: usize) -> bool {
        let Candidate { machine, images, .. } = &self.hosts[host];
        let Some(machine) = machine else { return true };
        let pulled = spec(pod)
            .containers
            .iter()
            .filter(|container| container.image_pull_policy.as_deref() == Some("Always"));
        pulled.filter_map(|container| self.lists.get(container.image.as_ref()?)).all(|list| {
            let runs = |one: &ImageOfList| {
                let made_for = one.platform.as_ref().unwrap();
                (made_for.architecture == machine.architecture && made_for.os == "linux")
                    || images.contains_key(&format!("reg.io/small@{}", one.digest))
            };
            list.iter().any(runs)
        })
    }

    /// The points of a host for how full it would be with a pod, in thousandths.
    pub(super) fn resource_points(&self, pod: &Pod, host: usize) -> u64 {
        let all = self.hosts[host].allocatable;
        let (mut cpu, mut memory) = (0, 0);
        for one in self.at(host).chain([pod]) {
            let asked = pod_resources(spec(one));
            let silent = |name: &str| {
                let requests = spec(one).containers.iter().map(|container| {
                    container.resources.as_ref().and_then(|all| all.requests.as_ref())
                });
                requests.filter(|all| all.is_none_or(|all| !all.contains_key(name))).count() as u64
            };
            // Those that prepare a pod say nothing here, and run before the others.
            let before = u64::from(spec(one).init_containers.is_some());
            cpu += (asked.cpu_milli + 100 * silent("cpu")).max(100 * before);
            memory +=
                (asked.memory_bytes + (200 << 20) * silent("memory")).max((200 << 20) * before);
        }
        let share = |of: u64, all: u64| if of < all { of * 100_000 / all } else { 100_000 };
        let taken = share(cpu, all.cpu_milli) + share(memory, all.memory_bytes);
        match profile(pod).unwrap().packing {
            Packing::Least => (200_000 - taken) / 2,
            Packing::Most => taken / 2,
        }
    }

    /// The points of a host for how much more evenly its CPU and memory are asked for with a pod, in thousandths.
    pub(super) fn balance_points(&self, pod: &Pod, host: usize) -> u64 {
        let all = self.hosts[host].allocatable;
        let share =
            |asked: u64, all: u64| if asked < all { 100_000 * asked / all } else { 100_000 };
        let even = |pods: &[&Pod]| {
            let asked = || pods.iter().map(|pod| pod_resources(spec(pod)));
            let cpu = asked().map(|one| one.cpu_milli).sum();
            let memory = asked().map(|one| one.memory_bytes).sum();
            let (cpu, memory) = (share(cpu, all.cpu_milli), share(memory, all.memory_bytes));
            100_000 - cpu.abs_diff(memory) / 2
        };
        let without: Vec<&Pod> = self.at(host).collect();
        let with: Vec<&Pod> = without.iter().copied().chain([pod]).collect();
        50_000 + (50_000 + even(&with) - even(&without)) / 2
    }

    fn at(&self, host: usize) -> impl Iterator<Item = &Pod> {
        self.bound.iter().filter(move |(_, at)| *at == host).map(|(pod, _)| pod)
    }

    fn selects(&self, pod: &Pod, host: usize) -> bool {
        let host = &self.hosts[host];
        let mut selector = spec(pod).node_selector.iter().flatten();
        let affinity = spec(pod).affinity.as_ref().and_then(|all| all.node_affinity.as_ref());
        let required = affinity
            .and_then(|nodes| nodes.required_during_scheduling_ignored_during_execution.as_ref());
        selector.all(|(key, value)| host.labels.get(key) == Some(value))
            && required.is_none_or(|terms| chooses_node(terms, &host.name, &host.labels))
    }

    /// Whether the pod bears the taints of a host that have one of these effects.
    fn is_borne(&self, pod: &Pod, host: usize, effects: &[TaintEffect]) -> bool {
        let repels = |taint: &&Taint| effects.contains(&taint.effect);
        let borne = |taint: &Taint| {
            spec(pod).tolerations.iter().flatten().any(|toleration| {
                let exists = toleration.operator.as_deref() == Some("Exists");
                let effect = toleration.effect.clone().unwrap_or_default();
                (toleration.key.as_deref() == Some(&taint.key)
                    || (exists && toleration.key.is_none()))
                    && (exists || toleration.value.clone().unwrap_or_default() == taint.value)
                    && (effect.is_empty() || effect == taint.effect.to_string())
            })
        };
        self.hosts[host].taints.iter().filter(repels).all(borne)
    }

    /// Whether the host answers, or the pod minds no taint of hosts that do not.
    fn is_heard_of(&self, pod: &Pod, host: usize) -> bool {
        let bears = |toleration: &Toleration| {
            toleration.operator.as_deref() == Some("Exists")
                && toleration
                    .key
                    .as_deref()
                    .is_none_or(|key| key == "node.kubernetes.io/unreachable")
                && toleration.effect.as_deref().is_none_or(|effect| effect == "NoSchedule")
        };
        self.hosts[host].readiness == Readiness::Ready
            || spec(pod).tolerations.iter().flatten().any(bears)
    }

    fn has_ports(&self, pod: &Pod, host: usize) -> bool {
        let taken = self.at(host).flat_map(|other| host_ports(spec(other)));
        let taken: Vec<_> = taken.chain(self.hosts[host].ssh_port).collect();
        host_ports(spec(pod)).iter().all(|port| !taken.iter().any(|other| other.collides(port)))
    }

    /// Whether what is asked for is there; of what is not asked for too much may be taken.
    pub(super) fn has_room(&self, pod: &Pod, host: usize) -> bool {
        let (all, asked) = (&self.hosts[host], pod_resources(spec(pod)));
        let used: Vec<_> = self.at(host).map(|other| pod_resources(spec(other))).collect();
        let fits = |asked: u64, used: u64, all: u64| asked == 0 || asked + used <= all;
        let is_counted = |(name, _): &(String, u64)| ![GPU, GPU_MILLI].contains(&name.as_str());
        let mut further = further_resources(spec(pod)).into_iter().filter(is_counted);
        let further = further.all(|(name, asked)| {
            let used =
                self.at(host).filter_map(|other| further_resources(spec(other)).remove(&name));
            match all.further.get(&name) {
                Some(all) => fits(asked, used.sum(), *all),
                None => name == "ephemeral-storage",
            }
        });
        let (cpu, memory) =
            (used.iter().map(|one| one.cpu_milli), used.iter().map(|one| one.memory_bytes));
        fits(asked.cpu_milli, cpu.sum(), all.allocatable.cpu_milli)
            && fits(asked.memory_bytes, memory.sum(), all.allocatable.memory_bytes)
            && fits(1, used.len() as u64, all.allocatable.pods)
            && further
            && self.has_gpus(pod, host)
    }

    /// Thousandths that are left of each GPU.
    pub(super) fn gpus(&self, host: usize) -> Vec<u64> {
        let count = self.hosts[host].further.get(GPU).copied().unwrap_or(0);
        let mut left = vec![1000; usize::try_from(count).unwrap()];
        for ((other, at), held) in self.bound.iter().zip(&self.held) {
            for gpu in held.whole.iter().filter(|_| *at == host) {
                left[usize::from(*gpu)] -= 1000;
            }
            if let Some(gpu) = held.shared.filter(|_| *at == host) {
                left[usize::from(gpu)] -= further_resources(spec(other))[GPU_MILLI];
            }
        }
        left
    }

    fn has_gpus(&self, pod: &Pod, host: usize) -> bool {
        let asked = further_resources(spec(pod));
        let asked = |name: &str| asked.get(name).copied().unwrap_or(0);
        let left = self.gpus(host);
        let free = left.iter().filter(|left| **left == 1000).count() as u64;
        let part = asked(GPU_MILLI);
        let shared = left.iter().any(|left| *left < 1000 && *left >= part);
        asked(GPU) <= free && (part == 0 || shared || (part <= 1000 && asked(GPU) < free))
    }

    /// Whether the constraints that must hold would hold with the pod there.
    pub(super) fn is_spread(&self, pod: &Pod, host: usize) -> bool {
        let all = spec(pod).topology_spread_constraints.as_deref().unwrap_or_default();
        let must: Vec<&TopologySpreadConstraint> =
            all.iter().filter(|one| one.when_unsatisfiable == "DoNotSchedule").collect();
        must.iter().all(|constraint| {
            let key = &constraint.topology_key;
            let Some(domain) = self.hosts[host].labels.get(key) else { return false };
            let counts = self.counts(pod, constraint, &must);
            let domains = i32::try_from(counts.len()).unwrap();
            let few = domains < constraint.min_domains.unwrap_or(1);
            let least = if few { 0 } else { counts.values().copied().min().unwrap_or(0) };
            let itself = i32::from(Self::is_like(pod, constraint, pod));
            counts.get(domain).copied().unwrap_or(0) + itself - least <= constraint.max_skew
        })
    }

    /// How many pods each domain has that the constraint counts.
    fn counts<'w>(
        &'w self,
        pod: &Pod,
        constraint: &TopologySpreadConstraint,
        must: &[&TopologySpreadConstraint],
    ) -> BTreeMap<&'w String, i32> {
        let mut counts = BTreeMap::new();
        for (host, candidate) in self.hosts.iter().enumerate() {
            let has_keys = must.iter().all(|one| candidate.labels.contains_key(&one.topology_key));
            let affinity = constraint.node_affinity_policy.as_deref() == Some("Ignore")
                || self.selects(pod, host);
            let taints = constraint.node_taints_policy.as_deref() != Some("Honor")
                || (self.is_borne(pod, host, &[TaintEffect::NoSchedule, TaintEffect::NoExecute])
                    && self.is_heard_of(pod, host));
            if has_keys && affinity && taints {
                let like = self.at(host).filter(|other| Self::is_like(pod, constraint, other));
                *counts.entry(&candidate.labels[&constraint.topology_key]).or_insert(0) +=
                    i32::try_from(like.count()).unwrap();
            }
        }
        counts
    }

    fn is_like(pod: &Pod, constraint: &TopologySpreadConstraint, other: &Pod) -> bool {
        let same = |key: &String| {
            labels(pod).get(key).is_none_or(|value| labels(other).get(key) == Some(value))
        };
        namespace(pod) == namespace(other)
            && constraint.label_selector.as_ref().is_some_and(|selector| {
                Selector::from_object(selector).unwrap().matches(&labels(other))
                    && constraint.match_label_keys.iter().flatten().all(same)
            })
    }

    fn has_company(&self, pod: &Pod, host: usize) -> bool {
        self.is_near(pod, host) && self.is_apart(pod, host)
    }

    fn is_near(&self, pod: &Pod, host: usize) -> bool {
        let affinity = spec(pod).affinity.as_ref().and_then(|all| all.pod_affinity.as_ref());
        let terms = affinity
            .and_then(|pods| pods.required_during_scheduling_ignored_during_execution.as_deref())
            .unwrap_or_default();
        let meets = |other: &Pod| terms.iter().all(|term| self.chooses(pod, term, other));
        let near = |term: &PodAffinityTerm| {
            self.bound.iter().any(|(other, at)| meets(other) && self.together(term, host, *at))
        };
        let labelled =
            terms.iter().all(|term| self.hosts[host].labels.contains_key(&term.topology_key));
        let nobody = !self.bound.iter().any(|(other, at)| {
            meets(other)
                && terms.iter().any(|term| self.hosts[*at].labels.contains_key(&term.topology_key))
        });
        terms.iter().all(near) || (labelled && nobody && meets(pod))
    }

    /// Whether neither the pod nor another would mind.
    pub(super) fn is_apart(&self, pod: &Pod, host: usize) -> bool {
        let minds = |one: &Pod, other: &Pod, at: usize| {
            shunned(one)
                .iter()
                .any(|term| self.chooses(one, term, other) && self.together(term, host, at))
        };
        !self.bound.iter().any(|(other, at)| minds(pod, other, *at) || minds(other, pod, *at))
    }

    fn together(&self, term: &PodAffinityTerm, one: usize, other: usize) -> bool {
        let value = |host: usize| self.hosts[host].labels.get(&term.topology_key);
        value(one).is_some() && value(one) == value(other)
    }

    fn chooses(&self, asking: &Pod, term: &PodAffinityTerm, other: &Pod) -> bool {
        let names: BTreeSet<&str> = term.namespaces.iter().flatten().map(String::as_str).collect();
        let none = Labels::new();
        let of_namespace = self.namespaces.get(namespace(other)).unwrap_or(&none);
        let by_labels = term
            .namespace_selector
            .as_ref()
            .is_some_and(|selector| Selector::from_object(selector).unwrap().matches(of_namespace));
        let own = names.is_empty()
            && term.namespace_selector.is_none()
            && namespace(asking) == namespace(other);
        let (mine, theirs) = (labels(asking), labels(other));
        let same = |key: &String| mine.get(key).is_none_or(|value| theirs.get(key) == Some(value));
        let differs =
            |key: &String| mine.get(key).is_none_or(|value| theirs.get(key) != Some(value));
        (own || by_labels || names.contains(namespace(other)))
            && term.label_selector.as_ref().is_some_and(|selector| {
                Selector::from_object(selector).unwrap().matches(&theirs)
                    && term.match_label_keys.iter().flatten().all(same)
                    && term.mismatch_label_keys.iter().flatten().all(differs)
            })
    }
}

/// The profile by which a host is chosen for a pod, if any has the name that it says; one that names its host needs none.
pub(super) fn profile(pod: &Pod) -> Option<Scheduling> {
    match spec(pod).scheduler_name.as_deref() {
        _ if spec(pod).node_name.is_some() => Some(Scheduling::default()),
        None | Some("default-scheduler") => Some(Scheduling::default()),
        Some("spread") => Some(Scheduling::SPREAD),
        Some("binpack") => Some(Scheduling::BINPACK),
        Some("batch") => Some(BATCH),
        Some(_) => None,
    }
}

fn shunned(pod: &Pod) -> &[PodAffinityTerm] {
    let affinity = spec(pod).affinity.as_ref().and_then(|all| all.pod_anti_affinity.as_ref());
    affinity
        .and_then(|pods| pods.required_during_scheduling_ignored_during_execution.as_deref())
        .unwrap_or_default()
}
