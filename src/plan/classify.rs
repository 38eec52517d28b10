//! What reality has made of each pod that was bound: an ordered list of rules, the first that fits wins.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::PodSpec;

use super::PlanInput;
use super::readiness::{Unready, ready_since};
use super::realise::{grace, sandbox_name};
use super::to_run::Restart;
use crate::bindings::Binding;
use crate::model::{NodeName, PodKey};
use crate::observed::{
    ContainerState, HostState, Observed, ObservedContainer, ObservedPod, ProbeKind, Role, Stage,
    Verdict,
};

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
    /// It is being brought up: what is waited for.
    Starting(String),
    /// A container has ended and is started again by its host, once some time has passed.
    BackOff {
        /// Its name in the pod, and how it ended.
        container: String,
        /// How it ended.
        how: String,
    },
    /// It ran to its end and is not to be started again.
    Finished,
    /// Every container runs, and something is not ready.
    Unready(Unready),
    /// Every container runs and is ready, the last of them since then.
    Running(Timestamp),
}

/// Whether a bound or leaving pod ran to its end and stays so: it takes nothing of its host any more.
///
/// Source: kube-scheduler watches no pods whose phase is `Succeeded` or `Failed`.
pub(super) fn has_ended(input: &PlanInput<'_>, key: &PodKey, binding: &Binding) -> bool {
    let may_end = binding.pod.spec.as_ref().is_some_and(|spec| {
        Restart::of(spec) != Restart::Always || spec.active_deadline_seconds.is_some()
    });
    // Most pods never end: they are not looked at for it.
    may_end && matches!(condition(input, key, binding), Condition::Finished)
}

/// Whether a main container of a pod was never started: its phase is `Pending`.
pub(super) fn is_pending(input: &PlanInput<'_>, key: &PodKey, binding: &Binding) -> bool {
    let Some(report) = input.observed.report(&binding.node) else { return false };
    let Some(pod) = report.pods.get(&sandbox_name(&input.inventory.fleet, key)) else {
        return true;
    };
    let never = |there: &ObservedContainer| {
        there.state == ContainerState::Created && there.last.is_none() && there.restarts == 0
    };
    let mut main = binding.pod.spec.iter().flat_map(|spec| &spec.containers);
    main.any(|container| pod.containers.get(&container.name).is_none_or(never))
}

/// How a pod stands that is bound or leaving.
pub(super) fn condition(input: &PlanInput<'_>, key: &PodKey, binding: &Binding) -> Condition {
    let sandbox = sandbox_name(&input.inventory.fleet, key);
    classify(&sandbox, key, binding, (input.observed, input.now))
}

/// Classifies a bound pod.
pub(super) fn classify(
    sandbox: &str,
    key: &PodKey,
    binding: &Binding,
    (observed, now): (&Observed, Timestamp),
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
    by_containers(pod, binding, now)
}

fn by_containers(pod: &ObservedPod, binding: &Binding, now: Timestamp) -> Condition {
    let spec = binding.pod.spec.clone().unwrap_or_default();
    let all = spec.init_containers.iter().flatten().chain(&spec.containers);
    let absent = all.clone().find(|c| !pod.containers.contains_key(&c.name));
    if let Some(container) = absent {
        return Condition::Broken(format!("container {} is missing", container.name));
    }
    if pod.stage == Some(Stage::Expired) {
        return Condition::Finished;
    }
    let restart = Restart::of(&spec);
    let keeping = Keeping { pod, spec: &spec, restart, now };
    // podman starts none that was left in the midst of something, such as being ended by a removal that was cut off.
    let odd = pod.containers.iter().find_map(|(name, container)| match &container.state {
        ContainerState::Other(word) => Some(format!("container {name} is {word}")),
        ContainerState::Stopping { .. } if keeping.ends(container).is_none() => {
            Some(format!("container {name} is stopping"))
        }
        ContainerState::Created
        | ContainerState::Stopping { .. }
        | ContainerState::Running { .. }
        | ContainerState::Exited { .. } => None,
    });
    if let Some(why) = odd {
        return Condition::Broken(why);
    }
    if pod.running_since().is_some() {
        return ready_since(&spec, pod).map_or_else(Condition::Unready, Condition::Running);
    }
    if pod.stage == Some(Stage::Failed) {
        return Condition::Finished;
    }
    let mut stopped = Vec::new();
    for container in all {
        let Some(there) = pod.containers.get(&container.name) else { continue };
        match keeping.of(&container.name, there) {
            Kept::Well => {}
            Kept::Starting(what) => return Condition::Starting(what),
            Kept::BackOff(how) => {
                return Condition::BackOff { container: container.name.clone(), how };
            }
            Kept::Lost(how) => stopped.push((container.name.clone(), how)),
        }
    }
    if stopped.is_empty() {
        Condition::Finished
    } else {
        Condition::Stopped { containers: stopped }
    }
}

/// How long what a host does by itself may take without a word, in seconds: clocks differ, and hosts are busy.
const PATIENCE: i64 = 60;

/// What the host itself does about containers that do not run.
struct Keeping<'a> {
    pod: &'a ObservedPod,
    spec: &'a PodSpec,
    restart: Restart,
    now: Timestamp,
}

/// Whether something is to be done about a container.
enum Kept {
    /// Nothing: it runs, or is done.
    Well,
    /// The host is bringing the pod up; what it is at.
    Starting(String),
    /// The host starts it again; how it ended.
    BackOff(String),
    /// Nobody starts it; how it ended.
    Lost(String),
}

impl Keeping<'_> {
    fn of(&self, name: &str, there: &ObservedContainer) -> Kept {
        let restart = self.restart.of_role(there.role);
        if let Some(kind) = self.ends(there) {
            let kind = kind.word();
            return Kept::Starting(format!(
                "ending container {name}, which fails its {kind} probe"
            ));
        }
        if let (Role::Init, ContainerState::Running { .. }) = (there.role, &there.state) {
            return Kept::Starting(format!("waiting for init container {name}"));
        }
        // One that could not be started has ended, too, where it is not to be started again.
        if restart == Restart::Never && there.last.is_some() {
            return Kept::Well;
        }
        let Some(how) = ended(&there.state, restart) else { return Kept::Well };
        let recent = |at: Timestamp| self.now.duration_since(at).as_secs() < PATIENCE;
        let finished = match there.state {
            ContainerState::Exited { finished, .. } => finished,
            ContainerState::Created
            | ContainerState::Running { .. }
            | ContainerState::Stopping { .. }
            | ContainerState::Other(_) => None,
        };
        match self.pod.stage {
            // After a reboot, what it lacks was in memory: the host itself does not go on.
            Some(Stage::Starting(said)) if said == Timestamp::UNIX_EPOCH => Kept::Lost(how),
            Some(_) if there.again.is_some_and(recent) => Kept::BackOff(how),
            Some(Stage::Starting(said)) if recent(said) || self.is_in_a_hook(name) => {
                Kept::Starting("being started".to_owned())
            }
            Some(_) if there.role != Role::Init && finished.is_some_and(recent) => {
                Kept::BackOff(how)
            }
            Some(_) | None => Kept::Lost(how),
        }
    }

    /// The probe for whose answers the host is ending a container, if that has not gone on for too long.
    fn ends(&self, there: &ObservedContainer) -> Option<ProbeKind> {
        let ContainerState::Stopping { started } = there.state else { return None };
        let (kind, probe) = there.probes.iter().find(|(kind, probe)| {
            **kind != ProbeKind::Readiness
                && probe.verdict == Verdict::Failure
                && probe.run == started
        })?;
        let probes = self.spec.init_containers.iter().flatten().chain(&self.spec.containers);
        let probes = probes.flat_map(|of| [&of.liveness_probe, &of.startup_probe]).flatten();
        let own = probes.filter_map(|probe| probe.termination_grace_period_seconds).max();
        let grace = i64::from(grace(self.spec)).max(own.unwrap_or(0));
        let lasts = self.now.duration_since(probe.since).as_secs();
        (lasts < grace.saturating_add(PATIENCE)).then_some(*kind)
    }

    /// Whether the pod's start waits for what is done after the start of a container before this one.
    fn is_in_a_hook(&self, name: &str) -> bool {
        let never = |container: &ObservedContainer| container.state == ContainerState::Created;
        let runs = |container: &ObservedContainer| {
            container.role != Role::Init
                && matches!(container.state, ContainerState::Running { .. })
        };
        self.pod.containers.get(name).is_some_and(never) && self.pod.containers.values().any(runs)
    }
}

/// How a container ended that should be started again.
fn ended(state: &ContainerState, restart: Restart) -> Option<String> {
    match state {
        ContainerState::Exited { code, .. } => {
            restart.after(*code).then(|| format!("exited with {code}"))
        }
        ContainerState::Created => Some("was never started".to_owned()),
        ContainerState::Running { .. }
        | ContainerState::Stopping { .. }
        | ContainerState::Other(_) => None,
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
        | Condition::Starting(_)
        | Condition::BackOff { .. }
        | Condition::Unready(_)
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
            Self::Starting(what) => what.clone(),
            Self::BackOff { container, how } => {
                format!("waiting to start container {container} again, which {how}")
            }
            Self::Finished => "finished".to_owned(),
            Self::Unready(why) => why.to_string(),
            Self::Running(_) => "running, but not for long enough".to_owned(),
        }
    }
}
