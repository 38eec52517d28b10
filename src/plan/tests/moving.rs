//! Pods that are moved away on purpose: cordoned and drained hosts, and budgets.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixtures::{Fleet, fleet, single, told, web};

use crate::inventory::Admission;
use crate::model::{NodeName, PodKey, Selector};
use crate::observed::ContainerState;
use crate::plan::{Bound, Drain, DrainOrder, Stay, budgets, drain, rebalance};

pub(super) fn order(hosts: &[&str]) -> DrainOrder {
    DrainOrder {
        hosts: hosts.iter().map(|host| NodeName::from(*host)).collect::<BTreeSet<_>>(),
        selector: Selector::default(),
        ignore_daemon_sets: false,
        delete_empty_dirs: false,
        force: false,
        grace_seconds: None,
    }
}

fn budget(spec: &Value) -> Value {
    let mut spec = spec.clone();
    spec["selector"] = json!({"matchLabels": {"app": "web"}});
    json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": {"name": "web", "namespace": "default"}, "spec": spec})
}

impl Fleet {
    /// Cordons a host and drains it: what goes and stays, and the bindings with it.
    fn drain(&mut self, host: &str, change: impl FnOnce(&mut DrainOrder)) -> Drain {
        self.cordon(host);
        let mut order = order(&[host]);
        change(&mut order);
        let drain = drain(&self.input(), &order);
        self.bindings = drain.bindings(&self.bindings);
        drain
    }

    fn allowed(&self) -> (u64, u64, u64, u64) {
        let wanted = crate::controller::wanted(&self.desired);
        let budgets = budgets(&self.input(), &self.bindings, &wanted);
        let one = &budgets[0];
        (one.allowed(), one.healthy, one.desired, one.expected)
    }
}

/// Why pods stay, in order of their names.
fn reasons(drain: &Drain) -> Vec<String> {
    drain.staying.values().map(|(_, why)| why.to_string()).collect()
}

#[test]
fn nothing_new_is_placed_on_a_cordoned_host_and_what_is_there_stays() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[web(2, "nginx:1")]).settle();
    fleet.wants(&[web(4, "nginx:1")]);
    fleet.cordon("a");
    fleet.settle();
    assert_eq!(fleet.spread(), [("a".into(), 1), ("b".into(), 3)]);
    fleet.wants(&[web(4, "nginx:1"), single("picky", "nginx:1")]);
    let mut picky = single("picky", "nginx:1");
    picky["spec"]["nodeSelector"] = json!({"kubernetes.io/hostname": "a"});
    fleet.wants(&[web(4, "nginx:1"), picky.clone()]);
    assert_snapshot!(told(&fleet.plan()), @"wait Pod default/picky: 1 pod: 0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unschedulable.");
    picky["spec"]["tolerations"] =
        json!([{"key": "node.kubernetes.io/unschedulable", "operator": "Exists"}]);
    fleet.wants(&[web(4, "nginx:1"), picky]).settle();
    assert_eq!(fleet.spread(), [("a".into(), 2), ("b".into(), 3)], "who tolerates it may come");
}

#[test]
fn a_drained_host_gives_its_pods_to_others_and_new_ones_come_first() {
    let mut fleet = fleet(&["a", "b", "c"]);
    fleet.wants(&[web(3, "nginx:1"), budget(&json!({"minAvailable": 2}))]).settle();
    assert_eq!(fleet.allowed(), (1, 3, 2, 3));
    let drain = fleet.drain("a", |_| {});
    assert_eq!((drain.going.len(), drain.staying.len()), (1, 0));
    assert_snapshot!(fleet.round(), @"
    do b: create pod default/web-ljdsqpkncn-trtqr
    move web-ljdsqpkncn-trtqr: a is drained; takes the place of web-ljdsqpkncn-rmksb on a
    ");
    assert_snapshot!(fleet.round(), @"
    do a: delete pod default/web-ljdsqpkncn-rmksb
    delete web-ljdsqpkncn-rmksb: a is drained
    ");
    fleet.settle();
    assert_eq!(fleet.spread(), [("a".into(), 0), ("b".into(), 2), ("c".into(), 1)]);
    assert_eq!(fleet.bindings.evicting, [].into());
    assert_eq!(fleet.drain("a", |_| {}), Drain::default(), "a second drain moves nothing");
}

#[test]
fn a_budget_that_lets_nobody_go_keeps_pods_until_it_changes() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[web(2, "nginx:1"), budget(&json!({"minAvailable": 2}))]).settle();
    assert_eq!(fleet.allowed(), (0, 2, 2, 2));
    let drain = fleet.drain("a", |_| {});
    assert_eq!(drain.going, [].into());
    assert_eq!(reasons(&drain), ["the disruption budget web lets no pod go now"]);
    let hosts = fleet.desired.hosts.clone();
    fleet.wants(&[web(2, "nginx:1"), budget(&json!({"maxUnavailable": "50%"}))]);
    fleet.desired.hosts = hosts;
    assert_eq!(fleet.allowed(), (1, 2, 1, 2));
    assert_eq!(fleet.drain("a", |_| {}).going.len(), 1);
    fleet.settle();
    assert_eq!(fleet.spread(), [("a".into(), 0), ("b".into(), 2)]);
}

#[test]
fn no_more_go_at_once_than_the_budget_lets() {
    let mut fleet = fleet(&["a", "b"]);
    let mut many = web(4, "nginx:1");
    many["spec"]["strategy"] =
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 4, "maxSurge": 0}});
    fleet.wants(&[many, budget(&json!({"maxUnavailable": 1}))]).settle();
    assert_eq!(fleet.drain("a", |_| {}).going.len(), 2);
    for _ in 0..10 {
        let before = fleet.allowed();
        let did = fleet.round();
        assert!(did.matches("do a: delete").count() <= 1, "{did}");
        let there: usize = fleet.spread().iter().map(|(_, pods)| pods).sum();
        assert!(there >= 3, "{before:?}: {did}");
    }
    assert_eq!(fleet.spread(), [("a".into(), 0), ("b".into(), 4)]);
}

/// What cannot be made now is asked for all the same, and those that run count against it.
#[test]
fn a_budget_counts_what_cannot_be_made() {
    let mut fleet = fleet(&["a", "b"]);
    let half = budget(&json!({"minAvailable": "50%"}));
    fleet.wants(&[web(4, "nginx:1"), half.clone()]).settle();
    assert_eq!(fleet.allowed(), (2, 4, 2, 4));
    let mut blocked = web(4, "nginx:1");
    blocked["spec"]["template"]["spec"]["containers"][0]["envFrom"] =
        json!([{"configMapRef": {"name": "missing"}}]);
    fleet.wants(&[blocked, half]);
    assert_eq!(fleet.allowed(), (2, 4, 2, 4));
}

#[test]
fn somebody_has_to_say_that_pods_may_be_lost_or_down() {
    let mut fleet = fleet(&["a", "b"]);
    let mut keeping = single("keeping", "nginx:1");
    keeping["spec"]["volumes"] = json!([{"name": "cache", "emptyDir": {}}]);
    keeping["spec"]["nodeName"] = json!("a");
    let mut lone = single("lone", "nginx:1");
    lone["metadata"]["labels"] = json!({"app": "lone"});
    lone["spec"]["affinity"] = json!({"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
        {"weight": 100, "preference": {"matchExpressions": [
            {"key": "kubernetes.io/hostname", "operator": "In", "values": ["a"]}]}}]}});
    fleet.wants(&[keeping, lone]).settle();
    assert_eq!(fleet.spread(), [("a".into(), 2), ("b".into(), 0)]);
    let drain = fleet.drain("a", |_| {});
    let staying: Vec<Stay> = drain.staying.into_values().map(|(_, why)| why).collect();
    assert_eq!(staying, [Stay::EmptyDir, Stay::NoController]);
    let chosen = fleet.drain("a", |order| order.selector = Selector::parse("app=lone").unwrap());
    assert_eq!(chosen.staying.len(), 1);
    let drain = fleet.drain("a", |order| {
        order.force = true;
        order.delete_empty_dirs = true;
        order.grace_seconds = Some(1);
    });
    assert_eq!(drain.going.keys().map(|key| key.name.as_str()).collect::<Vec<_>>(), ["lone"]);
    assert_eq!(reasons(&drain), ["no other host takes it: its nodeName says this one"]);
    fleet.settle();
    assert_eq!(fleet.spread(), [("a".into(), 1), ("b".into(), 1)]);
}

#[test]
fn pods_that_would_find_no_room_stay() {
    let mut fleet = fleet(&["a", "b"]);
    let mut big = web(3, "nginx:1");
    big["spec"]["template"]["spec"]["containers"][0]["resources"] =
        json!({"requests": {"cpu": "900m"}});
    fleet.wants(&[big]).settle();
    let full: Vec<_> = fleet.spread().into_iter().filter(|(_, pods)| *pods == 2).collect();
    let drain = fleet.drain(&full[0].0.clone(), |_| {});
    assert_eq!((drain.going.len(), drain.staying.len()), (1, 1));
    assert_eq!(
        reasons(&drain),
        [
            "no other host takes it: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable."
        ]
    );
    fleet.settle();
    let pods: Vec<usize> = fleet.spread().iter().map(|(_, pods)| *pods).collect();
    assert_eq!(pods.iter().sum::<usize>(), 3);
    assert!(pods.contains(&1));
}

#[test]
fn pods_that_are_not_ready_go_by_the_policy() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[web(2, "nginx:1"), budget(&json!({"minAvailable": 2}))]).settle();
    for pod in fleet.report("a").pods.values_mut() {
        for container in pod.containers.values_mut() {
            container.state = ContainerState::Exited { code: 1, finished: None };
        }
    }
    assert_eq!(fleet.allowed(), (0, 1, 2, 2));
    assert_eq!(fleet.drain("a", |_| {}).staying.len(), 1, "too few are ready");
    let hosts = fleet.desired.hosts.clone();
    let policy = json!({"minAvailable": 2, "unhealthyPodEvictionPolicy": "AlwaysAllow"});
    fleet.wants(&[web(2, "nginx:1"), budget(&policy)]);
    fleet.desired.hosts = hosts.clone();
    assert_eq!(fleet.drain("a", |_| {}).going.len(), 1);
    fleet.bindings.evicting.clear();
    fleet.wants(&[web(2, "nginx:1"), budget(&json!({"minAvailable": 1}))]);
    fleet.desired.hosts = hosts;
    assert_eq!(fleet.drain("a", |_| {}).going.len(), 1, "as many as have to be are ready");
}

#[test]
fn no_budget_minds_pods_that_were_never_started() {
    let mut fleet = fleet(&["a", "b"]);
    let strict = budget(&json!({"minAvailable": 2}));
    let mut other = strict.clone();
    other["metadata"]["name"] = json!("other");
    fleet.wants(&[web(2, "nginx:1"), strict, other]).settle();
    for pod in fleet.report("a").pods.values_mut() {
        for container in pod.containers.values_mut() {
            container.state = ContainerState::Created;
        }
    }
    let drain = fleet.drain("a", |_| {});
    assert_eq!((drain.going.len(), drain.staying.len()), (1, 0));
    fleet.settle();
    assert_eq!(fleet.spread(), [("a".into(), 0), ("b".into(), 2)]);
    let hosts = fleet.desired.hosts.clone();
    fleet.bindings.evicting.clear();
    fleet.desired.hosts = hosts;
    fleet.uncordon("a");
    assert_eq!(reasons(&fleet.drain("b", |_| {})).len(), 2, "those that run are minded");
}

#[test]
fn a_host_that_takes_pods_again_keeps_what_was_not_moved_yet() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[web(2, "nginx:1")]).settle();
    assert_eq!(fleet.drain("a", |_| {}).going.len(), 1);
    fleet.uncordon("a");
    assert_eq!(fleet.round(), "");
    assert_eq!(fleet.spread(), [("a".into(), 1), ("b".into(), 1)]);
    assert_eq!(fleet.bindings.evicting, [].into());
}

fn quota(pods: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ResourceQuota",
        "metadata": {"name": "q", "namespace": "default"}, "spec": {"hard": {"pods": pods}}})
}

/// A cordoned host counts: nobody else may have two as long as it has none.
#[test]
fn a_drain_leaves_no_pods_more_unevenly_spread_than_they_may_be() {
    let mut fleet = fleet(&["a", "b", "c"]);
    let mut spread = web(3, "nginx:1");
    spread["spec"]["template"]["spec"]["topologySpreadConstraints"] = json!([{
        "maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "web"}},
    }]);
    fleet.wants(&[spread]).settle();
    let drain = fleet.drain("b", |_| {});
    assert_eq!(drain.going, [].into());
    let why = reasons(&drain).join("\n");
    assert!(why.contains("didn't match pod topology spread constraints"), "{why}");
}

/// As an eviction has it, which asks no quota: it has room for the next once the one has gone.
#[test]
fn a_full_quota_keeps_nobody_from_moving() {
    for replicas in [2, 4] {
        let mut fleet = fleet(&["a", "b"]);
        fleet.wants(&[web(replicas, "nginx:1"), quota(&replicas.to_string())]).settle();
        let drain = fleet.drain("a", |_| {});
        assert_eq!(
            (drain.going.len(), reasons(&drain).len()),
            (usize::try_from(replicas).unwrap() / 2, 0)
        );
        fleet.settle();
        assert_eq!(
            fleet.spread(),
            [("a".into(), 0), ("b".into(), usize::try_from(replicas).unwrap())]
        );
    }
}

/// What a `LimitRange` refuses is refused for good: who is on the move stays, whatever a quota says.
#[test]
fn nobody_goes_for_one_that_would_never_be_let_in() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[web(2, "nginx:1")]).settle();
    assert_eq!(fleet.drain("a", |_| {}).going.len(), 1);
    let strict = json!({"apiVersion": "v1", "kind": "LimitRange",
        "metadata": {"name": "l", "namespace": "default"},
        "spec": {"limits": [{"type": "Container", "min": {"cpu": "1"}}]}});
    let hosts = fleet.desired.hosts.clone();
    fleet.wants(&[web(2, "nginx:1"), strict]);
    fleet.desired.hosts = hosts;
    fleet.settle();
    assert_eq!(fleet.spread(), [("a".into(), 1), ("b".into(), 1)]);
}

#[test]
fn pods_stay_that_nothing_would_take_the_place_of() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[web(2, "nginx:1"), quota("2")]).settle();
    fleet.wants(&[web(2, "nginx:1"), quota("1")]);
    let drain = fleet.drain("a", |_| {});
    assert_eq!(drain.going, [].into());
    let why = reasons(&drain).join("\n");
    assert!(
        why.starts_with("nothing may take its place: ") && why.contains("exceeded quota"),
        "{why}"
    );

    let mut blocked = web(2, "nginx:1");
    blocked["spec"]["template"]["spec"]["containers"][0]["envFrom"] =
        json!([{"configMapRef": {"name": "missing"}}]);
    fleet.wants(&[blocked]);
    let drain = fleet.drain("a", |_| {});
    assert_eq!(drain.going, [].into());
    let why = reasons(&drain).join("\n");
    assert!(why.starts_with("nothing can take its place: ") && why.contains("missing"), "{why}");
}

#[test]
fn a_budget_counts_those_that_go_for_other_reasons() {
    let mut fleet = fleet(&["a", "b"]);
    let rolling = |name: &str, image: &str| {
        let mut web = web(2, image);
        web["metadata"]["name"] = json!(name);
        web["spec"]["strategy"] =
            json!({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}});
        web
    };
    let guard = budget(&json!({"maxUnavailable": 1}));
    fleet.wants(&[rolling("one", "nginx:1"), rolling("two", "nginx:1"), guard.clone()]).settle();
    fleet.wants(&[rolling("one", "nginx:1"), rolling("two", "nginx:2"), guard]);
    assert_ne!(fleet.drain("a", |_| {}).going, [].into());
    let did = fleet.round();
    assert_eq!(
        did.matches("do a: delete").count() + did.matches("do b: delete").count(),
        1,
        "{did}"
    );
    fleet.settle();
}

#[test]
fn preemption_breaks_a_budget_last() {
    let mut fleet = fleet(&["a", "b"]);
    let class = json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
        "metadata": {"name": "high"}, "value": 10});
    let on = |name: &str, host: &str, app: &str| {
        let mut pod = single(name, "nginx:1");
        pod["metadata"]["labels"] = json!({"app": app});
        pod["spec"]["nodeSelector"] = json!({"kubernetes.io/hostname": host});
        pod["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "2"}});
        pod
    };
    // The host's name would choose `a`.
    let low = [on("kept", "a", "web"), on("free", "b", "other")];
    let guard = budget(&json!({"minAvailable": 1}));
    fleet.wants(&[low[0].clone(), low[1].clone(), guard.clone(), class.clone()]).settle();
    let mut high = single("high", "redis:7");
    high["spec"]["priorityClassName"] = json!("high");
    high["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "2"}});
    fleet.wants(&[low[0].clone(), low[1].clone(), guard, class.clone(), high.clone()]);
    let plan = fleet.plan();
    let key = PodKey::new("default", "high");
    assert_eq!(plan.target.pods[&key].node.as_str(), "b");
    fleet.wants(&[low[0].clone(), low[1].clone(), class, high]);
    assert_eq!(fleet.plan().target.pods[&key].node.as_str(), "a", "without the budget");
    let kept = PodKey::new("default", "kept");
    assert_eq!(
        fleet.plan().target.yielding[&kept].as_str(),
        "a",
        "it comes back when there is room"
    );
}

/// Carries a rebalance out to its end, and tells how many pods it moved.
fn rebalance_all(fleet: &mut Fleet, bound: &str) -> usize {
    let moves = rebalance(&fleet.input(), bound.parse().unwrap());
    fleet.bindings.evicting.extend(moves.clone());
    fleet.settle();
    moves.len()
}

#[test]
fn a_rebalance_moves_no_more_than_it_must_and_the_second_nothing() {
    let mut fleet = fleet(&["a", "b", "c"]);
    let mut many = web(6, "nginx:1");
    many["spec"]["template"]["spec"]["containers"][0]["resources"] =
        json!({"requests": {"cpu": "300m", "memory": "100Mi"}});
    fleet.wants(&[many.clone(), budget(&json!({"maxUnavailable": 1}))]);
    fleet.cordon("c");
    fleet.settle();
    assert_eq!(fleet.spread(), [("a".into(), 3), ("b".into(), 3), ("c".into(), 0)]);
    let host = fleet.inventory.hosts.get_mut(&NodeName::from("c")).unwrap();
    host.admission = Admission::Open;
    assert_eq!(told(&fleet.plan()), "", "what is bound stays");
    assert_eq!(rebalance_all(&mut fleet, "15%"), 2);
    assert_eq!(fleet.spread(), [("a".into(), 2), ("b".into(), 2), ("c".into(), 2)]);
    assert_eq!(rebalance_all(&mut fleet, "15%"), 0);
    assert_eq!(rebalance_all(&mut fleet, "0%"), 0);
}

#[test]
fn a_rebalance_leaves_alone_what_a_budget_or_its_data_keep() {
    let mut fleet = fleet(&["a", "b"]);
    let mut many = web(4, "nginx:1");
    many["spec"]["template"]["spec"]["containers"][0]["resources"] =
        json!({"requests": {"cpu": "300m"}});
    let kept = budget(&json!({"minAvailable": "100%"}));
    fleet.wants(&[many.clone(), kept]);
    fleet.cordon("b");
    fleet.settle();
    let host = fleet.inventory.hosts.get_mut(&NodeName::from("b")).unwrap();
    host.admission = Admission::Open;
    assert_eq!(rebalance_all(&mut fleet, "10%"), 0);
    fleet.wants(&[many]);
    assert_eq!(rebalance_all(&mut fleet, "10%"), 2);
    assert!("101%".parse::<Bound>().is_err() && "x".parse::<Bound>().is_err());
}

#[test]
fn a_budget_keeps_pods_of_their_own_too() {
    let mut fleet = fleet(&["a", "b"]);
    let on_a = |name: &str| {
        let mut pod = single(name, "nginx:1");
        pod["metadata"]["labels"] = json!({"app": "web"});
        pod["spec"]["affinity"] = json!({"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 100, "preference": {"matchExpressions": [
                {"key": "kubernetes.io/hostname", "operator": "In", "values": ["a"]}]}}]}});
        pod
    };
    let pods = [on_a("one"), on_a("two"), budget(&json!({"minAvailable": 1}))];
    fleet.wants(&pods).settle();
    assert_eq!(fleet.drain("a", |order| order.force = true).going.len(), 2);
    for _ in 0..8 {
        let did = fleet.round();
        assert!(did.matches("do a: delete").count() <= 1, "{did}");
    }
    assert_eq!(fleet.spread(), [("a".into(), 0), ("b".into(), 2)]);
}
