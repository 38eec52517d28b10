//! The columns of pods.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, Pod};

use super::row::{Row, or_none};
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
        .wide("READINESS GATES", or_none(None))
}

fn statuses(pod: &Pod) -> &[ContainerStatus] {
    pod.status.as_ref().and_then(|s| s.container_statuses.as_deref()).unwrap_or_default()
}

/// Containers that are ready, of all: `1/2`.
pub(in crate::render) fn ready(pod: &Pod) -> String {
    let all = pod.spec.as_ref().map_or(0, |spec| spec.containers.len());
    let ready = statuses(pod).iter().filter(|status| status.ready).count();
    format!("{ready}/{all}")
}

/// The column STATUS: the phase, or what the first container that has something to say says.
///
/// Source: kubectl prints pods so, see `printPod` of <https://github.com/kubernetes/kubernetes/blob/master/pkg/printers/internalversion/printers.go>
pub(in crate::render) fn reason(pod: &Pod) -> String {
    let status = pod.status.clone().unwrap_or_default();
    let phase = status.phase.unwrap_or_default();
    if pod.metadata.deletion_timestamp.is_some() {
        return if phase == "Unknown" { phase } else { "Terminating".to_owned() };
    }
    let said = statuses(pod).iter().find_map(|status| said(status.state.as_ref()?));
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

fn said(state: &ContainerState) -> Option<String> {
    if let Some(waiting) = &state.waiting {
        return waiting.reason.clone();
    }
    let ended = state.terminated.as_ref()?;
    Some(ended.reason.clone().unwrap_or_else(|| format!("ExitCode:{}", ended.exit_code)))
}

/// How often containers were started again, and how long ago the last of them was.
fn restarts(pod: &Pod, now: Timestamp) -> String {
    let count: i64 = statuses(pod).iter().map(|status| i64::from(status.restart_count)).sum();
    let ended = statuses(pod)
        .iter()
        .filter_map(|status| status.last_state.as_ref()?.terminated.as_ref()?.finished_at.clone());
    match ended.max_by_key(|time| time.0) {
        Some(last) if count > 0 => format!("{count} ({} ago)", age(Some(&last), now)),
        _ => count.to_string(),
    }
}
