//! What is said of a fleet before something is bought or broken.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixtures::{Fleet, fleet, single, web};
use crate::model::NodeName;
use crate::plan::{Fate, Simulation, simulate};

fn simulated(fleet: &Fleet, failed: &[&str]) -> Simulation {
    let failed: BTreeSet<NodeName> = failed.iter().map(|name| NodeName::from(*name)).collect();
    simulate(&fleet.input(), &failed)
}

fn told(simulation: &Simulation) -> String {
    let mut text = String::new();
    for fit in &simulation.workloads {
        let _ = writeln!(text, "{} {}/{}", fit.object, fit.fits, fit.asked);
        for (node, pods) in &fit.silent {
            let _ = writeln!(text, "  {pods} on {node}, silent");
        }
        for unfit in &fit.unfit {
            let _ = writeln!(text, "  {} {:?}: {}", unfit.pods, unfit.cause, unfit.why);
            if let Some(remedy) = &unfit.remedy {
                let _ = writeln!(text, "  {remedy}");
            }
        }
    }
    for pod in &simulation.uprooted {
        let fate = match &pod.fate {
            Fate::Moves { to, .. } => format!("moves to {to}"),
            Fate::Lost { cause, .. } => format!("{cause:?}"),
        };
        let _ = writeln!(text, "{} on {}: {fate}", pod.pod.name, pod.from);
    }
    for (node, used) in &simulation.hosts {
        let (was, is, all) =
            (used.before.cpu_milli, used.after.cpu_milli, used.allocatable.cpu_milli);
        let _ = writeln!(text, "{node}: {was}m -> {is}m of {all}m {:?}", used.standing);
    }
    text
}

fn asking(mut object: Value, cpu: &str) -> Value {
    let spec = if object["kind"] == "Pod" {
        &mut object["spec"]
    } else {
        &mut object["spec"]["template"]["spec"]
    };
    spec["containers"][0]["resources"]["requests"] = json!({"cpu": cpu});
    object
}

#[test]
fn pods_on_hosts_that_do_not_answer_neither_fit_nor_lack_room() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[asking(web(2, "nginx:1"), "1")]).settle().lost("b", 1);
    let simulation = simulated(&fleet, &[]);
    assert!(!simulation.fits() && !simulation.lacks_room());
    assert_snapshot!(told(&simulation), @"
    Deployment default/web 1/2
      1 on b, silent
    a: 1000m -> 1000m of 2000m Up
    b: 1000m -> 1000m of 0m Silent
    ");
    assert!(crate::render::simulation_text(&simulation).ends_with(
        "\n1 of 2 pods fit on 1 host (1 more does not answer), 1 is on hosts that do not answer.\n"
    ));
    // One that also fails is no host that somebody waits for: its pods move, where there is room.
    assert_snapshot!(told(&simulated(&fleet, &["b"])), @"
    Deployment default/web 2/2
    web-ngjglpjkqc-bgkfb on b: moves to a
    a: 1000m -> 2000m of 2000m Up
    b: 1000m -> 0m of 0m Failed
    ");
    // After that long, others are in their places.
    fleet.lost("b", 10);
    assert_snapshot!(told(&simulated(&fleet, &[])), @"
    Deployment default/web 2/2
    a: 1000m -> 2000m of 2000m Up
    b: 1000m -> 0m of 0m Silent
    ");
}

#[test]
fn what_does_not_fit_says_why_and_what_would_help() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[asking(web(1, "nginx:1"), "1")]).settle();
    let before = (fleet.bindings.clone(), fleet.desired.clone());
    fleet.desired = crate::desired::Desired::default();
    fleet.wants(&[asking(web(5, "nginx:1"), "900m"), single("none", "busybox:1")]);
    let simulation = simulated(&fleet, &[]);
    assert!(!simulation.fits());
    assert_snapshot!(told(&simulation), @"
    Deployment default/web 4/5
      1 NoHost: 0/2 nodes are available: 2 Insufficient cpu.
      would fit a if it asked for 700m less CPU: 200m are free
    Pod default/none 1/1
    a: 1000m -> 1800m of 2000m Up
    b: 0m -> 1800m of 2000m Up
    ");
    assert_eq!(fleet.bindings, before.0);
}

#[test]
fn a_lost_host_tells_those_that_move_from_those_that_are_lost_and_those_that_are_pinned() {
    let mut fleet = fleet(&["a", "b"]);
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "default", "uid": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    let on_a = json!({"kubernetes.io/hostname": "a"});
    let mut db = web(1, "redis:7");
    db["metadata"]["name"] = json!("db");
    db["spec"]["selector"]["matchLabels"]["app"] = json!("db");
    db["spec"]["template"]["metadata"]["labels"]["app"] = json!("db");
    db["spec"]["template"]["spec"]["volumes"] =
        json!([{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]);
    // The volume is made where the first pod is: on the host that is to fail.
    let mut first = db.clone();
    first["spec"]["template"]["spec"]["nodeSelector"] = on_a.clone();
    fleet.wants(&[claim.clone(), first]).settle();
    let mut alone = single("alone", "busybox:1");
    alone["spec"]["nodeSelector"] = on_a;
    let mut patient = web(2, "nginx:2");
    patient["metadata"]["name"] = json!("patient");
    patient["spec"]["template"]["spec"]["tolerations"] = json!([{"operator": "Exists"}]);
    let stored = fleet.desired.clone();
    fleet.desired = stored.with(
        [asking(web(4, "nginx:1"), "600m"), alone, patient, db]
            .map(|json| crate::model::Object::try_from(json).unwrap()),
    );
    fleet.settle();
    let simulation = simulated(&fleet, &["a"]);
    assert_snapshot!(told(&simulation), @"
    Deployment default/db 0/1
      1 LocalData: 0/2 nodes are available: 1 node(s) had volume node affinity conflict, 1 node(s) were unreachable.
    Deployment default/patient 1/2
      1 HostLost: it tolerates that a does not answer, and waits for it
    Deployment default/web 3/4
      1 NoHost: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unreachable.
      would fit b if it asked for 400m less CPU: 200m are free
    Pod default/alone 0/1
      1 HostLost: it is a Pod of its own on a: nothing makes it anew elsewhere
    alone on a: HostLost
    db-kpdgtptmkm-kttgj on a: LocalData
    patient-tqqblckbdd-gsbjb on a: HostLost
    web-tnkqhplfbt-cksqm on a: moves to b
    web-tnkqhplfbt-ttsbk on a: NoHost
    a: 1200m -> 0m of 2000m Failed
    b: 1200m -> 1800m of 2000m Up
    ");
}

#[test]
fn a_simulated_failure_is_what_a_real_one_comes_to() {
    let mut fleet = fleet(&["a", "b", "c"]);
    let objects = [asking(web(7, "nginx:1"), "500m"), asking(single("one", "busybox:1"), "200m")];
    fleet.wants(&objects).settle();
    for node in ["a", "b", "c"] {
        let simulation = simulated(&fleet, &[node]);
        let mut real = Fleet {
            inventory: fleet.inventory.clone(),
            desired: fleet.desired.clone(),
            observed: fleet.observed.clone(),
            bindings: fleet.bindings.clone(),
            now: fleet.now,
        };
        let plan = real.lost(node, 60).plan();
        let mut pods: BTreeMap<NodeName, u64> = BTreeMap::new();
        for binding in plan.target.pods.values().filter(|binding| binding.node.as_str() != node) {
            *pods.entry(binding.node.clone()).or_default() += 1;
        }
        let simulated = simulation.hosts.iter().filter(|(name, _)| name.as_str() != node);
        let simulated: BTreeMap<NodeName, u64> =
            simulated.map(|(name, used)| (name.clone(), used.after.pods)).collect();
        assert_eq!(simulated, pods, "without {node}");
        let fits: u64 = simulation.workloads.iter().map(|fit| fit.fits).sum();
        assert_eq!(fits, pods.values().sum::<u64>(), "without {node}");
    }
}

#[test]
fn pods_that_are_about_to_come_are_in_place_before_a_host_fails() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[asking(web(4, "nginx:1"), "1")]);
    assert_snapshot!(told(&simulated(&fleet, &["a"])), @"
    Deployment default/web 2/4
      2 NoHost: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unreachable.
      would run on one more host of the size of b
    web-ngjglpjkqc-lhltm on a: NoHost
    web-ngjglpjkqc-tqsln on a: NoHost
    a: 2000m -> 0m of 2000m Failed
    b: 2000m -> 2000m of 2000m Up
    ");
    assert_snapshot!(told(&simulated(&fleet, &["a", "b"])), @"
    Deployment default/web 0/4
      4 NoHost: 0/2 nodes are available: 2 node(s) were unreachable.
    web-ngjglpjkqc-bgkfb on b: NoHost
    web-ngjglpjkqc-chpll on b: NoHost
    web-ngjglpjkqc-lhltm on a: NoHost
    web-ngjglpjkqc-tqsln on a: NoHost
    a: 2000m -> 0m of 2000m Failed
    b: 2000m -> 0m of 2000m Failed
    ");
}
