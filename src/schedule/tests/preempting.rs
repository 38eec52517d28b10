//! Who makes room for whom.

use k8s_openapi::api::core::v1::Pod;
use serde_json::json;

use super::fixtures::*;
use crate::model::Selector;
use crate::schedule::*;

fn ranked(cpu: &str, priority: i32) -> Pod {
    let mut pod = asking(cpu);
    pod.spec.as_mut().unwrap().priority = Some(priority);
    pod
}

fn preempts(fleet: &mut Fleet, pod: &Pod) -> Option<(String, Vec<PodId>)> {
    let request = Request::of(pod, None);
    let class = fleet.class(&request);
    assert_eq!(fleet.find(class, &request), None, "there is room");
    let Preemption { host, victims } = fleet.preempt(class, &request)?;
    Some((fleet.name(host).to_string(), victims))
}

#[test]
fn those_go_that_are_missed_the_least() {
    let mut fleet = fleet([host("a"), host("b"), host("c"), host("d")]);
    bind(&mut fleet, &ranked("1500m", 50), "a");
    let small = bind(&mut fleet, &ranked("500m", 5), "b");
    let other = bind(&mut fleet, &ranked("500m", 5), "b");
    bind(&mut fleet, &ranked("1", 50), "b");
    bind(&mut fleet, &ranked("2", 200), "c");
    bind(&mut fleet, &ranked("1500m", 10), "d");
    // Not the one of priority 50, nor the one of 10 alone, but two of 5; were one enough, one.
    let found = preempts(&mut fleet, &ranked("1", 100));
    assert_eq!(found, Some(("b".to_owned(), vec![small, other])));
    let found = preempts(&mut fleet, &ranked("600m", 100));
    assert_eq!(found, Some(("b".to_owned(), vec![small, other])));
    fleet.unbind(small);
    let found = preempts(&mut fleet, &ranked("1", 100));
    assert_eq!(found, Some(("b".to_owned(), vec![other])));
    assert_eq!(preempts(&mut fleet, &ranked("1", 5)), None);
    assert_eq!(preempts(&mut fleet, &ranked("3", 100)), None);
    let mut meek = ranked("1", 100);
    meek.spec.as_mut().unwrap().preemption_policy = Some("Never".to_owned());
    assert_eq!(preempts(&mut fleet, &meek), None);
}

#[test]
fn of_equal_ones_those_stay_that_came_first() {
    let mut fleet = fleet([host("a"), host("b")]);
    let mut came = |name: &str, since: i64| {
        let pod = bind(&mut fleet, &ranked("1", 5), name);
        fleet.came(pod, since);
        pod
    };
    let later_on_a = came("a", 400);
    came("a", 300);
    let latest = came("b", 500);
    let first = came("b", 100);
    // One is enough on either host, and the one that came last is on `b`.
    let found = preempts(&mut fleet, &ranked("1", 100));
    assert_eq!(found, Some(("b".to_owned(), vec![latest])));
    fleet.unbind(latest);
    fleet.unbind(first);
    bind(&mut fleet, &ranked("2", 1000), "b");
    let found = preempts(&mut fleet, &ranked("1", 100));
    assert_eq!(found, Some(("a".to_owned(), vec![later_on_a])));
}

#[test]
fn a_pod_that_is_shunned_makes_room_as_well() {
    let mut fleet = fleet([host("a")]);
    let term = json!({"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "kubernetes.io/hostname"});
    let apart =
        json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}});
    let shy = json!({"containers": [{"name": "c"}], "affinity": apart});
    let shy = bind(&mut fleet, &labelled(json!({}), shy), "a");
    bind(&mut fleet, &asking("100m"), "a");
    let mut web = labelled(json!({"app": "web"}), json!({"containers": [{"name": "c"}]}));
    web.spec.as_mut().unwrap().priority = Some(1);
    assert_eq!(preempts(&mut fleet, &web), Some(("a".to_owned(), vec![shy])));
}

/// As a kubelet has it, which nobody asks where the pod goes.
#[test]
fn a_pod_that_names_its_host_makes_room_there_only_if_the_system_hangs_on_it() {
    let mut fleet = fleet([host("a")]);
    let low = bind(&mut fleet, &ranked("2", 5), "a");
    let named = |priority: i32| {
        let mut pod = ranked("1", priority);
        pod.spec.as_mut().unwrap().node_name = Some("a".to_owned());
        pod
    };
    assert_eq!(preempts(&mut fleet, &named(1_000_000_000)), None);
    assert_eq!(preempts(&mut fleet, &named(2_000_000_000)), Some(("a".to_owned(), vec![low])));
}

/// An empty selector is none to preemption, and a pod without labels is under no budget.
#[test]
fn budgets_that_choose_by_nothing_are_not_minded() {
    let all = Selector::default();
    let but = Selector::parse("!sacred").unwrap();
    for (selector, goes) in [(all, "a"), (but, "b")] {
        let guard = Guard { namespace: "default".to_owned(), selector, allowed: 0 };
        let mut fleet = fleet([host("a"), host("b")]).guarded(vec![guard]);
        let mut labelled = ranked("2", 5);
        labelled.metadata.labels = Some([("app".to_owned(), "x".to_owned())].into());
        bind(&mut fleet, &labelled, "a");
        bind(&mut fleet, &ranked("2", 5), "b");
        assert_eq!(preempts(&mut fleet, &ranked("1", 100)).unwrap().0, goes);
    }
}
