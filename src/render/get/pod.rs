//! The columns of pods.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, Pod};

use super::row::{Row, or_none};
use crate::model::is_sidecar;
use crate::render::age::age;

pub(super) fn pod(pod: &Pod, now: Timestamp) -> Row {
    let status = pod.status.clone().unwrap_or_default();
    let node = pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
    Row::default()
        .cell("READY", ready(pod))
        .cell("STATUS", reason(pod))
        .cell("RESTARTS", restarts(pod, now))
        .age(&pod.metadata, now)
        .wide("IP", or_none(status.pod_ip))
        .wide("NODE", or_none(node))
        .wide("NOMINATED NODE", or_none(status.nominated_node_name))
        .wide("READINESS GATES", or_none(gates(pod)))
}

/// How many of a pod's readiness gates are met: `1/2`.
fn gates(pod: &Pod) -> Option<String> {
    let gates = pod.spec.as_ref()?.readiness_gates.as_ref().filter(|gates| !gates.is_empty())?;
    let conditions = || pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let met = gates.iter().filter(|gate| {
        conditions()
            .any(|condition| condition.type_ == gate.condition_type && condition.status == "True")
    });
    Some(format!("{}/{}", met.count(), gates.len()))
}

fn statuses(pod: &Pod) -> &[ContainerStatus] {
    pod.status.as_ref().and_then(|s| s.container_statuses.as_deref()).unwrap_or_default()
}

/// The init containers of a pod, each with whether it runs on beside the main ones.
fn first(pod: &Pod) -> impl Iterator<Item = (&ContainerStatus, bool)> {
    let statuses = pod.status.as_ref().and_then(|s| s.init_container_statuses.as_deref());
    statuses.unwrap_or_default().iter().map(|status| (status, runs_on(pod, &status.name)))
}

fn runs_on(pod: &Pod, name: &str) -> bool {
    let spec = pod.spec.iter().flat_map(|spec| spec.init_containers.iter().flatten());
    spec.filter(|init| init.name == name).any(is_sidecar)
}

/// Containers that are ready, of all that run on: `1/2`.
pub(in crate::render) fn ready(pod: &Pod) -> String {
    let main = pod.spec.as_ref().map_or(0, |spec| spec.containers.len());
    let first_of = pod.spec.iter().flat_map(|spec| spec.init_containers.iter().flatten());
    let sidecars = first_of.filter(|init| is_sidecar(init)).count();
    let beside = first(pod).filter(|(_, runs_on)| *runs_on).map(|(status, _)| status);
    let ready = statuses(pod).iter().chain(beside).filter(|status| status.ready).count();
    format!("{ready}/{}", main + sidecars)
}

/// What containers say that wait for others of their pod.
const WAITS_FOR_OTHERS: [&str; 2] = ["ContainerCreating", "PodInitializing"];

/// The column STATUS: the phase, or what the first container that has something to say says.
///
/// Source: kubectl prints pods so, see `printPod` of <https://github.com/kubernetes/kubernetes/blob/master/pkg/printers/internalversion/printers.go>
pub(in crate::render) fn reason(pod: &Pod) -> String {
    let status = pod.status.clone().unwrap_or_default();
    let phase = status.phase.unwrap_or_default();
    if pod.metadata.deletion_timestamp.is_some() {
        return if phase == "Unknown" { phase } else { "Terminating".to_owned() };
    }
    let all = || statuses(pod).iter().filter_map(|status| said(status.state.as_ref()?));
    // A pod is made when nothing keeps one of its containers from it, so one that waits for another tells nothing.
    let telling = all().find(|said| !WAITS_FOR_OTHERS.contains(&said.as_str()));
    if let Some(initializing) = initializing(pod) {
        let idle = pod.status.iter().all(|status| status.start_time.is_none());
        return telling.filter(|_| idle).unwrap_or(initializing);
    }
    let said = telling.or_else(|| all().next());
    let runs = |status: &ContainerStatus| {
        status.ready && status.state.as_ref().is_some_and(|state| state.running.is_some())
    };
    match said {
        // One container has done its work while another one goes on with its own.
        Some(said) if said == "Completed" && statuses(pod).iter().any(runs) => {
            "NotReady".to_owned()
        }
        Some(said) => said,
        None => status.reason.unwrap_or(phase),
    }
}

/// What the first init container that is not done says, as long as there is one: `Init:1/2`, `Init:Error`.
fn initializing(pod: &Pod) -> Option<String> {
    let all = pod.spec.as_ref()?.init_containers.as_ref()?.len();
    for (at, (status, runs_on)) in first(pod).enumerate() {
        let state = status.state.clone().unwrap_or_default();
        if runs_on && status.started == Some(true) {
            continue;
        }
        let waits = state.waiting.and_then(|waiting| waiting.reason);
        return match (state.terminated, waits) {
            (Some(ended), _) if ended.exit_code == 0 => continue,
            (Some(ended), _) => {
                let code = || format!("ExitCode:{}", ended.exit_code);
                Some(format!("Init:{}", ended.reason.clone().unwrap_or_else(code)))
            }
            (None, Some(reason)) if reason != "PodInitializing" => Some(format!("Init:{reason}")),
            (None, _) => Some(format!("Init:{at}/{all}")),
        };
    }
    None
}

fn said(state: &ContainerState) -> Option<String> {
    if let Some(waiting) = &state.waiting {
        return waiting.reason.clone();
    }
    let ended = state.terminated.as_ref()?;
    Some(ended.reason.clone().unwrap_or_else(|| format!("ExitCode:{}", ended.exit_code)))
}

/// How often containers were started again, and how long ago the last of them was. While init containers are at work, only
/// they count; after that only what runs on does.
fn restarts(pod: &Pod, now: Timestamp) -> String {
    let working = initializing(pod).is_some();
    let beside = first(pod).filter(|(_, runs_on)| working || *runs_on).map(|(status, _)| status);
    let main = if working { &[] } else { statuses(pod) };
    let counted: Vec<&ContainerStatus> = beside.chain(main).collect();
    let count: i64 = counted.iter().map(|status| i64::from(status.restart_count)).sum();
    let ended = counted
        .iter()
        .filter_map(|status| status.last_state.as_ref()?.terminated.as_ref()?.finished_at.clone());
    match ended.max_by_key(|time| time.0) {
        Some(last) if count > 0 => format!("{count} ({} ago)", age(Some(&last), now)),
        _ => count.to_string(),
    }
}
