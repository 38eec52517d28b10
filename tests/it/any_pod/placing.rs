//! Where pods go: hosts, company, and how evenly; all of it can be had on one host.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::field::{flag, maybe, object, one_of, sure};

const HOST: &str = "kubernetes.io/hostname";
const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

pub(super) fn affinity() -> BoxedStrategy<Value> {
    // The pods' own: the first of those that must be together has nobody to be with.
    let own = json!({"matchLabels": {"tier": "any"}, "matchExpressions": [{"key": "app", "operator": "Exists"}, {"key": "tier", "operator": "In", "values": ["any"]}]});
    let other = json!({"matchLabels": {"app": "nobody"}, "matchExpressions": [{"key": "app", "operator": "In", "values": ["nobody"]}]});
    object(vec![
        ("nodeAffinity", maybe(nodes())),
        ("podAffinity", maybe(pods(&own))),
        ("podAntiAffinity", maybe(pods(&other))),
    ])
}

fn nodes() -> BoxedStrategy<Value> {
    let linux = json!({"key": "kubernetes.io/os", "operator": "In", "values": ["linux", "plan9"]});
    let other = json!({"key": "metadata.name", "operator": "NotIn", "values": ["node-99"]});
    let term = object(vec![
        ("matchExpressions", sure(json!([linux]))),
        ("matchFields", maybe(sure(json!([other])))),
    ]);
    let wish = term.clone().prop_map(|term| json!([{"weight": 7, "preference": term}])).boxed();
    let must = term.prop_map(|term| json!({"nodeSelectorTerms": [term]})).boxed();
    object(vec![(REQUIRED, maybe(must)), (PREFERRED, maybe(wish))])
}

fn pods(chosen: &Value) -> BoxedStrategy<Value> {
    let namespaces = json!({"matchLabels": {"kubernetes.io/metadata.name": "default"},
        "matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["default"]}]});
    let keys = |keys: &[&str]| maybe(sure(json!(keys)));
    let term = object(vec![
        ("labelSelector", sure(chosen.clone())),
        ("topologyKey", sure(json!(HOST))),
        ("namespaces", sure(json!(["default"]))),
        ("namespaceSelector", maybe(sure(namespaces))),
        ("matchLabelKeys", keys(&["example.org/revision"])),
        ("mismatchLabelKeys", keys(&["example.org/tenant"])),
    ]);
    let wish = term.clone().prop_map(|term| json!([{"weight": 3, "podAffinityTerm": term}]));
    let must = term.prop_map(|term| json!([term])).boxed();
    object(vec![(REQUIRED, maybe(must)), (PREFERRED, maybe(wish.boxed()))])
}

pub(super) fn spread() -> BoxedStrategy<Value> {
    let selector = json!({"matchLabels": {"tier": "any"}, "matchExpressions": [{"key": "app", "operator": "Exists"}, {"key": "tier", "operator": "In", "values": ["any"]}]});
    let policy = || maybe(one_of(json!(["Honor", "Ignore"])));
    let constraint = |when: &str| {
        object(vec![
            ("maxSkew", sure(json!(100))),
            ("topologyKey", sure(json!(HOST))),
            ("whenUnsatisfiable", sure(json!(when))),
            ("labelSelector", sure(selector.clone())),
            ("matchLabelKeys", maybe(sure(json!(["example.org/revision"])))),
            ("nodeAffinityPolicy", policy()),
            ("nodeTaintsPolicy", policy()),
        ])
    };
    let must = (constraint("DoNotSchedule"), flag()).prop_map(|(mut constraint, flag)| {
        if flag == json!(true) {
            constraint["minDomains"] = json!(1);
        }
        constraint
    });
    let both = (must, maybe(constraint("ScheduleAnyway")));
    both.prop_map(
        |(must, rather)| if rather.is_null() { json!([must]) } else { json!([must, rather]) },
    )
    .boxed()
}
