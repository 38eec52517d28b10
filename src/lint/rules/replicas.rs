//! How many pods there are, and whether one host takes all of them along.

use crate::document::Severity;
use crate::lint::found::Found;
use crate::lint::pods::Workload;
use crate::lint::rule::{Check, Rule, Usual};
use crate::model::Kind;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "no-spread",
        usual: Usual::On(Severity::Notice),
        finds: "several replicas that may all stand on one host",
        why: "The scheduler spreads them while there is room, but nothing holds it to that when there is none.",
        fix: "ask for it in the pod template: `topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}]`",
        check: Check::Pods(no_spread),
    },
    Rule {
        id: "zero-replicas",
        usual: Usual::On(Severity::Notice),
        finds: "a workload that is scaled to nothing",
        why: "Nothing of it runs, which is easily forgotten.",
        fix: "set `replicas: 1`, or take the object away",
        check: Check::Pods(zero),
    },
];

/// The beginning of what spreads pods over hosts; the labels of the pods are still to come.
const SPREAD: &str = "topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule";

fn no_spread(workload: &Workload<'_>, found: &mut Found) {
    let template = workload.template;
    let Some(replicas) = template.replicas.filter(|replicas| *replicas > 1) else { return };
    let affinity = template.spec.affinity.as_ref();
    let apart = affinity.and_then(|affinity| affinity.pod_anti_affinity.as_ref());
    let apart = apart.is_some_and(|apart| {
        let required = &apart.required_during_scheduling_ignored_during_execution;
        let preferred = &apart.preferred_during_scheduling_ignored_during_execution;
        required.as_ref().is_some_and(|terms| !terms.is_empty())
            || preferred.as_ref().is_some_and(|terms| !terms.is_empty())
    });
    let spread = template.spec.topology_spread_constraints.as_ref();
    if apart || spread.is_some_and(|spread| !spread.is_empty()) {
        return;
    }
    let message = format!("nothing keeps the {replicas} replicas from standing on one host");
    let finding = found.at(workload.read, "spec.replicas", &message);
    let finding = finding.with_label("may all go down together");
    found.push(match template.labels.iter().next() {
        None => finding,
        Some((key, value)) => {
            let labels = format!("labelSelector: {{matchLabels: {{{key}: {value}}}}}");
            finding.with_help(format!("ask for it in the pod template: `{SPREAD}, {labels}}}]`"))
        }
    });
}

fn zero(workload: &Workload<'_>, found: &mut Found) {
    if workload.template.replicas == Some(0) && workload.read.object.kind() != Kind::Pod {
        found.say(
            workload.read,
            "spec.replicas",
            "none",
            "nothing of this runs: it has 0 replicas",
        );
    }
}
