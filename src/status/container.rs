//! How a container stands, in the kubelet's words.

use k8s_openapi::api::core::v1::{
    Container, ContainerState as State, ContainerStateRunning, ContainerStateTerminated,
    ContainerStateWaiting, ContainerStatus, EphemeralContainer,
};

use jiff::Timestamp;

use super::time;
use super::trouble::Why;
use crate::model::repository;
use crate::observed::{ContainerState, End, ObservedContainer, ObservedPod, Role};
use crate::plan::{Restart, ready, started};

/// The status of a container; `None` of it means that it is not on its host yet. `before` is what it waits for that has not been
/// started.
pub(super) fn status(
    container: &Container,
    there: Option<&ObservedContainer>,
    restarts: Restart,
    before: impl Into<Why>,
) -> ContainerStatus {
    let image = container.image.clone().unwrap_or_default();
    let before = before.into();
    let Some(there) = there else {
        return ContainerStatus {
            name: container.name.clone(),
            image,
            started: Some(false),
            state: Some(waiting(&before)),
            ..ContainerStatus::default()
        };
    };
    let (state, last_state) = states(there, restarts, &before);
    let has_started = started(container, there).is_some();
    let done = state.terminated.as_ref().is_some_and(|ended| ended.exit_code == 0);
    ContainerStatus {
        name: container.name.clone(),
        image: there.image.clone(),
        image_id: image_id(there),
        container_id: Some(format!("podman://{}", there.id)),
        ready: match there.role {
            Role::Init => done,
            Role::Sidecar | Role::Main => ready(container, there).is_some(),
        },
        started: Some(has_started),
        restart_count: i32::try_from(there.restarts).unwrap_or(i32::MAX),
        state: Some(state),
        last_state,
        ..ContainerStatus::default()
    }
}

/// The image that runs, by the name and digest with which it can be pulled; by podman's id of it where no digest is known.
fn image_id(there: &ObservedContainer) -> String {
    match (&there.image_digest, &there.image_id) {
        (Some(digest), _) => format!("{}@{digest}", repository(&there.image)),
        (None, Some(id)) => format!("sha256:{id}"),
        (None, None) => String::new(),
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
        let status =
            status(&container, Some(&added.container), Restart::Never, "ContainerCreating");
        // No probe is asked of them, so they are never ready.
        ContainerStatus { ready: false, ..status }
    });
    (!pod.ephemeral.is_empty()).then(|| all.collect())
}

/// The state, and the one before it where that is known.
fn states(there: &ObservedContainer, restarts: Restart, before: &Why) -> (State, Option<State>) {
    let last = there.last.as_ref().map(|end| terminated(there, end));
    match &there.state {
        // podman makes a container anew to start it again; one that could not be started was never more than made.
        ContainerState::Created if there.restarts > 0 || there.again.is_some() => {
            (waiting(&"CrashLoopBackOff".into()), last)
        }
        // Nobody starts it again that could not be started: it is as if it had ended.
        ContainerState::Created => match (&there.last, restarts) {
            (None, _) => (waiting(before), None),
            (Some(end), Restart::Never) => (terminated(there, end), None),
            (Some(end), Restart::Always | Restart::OnFailure) => {
                let message = Some(end.message.clone()).filter(|message| !message.is_empty());
                (waiting(&Why { reason: "RunContainerError", message }), None)
            }
        },
        ContainerState::Other(word) => {
            let reason = Some(capitalised(word));
            let waiting = ContainerStateWaiting { reason, message: None };
            (State { waiting: Some(waiting), ..State::default() }, None)
        }
        ContainerState::Running { started } | ContainerState::Stopping { started } => {
            let running = ContainerStateRunning { started_at: time(Some(*started)) };
            (State { running: Some(running), ..State::default() }, last)
        }
        ContainerState::Exited { code, finished } => {
            let terminated = match &there.end {
                Some(end) => terminated(there, end),
                None => terminated(there, &in_short(*code, *finished)),
            };
            // One that has been started again before and has ended again is crashing.
            if restarts.after(*code) && (there.restarts > 0 || there.again.is_some()) {
                (waiting(&"CrashLoopBackOff".into()), Some(terminated))
            } else {
                (terminated, last)
            }
        }
    }
}

/// An end of which only the list of containers tells.
fn in_short(code: i32, finished: Option<Timestamp>) -> End {
    let message = String::new();
    End { code, out_of_memory: false, started: None, finished, message }
}

/// The exit code of what could not be started, as the kubelet gives it.
const NOT_STARTED: i32 = 128;

/// An end in the kubelet's words.
fn terminated(there: &ObservedContainer, end: &End) -> State {
    let (code, reason) = match end {
        End { out_of_memory: true, code, .. } => (*code, "OOMKilled"),
        End { started: None, finished: None, .. } => (NOT_STARTED, "StartError"),
        End { code: 0, .. } => (0, "Completed"),
        End { code, .. } => (*code, "Error"),
    };
    let terminated = ContainerStateTerminated {
        exit_code: code,
        reason: Some(reason.to_owned()),
        message: Some(end.message.clone()).filter(|message| !message.is_empty()),
        started_at: time(end.started),
        finished_at: time(end.finished),
        container_id: Some(format!("podman://{}", there.id)),
        ..ContainerStateTerminated::default()
    };
    State { terminated: Some(terminated), ..State::default() }
}

fn waiting(why: &Why) -> State {
    let (reason, message) = (Some(why.reason.to_owned()), why.message.clone());
    let waiting = ContainerStateWaiting { reason, message };
    State { waiting: Some(waiting), ..State::default() }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The phase of a pod whose containers stand so.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase>
pub(super) fn phase(statuses: &[ContainerStatus], restarts: Restart) -> &'static str {
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
        (None, _) | (Some(_), Restart::Always) => "Running",
        (Some(codes), _) if codes.iter().all(|code| *code == 0) => "Succeeded",
        (Some(_), Restart::Never) => "Failed",
        (Some(_), Restart::OnFailure) => "Running",
    }
}

/// The phase while a pod's init containers stand so; `None` when they are done.
pub(super) fn phase_before(
    statuses: &[(ContainerStatus, Role)],
    restarts: Restart,
) -> Option<&'static str> {
    let (undone, _) = statuses.iter().find(|(status, role)| !initialized(status, *role))?;
    let ended = undone.state.as_ref().is_some_and(|state| state.terminated.is_some());
    Some(if ended && restarts == Restart::Never { "Failed" } else { "Pending" })
}

/// Whether an init container no longer keeps the main ones from being started.
pub(super) fn initialized(status: &ContainerStatus, role: Role) -> bool {
    match role {
        Role::Sidecar => status.started == Some(true) || status.restart_count > 0,
        Role::Init | Role::Main => status.ready,
    }
}
