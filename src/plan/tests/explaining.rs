//! What is said of every host for a pod, in the situations that people meet.

use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixtures::{Fleet, fleet, single, web};
use crate::inventory::{Taint, TaintEffect};
use crate::model::{NodeName, PodKey};
use crate::plan::{PlanInput, Verdict, placing};

/// Each host on a line; the best is marked.
fn explained(fleet: &Fleet, name: &str) -> String {
    let input = PlanInput {
        inventory: &fleet.inventory,
        desired: &fleet.desired,
        object_changes: &[],
        observed: &fleet.observed,
        bindings: &fleet.bindings,
        now: fleet.now,
    };
    let placing = placing(&input, &PodKey::new("default", name)).unwrap();
    let mut text = match &placing.node {
        Some(node) => format!("on {node}\n"),
        None => "waits\n".to_owned(),
    };
    let total = |verdict: &Verdict| match verdict {
        Verdict::Fits(score) => Some(score.total()),
        Verdict::Rejected(_) => None,
    };
    let most = placing.hosts.values().filter_map(total).max();
    for (node, verdict) in &placing.hosts {
        let word = match verdict {
            Verdict::Fits(score) if Some(score.total()) == most => "best".to_owned(),
            Verdict::Fits(_) => "fits".to_owned(),
            Verdict::Rejected(why) => why.to_string(),
        };
        let _ = writeln!(text, "{node}: {word}");
    }
    text
}

fn with(mut pod: Value, fields: Value) -> Value {
    pod["metadata"]["labels"] = json!({"app": pod["metadata"]["name"]});
    let Value::Object(fields) = fields else { panic!("fields") };
    pod["spec"].as_object_mut().unwrap().extend(fields);
    pod
}

fn container(resources: Value) -> Value {
    let mut fields = json!({"containers": [{"name": "main", "image": "redis:7"}]});
    fields["containers"][0]["resources"]["requests"] = resources;
    fields
}

#[test]
fn a_pod_that_has_a_host_shows_what_speaks_for_each() {
    let mut fleet = fleet(&["a", "b", "c"]);
    fleet.wants(&[web(1, "nginx:1"), single("one", "redis:7")]).settle();
    assert_snapshot!(explained(&fleet, "one"), @"
    on b
    a: fits
    b: best
    c: best
    ");
}

#[test]
fn full_hosts_say_what_is_free() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[with(single("big", "redis:7"), container(json!({"cpu": "3", "memory": "1Gi"})))]);
    assert_snapshot!(explained(&fleet, "big"), @"
    waits
    a: Insufficient cpu (asked 3000m, free 2000m)
    b: Insufficient cpu (asked 3000m, free 2000m)
    ");
    fleet.wants(&[with(single("big", "redis:7"), container(json!({"example.org/gpu": "1"})))]);
    assert_snapshot!(explained(&fleet, "big"), @"
    waits
    a: Insufficient example.org/gpu (asked 1, free 0)
    b: Insufficient example.org/gpu (asked 1, free 0)
    ");
}

#[test]
fn a_taint_and_a_host_that_is_down_are_named() {
    let mut fleet = fleet(&["a", "b", "c"]);
    let (key, value) = ("gpu".into(), "yes".into());
    let taint = Taint { key, value, effect: TaintEffect::NoSchedule };
    fleet.inventory.hosts.get_mut(&NodeName::from("a")).unwrap().taints.push(taint);
    fleet.wants(&[single("one", "redis:7")]).lost("b", 1);
    assert_snapshot!(explained(&fleet, "one"), @"
    on c
    a: node(s) had untolerated taint {gpu: yes}
    b: node(s) were unreachable
    c: best
    ");
}

#[test]
fn company_and_spread_say_who_is_missing_or_in_the_way() {
    let mut fleet = fleet(&["a", "b"]);
    let host = "kubernetes.io/hostname";
    let term =
        |app: &str| json!([{"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": host}]);
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let near = json!({"affinity": {"podAffinity": {required: term("nobody")}}});
    fleet.wants(&[with(single("near", "redis:7"), near)]);
    assert_snapshot!(explained(&fleet, "near"), @"
    waits
    a: node(s) didn't match pod affinity rules
    b: node(s) didn't match pod affinity rules
    ");
    let mut apart = web(3, "nginx:1");
    apart["spec"]["template"]["spec"]["affinity"] =
        json!({"podAntiAffinity": {required: term("web")}});
    fleet.wants(&[apart]).settle();
    assert_snapshot!(explained(&fleet, "web"), @"
    waits
    a: node(s) didn't match pod anti-affinity rules
    b: node(s) didn't match pod anti-affinity rules
    ");
    let mut even = web(3, "nginx:2");
    even["spec"]["template"]["spec"]["topologySpreadConstraints"] = json!([{"maxSkew": 1, "topologyKey": host,
        "minDomains": 3, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": "web"}}}]);
    let mut fleet = super::fixtures::fleet(&["a", "b"]);
    fleet.wants(&[even]).settle();
    assert_snapshot!(explained(&fleet, "web"), @"
    waits
    a: node(s) didn't match pod topology spread constraints
    b: node(s) didn't match pod topology spread constraints
    ");
}

#[test]
fn a_port_and_a_volume_keep_a_pod_from_hosts() {
    let mut fleet = fleet(&["a", "b"]);
    let ports = || {
        json!({"nodeSelector": {"kubernetes.io/hostname": "a"}, "containers": [{"name": "main",
            "image": "redis:7", "ports": [{"containerPort": 80, "hostPort": 80}]}]})
    };
    fleet.wants(&[with(single("one", "redis:7"), ports())]).settle();
    fleet
        .wants(&[with(single("one", "redis:7"), ports()), with(single("two", "redis:7"), ports())]);
    assert_snapshot!(explained(&fleet, "two"), @"
    waits
    a: node(s) didn't have free ports for the requested pod ports
    b: node(s) didn't match Pod's node affinity/selector
    ");
    let claims =
        json!({"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "none"}}]});
    fleet.wants(&[with(single("three", "redis:7"), claims)]);
    assert_snapshot!(explained(&fleet, "three"), @r#"
    waits
    a: persistentvolumeclaim "none" not found
    b: persistentvolumeclaim "none" not found
    "#);
}

#[test]
fn what_makes_room_for_a_pod_does_not_stand_in_its_way() {
    let mut fleet = fleet(&["a"]);
    let class = json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
        "metadata": {"name": "high"}, "value": 10});
    let low = || with(single("low", "redis:7"), container(json!({"cpu": "2"})));
    fleet.wants(&[class.clone(), low()]).settle();
    let mut high = with(single("high", "redis:7"), container(json!({"cpu": "2"})));
    high["spec"]["priorityClassName"] = json!("high");
    fleet.wants(&[class, low(), high]);
    assert_snapshot!(explained(&fleet, "high"), @"
    on a
    a: best
    ");
    assert_snapshot!(explained(&fleet, "low"), @"
    waits
    a: Insufficient cpu (asked 2000m, free 0m)
    ");
}
