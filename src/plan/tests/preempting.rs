//! Pods that make room for more important ones.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixtures::{fleet, single, told, web};

fn class(name: &str, value: i32) -> Value {
    json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
        "metadata": {"name": name}, "value": value})
}

fn asking(mut pod: Value, cpu: &str, class: Option<&str>) -> Value {
    let spec = match pod["kind"].as_str() {
        Some("Pod") => &mut pod["spec"],
        _ => &mut pod["spec"]["template"]["spec"],
    };
    spec["containers"][0]["resources"] = json!({"requests": {"cpu": cpu}});
    if let Some(class) = class {
        spec["priorityClassName"] = json!(class);
    }
    pod
}

#[test]
fn less_important_pods_make_room_and_come_back_when_there_is_some() {
    let mut fleet = fleet(&["a", "b"]);
    let low = || asking(web(4, "nginx:1"), "900m", None);
    fleet.wants(&[class("high", 10), low()]).settle();
    assert_eq!(fleet.spread(), [("a".into(), 2), ("b".into(), 2)]);
    let high = || asking(single("high", "redis:7"), "1", Some("high"));
    fleet.wants(&[class("high", 10), low(), high()]);
    assert_snapshot!(fleet.round(), @"
    do a: delete pod default/web-cftflmnhgk-kgjsp
    do a: create pod default/high
    create high: new
    delete web-cftflmnhgk-kgjsp: makes room for Pod default/high
    wait Deployment default/web: 1 pod: 0/2 nodes are available: 2 Insufficient cpu.
    ");
    assert_eq!(fleet.spread(), [("a".into(), 2), ("b".into(), 2)]);
    let wait = "wait Deployment default/web: 1 pod: 0/2 nodes are available: 2 Insufficient cpu.\n";
    assert_eq!(fleet.round(), wait);
    assert_eq!(told(&fleet.plan()), wait, "nothing moves twice");
    fleet.wants(&[class("high", 10), low()]).settle();
    assert_eq!(fleet.spread(), [("a".into(), 2), ("b".into(), 2)]);
    assert_eq!(fleet.bindings.yielding, [].into());
}

#[test]
fn what_makes_room_is_not_kept_while_it_is_still_there() {
    let mut fleet = fleet(&["a"]);
    let low = asking(single("low", "nginx:1"), "2", None);
    fleet.wants(&[class("high", 10), low.clone()]).settle();
    let high = asking(single("high", "redis:7"), "2", Some("high"));
    fleet.wants(&[class("high", 10), low, high]);
    // The run is killed before its first step.
    fleet.bindings = fleet.plan().target;
    assert_snapshot!(fleet.round(), @"
    do a: delete pod default/low
    do a: create pod default/high
    create high: missing on a
    delete low: makes room for pods of higher priority
    wait Pod default/low: 1 pod: 0/1 nodes are available: 1 Insufficient cpu.
    ");
    assert_eq!(fleet.spread(), [("a".into(), 1)]);
    fleet.settle();
    assert_eq!(fleet.spread(), [("a".into(), 1)]);
}

#[test]
fn the_most_important_are_placed_first_and_may_be_told_not_to_push() {
    let mut fleet = fleet(&["a"]);
    let mut meek = class("meek", 100);
    meek["preemptionPolicy"] = json!("Never");
    let first = asking(single("z", "nginx:1"), "2", Some("high"));
    let second = asking(single("a", "nginx:1"), "2", None);
    fleet.wants(&[class("high", 10), first.clone(), second.clone()]).settle();
    assert!(fleet.bindings.pods.keys().all(|key| key.name == "z"), "{:?}", fleet.bindings.pods);
    let third = asking(single("b", "nginx:1"), "2", Some("meek"));
    fleet.wants(&[class("high", 10), meek, first, second, third]);
    assert_snapshot!(told(&fleet.plan()), @"
    wait Pod default/b: 1 pod: 0/1 nodes are available: 1 Insufficient cpu.
    wait Pod default/a: 1 pod: 0/1 nodes are available: 1 Insufficient cpu.
    ");
    let missing = asking(single("m", "nginx:1"), "2", Some("none"));
    fleet.wants(&[missing]);
    let plan = told(&fleet.plan());
    assert!(
        plan.contains("wait Pod default/m: no PriorityClass with name none was found"),
        "{plan}"
    );
}

#[test]
fn who_was_to_make_room_and_need_not_any_more_stays() {
    let mut fleet = fleet(&["a"]);
    let large = |name: &str| {
        let mut pod = single(name, "redis:7");
        pod["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "1500m"}});
        pod
    };
    fleet.wants(&[class("urgent", 10), large("low")]).settle();
    let mut high = large("high");
    high["spec"]["priorityClassName"] = json!("urgent");
    fleet.wants(&[class("urgent", 10), large("low"), high]);
    // What was chosen is stored, and nothing of it is done.
    let cut_off = fleet.plan();
    assert_eq!(cut_off.target.yielding.len(), 1);
    fleet.commit(&cut_off);
    fleet.wants(&[class("urgent", 10), large("low")]).settle();
    assert_eq!(fleet.spread(), [("a".into(), 1)]);
    assert_eq!(fleet.bindings.yielding, [].into());
}
