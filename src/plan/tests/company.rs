//! Pods that are placed with a view to others who come or go in the same plan.

use serde_json::{Value, json};

use super::fixtures::{Fleet, fleet, told, web};

/// A Deployment of its own name whose pods are labelled with it.
fn app(name: &str, replicas: u64) -> Value {
    let mut app = web(replicas, "app:1");
    app["metadata"]["name"] = json!(name);
    app["spec"]["selector"] = json!({"matchLabels": {"app": name}});
    app["spec"]["template"]["metadata"]["labels"] = json!({"app": name});
    app
}

/// The same, of pods that must be on one host with a pod of another.
fn near(name: &str, replicas: u64, other: &str) -> Value {
    let mut app = app(name, replicas);
    app["spec"]["template"]["spec"]["affinity"] = json!({"podAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [{
            "topologyKey": "kubernetes.io/hostname",
            "labelSelector": {"matchLabels": {"app": other}},
        }],
    }});
    app
}

fn hosts_of(fleet: &Fleet, name: &str) -> Vec<String> {
    let pods = fleet.bindings.pods.iter();
    let mine = pods.filter(|(key, _)| key.name.starts_with(&format!("{name}-")));
    mine.map(|(_, binding)| binding.node.to_string()).collect()
}

#[test]
fn pods_that_must_be_near_others_come_after_them_whatever_their_names() {
    for (name, other) in [("abc", "cache"), ("cache", "abc")] {
        let mut fleet = fleet(&["a", "b", "c"]);
        fleet.wants(&[near(name, 2, other), app(other, 1)]);
        assert!(!told(&fleet.plan()).contains("wait"), "{}", told(&fleet.plan()));
        fleet.settle();
        let there = hosts_of(&fleet, other);
        assert_eq!(hosts_of(&fleet, name), [there[0].clone(), there[0].clone()]);
    }
}

#[test]
fn pods_that_want_each_other_wait_for_neither_and_for_nobody_in_vain() {
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[near("one", 1, "two"), near("two", 1, "one"), near("three", 1, "nobody")]);
    assert_eq!(told(&fleet.plan()).matches("didn't match pod affinity rules").count(), 3);
}

#[test]
fn nobody_is_placed_near_who_goes() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[app("cache", 2)]).settle();
    fleet.wants(&[app("cache", 1), near("web", 4, "cache")]).settle();
    let stays = hosts_of(&fleet, "cache");
    assert_eq!(stays.len(), 1);
    assert_eq!(hosts_of(&fleet, "web"), vec![stays[0].clone(); 4]);
}
