//! Disruption budgets that hinder or do nothing.

use k8s_openapi::api::policy::v1::PodDisruptionBudgetSpec;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::autoscaling::least_replicas;
use crate::document::Severity;
use crate::lint::found::Found;
use crate::lint::rule::{Check, Rule, Usual};
use crate::lint::set::{Pods, Set};
use crate::manifest::ReadObject;
use crate::model::Object;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "pdb-blocks-eviction",
        usual: Usual::On(Severity::Warning),
        finds: "a PodDisruptionBudget that never lets a pod go, such as one for a single replica",
        why: "A host can then never be drained: it waits for a pod that may not leave.",
        fix: "allow one: `maxUnavailable: 1` in place of `minAvailable`, or run one replica more",
        check: Check::Set(blocks),
    },
    Rule {
        id: "pdb-selects-nothing",
        usual: Usual::On(Severity::Warning),
        finds: "a PodDisruptionBudget whose selector matches no pods",
        why: "It protects nothing, while somebody relies on it.",
        fix: "give `selector.matchLabels` the labels of the pod template that it is meant for",
        check: Check::Set(selects_nothing),
    },
];

fn budgets<'a>(
    set: &Set<'a>,
) -> impl Iterator<Item = (&'a ReadObject, &'a PodDisruptionBudgetSpec)> {
    set.read().iter().filter_map(|read| match &read.object {
        Object::PodDisruptionBudget(budget) => Some((read, budget.spec.as_ref()?)),
        _ => None,
    })
}

fn chosen<'a>(set: &Set<'a>, read: &ReadObject, spec: &PodDisruptionBudgetSpec) -> Vec<Pods<'a>> {
    let selector = spec.selector.as_ref();
    selector.map_or_else(Vec::new, |selector| set.selected(read.object.namespace(), selector))
}

fn blocks(set: &Set<'_>, found: &mut Found) {
    let scaled = least_replicas(set);
    for (read, spec) in budgets(set) {
        let count = |pods: &Pods<'_>| {
            let replicas = scaled.get(&pods.object.key()).copied().or(pods.template.replicas);
            replicas.map(i64::from)
        };
        let replicas: Option<i64> = chosen(set, read, spec).iter().map(count).sum();
        let replicas = replicas.filter(|replicas| *replicas > 0);
        if spec.max_unavailable.as_ref().is_some_and(is_none) {
            let path = "spec.maxUnavailable";
            found.say(read, path, "none may ever go", "no pod may be evicted: maxUnavailable is 0");
            continue;
        }
        let Some(least) = &spec.min_available else { continue };
        let message = match (least, replicas) {
            (IntOrString::String(text), _) if text == "100%" => {
                "no pod may be evicted: all of them must be available".to_owned()
            }
            (_, None) => continue,
            (least, Some(replicas)) if needed(least, replicas) < replicas => continue,
            (_, Some(1)) => {
                "no pod may be evicted: there is one replica, and it must be available".to_owned()
            }
            (least, Some(replicas)) => {
                let least = needed(least, replicas);
                format!(
                    "no pod may be evicted: {least} must be available, and there are {replicas}"
                )
            }
        };
        found.say(read, "spec.minAvailable", "as many as there are", &message);
    }
}

fn is_none(number: &IntOrString) -> bool {
    match number {
        IntOrString::Int(number) => *number == 0,
        IntOrString::String(text) => text.trim_end_matches('%').parse() == Ok(0),
    }
}

/// How many must be there; a share is rounded up, as the disruption controller does it.
fn needed(least: &IntOrString, replicas: i64) -> i64 {
    match least {
        IntOrString::Int(number) => i64::from(*number),
        IntOrString::String(text) => {
            let share: i64 = text.trim_end_matches('%').parse().unwrap_or(0);
            let hundredths = share.clamp(0, 100) * replicas;
            hundredths / 100 + i64::from(hundredths % 100 != 0)
        }
    }
}

fn selects_nothing(set: &Set<'_>, found: &mut Found) {
    for (read, spec) in budgets(set) {
        let namespace = read.object.namespace();
        if chosen(set, read, spec).is_empty() {
            let finding = found.at(read, "spec.selector", "the selector matches no pods");
            let finding = finding.with_label("matches no pods");
            found.push_doubted(finding, set.doubt_of_pods(namespace));
        }
    }
}
