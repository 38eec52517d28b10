//! Pods: what was bound, joined with what its host reported, and what no host can take.

use k8s_openapi::api::core::v1::{
    Container, ContainerStatus, HostIP, Pod, PodCondition, PodIP, PodSpec, PodStatus,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::container::{self, phase, phase_before};
use super::trouble::{Troubles, Why};
use super::{Fleet, time};
use crate::bindings::Binding;
use crate::controller::{Wanted, WantedPods, wanted};
use crate::model::{NodeName, Object, PodKey, qos_class};
use crate::observed::{HostState, ObservedPod, Role, Stage};
use crate::plan::{Restart, Waiting, init_role, ready_since, sandbox_name, unmet_gates};

/// Why a Pod waits that is not taken in.
pub(super) const REFUSED: &str = "FailedCreate";

impl Fleet<'_> {
    /// Every pod, in order of namespace and name.
    pub fn pods(&self) -> Vec<Pod> {
        let bound = self.bindings.pods.iter().map(|(key, binding)| self.bound(key, binding));
        let leaving = self.bindings.leaving.iter();
        let leaving = leaving.filter(|(key, binding)| self.may_be_there(key, binding));
        let leaving = leaving.map(|(key, binding)| self.leaving(key, binding));
        let mut pods: Vec<Pod> = bound.chain(leaving).chain(self.unplaced()).collect();
        pods.sort_by(|a, b| {
            let (a, b) = (&a.metadata, &b.metadata);
            (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name))
        });
        pods
    }

    /// The host that each pod on a host is on, by the pod's name.
    pub fn place(&self, key: &PodKey) -> Option<&NodeName> {
        let pods = [&self.bindings.pods, &self.bindings.leaving];
        pods.into_iter().find_map(|pods| pods.get(key)).map(|binding| &binding.node)
    }

    fn seen(&self, key: &PodKey, binding: &Binding) -> Option<&ObservedPod> {
        let report = self.observed.report(&binding.node)?;
        report.pods.get(&sandbox_name(&self.inventory.fleet, key))
    }

    /// Whether a leaving pod is on its host for all that is known.
    fn may_be_there(&self, key: &PodKey, binding: &Binding) -> bool {
        self.observed.report(&binding.node).is_none() || self.seen(key, binding).is_some()
    }

    fn leaving(&self, key: &PodKey, binding: &Binding) -> Pod {
        let mut pod = self.bound(key, binding);
        if let Some(HostState::Unreachable(why)) = self.observed.hosts.get(&binding.node) {
            pod.metadata.deletion_timestamp = Some(Time(why.since));
        }
        pod
    }

    pub(super) fn bound(&self, key: &PodKey, binding: &Binding) -> Pod {
        let mut pod = binding.pod.clone();
        pod.metadata.name = Some(key.name.clone());
        pod.metadata.namespace = Some(key.namespace.clone());
        let spec = pod.spec.get_or_insert_default();
        spec.node_name = Some(binding.node.to_string());
        if let Some(seen) = self.seen(key, binding) {
            spec.ephemeral_containers = container::added(seen);
        }
        let spec = spec.clone();
        let mut status = match self.observed.hosts.get(&binding.node) {
            None => unknown("NodeLost", format!("{} was not asked", binding.node), None),
            Some(HostState::Unreachable(why)) => unknown(
                "NodeLost",
                format!("{} does not answer: {}", binding.node, why.error),
                time(Some(why.since)),
            ),
            Some(HostState::Reachable(_)) => {
                let troubles = Troubles::of(self, key, (Some(&binding.node), &spec));
                heard(&spec, self.seen(key, binding), &troubles)
            }
        };
        if let Some(seen) = self.seen(key, binding) {
            pod.metadata.creation_timestamp =
                pod.metadata.creation_timestamp.take().or(time(seen.created));
            status.start_time = time(seen.created);
        }
        if let Some(address) = self.address(&binding.node) {
            status.host_ip = Some(address.clone());
            status.host_ips = Some(vec![HostIP { ip: address }]);
        }
        let address = binding.address.to_string();
        status.pod_ip = Some(address.clone());
        status.pod_ips = Some(vec![PodIP { ip: address }]);
        status.qos_class = Some(qos_class(&spec).to_string());
        pod.status = Some(status);
        pod
    }

    /// Pods that should exist and are on no host.
    fn unplaced(&self) -> Vec<Pod> {
        let mut pods = Vec::new();
        for wanted in wanted(self.desired) {
            for pending in self.all_waits(&wanted.source) {
                let (count, reason) = match (&pending.waiting, &wanted.pods) {
                    (Waiting::Host { pods, .. }, _) => (*pods, "Unschedulable"),
                    (Waiting::Mended { .. }, _) => (1, "CreateContainerConfigError"),
                    // A Pod of its own is stored and waits; one of many is not there at all.
                    (Waiting::Refused { .. }, WantedPods::One(_)) => (1, REFUSED),
                    (
                        Waiting::Refused { .. }
                        | Waiting::Unreachable { .. }
                        | Waiting::Available { .. }
                        | Waiting::Turn { .. }
                        | Waiting::Room { .. },
                        _,
                    ) => continue,
                };
                let message = match &pending.waiting {
                    Waiting::Host { rejections, .. } => {
                        crate::schedule::describe_rejections(rejections)
                    }
                    Waiting::Refused { what, .. } => what.clone(),
                    other => other.to_string(),
                };
                let made = self.makings(&wanted, count);
                pods.extend(made.into_iter().map(|pod| self.waiting_pod(pod, reason, &message)));
            }
        }
        pods
    }

    /// The pods that an object would get, which are on no host yet.
    fn makings(&self, wanted: &Wanted, count: u64) -> Vec<Pod> {
        match &wanted.pods {
            WantedPods::One(pod) => {
                let key = PodKey::new(&wanted.source.namespace, &wanted.source.name);
                let bound = self.bindings.pods.contains_key(&key);
                if bound { Vec::new() } else { vec![(**pod).clone()] }
            }
            WantedPods::Like { .. } => {
                let first = self.waiting.1.get(&wanted.source).copied().unwrap_or(0);
                let names = (first..first.saturating_add(count)).map(|nth| wanted.pod(nth));
                names.flatten().map(|(_, pod)| pod).collect()
            }
            WantedPods::Blocked { .. } => {
                let key = PodKey::new(&wanted.source.namespace, &wanted.source.name);
                let stored = self.desired.objects.get(&wanted.source);
                match stored.map(|stored| &stored.object) {
                    Some(Object::Pod(pod)) if !self.bindings.pods.contains_key(&key) => {
                        vec![(**pod).clone()]
                    }
                    _ => Vec::new(),
                }
            }
        }
    }

    /// A pod that is on no host, and why.
    fn waiting_pod(&self, mut pod: Pod, reason: &str, message: &str) -> Pod {
        let unplaced = PodCondition {
            reason: Some(reason.to_owned()),
            message: Some(message.to_owned()),
            ..condition("PodScheduled", "False", None)
        };
        let spec = pod.spec.clone().unwrap_or_default();
        let (metadata, status) = (&pod.metadata, PodStatus::default());
        let namespace = metadata.namespace.clone().unwrap_or_default();
        let key = PodKey::new(&namespace, metadata.name.clone().unwrap_or_default());
        let troubles = Troubles::of(self, &key, (None, &spec));
        // As long as it lacks a host alone, nobody has looked at its containers.
        let statuses = match reason {
            "Unschedulable" | REFUSED => None,
            _ => heard(&spec, None, &troubles).container_statuses,
        };
        pod.status = Some(PodStatus {
            phase: Some("Pending".to_owned()),
            conditions: Some(vec![unplaced]),
            container_statuses: statuses,
            qos_class: Some(qos_class(&spec).to_string()),
            ..status
        });
        pod
    }

    pub(super) fn address(&self, node: &NodeName) -> Option<String> {
        let host = self.inventory.hosts.get(node).and_then(|host| host.internal_address);
        let reported = self.observed.report(node).and_then(|report| report.facts.address);
        let given = self.bindings.nodes.get(node).and_then(|given| given.address);
        host.or(reported).or(given).map(|address| address.to_string())
    }
}

/// What the kubelet says of a pod whose time is over.
///
/// Source: <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/active_deadline.go>
const DEADLINE_EXCEEDED: &str = "Pod was active on the node longer than the specified deadline";

/// The status of a pod on a host that answered.
fn heard(spec: &PodSpec, seen: Option<&ObservedPod>, troubles: &Troubles<'_>) -> PodStatus {
    let expired = seen.is_some_and(|pod| pod.stage == Some(Stage::Expired));
    let restarts = if expired { Restart::Never } else { Restart::of(spec) };
    let there = |name: &str| seen.and_then(|pod| pod.containers.get(name));
    let first = init_statuses(spec, seen, (restarts, troubles));
    let before = if first.is_empty() { "ContainerCreating" } else { "PodInitializing" };
    let main = spec.containers.iter();
    let why = |main: &Container| waits(main, seen, troubles).unwrap_or(before.into());
    let statuses: Vec<ContainerStatus> =
        main.map(|main| container::status(main, there(&main.name), restarts, why(main))).collect();
    let by_containers =
        || phase_before(&first, restarts).unwrap_or_else(|| phase(&statuses, restarts));
    let phase = if expired { "Failed" } else { by_containers() };
    let sidecars = first.iter().filter(|(_, role)| *role == Role::Sidecar);
    let run_on = sidecars.map(|(status, _)| status).chain(&statuses);
    let unready: Vec<&str> =
        run_on.filter(|status| !status.ready).map(|s| s.name.as_str()).collect();
    let since = seen.and_then(|pod| ready_since(spec, pod).ok());
    let made = time(seen.and_then(|pod| pod.created));
    let containers_ready = containers_ready(&unready, phase, time(since));
    let ready = PodCondition { type_: "Ready".to_owned(), ..containers_ready.clone() };
    let ready = match unmet_gates(spec).filter(|_| unready.is_empty()) {
        None => ready,
        Some(unmet) => PodCondition {
            reason: Some("ReadinessGatesNotReady".to_owned()),
            message: Some(unmet),
            ..condition("Ready", "False", None)
        },
    };
    let conditions = vec![
        initialized(&first, made.clone()),
        ready,
        containers_ready,
        condition("PodScheduled", "True", made),
    ];
    let first: Vec<ContainerStatus> = first.into_iter().map(|(status, _)| status).collect();
    PodStatus {
        phase: Some(phase.to_owned()),
        reason: expired.then(|| "DeadlineExceeded".to_owned()),
        message: expired.then(|| DEADLINE_EXCEEDED.to_owned()),
        conditions: Some(conditions),
        init_container_statuses: (!first.is_empty()).then_some(first),
        container_statuses: Some(statuses),
        ephemeral_container_statuses: seen.and_then(container::added_statuses),
        ..PodStatus::default()
    }
}

/// Whether the containers that run on are ready.
///
/// Source: <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/status/generate.go>
fn containers_ready(unready: &[&str], phase: &str, since: Option<Time>) -> PodCondition {
    let condition = |status, since| condition("ContainersReady", status, since);
    match (unready, phase) {
        ([], _) => condition("True", since),
        (_, "Succeeded") => {
            PodCondition { reason: Some("PodCompleted".to_owned()), ..condition("False", None) }
        }
        (_, _) => PodCondition {
            reason: Some("ContainersNotReady".to_owned()),
            message: Some(format!("containers with unready status: [{}]", unready.join(" "))),
            ..condition("False", None)
        },
    }
}

/// What a container waits for other than its turn, in a pod that is not there.
fn waits(of: &Container, seen: Option<&ObservedPod>, troubles: &Troubles<'_>) -> Option<Why> {
    if seen.is_some() { None } else { troubles.why(of) }
}

/// The init containers, each with what it is to the pod.
fn init_statuses(
    spec: &PodSpec,
    seen: Option<&ObservedPod>,
    (restarts, troubles): (Restart, &Troubles<'_>),
) -> Vec<(ContainerStatus, Role)> {
    let status = |init: &Container| {
        let role = init_role(init);
        let restarts = restarts.of_role(role);
        let there = seen.and_then(|pod| pod.containers.get(&init.name));
        let why = waits(init, seen, troubles).unwrap_or("PodInitializing".into());
        (container::status(init, there, restarts, why), role)
    };
    spec.init_containers.iter().flatten().map(status).collect()
}

/// Whether the init containers are done.
fn initialized(first: &[(ContainerStatus, Role)], made: Option<Time>) -> PodCondition {
    let undone = first.iter().filter(|(status, role)| !container::initialized(status, *role));
    let undone: Vec<&str> = undone.map(|(status, _)| status.name.as_str()).collect();
    if undone.is_empty() {
        return condition("Initialized", "True", made);
    }
    PodCondition {
        reason: Some("ContainersNotInitialized".to_owned()),
        message: Some(format!("containers with incomplete status: [{}]", undone.join(" "))),
        ..condition("Initialized", "False", None)
    }
}

/// The status of a pod whose host says nothing.
fn unknown(reason: &str, message: String, since: Option<Time>) -> PodStatus {
    let because = |condition: PodCondition| PodCondition {
        reason: Some(reason.to_owned()),
        message: Some(message.clone()),
        ..condition
    };
    PodStatus {
        phase: Some("Unknown".to_owned()),
        conditions: Some(vec![
            because(condition("Ready", "Unknown", since.clone())),
            because(condition("ContainersReady", "Unknown", since)),
            condition("PodScheduled", "True", None),
        ]),
        message: Some(message),
        ..PodStatus::default()
    }
}

fn condition(type_: &str, status: &str, since: Option<Time>) -> PodCondition {
    PodCondition {
        type_: type_.to_owned(),
        status: status.to_owned(),
        last_transition_time: since,
        ..PodCondition::default()
    }
}
