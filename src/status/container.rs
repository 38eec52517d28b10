//! How a container stands, in the kubelet's words.

use k8s_openapi::api::core::v1::{
    Container, ContainerState as State, ContainerStateRunning, ContainerStateTerminated,
    ContainerStateWaiting, ContainerStatus, EphemeralContainer,
};

use super::time;
use crate::observed::{ContainerState, ObservedContainer, ObservedPod};

/// What becomes of a container that ends, by the Pod's `restartPolicy`.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Restarts {
    Always,
    OnFailure,
    Never,
}

impl Restarts {
    pub(super) fn of(policy: Option<&str>) -> Self {
        match policy {
            Some("Never") => Self::Never,
            Some("OnFailure") => Self::OnFailure,
            _ => Self::Always,
        }
    }

    fn after(self, code: i32) -> bool {
        match self {
            Self::Always => true,
            Self::OnFailure => code != 0,
            Self::Never => false,
        }
    }
}

/// The status of a container; `None` of it means that it is not on its host yet.
pub(super) fn status(
    container: &Container,
    there: Option<&ObservedContainer>,
    restarts: Restarts,
) -> ContainerStatus {
    let image = container.image.clone().unwrap_or_default();
    let Some(there) = there else {
        return ContainerStatus {
            name: container.name.clone(),
            image,
            started: Some(false),
            state: Some(waiting("ContainerCreating")),
            ..ContainerStatus::default()
        };
    };
    let (state, last_state) = states(there, restarts);
    let running = state.running.is_some();
    ContainerStatus {
        name: container.name.clone(),
        image: there.image.clone(),
        image_id: there.image_id.as_ref().map(|id| format!("sha256:{id}")).unwrap_or_default(),
        container_id: Some(format!("podman://{}", there.id)),
        ready: running,
        started: Some(running),
        restart_count: i32::try_from(there.restarts).unwrap_or(i32::MAX),
        state: Some(state),
        last_state,
        ..ContainerStatus::default()
    }
}

/// The containers that somebody added to look into a pod.
pub(super) fn added(pod: &ObservedPod) -> Option<Vec<EphemeralContainer>> {
    let all = pod.ephemeral.iter().map(|(name, added)| EphemeralContainer {
        name: name.clone(),
        image: Some(added.container.image.clone()),
        target_container_name: added.target.clone(),
        ..EphemeralContainer::default()
    });
    (!pod.ephemeral.is_empty()).then(|| all.collect())
}

/// How they stand. None of them is ever started again.
pub(super) fn added_statuses(pod: &ObservedPod) -> Option<Vec<ContainerStatus>> {
    let all = pod.ephemeral.iter().map(|(name, added)| {
        let container = Container { name: name.clone(), ..Container::default() };
        let status = status(&container, Some(&added.container), Restarts::Never);
        // No probe is asked of them, so they are never ready.
        ContainerStatus { ready: false, ..status }
    });
    (!pod.ephemeral.is_empty()).then(|| all.collect())
}

/// The state, and the one before it where that is known.
fn states(there: &ObservedContainer, restarts: Restarts) -> (State, Option<State>) {
    match &there.state {
        // podman makes a container anew to start it again.
        ContainerState::Created if there.restarts > 0 => (waiting("CrashLoopBackOff"), None),
        ContainerState::Created => (waiting("ContainerCreating"), None),
        ContainerState::Other(word) => (waiting(&capitalised(word)), None),
        ContainerState::Running { started } => {
            let running = ContainerStateRunning { started_at: time(Some(*started)) };
            (State { running: Some(running), ..State::default() }, None)
        }
        ContainerState::Exited { code, finished } => {
            let reason = if *code == 0 { "Completed" } else { "Error" };
            let terminated = ContainerStateTerminated {
                exit_code: *code,
                reason: Some(reason.to_owned()),
                finished_at: time(*finished),
                container_id: Some(format!("podman://{}", there.id)),
                ..ContainerStateTerminated::default()
            };
            let terminated = State { terminated: Some(terminated), ..State::default() };
            // One that has been started again before and has ended again is crashing.
            if restarts.after(*code) && there.restarts > 0 {
                (waiting("CrashLoopBackOff"), Some(terminated))
            } else {
                (terminated, None)
            }
        }
    }
}

fn waiting(reason: &str) -> State {
    let reason = Some(reason.to_owned());
    let waiting = ContainerStateWaiting { reason, ..ContainerStateWaiting::default() };
    State { waiting: Some(waiting), ..State::default() }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The phase of a pod whose containers stand so.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase>
pub(super) fn phase(statuses: &[ContainerStatus], restarts: Restarts) -> &'static str {
    let state = |status: &ContainerStatus| status.state.clone().unwrap_or_default();
    let last = |status: &ContainerStatus| status.last_state.clone().unwrap_or_default();
    let code = |status: &ContainerStatus| state(status).terminated.map(|ended| ended.exit_code);
    let fresh = |status: &ContainerStatus| {
        state(status).waiting.is_some() && last(status).terminated.is_none()
    };
    if statuses.iter().any(fresh) || statuses.is_empty() {
        return "Pending";
    }
    let codes: Option<Vec<i32>> = statuses.iter().map(code).collect();
    match (codes, restarts) {
        (None, _) | (Some(_), Restarts::Always) => "Running",
        (Some(codes), _) if codes.iter().all(|code| *code == 0) => "Succeeded",
        (Some(_), Restarts::Never) => "Failed",
        (Some(_), Restarts::OnFailure) => "Running",
    }
}
