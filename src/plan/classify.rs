//! What reality has made of each pod that was bound: an ordered list of rules, the first that fits wins.

use jiff::Timestamp;

use super::to_run::Restart;
use crate::bindings::Binding;
use crate::model::{NodeName, PodKey};
use crate::observed::{ContainerState, HostState, Observed, ObservedPod};
use crate::plan::realise;

/// How a bound pod stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Its host does not answer: it may well be running.
    Unknown {
        /// Since when.
        since: Timestamp,
    },
    /// Its host has left the inventory.
    Homeless,
    /// It is not on its host.
    Missing,
    /// What is there was made from something else, or is not all there.
    Broken(String),
    /// Containers have ended that should run.
    Stopped {
        /// Their names in the pod, and how they ended.
        containers: Vec<(String, String)>,
    },
    /// It ran to its end and is not to be started again.
    Finished,
    /// Every container runs, the last of them since then.
    Running(Timestamp),
}

/// Classifies a bound pod.
pub(super) fn classify(
    sandbox: &str,
    key: &PodKey,
    binding: &Binding,
    observed: &Observed,
) -> Condition {
    let report = match observed.hosts.get(&binding.node) {
        None => return Condition::Homeless,
        Some(HostState::Unreachable(why)) => return Condition::Unknown { since: why.since },
        Some(HostState::Reachable(report)) => report,
    };
    let Some(pod) = report.pods.get(sandbox) else { return Condition::Missing };
    if pod.containers.is_empty() {
        return Condition::Broken("has no containers".to_owned());
    }
    if pod.key != *key || pod.digest != binding.digest {
        return Condition::Broken("made from something else".to_owned());
    }
    if pod.address != Some(binding.address) {
        return Condition::Broken("has another address".to_owned());
    }
    by_containers(pod, binding)
}

fn by_containers(pod: &ObservedPod, binding: &Binding) -> Condition {
    let spec = binding.pod.spec.clone().unwrap_or_default();
    let absent = spec.containers.iter().find(|c| !pod.containers.contains_key(&c.name));
    if let Some(container) = absent {
        return Condition::Broken(format!("container {} is missing", container.name));
    }
    // podman starts none that was left in the midst of something, such as `stopping` by a removal that was cut off.
    let odd = pod.containers.iter().find_map(|(name, container)| match &container.state {
        ContainerState::Other(word) => Some(format!("container {name} is {word}")),
        ContainerState::Created
        | ContainerState::Running { .. }
        | ContainerState::Exited { .. } => None,
    });
    if let Some(why) = odd {
        return Condition::Broken(why);
    }
    if let Some(since) = pod.running_since() {
        return Condition::Running(since);
    }
    let restart = realise::restart(&spec);
    let stopped: Vec<(String, String)> = pod
        .containers
        .iter()
        .filter_map(|(name, container)| Some((name.clone(), ended(&container.state, restart)?)))
        .collect();
    if stopped.is_empty() {
        Condition::Finished
    } else {
        Condition::Stopped { containers: stopped }
    }
}

/// How a container ended that should be started again.
fn ended(state: &ContainerState, restart: Restart) -> Option<String> {
    match (state, restart) {
        (ContainerState::Running { .. } | ContainerState::Other(_), _)
        | (ContainerState::Exited { .. }, Restart::Never)
        | (ContainerState::Exited { code: 0, .. }, Restart::OnFailure) => None,
        (ContainerState::Exited { code, .. }, Restart::Always | Restart::OnFailure) => {
            Some(format!("exited with {code}"))
        }
        (ContainerState::Created, _) => Some("was never started".to_owned()),
    }
}

/// Whether a pod that runs since then counts as available.
pub(super) fn available(condition: &Condition, min_ready_seconds: u32, now: Timestamp) -> bool {
    match condition {
        Condition::Running(since) => {
            now.duration_since(*since).as_secs() >= i64::from(min_ready_seconds)
        }
        Condition::Unknown { .. }
        | Condition::Homeless
        | Condition::Missing
        | Condition::Broken(_)
        | Condition::Stopped { .. }
        | Condition::Finished => false,
    }
}

impl Condition {
    /// The condition in a few words, for a person who waits for the pod.
    pub(super) fn words(&self, node: &NodeName) -> String {
        match self {
            Self::Unknown { .. } => format!("{node} does not answer"),
            Self::Homeless => format!("{node} is no longer in the inventory"),
            Self::Missing => format!("missing on {node}"),
            Self::Broken(why) => why.clone(),
            Self::Stopped { containers } => {
                let parts: Vec<String> = containers
                    .iter()
                    .map(|(name, how)| format!("container {name} {how}"))
                    .collect();
                parts.join(", ")
            }
            Self::Finished => "finished".to_owned(),
            Self::Running(_) => "running, but not for long enough".to_owned(),
        }
    }
}
