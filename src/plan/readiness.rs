//! Whether what runs is ready, by its probes and its pod's readiness gates.
//!
//! Sources: <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes>,
//! <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate>

use std::fmt;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Container, PodSpec};

use crate::model::is_sidecar;
use crate::observed::{
    ContainerState, ObservedContainer, ObservedPod, ObservedProbe, ProbeKind, Verdict,
};

/// Why a pod is not ready whose containers run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unready {
    /// A container is not.
    Container {
        /// Its name.
        name: String,
        /// What it is not asked well, or has not been asked yet.
        kind: ProbeKind,
        /// The last bad answer of this run, in the kubelet's words.
        complaint: Option<String>,
    },
    /// Conditions of the pod are not met that it names itself.
    Gates(String),
}

impl fmt::Display for Unready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, kind, complaint) = match self {
            Self::Container { name, kind, complaint } => (name, kind, complaint),
            Self::Gates(unmet) => return write!(f, "not ready: {unmet}"),
        };
        match kind {
            ProbeKind::Startup => write!(f, "starting: container {name} has not come up")?,
            ProbeKind::Liveness | ProbeKind::Readiness => {
                write!(f, "not ready: container {name}")?;
            }
        }
        complaint.iter().try_for_each(|complaint| write!(f, ": {complaint}"))
    }
}

/// Since when a container counts as started; `None` while it does not.
pub fn started(container: &Container, seen: &ObservedContainer) -> Option<Timestamp> {
    let ContainerState::Running { started } = seen.state else { return None };
    match container.startup_probe {
        None => Some(started),
        Some(_) => well_since(seen, ProbeKind::Startup, started),
    }
}

/// Since when a container is ready; `None` while it is not.
pub fn ready(container: &Container, seen: &ObservedContainer) -> Option<Timestamp> {
    let ContainerState::Running { started: run } = seen.state else { return None };
    let started = started(container, seen)?;
    match container.readiness_probe {
        None => Some(started),
        Some(_) => Some(well_since(seen, ProbeKind::Readiness, run)?.max(started)),
    }
}

/// Since when a probe is answered well in this run of its container.
fn well_since(seen: &ObservedContainer, kind: ProbeKind, run: Timestamp) -> Option<Timestamp> {
    let probe = of_run(seen, kind, run)?;
    (probe.verdict == Verdict::Success).then_some(probe.since)
}

/// A probe, if it has been asked in this run of its container. Both times are podman's own, in seconds.
fn of_run(seen: &ObservedContainer, kind: ProbeKind, run: Timestamp) -> Option<&ObservedProbe> {
    seen.probes.get(&kind).filter(|probe| probe.run == run)
}

/// Since when a pod is ready whose containers run, or why it is not.
pub fn ready_since(spec: &PodSpec, pod: &ObservedPod) -> Result<Timestamp, Unready> {
    let sidecars = spec.init_containers.iter().flatten().filter(|init| is_sidecar(init));
    let mut latest = Timestamp::UNIX_EPOCH;
    for container in sidecars.chain(&spec.containers) {
        let Some(seen) = pod.containers.get(&container.name) else { continue };
        let since = ready(container, seen).ok_or_else(|| unready(container, seen))?;
        latest = latest.max(since);
    }
    unmet_gates(spec).map_or(Ok(latest), |unmet| Err(Unready::Gates(unmet)))
}

fn unready(container: &Container, seen: &ObservedContainer) -> Unready {
    let kind = match started(container, seen) {
        None => ProbeKind::Startup,
        Some(_) => ProbeKind::Readiness,
    };
    let unwell = seen
        .probes
        .get(&kind)
        .and_then(|probe| probe.unwell.as_ref().filter(|unwell| unwell.times.last >= probe.run));
    let complaint = unwell.map(|unwell| unwell.complaint(kind));
    Unready::Container { name: container.name.clone(), kind, complaint }
}

/// The conditions that a pod has by itself and that hold when its containers are ready.
const OWN: [&str; 3] = ["PodScheduled", "Initialized", "ContainersReady"];

/// Which of a pod's readiness gates are not met once its containers are ready, in the kubelet's words. Nobody but the pod's
/// host sets conditions here, so only its own can be met.
pub fn unmet_gates(spec: &PodSpec) -> Option<String> {
    let gates = spec.readiness_gates.iter().flatten().map(|gate| gate.condition_type.as_str());
    let unmet = gates.filter(|gate| !OWN.contains(gate)).map(|gate| match gate {
        "Ready" => {
            "the status of pod readiness gate \"Ready\" is not \"True\", but False".to_owned()
        }
        other => {
            format!("corresponding condition of pod readiness gate \"{other}\" does not exist.")
        }
    });
    let unmet: Vec<String> = unmet.collect();
    (!unmet.is_empty()).then(|| unmet.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observed::{Asked, Role, Times, Unwell};
    use serde_json::json;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn container(probes: &[&str]) -> Container {
        let mut container = json!({"name": "c", "image": "i"});
        for probe in probes {
            container[*probe] = json!({"tcpSocket": {"port": 1}});
        }
        serde_json::from_value(container).unwrap()
    }

    fn probe(verdict: Verdict, run: i64, since: i64) -> ObservedProbe {
        ObservedProbe { verdict, run: at(run), since: at(since), unwell: None, killed: None }
    }

    fn seen(probes: &[(ProbeKind, ObservedProbe)]) -> ObservedContainer {
        ObservedContainer {
            id: "x".to_owned(),
            image: "i".to_owned(),
            image_id: None,
            image_digest: None,
            moved: None,
            devices: Vec::new(),
            state: ContainerState::Running { started: at(100) },
            restarts: 0,
            role: Role::Main,
            end: None,
            last: None,
            again: None,
            probes: probes.iter().cloned().collect(),
        }
    }

    #[test]
    fn a_container_is_ready_by_the_answers_of_its_run_alone() {
        use ProbeKind::{Liveness, Readiness, Startup};
        let plain = container(&[]);
        assert_eq!(ready(&plain, &seen(&[])), Some(at(100)));
        let asked = container(&["readinessProbe"]);
        assert_eq!(ready(&asked, &seen(&[])), None);
        let well = |run| seen(&[(Readiness, probe(Verdict::Success, run, 130))]);
        assert_eq!(ready(&asked, &well(100)), Some(at(130)));
        assert_eq!(ready(&asked, &well(90)), None);
        // Liveness says nothing of it.
        let alive = container(&["livenessProbe"]);
        let dying = seen(&[(Liveness, probe(Verdict::Failure, 100, 101))]);
        assert_eq!(ready(&alive, &dying), Some(at(100)));
        // What has not come up is not ready, whatever is said besides.
        let both = container(&["readinessProbe", "startupProbe"]);
        assert_eq!((started(&both, &well(100)), ready(&both, &well(100))), (None, None));
        let up = seen(&[
            (Startup, probe(Verdict::Success, 100, 140)),
            (Readiness, probe(Verdict::Success, 100, 130)),
        ]);
        assert_eq!((started(&both, &up), ready(&both, &up)), (Some(at(140)), Some(at(140))));
    }

    #[test]
    fn why_a_pod_is_not_ready_is_said() {
        let mut bad = probe(Verdict::Failure, 100, 101);
        let times = Times { count: 3, first: at(101), last: at(121) };
        bad.unwell = Some(Unwell { times, last: Asked::Failed, message: "no".to_owned() });
        let seen = seen(&[(ProbeKind::Readiness, bad)]);
        let why = unready(&container(&["readinessProbe"]), &seen).to_string();
        assert_eq!(why, "not ready: container c: Readiness probe failed: no");
        let why = unready(&container(&["startupProbe"]), &seen).to_string();
        assert_eq!(why, "starting: container c has not come up");
    }

    #[test]
    fn only_a_pods_own_conditions_are_ever_met() {
        let spec = |gates: &[&str]| -> PodSpec {
            let gates: Vec<_> = gates.iter().map(|gate| json!({"conditionType": gate})).collect();
            serde_json::from_value(json!({"containers": [], "readinessGates": gates})).unwrap()
        };
        assert_eq!(unmet_gates(&spec(&["ContainersReady", "Initialized"])), None);
        assert_eq!(
            unmet_gates(&spec(&["PodScheduled", "example.org/a"])).unwrap(),
            "corresponding condition of pod readiness gate \"example.org/a\" does not exist."
        );
    }
}
