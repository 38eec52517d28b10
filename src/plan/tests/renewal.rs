//! Pods that are made anew as others, which take more or less of their hosts than before.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixtures::{Fleet, fleet, single, told, web};
use crate::model::NodeName;
use crate::plan::Plan;
use crate::schedule::Request;

fn asking(mut object: Value, cpu: &str) -> Value {
    let spec = match object["kind"].as_str() {
        Some("Pod") => &mut object["spec"],
        _ => &mut object["spec"]["template"]["spec"],
    };
    spec["containers"][0]["resources"] = json!({"requests": {"cpu": cpu}});
    object
}

/// A Pod of its own.
fn pod(name: &str, cpu: &str) -> Value {
    asking(single(name, "app:1"), cpu)
}

/// A Deployment of one pod which is never without it.
fn careful(image: &str, cpu: &str) -> Value {
    let mut web = asking(web(1, image), cpu);
    web["spec"]["strategy"] =
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}});
    web
}

fn has(fleet: &mut Fleet, host: &str, cpu_milli: u64) {
    let host = fleet.inventory.hosts.get_mut(&NodeName::from(host)).unwrap();
    host.capacity.cpu_milli = Some(cpu_milli);
}

/// What a bound pod asks for, in thousandths of a CPU.
fn cpu_of(fleet: &Fleet, name: &str) -> u64 {
    let bound = fleet.bindings.pods.iter().find(|(key, _)| key.name == name).unwrap();
    Request::of(&bound.1.pod, None).resources.cpu_milli
}

/// Whether the step of this title waits for the other.
fn waits_for(plan: &Plan, step: &str, other: &str) -> bool {
    let place = |title: &str| plan.steps.iter().position(|step| step.title() == title).unwrap();
    let needs = &plan.steps[place(step)].needs;
    needs.iter().any(|need| need.0 == place(other))
}

#[test]
fn one_that_asks_for_more_is_made_when_the_room_is_there() {
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[asking(web(1, "nginx:1"), "1000m"), pod("one", "500m")]).settle();
    fleet.wants(&[asking(web(0, "nginx:1"), "1000m"), pod("one", "1500m")]);
    let plan = fleet.plan();
    let gone = plan.steps.iter().map(crate::plan::Step::title).find(|t| t.starts_with("delete"));
    assert!(waits_for(&plan, "create pod default/one", &gone.unwrap()), "{}", told(&plan));
}

#[test]
fn what_one_asks_for_less_is_there_once_it_has_been_made() {
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[pod("one", "1500m")]).settle();
    fleet.wants(&[pod("another", "1000m"), pod("one", "500m")]);
    let plan = fleet.plan();
    assert!(waits_for(&plan, "create pod default/another", "create pod default/one"));
    assert!(!waits_for(&plan, "create pod default/one", "create pod default/another"));
}

#[test]
fn one_gives_the_other_what_it_asks_for_less_whichever_comes_first() {
    for (shrinks, grows) in [("a", "b"), ("b", "a")] {
        let mut fleet = fleet(&["host"]);
        fleet.wants(&[pod(shrinks, "1500m"), pod(grows, "500m")]).settle();
        fleet.wants(&[pod(shrinks, "500m"), pod(grows, "1500m")]);
        let title = |name: &str| format!("create pod default/{name}");
        assert!(waits_for(&fleet.plan(), &title(grows), &title(shrinks)));
    }
}

#[test]
fn one_that_has_no_room_yet_to_be_another_stays_what_it_is() {
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[careful("nginx:1", "1000m"), pod("one", "500m")]).settle();
    fleet.wants(&[careful("nginx:2", "500m"), pod("one", "1500m")]);
    assert_snapshot!(told(&fleet.plan()), @"
    do a: create pod default/web-lcmrbflrhp-bmgsq
    replace web-lcmrbflrhp-bmgsq: takes the place of web-ngjglpjkqc-lhltm on a, which is of an older revision
    wait Pod default/one: 1 pod waits for room, one of them on a: web-ngjglpjkqc-lhltm is there, and Deployment default/web lets no more pods go now (maxUnavailable)
    ");
    fleet.round();
    assert_eq!(cpu_of(&fleet, "one"), 500);
    assert_snapshot!(told(&fleet.settle().plan()), @"");
}

#[test]
fn one_that_stays_what_it_is_is_kept_up_as_that() {
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[careful("nginx:1", "1000m"), pod("one", "500m")]).settle();
    fleet.wants(&[careful("nginx:2", "500m"), pod("one", "1500m")]);
    let is_one = |pod: &crate::observed::ObservedPod| pod.key.name == "one";
    let broken = fleet.report("a").pods.values_mut().find(|pod| is_one(pod)).unwrap();
    broken.containers.clear();
    assert!(told(&fleet.plan()).contains("do a: create pod default/one"));
    fleet.round();
    assert_eq!(cpu_of(&fleet, "one"), 500);
}

/// The state says already what is to be, and nobody what is.
#[test]
fn one_that_waits_for_room_after_an_apply_that_was_cut_off_is_left_alone() {
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[careful("nginx:1", "1000m"), pod("one", "500m")]).settle();
    fleet.wants(&[pod("one", "1500m")]);
    let plan = fleet.plan();
    fleet.commit(&plan);
    fleet.wants(&[careful("nginx:2", "500m"), pod("one", "1500m")]);
    assert_snapshot!(told(&fleet.plan()), @"
    replace web-lcmrbflrhp-ntpbd: takes the place of web-ngjglpjkqc-lhltm on a, which is of an older revision
    wait Deployment default/web: 1 pod waits for room, one of them on a: web-ngjglpjkqc-lhltm is there, and Deployment default/web lets no more pods go now (maxUnavailable)
    wait Pod default/one: 1 pod waits for room, one of them on a: web-ngjglpjkqc-lhltm is there, and Deployment default/web lets no more pods go now (maxUnavailable)
    ");
}

#[test]
fn two_that_have_to_go_elsewhere_do_not_both_go_for_one_place() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.cordon("b");
    fleet.wants(&[pod("one", "500m"), pod("two", "500m"), pod("x", "1000m")]).settle();
    fleet.uncordon("b");
    has(&mut fleet, "b", 1500);
    fleet.wants(&[pod("one", "1500m"), pod("two", "1500m"), pod("x", "1000m")]);
    assert_snapshot!(told(&fleet.plan()), @"
    do a: delete pod default/one
    move one: a does not take what it is to be; takes the place of one on a
    wait Pod default/two: 1 pod: 0/2 nodes are available: 2 Insufficient cpu.
    ");
}

#[test]
fn the_more_important_is_made_first_where_there_is_room_for_one() {
    let mut fleet = fleet(&["a"]);
    let class = json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
        "metadata": {"name": "urgent"}, "value": 10});
    fleet.wants(&[class.clone(), careful("nginx:1", "1000m")]).settle();
    let mut zero = pod("zero", "1000m");
    zero["spec"]["priorityClassName"] = json!("urgent");
    fleet.wants(&[class, careful("nginx:2", "1000m"), zero]);
    assert_snapshot!(told(&fleet.plan()), @"
    do a: create pod default/zero
    replace web-pmfsngsqkn-mllml: takes the place of web-ngjglpjkqc-lhltm on a, which is of an older revision
    create zero: new
    wait Deployment default/web: 1 pod waits for room, one of them on a: web-ngjglpjkqc-lhltm is there, and Deployment default/web lets no more pods go now (maxUnavailable)
    ");
}
