//! The one change with which a pod that waits would have a place, and that no other is named which would not do.

use serde_json::{Value, json};

use super::explaining::explained;
use super::fixtures::{Fleet, fleet, single};
use crate::model::NodeName;

/// A Pod of its own with more in its specification.
fn one(more: &Value) -> Value {
    let mut pod = single("one", "redis:7");
    pod["spec"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    pod
}

fn label(fleet: &mut Fleet, host: &str, key: &str, value: &str) {
    let host = fleet.inventory.hosts.get_mut(&NodeName::from(host)).unwrap();
    host.labels.insert(key.to_owned(), value.to_owned());
}

fn asks(cpu: &str, memory: &str) -> Value {
    json!([{"name": "main", "image": "redis:7", "resources": {"requests": {"cpu": cpu, "memory": memory}}}])
}

/// What is said first of the pod that waits.
fn first(fleet: &Fleet) -> String {
    explained(fleet, "one").lines().nth(1).unwrap().to_owned()
}

#[test]
fn a_label_that_does_already_is_left_as_it_is() {
    let mut fleet = fleet(&["a"]);
    label(&mut fleet, "a", "gpu", "a100");
    label(&mut fleet, "a", "zone", "west");
    let required = json!({"nodeSelectorTerms": [{"matchExpressions": [
        {"key": "gpu", "operator": "Exists"},
        {"key": "zone", "operator": "In", "values": ["east", "west"]},
    ]}]});
    let affinity =
        json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}});
    fleet.wants(&[one(&json!({"nodeSelector": {"disk": "ssd"}, "affinity": affinity}))]);
    assert_eq!(first(&fleet), "would run on a if that had the label disk=ssd");
    // What is asked for twice has to do for both.
    fleet.wants(&[one(&json!({"nodeSelector": {"gpu": "h100"}, "affinity": affinity}))]);
    assert_eq!(first(&fleet), "would run on a if that had the label gpu=h100");
}

#[test]
fn nobody_is_told_to_say_that_a_host_is_another_machine() {
    let mut fleet = fleet(&["a"]);
    for label in ["kubernetes.io/arch", "beta.kubernetes.io/arch"] {
        fleet.wants(&[one(&json!({"nodeSelector": {label: "arm64"}}))]);
        assert!(!explained(&fleet, "one").contains("would"), "{}", explained(&fleet, "one"));
    }
}

#[test]
fn the_least_that_is_too_much_is_the_one_to_be_asked_less() {
    let mut fleet = fleet(&["a", "b"]);
    for (host, mebibytes) in [("a", 65_476_u64), ("b", 65_526)] {
        let host = fleet.inventory.hosts.get_mut(&NodeName::from(host)).unwrap();
        host.capacity.memory_bytes = Some(mebibytes << 20);
    }
    fleet.wants(&[one(&json!({"containers": asks("1", "64Gi")}))]);
    assert!(first(&fleet).starts_with("would fit b if it asked for 10"), "{}", first(&fleet));
}

#[test]
fn one_more_host_is_like_one_that_would_do() {
    let mut fleet = fleet(&["a", "b", "c", "d", "e", "pool"]);
    for host in ["a", "b", "c", "d", "e"] {
        label(&mut fleet, host, "rack", host);
        label(&mut fleet, host, "disk", "hdd");
    }
    // By what it must not be, nobody can be told which label is lacking.
    let required = json!({"nodeSelectorTerms": [{"matchExpressions": [
        {"key": "disk", "operator": "NotIn", "values": ["hdd"]},
    ]}]});
    let picky = one(&json!({"containers": asks("2", "1Gi"), "affinity":
        {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}}));
    let mut full = picky.clone();
    full["metadata"]["name"] = json!("full");
    fleet.wants(std::slice::from_ref(&full)).settle();
    fleet.wants(&[full, picky]);
    assert_eq!(first(&fleet), "would run on one more host of the size of pool");
}
