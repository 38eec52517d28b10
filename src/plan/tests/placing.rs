//! Where pods go, and when they leave.

use insta::assert_snapshot;
use serde_json::json;

use super::fixtures::{Fleet, fleet, single, told, web};
use crate::inventory::{Taint, TaintEffect};
use crate::model::NodeName;
use crate::observed::ContainerState;

#[test]
fn pods_of_a_deployment_are_spread() {
    let mut fleet = fleet(&["a", "b", "c"]);
    fleet.wants(&[web(4, "nginx:1")]).settle();
    assert_eq!(fleet.spread(), [("a".into(), 2), ("b".into(), 1), ("c".into(), 1)]);
    assert_snapshot!(told(&fleet.plan()), @"");
}

#[test]
fn an_image_that_is_there_draws_new_pods_and_moves_none() {
    let mut fleet = fleet(&["a", "b"]);
    let image = || ("docker.io/library/redis:7".to_owned(), 800 << 20);
    fleet.report("b").images.extend([image()]);
    fleet.wants(&[single("one", "redis:7")]).settle();
    assert_eq!(fleet.spread(), [("a".into(), 0), ("b".into(), 1)]);
    fleet.report("a").images.extend([image()]);
    fleet.report("b").images.clear();
    assert_snapshot!(told(&fleet.plan()), @"");
    fleet.wants(&[single("one", "redis:7"), single("two", "redis:7")]).settle();
    assert_eq!(fleet.spread(), [("a".into(), 1), ("b".into(), 1)]);
}

#[test]
fn a_host_that_is_lost_for_a_short_time_keeps_its_pods() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[web(2, "nginx:1"), single("one", "redis:7")]).settle();
    assert_snapshot!(told(&fleet.lost("b", 4).plan()), @"wait Pod default/web-ljdsqpkncn-hrrqk: waits for b, which does not answer");
}

#[test]
fn a_host_that_is_lost_for_long_is_replaced_but_for_pods_of_their_own() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[web(2, "nginx:1"), single("one", "redis:7"), single("two", "redis:7")]).settle();
    assert_snapshot!(told(&fleet.lost("b", 5).plan()), @"
    do a: create pod default/web-ljdsqpkncn-fqqbj
    move web-ljdsqpkncn-fqqbj: b has been unreachable for 300 s; takes the place of web-ljdsqpkncn-hrrqk on b
    wait Pod default/two: waits for b, which does not answer
    ");
}

#[test]
fn a_host_that_left_the_inventory_is_replaced() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[web(2, "nginx:1")]).settle();
    fleet.inventory.hosts.remove(&NodeName::from("b"));
    fleet.observed.hosts.remove(&NodeName::from("b"));
    assert_snapshot!(told(&fleet.plan()), @"
    do a: create pod default/web-ljdsqpkncn-fqqbj
    move web-ljdsqpkncn-fqqbj: b is no longer in the inventory; takes the place of web-ljdsqpkncn-hrrqk on b
    ");
}

#[test]
fn a_taint_that_is_not_tolerated_moves_pods_away_only_when_it_says_so() {
    for (effect, moved) in [(TaintEffect::NoSchedule, false), (TaintEffect::NoExecute, true)] {
        let mut fleet = fleet(&["a", "b"]);
        fleet.wants(&[web(2, "nginx:1")]).settle();
        let taint = Taint { key: "k".into(), value: String::new(), effect };
        fleet.inventory.hosts.get_mut(&NodeName::from("b")).unwrap().taints.push(taint);
        fleet.settle();
        let spread = if moved { [2, 0] } else { [1, 1] };
        assert_eq!(fleet.spread(), [("a".into(), spread[0]), ("b".into(), spread[1])]);
    }
}

#[test]
fn a_taint_may_be_borne_for_a_time() {
    let bears = |seconds: Option<i64>| {
        let mut web = web(2, "nginx:1");
        web["spec"]["template"]["spec"]["tolerations"] =
            json!([{"key": "k", "operator": "Exists", "tolerationSeconds": seconds}]);
        web
    };
    for (seconds, after, moved) in [(Some(30), 29, false), (Some(30), 30, true), (None, 900, false)]
    {
        let mut fleet = fleet(&["a", "b"]);
        fleet.wants(&[bears(seconds)]).settle();
        let (key, value) = ("k".into(), String::new());
        let taint = Taint { key, value, effect: TaintEffect::NoExecute };
        let host = NodeName::from("b");
        fleet.inventory.hosts.get_mut(&host).unwrap().taints.push(taint.clone());
        fleet.settle();
        assert_eq!(fleet.spread(), [("a".into(), 1), ("b".into(), 1)]);
        fleet.now += std::time::Duration::from_secs(after);
        fleet.settle();
        assert_eq!(fleet.spread()[1].1 == 0, moved, "{seconds:?} after {after}");
        // A taint that is taken away in time is forgotten.
        fleet.inventory.hosts.get_mut(&host).unwrap().taints.clear();
        fleet.settle();
        fleet.inventory.hosts.get_mut(&host).unwrap().taints.push(taint);
        fleet.now += std::time::Duration::from_secs(1);
        fleet.settle();
        assert_eq!(fleet.spread()[1].1 == 0, moved);
    }
}

#[test]
fn a_pod_says_itself_how_long_its_host_may_be_lost() {
    for (seconds, minutes, moved) in [(Some(60), 1, true), (Some(600), 9, false), (None, 60, false)]
    {
        let mut fleet = fleet(&["a", "b"]);
        let mut web = web(2, "nginx:1");
        web["spec"]["template"]["spec"]["tolerations"] = json!([{"key": "node.kubernetes.io/unreachable",
            "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": seconds}]);
        fleet.wants(&[web]).settle();
        let plan = told(&fleet.lost("b", minutes).plan());
        assert_eq!(plan.contains("move"), moved, "{seconds:?} after {minutes}: {plan}");
    }
}

#[test]
fn what_finds_no_room_waits_and_says_how_many() {
    let mut fleet = fleet(&["a", "b"]);
    let mut big = web(5, "nginx:1");
    let container = &mut big["spec"]["template"]["spec"]["containers"][0];
    container["resources"] = json!({"requests": {"cpu": "900m"}});
    fleet.wants(&[big]).settle();
    assert_snapshot!(told(&fleet.plan()), @"wait Deployment default/web: 1 pod: 0/2 nodes are available: 2 Insufficient cpu.");
}

#[test]
fn hosts_have_the_labels_that_every_node_has() {
    let mut fleet = fleet(&["a", "b"]);
    let mut web = web(2, "nginx:1");
    let asked = json!({"kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux"});
    web["spec"]["template"]["spec"]["nodeSelector"] = asked;
    fleet.wants(&[web]).settle();
    assert_eq!(fleet.spread(), [("a".into(), 1), ("b".into(), 1)]);
    // What it is, only a host that answers tells; that it does not is no reason to leave it at once.
    fleet.lost("a", 1);
    let plan = fleet.plan();
    assert!(plan.target.pods.values().any(|binding| binding.node == NodeName::new("a")));
}

#[test]
fn a_label_that_is_gone_sends_no_pod_away() {
    let mut fleet = fleet(&["a", "b"]);
    let label = |fleet: &mut Fleet, disk: Option<&str>| {
        let host = fleet.inventory.hosts.get_mut(&NodeName::new("b")).unwrap();
        host.labels.remove("disk");
        host.labels.extend(disk.map(|disk| ("disk".to_owned(), disk.to_owned())));
    };
    let picky = |replicas: u64| {
        let mut web = web(replicas, "nginx:1");
        web["spec"]["template"]["spec"]["nodeSelector"] = json!({"disk": "ssd"});
        web
    };
    label(&mut fleet, Some("ssd"));
    fleet.wants(&[picky(1)]).settle();
    label(&mut fleet, None);
    fleet.settle();
    assert_eq!(fleet.spread(), [("a".into(), 0), ("b".into(), 1)]);
    fleet.wants(&[picky(2)]);
    assert_snapshot!(told(&fleet.plan()), @"wait Deployment default/web: 1 pod: 0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.");
}

#[test]
fn a_host_takes_as_many_pods_as_it_has_addresses() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.inventory.network.host_prefix = 29;
    let mut web = web(8, "nginx:1");
    web["spec"]["template"]["spec"]["nodeSelector"] = json!({"kubernetes.io/hostname": "a"});
    fleet.wants(&[web.clone()]).settle();
    assert_eq!(fleet.spread(), [("a".into(), 5), ("b".into(), 0)]);
    assert_snapshot!(told(&fleet.plan()), @"wait Deployment default/web: 3 pods: 0/2 nodes are available: 1 Too many pods, 1 node(s) didn't match Pod's node affinity/selector.");
    web["spec"]["template"]["spec"]["nodeSelector"] = json!({});
    // Addresses of pods that are gone are free in the very next round.
    fleet.wants(&[web]).settle();
    assert_eq!(fleet.spread(), [("a".into(), 3), ("b".into(), 5)]);
}

#[test]
fn pods_that_nobody_asks_for_go_and_those_of_a_lost_state_are_adopted() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[web(2, "nginx:1"), single("one", "redis:7")]).settle();
    fleet.bindings = crate::bindings::Bindings::default();
    fleet.wants(&[web(2, "nginx:1")]);
    assert_snapshot!(told(&fleet.plan()), @"
    do a: delete pod default/one
    delete one: Pod default/one is gone
    ");
}

/// As kube-scheduler has it, which sees no pods that have ended.
#[test]
fn what_has_ended_takes_nothing_of_its_host() {
    let mut fleet = fleet(&["a"]);
    let asking = |name: &str| {
        let mut pod = single(name, "busybox:1");
        pod["spec"]["restartPolicy"] = json!("Never");
        pod["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "1500m"}});
        pod["spec"]["containers"][0]["ports"] = json!([{"containerPort": 80, "hostPort": 80}]);
        pod
    };
    fleet.wants(&[asking("one"), asking("two")]).settle();
    assert_eq!(fleet.bindings.pods.len(), 1);
    let now = fleet.now;
    for pod in fleet.report("a").pods.values_mut() {
        for container in pod.containers.values_mut() {
            container.state = ContainerState::Exited { code: 0, finished: Some(now) };
        }
    }
    fleet.settle();
    assert_eq!(fleet.bindings.pods.len(), 2, "{:?}", fleet.plan().report.pending);
}

#[test]
fn what_has_ended_is_not_done_again_elsewhere() {
    let mut fleet = fleet(&["a", "b"]);
    let mut once = single("once", "busybox:1");
    once["spec"]["restartPolicy"] = json!("Never");
    fleet.wants(&[once]).settle();
    let (now, host) = (fleet.now, fleet.bindings.pods.values().next().unwrap().node.clone());
    for pod in fleet.report(host.as_str()).pods.values_mut() {
        for container in pod.containers.values_mut() {
            container.state = ContainerState::Exited { code: 0, finished: Some(now) };
        }
    }
    let taint = Taint { key: "k".into(), value: String::new(), effect: TaintEffect::NoExecute };
    fleet.inventory.hosts.get_mut(&host).unwrap().taints.push(taint);
    assert_snapshot!(told(&fleet.plan()), @"");
}

#[test]
fn changed_pods_of_a_host_are_counted_together() {
    let mut fleet = fleet(&["a"]);
    let asking = |name: &str, image: &str, cpu: &str| {
        let mut pod = single(name, image);
        pod["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": cpu}});
        pod
    };
    fleet.wants(&[asking("one", "nginx:1", "1"), asking("two", "nginx:1", "1")]).settle();
    fleet.wants(&[asking("one", "nginx:1", "1500m"), asking("two", "nginx:2", "1")]);
    assert_snapshot!(told(&fleet.plan()), @"
    do a: create pod default/two
    replace two: made from something else
    wait Pod default/one: 1 pod: 0/1 nodes are available: 1 Insufficient cpu.
    ");
}

/// As if it had been deleted and made again, which is what it takes on a cluster.
#[test]
fn a_changed_pod_goes_where_it_can_be() {
    let mut fleet = fleet(&["a", "b"]);
    let on = |host: &str, cpu: &str| {
        let mut pod = single("one", "busybox:1");
        pod["spec"]["nodeSelector"] = json!({"kubernetes.io/hostname": host});
        pod["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": cpu}});
        pod
    };
    fleet.wants(&[on("a", "1")]).settle();
    fleet.wants(&[on("a", "1500m")]);
    assert_snapshot!(told(&fleet.plan()), @"
    do a: create pod default/one
    replace one: made from something else
    ");
    assert_eq!(fleet.settle().spread(), [("a".into(), 1), ("b".into(), 0)]);
    fleet.wants(&[on("b", "1500m")]);
    assert_snapshot!(told(&fleet.plan()), @"
    do a: delete pod default/one
    move one: a does not take what it is to be; takes the place of one on a
    ");
    assert_eq!(fleet.settle().spread(), [("a".into(), 0), ("b".into(), 1)]);
    fleet.wants(&[on("b", "3")]).settle();
    assert_eq!(fleet.spread(), [("a".into(), 0), ("b".into(), 1)], "it stays what it is");
    assert_snapshot!(told(&fleet.plan()), @"wait Pod default/one: 1 pod: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector.");
}
