//! `apps` and what of it was in `extensions`: the kinds that keep pods running.

use super::{Advice, Old, at_mut, fill, fill_number, lacks, mapping_at, same, take};
use crate::document::{Placed, PlacedValue};
use crate::model::Kind;

pub(super) const OLD: &[Old] = &[
    Old { api_version: "extensions/v1beta1", kind: Kind::Deployment, lift: extensions_deployment },
    Old { api_version: "extensions/v1beta1", kind: Kind::ReplicaSet, lift: selected },
    Old { api_version: "extensions/v1beta1", kind: Kind::DaemonSet, lift: extensions_daemon_set },
    Old { api_version: "apps/v1beta1", kind: Kind::Deployment, lift: deployment },
    Old { api_version: "apps/v1beta1", kind: Kind::StatefulSet, lift: stateful_set },
    // The second version asked for selectors already.
    Old { api_version: "apps/v1beta2", kind: Kind::Deployment, lift: same },
    Old { api_version: "apps/v1beta2", kind: Kind::ReplicaSet, lift: same },
    Old { api_version: "apps/v1beta2", kind: Kind::StatefulSet, lift: same },
    Old { api_version: "apps/v1beta2", kind: Kind::DaemonSet, lift: same },
];

const ADD_SELECTOR: &str = "add `spec.selector.matchLabels` with the labels of `spec.template`";

/// Makes the selector of the template's labels, as these versions did.
fn selected(object: &mut Placed) -> Advice {
    let labels = object.get("spec").and_then(|spec| spec.at(&["template", "metadata"]));
    let labels = labels.and_then(|metadata| metadata.entry("labels")).cloned();
    let Some(spec) = at_mut(object, &["spec"]) else { return Vec::new() };
    let Some(labels) = labels.filter(|_| lacks(spec, "selector")) else { return Vec::new() };
    if !labels.value.is_mapping() || labels.value.entries().is_empty() {
        return Vec::new();
    }
    let place = labels.key_place.clone();
    let mut selector = Placed { value: PlacedValue::Mapping(Vec::new()), place: place.clone() };
    selector.set("matchLabels", place.clone(), labels.value);
    spec.set("selector", place, selector);
    vec![ADD_SELECTOR]
}

fn deployment(object: &mut Placed) -> Advice {
    if let Some(spec) = object.get_mut("spec") {
        spec.remove("rollbackTo");
    }
    selected(object)
}

fn extensions_deployment(object: &mut Placed) -> Advice {
    let mut advice = deployment(object);
    let Some(spec) = object.get_mut("spec") else { return advice };
    let Some(strategy) = mapping_at(spec, "strategy", None) else { return advice };
    let kind = strategy.get("type").and_then(Placed::as_text);
    if kind.is_none_or(|kind| kind == "RollingUpdate")
        && let Some(rolling) = mapping_at(strategy, "rollingUpdate", None)
        && (lacks(rolling, "maxSurge") || lacks(rolling, "maxUnavailable"))
    {
        fill_number(rolling, "maxSurge", 1);
        fill_number(rolling, "maxUnavailable", 1);
        advice.push(
            "to keep its pace, say `maxSurge: 1` and `maxUnavailable: 1` in `spec.strategy.rollingUpdate`: now each would be 25%",
        );
    }
    advice
}

/// Says that pods wait to be deleted before they are replaced, which was what happened when nothing was said.
fn on_delete(object: &mut Placed, advice: &mut Advice) {
    let Some(spec) = object.get_mut("spec") else { return };
    if let Some(strategy) = mapping_at(spec, "updateStrategy", None)
        && fill(strategy, "type", "OnDelete")
    {
        advice.push("to keep its way of updating, say `updateStrategy: {type: OnDelete}`: now it would be RollingUpdate");
    }
}

fn stateful_set(object: &mut Placed) -> Advice {
    let mut advice = selected(object);
    on_delete(object, &mut advice);
    advice
}

fn extensions_daemon_set(object: &mut Placed) -> Advice {
    let mut advice = selected(object);
    on_delete(object, &mut advice);
    // The server counted generations here.
    if let Some(spec) = object.get_mut("spec") {
        take(spec, "templateGeneration");
    }
    advice
}
