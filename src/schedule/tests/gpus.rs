//! GPUs: whole ones, parts of one, and which host they are taken from.

use super::fixtures::*;
use crate::inventory::Scheduling;
use crate::schedule::*;
use insta::assert_snapshot;
use k8s_openapi::api::core::v1::Pod;
use serde_json::json;

fn with_gpus(name: &str, gpus: u64) -> Candidate {
    let mut host = host(name);
    host.further.insert("nvidia.com/gpu".to_owned(), gpus);
    host
}

fn asking_for(amounts: &[(&str, u64)]) -> Pod {
    let amounts: serde_json::Map<_, _> = amounts
        .iter()
        .map(|(name, amount)| ((*name).to_owned(), json!(amount.to_string())))
        .collect();
    pod(json!({"containers": [{"name": "c", "resources": {"requests": amounts}}]}))
}

fn part(milli: u64) -> Pod {
    asking_for(&[("bowline/gpu-milli", milli)])
}

fn whole(count: u64) -> Pod {
    asking_for(&[("nvidia.com/gpu", count)])
}

/// The GPUs that a pod gets on its host.
fn gets(fleet: &mut Fleet, pod: &Pod) -> (PodId, Held) {
    let request = Request::of(pod, None);
    let class = fleet.class(&request);
    let host = fleet.find(class, &request).unwrap();
    let pod = fleet.bind(class, host);
    (pod, fleet.held(pod))
}

#[test]
fn parts_share_a_gpu_as_far_as_it_goes() {
    let mut fleet = fleet([with_gpus("a", 2)]);
    let mut shared = |milli: u64| gets(&mut fleet, &part(milli)).1.shared;
    assert_eq!([shared(400), shared(500), shared(600)], [Some(0), Some(0), Some(1)]);
    assert_eq!(shared(100), Some(0), "the fullest that has room");
    assert_eq!(shared(300), Some(1));
    assert_snapshot!(goes(&mut fleet, &part(200)), @"0/1 nodes are available: 1 Insufficient bowline/gpu-milli.");
    assert_snapshot!(goes(&mut fleet, &whole(1)), @"0/1 nodes are available: 1 Insufficient nvidia.com/gpu.");
}

#[test]
fn a_whole_gpu_is_one_that_nobody_has() {
    let mut fleet = fleet([with_gpus("a", 4)]);
    let (shared, _) = gets(&mut fleet, &part(1));
    let both = asking_for(&[("nvidia.com/gpu", 2), ("bowline/gpu-milli", 999)]);
    let (_, held) = gets(&mut fleet, &both);
    assert_eq!(held, Held { whole: vec![1, 2], shared: Some(0) });
    fleet.unbind(shared);
    let request = Request::of(&whole(2), None);
    let class = fleet.class(&request);
    let why = fleet.rejections(class, &request);
    assert_snapshot!(why[&"a".into()], @"Insufficient nvidia.com/gpu (asked 2, free 1)");
    let request =
        Request::of(&asking_for(&[("nvidia.com/gpu", 1), ("bowline/gpu-milli", 2)]), None);
    let class = fleet.class(&request);
    let why = fleet.rejections(class, &request);
    assert_snapshot!(why[&"a".into()], @"Insufficient bowline/gpu-milli (asked 2, free 1)");
    assert_eq!(gets(&mut fleet, &whole(1)).1.whole, [3]);
}

#[test]
fn what_a_pod_has_stays_its_own() {
    let mut fleet = fleet([with_gpus("a", 3)]);
    let request = Request::of(&part(500), None);
    let class = fleet.class(&request);
    let host = fleet.host(&"a".into()).unwrap();
    let known = fleet.bind_holding(class, host, Held { whole: Vec::new(), shared: Some(2) });
    assert_eq!(gets(&mut fleet, &part(500)).1.shared, Some(2));
    assert_eq!(gets(&mut fleet, &part(500)).1.shared, Some(0));
    fleet.unbind(known);
    assert_eq!(
        gets(&mut fleet, &part(300)).1.shared,
        Some(0),
        "half of two is free, the first of them"
    );
}

#[test]
fn pods_without_gpus_keep_away_from_those_of_others() {
    for profile in [Scheduling::SPREAD, Scheduling::BINPACK] {
        let hosts = vec![with_gpus("a", 2), host("b"), host("c")];
        let mut fleet = Fleet::new(hosts, std::collections::BTreeMap::new(), profile);
        let wanted = Request::of(&asking_for(&[("nvidia.com/gpu", 1), ("cpu", 1)]), None);
        let class = fleet.class(&wanted);
        fleet.expect(class, 2);
        bind(&mut fleet, &asking("1900m"), "c");
        assert_eq!(goes(&mut fleet, &asking("1")), "b");
    }
}

#[test]
fn parts_go_where_they_leave_whole_gpus() {
    for profile in [Scheduling::SPREAD, Scheduling::BINPACK] {
        let hosts = vec![with_gpus("a", 2), with_gpus("b", 2)];
        let mut fleet = Fleet::new(hosts, std::collections::BTreeMap::new(), profile);
        for pod in [part(400), whole(1), whole(2)] {
            let class = fleet.class(&Request::of(&pod, None));
            fleet.expect(class, 4);
        }
        bind(&mut fleet, &part(400), "b");
        assert_eq!(goes(&mut fleet, &part(500)), "b");
        assert_eq!(goes(&mut fleet, &whole(1)), "b");
        assert_eq!(goes(&mut fleet, &whole(2)), "a");
    }
}
