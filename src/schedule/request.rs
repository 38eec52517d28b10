//! What a pod asks of a host.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Container, NodeAffinity, NodeSelector, Pod, PodSpec, Toleration};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde_json::json;

use super::Rejection;
use crate::inventory::DEFAULT_SCHEDULER;
use crate::model::{
    Amount, HostPort, Labels, NodeName, ObjectKey, QuantityError, Resources, container_request,
    host_ports, parse_quantity_bytes, parse_quantity_milli,
};

/// The resource of which a host has no end where nobody says how much there is.
pub(super) const STORAGE: &str = "ephemeral-storage";

/// What a container counts as asking for where it says nothing, in the score of how full a host is alone.
///
/// Source: `DefaultMilliCPURequest` and `DefaultMemoryRequest` of kube-scheduler.
const UNSAID: [(&str, &str); 2] = [("cpu", "100m"), ("memory", "200Mi")];

/// A pod that is to be placed, or that is bound: everything that filters and scores look at.
#[derive(Clone, Debug)]
pub struct Request {
    /// The pod's namespace.
    pub namespace: String,
    /// The pod's labels.
    pub labels: Labels,
    /// The pod's specification.
    pub spec: PodSpec,
    /// What the pod's containers ask for, and one pod.
    pub resources: Resources,
    /// What they ask for of other resources.
    pub further: BTreeMap<String, u64>,
    /// Thousandths of a CPU and bytes that the pod counts as asking for in scores.
    pub weight: (u64, u64),
    /// The ports of the host that it asks for.
    pub ports: BTreeSet<HostPort>,
    /// What the pod was made for; its pods are spread.
    pub owner: Option<ObjectKey>,
    /// The profile that it asks for by `spec.schedulerName`; empty for the fleet's own. Nobody chooses a host for one that names it.
    pub scheduler: String,
    /// The one host that it names.
    pub pin: Pin,
    /// The hosts that its volumes keep it from.
    pub volumes: BTreeMap<NodeName, Rejection>,
}

/// The one host that a pod names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pin {
    /// None.
    Nowhere,
    /// By `spec.nodeName`.
    Named(NodeName),
    /// By the field `metadata.name` of node affinity, as pods of a DaemonSet do.
    Chosen(NodeName),
}

impl Pin {
    /// The host.
    pub fn host(&self) -> Option<&NodeName> {
        match self {
            Self::Nowhere => None,
            Self::Named(host) | Self::Chosen(host) => Some(host),
        }
    }
}

impl Request {
    /// Reads a pod.
    pub fn of(pod: &Pod, owner: Option<ObjectKey>) -> Self {
        let mut spec = pod.spec.clone().unwrap_or_default();
        let resources = pod_resources(&spec);
        let pin = take_pin(&mut spec);
        let scheduler = scheduler(&spec, &pin);
        Self {
            namespace: pod.metadata.namespace.clone().unwrap_or_default(),
            labels: pod.metadata.labels.clone().unwrap_or_default(),
            resources,
            further: further_resources(&spec),
            weight: weight(&spec, resources),
            ports: host_ports(&spec),
            spec,
            owner,
            scheduler,
            pin,
            volumes: BTreeMap::new(),
        }
    }

    /// The same of a pod whose volumes keep it from these hosts.
    #[must_use]
    pub fn kept_from(self, volumes: BTreeMap<NodeName, Rejection>) -> Self {
        Self { volumes, ..self }
    }

    /// The same of a pod that asks for another profile.
    #[must_use]
    pub fn answered_by(mut self, scheduler: &str) -> Self {
        self.spec.scheduler_name = Some(scheduler.to_owned());
        self.scheduler = self::scheduler(&self.spec, &self.pin);
        self
    }

    /// The pod's tolerations.
    pub(super) fn tolerations(&self) -> &[Toleration] {
        self.spec.tolerations.as_deref().unwrap_or_default()
    }

    /// One text for all pods that the same hosts would do for, whatever is on them.
    pub(super) fn host_rules(&self) -> String {
        let affinity = self.spec.affinity.as_ref().and_then(|affinity| {
            affinity.node_affinity.as_ref().filter(|nodes| **nodes != NodeAffinity::default())
        });
        json!([self.spec.node_selector, affinity, self.spec.tolerations]).to_string()
    }

    /// One text for all pods that are alike to the scheduler; the host that one names is its own.
    pub(super) fn class(&self) -> String {
        let affinity = self.spec.affinity.as_ref();
        let ports: Vec<String> = self
            .ports
            .iter()
            .map(|port| format!("{}/{}/{}", port.address, port.protocol, port.port))
            .collect();
        let Resources { cpu_milli, memory_bytes, pods } = self.resources;
        let own = json!([
            [self.namespace, self.labels, self.owner.as_ref().map(ToString::to_string)],
            self.host_rules(),
            [cpu_milli, memory_bytes, pods, self.weight.0, self.weight.1],
            [json!(self.further), json!(ports)],
            affinity.map(|affinity| (&affinity.pod_affinity, &affinity.pod_anti_affinity)),
            self.spec.topology_spread_constraints,
            [json!(self.spec.priority), json!(self.spec.preemption_policy)],
        ]);
        if self.scheduler.is_empty() {
            return own.to_string();
        }
        json!([self.scheduler, own]).to_string()
    }
}

/// The profile that a pod asks for; empty for the fleet's own.
fn scheduler(spec: &PodSpec, pin: &Pin) -> String {
    match (spec.scheduler_name.as_deref(), pin) {
        (None | Some(DEFAULT_SCHEDULER), _) | (Some(_), Pin::Named(_)) => String::new(),
        (Some(name), Pin::Nowhere | Pin::Chosen(_)) => name.to_owned(),
    }
}

/// Takes the one host that a pod names out of its specification, so that pods that differ in nothing else are alike.
fn take_pin(spec: &mut PodSpec) -> Pin {
    if let Some(name) = spec.node_name.take().filter(|name| !name.is_empty()) {
        return Pin::Named(NodeName::new(name));
    }
    // How pods are spread depends on the hosts that a pod could have.
    if spec.topology_spread_constraints.as_ref().is_some_and(|all| !all.is_empty()) {
        return Pin::Nowhere;
    }
    let nodes = spec.affinity.as_mut().and_then(|affinity| affinity.node_affinity.as_mut());
    let Some(nodes) = nodes else { return Pin::Nowhere };
    let required = &mut nodes.required_during_scheduling_ignored_during_execution;
    let Some(NodeSelector { node_selector_terms: terms }) = required else { return Pin::Nowhere };
    let [term] = terms.as_mut_slice() else { return Pin::Nowhere };
    let Some([field]) = term.match_fields.as_deref() else { return Pin::Nowhere };
    let values = field.values.as_deref().unwrap_or_default();
    let ("metadata.name", "In", [name]) = (field.key.as_str(), field.operator.as_str(), values)
    else {
        return Pin::Nowhere;
    };
    let name = NodeName::new(name);
    term.match_fields = None;
    if term.match_expressions.as_ref().is_none_or(Vec::is_empty) {
        *required = None;
    }
    Pin::Chosen(name)
}

/// What a pod requests: as a whole where it says so, else what its containers do together, those that prepare it too; what it
/// costs besides; and the pod itself.
///
/// A quantity that cannot be read counts as nothing: the manifest reader has refused it before.
/// Source: <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers>
pub fn pod_resources(spec: &PodSpec) -> Resources {
    Resources {
        cpu_milli: requested(spec, "cpu", parse_quantity_milli),
        memory_bytes: requested(spec, "memory", parse_quantity_bytes),
        pods: 1,
    }
}

/// What a pod requests of everything that is neither CPU nor memory, by name.
pub fn further_resources(spec: &PodSpec) -> BTreeMap<String, u64> {
    let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    let own = containers.filter_map(|container| container.resources.as_ref()?.requests.as_ref());
    let whole = spec.resources.iter().filter_map(|resources| resources.requests.as_ref());
    let names: BTreeSet<&String> =
        own.chain(whole).chain(spec.overhead.as_ref()).flat_map(BTreeMap::keys).collect();
    let further = names.into_iter().filter(|name| !["cpu", "memory"].contains(&name.as_str()));
    further
        .map(|name| (name.clone(), requested(spec, name, parse_quantity_bytes)))
        .filter(|(_, asked)| *asked > 0)
        .collect()
}

fn requested(spec: &PodSpec, name: &str, read: fn(&str) -> Result<u64, QuantityError>) -> u64 {
    let whole = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    let of_pod = whole.and_then(|whole| whole.get(name)).map(|quantity| quantity.0.clone());
    let of_containers = || container_request(spec, name).as_ref().map(Amount::to_string);
    let over = spec.overhead.as_ref().and_then(|over| over.get(name));
    let asked = [of_pod.or_else(of_containers), over.map(|quantity| quantity.0.clone())];
    let amounts = asked.into_iter().flatten().filter_map(|text| read(&text).ok());
    amounts.fold(0, u64::saturating_add)
}

/// What a pod counts as asking for in scores: as if every container asked for something, those that prepare it too. What it asks for
/// as a whole counts as it is.
///
/// Source: `calculatePodResourceRequest` of kube-scheduler's `noderesources`.
fn weight(spec: &PodSpec, asked: Resources) -> (u64, u64) {
    let says = |container: &Container| {
        let requests = container.resources.as_ref().and_then(|all| all.requests.as_ref());
        UNSAID.iter().all(|(name, _)| requests.is_some_and(|all| all.contains_key(*name)))
    };
    let mut containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    if containers.all(says) {
        return (asked.cpu_milli, asked.memory_bytes);
    }
    let filled = PodSpec {
        containers: spec.containers.iter().map(filled).collect(),
        init_containers: spec.init_containers.as_ref().map(|all| all.iter().map(filled).collect()),
        resources: spec.resources.clone(),
        overhead: spec.overhead.clone(),
        ..PodSpec::default()
    };
    let Resources { cpu_milli, memory_bytes, .. } = pod_resources(&filled);
    (cpu_milli, memory_bytes)
}

/// A container that says what it asks for, as far as that is counted.
fn filled(container: &Container) -> Container {
    let mut resources = container.resources.clone().unwrap_or_default();
    let requests = resources.requests.get_or_insert_default();
    for (name, amount) in UNSAID {
        requests.entry(name.to_owned()).or_insert_with(|| Quantity(amount.to_owned()));
    }
    Container {
        resources: Some(resources),
        restart_policy: container.restart_policy.clone(),
        ..Container::default()
    }
}
