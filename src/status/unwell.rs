//! What the probes of containers brought about, as events: hosts count that themselves.

use super::Fleet;
use crate::bindings::Binding;
use crate::events::{Event, Happening, Reason, Severity};
use crate::model::{NodeName, PodKey, is_sidecar};
use crate::observed::{ObservedProbe, ProbeKind, Times};
use crate::plan::{Restart, sandbox_name};

impl Fleet<'_> {
    /// What the probes of all containers that are seen brought about.
    pub(super) fn probed(&self) -> Vec<Event> {
        let bound = self.bindings.pods.iter().chain(&self.bindings.leaving);
        bound.flat_map(|(key, binding)| self.probed_in(key, binding)).collect()
    }

    fn probed_in(&self, key: &PodKey, binding: &Binding) -> Vec<Event> {
        let report = self.observed.report(&binding.node);
        let sandbox = sandbox_name(&self.inventory.fleet, key);
        let Some(pod) = report.and_then(|report| report.pods.get(&sandbox)) else {
            return Vec::new();
        };
        let spec = binding.pod.spec.clone().unwrap_or_default();
        let restart = Restart::of(&spec);
        let first = spec.init_containers.iter().flatten().filter(|init| is_sidecar(init));
        let restarts = first.map(|init| (&init.name, Restart::Always));
        let restarts = restarts.chain(spec.containers.iter().map(|main| (&main.name, restart)));
        let mut events = Vec::new();
        for (name, restart) in restarts {
            let Some(seen) = pod.containers.get(name) else { continue };
            for (kind, probe) in &seen.probes {
                events.extend(told(*kind, probe, name, restart).into_iter().map(
                    |(what, times)| {
                        let (severity, reason, message) = what;
                        event(key, &binding.node, (severity, reason, message), times)
                    },
                ));
            }
        }
        events
    }
}

/// What is told of a probe, in the kubelet's words.
fn told(
    kind: ProbeKind,
    probe: &ObservedProbe,
    container: &str,
    restart: Restart,
) -> Vec<((Severity, Reason, String), Times)> {
    let unwell = probe.unwell.as_ref().map(|unwell| {
        ((Severity::Warning, Reason::Unhealthy, unwell.complaint(kind)), unwell.times)
    });
    let again = match restart {
        Restart::Always | Restart::OnFailure => ", will be restarted",
        Restart::Never => "",
    };
    let killed = probe.killed.map(|times| {
        let message = format!("Container {container} failed {} probe{again}", kind.word());
        ((Severity::Normal, Reason::Killing, message), times)
    });
    unwell.into_iter().chain(killed).collect()
}

fn event(
    key: &PodKey,
    node: &NodeName,
    (severity, reason, message): (Severity, Reason, String),
    Times { count, first, last }: Times,
) -> Event {
    let object = key.object();
    let node = node.clone();
    let what = Happening { object, node, severity, reason, message, trouble: None };
    Event { what, first, last, count }
}
