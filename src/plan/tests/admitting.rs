//! Which pods are taken in: `LimitRanges` and `ResourceQuotas`.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixtures::{Fleet, fleet, single, told, web};
use crate::model::PodKey;

fn limits(items: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "LimitRange",
        "metadata": {"name": "limits", "namespace": "default"}, "spec": {"limits": items}})
}

fn usual(cpu: &str) -> Value {
    limits(
        &json!([{"type": "Container", "default": {"cpu": cpu}, "defaultRequest": {"cpu": cpu}, "max": {"cpu": cpu}}]),
    )
}

fn quota(hard: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ResourceQuota",
        "metadata": {"name": "q", "namespace": "default"}, "spec": {"hard": hard}})
}

fn asking(mut web: Value, cpu: &str) -> Value {
    web["spec"]["template"]["spec"]["containers"][0]["resources"] =
        json!({"requests": {"cpu": cpu}, "limits": {"cpu": cpu}});
    web
}

/// The CPU that each bound pod asks for.
fn asked(fleet: &Fleet) -> Vec<String> {
    let cpu = |binding: &crate::bindings::Binding| {
        let spec = serde_json::to_value(&binding.pod.spec).unwrap();
        spec["containers"][0]["resources"]["requests"]["cpu"].as_str().unwrap_or("-").to_owned()
    };
    fleet.bindings.pods.values().map(cpu).collect()
}

#[test]
fn what_is_filled_in_is_that_of_when_a_pod_was_made() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[usual("100m"), web(1, "nginx:1"), single("one", "redis:7")]).settle();
    assert_eq!(asked(&fleet), ["100m", "100m"]);
    let annotation = |fleet: &Fleet| {
        let pod = &fleet.bindings.pods[&PodKey::new("default", "one")].pod;
        pod.metadata.annotations.clone().unwrap_or_default()
    };
    assert_eq!(
        annotation(&fleet)["kubernetes.io/limit-ranger"],
        "LimitRanger plugin set: cpu request for container main; cpu limit for container main"
    );
    // Other defaults replace nothing, and are those of the next pod.
    fleet.wants(&[usual("200m"), web(2, "nginx:1"), single("one", "redis:7")]);
    assert_snapshot!(told(&fleet.plan()), @"
    do b: create pod default/web-ljdsqpkncn-hrrqk
    create web-ljdsqpkncn-hrrqk: new
    ");
    fleet.settle();
    assert_eq!(asked(&fleet), ["100m", "200m", "100m"]);
    fleet.wants(&[usual("200m"), web(2, "nginx:1"), single("one", "redis:8")]).settle();
    assert_eq!(asked(&fleet), ["200m", "200m", "100m"]);
    fleet.wants(&[web(2, "nginx:1"), single("one", "redis:8")]).settle();
    assert_eq!(asked(&fleet), ["200m", "200m", "100m"], "a LimitRange that is gone changes no pod");
}

#[test]
fn pods_beyond_a_limit_are_not_made_and_those_that_are_there_stay() {
    let mut fleet = fleet(&["a", "b"]);
    let big = |count: u64| asking(web(count, "nginx:1"), "300m");
    fleet.wants(&[big(1)]).settle();
    fleet.wants(&[usual("200m"), big(3)]);
    assert_snapshot!(told(&fleet.plan()), @r#"wait Deployment default/web: 2 pods: FailedCreate: pods "web-qqsqkjmghj-crcjn" is forbidden: maximum cpu usage per Container is 200m, but limit is 300m"#);
    fleet.settle();
    assert_eq!(asked(&fleet), ["300m"]);
    // One that is there and is to be another stays what it is.
    let one = |image: &str| {
        let mut pod = single("one", image);
        pod["spec"]["containers"][0]["resources"] = json!({"limits": {"cpu": "300m"}});
        pod
    };
    fleet.wants(&[one("redis:7")]).settle();
    fleet.wants(&[usual("200m"), one("redis:8")]);
    assert_snapshot!(told(&fleet.plan()), @r#"wait Pod default/one: 1 pod: FailedCreate: pods "one" is forbidden: maximum cpu usage per Container is 200m, but limit is 300m"#);
}

#[test]
fn what_is_filled_in_has_to_go_with_what_a_pod_says() {
    let mut fleet = fleet(&["a"]);
    let one = |cpu: &str| {
        let mut pod = single("one", "redis:7");
        pod["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": cpu}});
        pod
    };
    let default =
        limits(&json!([{"type": "Container", "default": {"cpu": "1"}, "max": {"cpu": "1"}}]));
    fleet.wants(&[default.clone(), one("2")]);
    assert_snapshot!(told(&fleet.plan()), @r#"wait Pod default/one: 1 pod: FailedCreate: Pod "one" is invalid: spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1"#);
    fleet.wants(&[default, one("1")]).settle();
    assert_eq!(asked(&fleet), ["1"]);
}

#[test]
fn a_quota_lets_in_as_many_pods_as_it_allows() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[quota(&json!({"pods": "2"})), web(4, "nginx:1")]);
    assert_snapshot!(told(&fleet.plan()), @r#"
    do b: create pod default/web-ljdsqpkncn-hrrqk
    do a: create pod default/web-ljdsqpkncn-rmksb
    create web-ljdsqpkncn-hrrqk: new
    create web-ljdsqpkncn-rmksb: new
    wait Deployment default/web: 2 pods: FailedCreate: pods "web-ljdsqpkncn-fqqbj" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2
    "#);
    fleet.settle();
    // What was there before the quota stays, and counts.
    fleet.wants(&[quota(&json!({"pods": "1"})), web(2, "nginx:1"), single("one", "redis:7")]);
    assert_snapshot!(told(&fleet.plan()), @r#"wait Pod default/one: 1 pod: FailedCreate: pods "one" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=1"#);
    fleet
        .wants(&[quota(&json!({"pods": "2"})), web(1, "nginx:1"), single("one", "redis:7")])
        .settle();
    assert_eq!(fleet.bindings.pods.len(), 2, "what goes gives its place to another");
}

#[test]
fn pods_that_wait_for_a_host_count_too() {
    let mut fleet = fleet(&["a"]);
    let big = asking(web(5, "nginx:1"), "900m");
    fleet.wants(&[quota(&json!({"requests.cpu": "3600m"})), big]).settle();
    assert_snapshot!(told(&fleet.plan()), @r#"
    wait Deployment default/web: 2 pods: 0/1 nodes are available: 1 Insufficient cpu.
    wait Deployment default/web: 1 pod: FailedCreate: pods "web-cqcqkfflff-ksmld" is forbidden: exceeded quota: q, requested: requests.cpu=900m, used: requests.cpu=3600m, limited: requests.cpu=3600m
    "#);
}

#[test]
fn a_rollout_takes_turns_within_a_quota() {
    for (pods, recreate, done) in [("4", false, true), ("3", false, false), ("3", true, true)] {
        let mut fleet = fleet(&["a", "b"]);
        let deployment = |image: &str| {
            let mut web = web(3, image);
            if recreate {
                web["spec"]["strategy"] = json!({"type": "Recreate"});
            }
            [quota(&json!({"pods": pods})), web]
        };
        fleet.wants(&deployment("nginx:1")).settle();
        fleet.wants(&deployment("nginx:2"));
        for _ in 0..20 {
            fleet.round();
            let there: usize = fleet.spread().iter().map(|(_, count)| count).sum();
            assert!(there <= pods.parse().unwrap(), "{there} of {pods}");
        }
        let waits = told(&fleet.plan());
        assert_eq!(waits.is_empty(), done, "{pods} {recreate}: {waits}");
    }
}

#[test]
fn pods_must_say_what_a_quota_bounds_and_a_limit_range_may_say_it_for_them() {
    let mut fleet = fleet(&["a"]);
    let bound = quota(&json!({"limits.cpu": "1", "requests.cpu": "1"}));
    fleet.wants(&[bound.clone(), web(1, "nginx:1")]).settle();
    assert_snapshot!(told(&fleet.plan()), @r#"wait Deployment default/web: 1 pod: FailedCreate: pods "web-ljdsqpkncn-rmksb" is forbidden: failed quota: q: must specify limits.cpu for: main; requests.cpu for: main"#);
    fleet.wants(&[bound, usual("600m"), web(2, "nginx:1")]).settle();
    assert_snapshot!(told(&fleet.plan()), @r#"wait Deployment default/web: 1 pod: FailedCreate: pods "web-ljdsqpkncn-hrrqk" is forbidden: exceeded quota: q, requested: limits.cpu=600m,requests.cpu=600m, used: limits.cpu=600m,requests.cpu=600m, limited: limits.cpu=1,requests.cpu=1"#);
}

fn sized(name: &str, image: &str, cpu: &str) -> Value {
    let mut pod = single(name, image);
    pod["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": cpu}});
    pod
}

#[test]
fn a_pod_that_is_to_be_another_is_taken_in_anew() {
    let mut fleet = fleet(&["a", "b"]);
    let bound = || quota(&json!({"requests.cpu": "1"}));
    fleet.wants(&[bound(), sized("one", "redis:7", "600m")]).settle();
    // What it has is given back first.
    fleet.wants(&[bound(), sized("one", "redis:7", "1")]).settle();
    assert_eq!(asked(&fleet), ["1"]);
    // What it may not be leaves it what it is.
    fleet.wants(&[bound(), sized("one", "redis:8", "1100m")]);
    let refused = r#"wait Pod default/one: 1 pod: FailedCreate: pods "one" is forbidden: exceeded quota: q, requested: requests.cpu=1100m, used: requests.cpu=0, limited: requests.cpu=1"#;
    assert_eq!(told(&fleet.plan()).trim_end(), refused);
    fleet.settle();
    assert_eq!((asked(&fleet), told(&fleet.plan()).trim_end()), (vec!["1".to_owned()], refused));
    assert_eq!(fleet.report("a").pods.len() + fleet.report("b").pods.len(), 1);
    // Nothing else is taken in with what it did not get, and something is with what it gives back.
    let other = || sized("other", "redis:7", "500m");
    fleet.wants(&[bound(), sized("one", "redis:8", "1100m"), other()]).settle();
    assert_eq!(asked(&fleet), ["1"]);
    fleet.wants(&[bound(), sized("one", "redis:8", "500m"), other()]).settle();
    assert_eq!(asked(&fleet), ["500m", "500m"]);
    // Two change places, whichever comes first.
    fleet.wants(&[bound(), sized("one", "redis:8", "900m"), sized("other", "redis:7", "100m")]);
    fleet.settle();
    assert_eq!(asked(&fleet), ["900m", "100m"]);
}

#[test]
fn a_pod_that_has_ended_gives_back_what_it_took_and_no_more() {
    let mut fleet = fleet(&["a"]);
    let bound = || quota(&json!({"pods": "1", "count/pods": "2"}));
    let task = |image: &str| {
        let mut pod = single("task", image);
        pod["spec"]["restartPolicy"] = json!("Never");
        pod
    };
    fleet.wants(&[bound(), task("redis:7")]).settle();
    for pod in fleet.report("a").pods.values_mut() {
        for container in pod.containers.values_mut() {
            container.state = crate::observed::ContainerState::Exited { code: 0, finished: None };
        }
    }
    fleet.wants(&[bound(), task("redis:7"), single("work", "redis:7")]).settle();
    assert_eq!(fleet.bindings.pods.len(), 2, "one has ended, one runs");
    // Another task would run beside the work.
    fleet.wants(&[bound(), task("redis:8"), single("work", "redis:7")]);
    assert_snapshot!(told(&fleet.plan()), @r#"wait Pod default/task: 1 pod: FailedCreate: pods "task" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1"#);
}

#[test]
fn claims_of_a_pods_own_keep_to_quotas_and_limits() {
    let mut fleet = fleet(&["a"]);
    let spec =
        json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
    let scratch = |name: &str| {
        let mut pod = single(name, "redis:7");
        pod["metadata"]["uid"] = json!(name);
        pod["spec"]["volumes"] =
            json!([{"name": "v", "ephemeral": {"volumeClaimTemplate": {"spec": spec}}}]);
        pod["spec"]["containers"][0]["volumeMounts"] = json!([{"name": "v", "mountPath": "/v"}]);
        pod
    };
    let class = "bowline.local.storageclass.storage.k8s.io/requests.storage";
    for hard in [
        json!({"requests.storage": "1536Mi"}),
        json!({"persistentvolumeclaims": "1"}),
        json!({"count/persistentvolumeclaims": "1"}),
        json!({class: "1Gi"}),
    ] {
        let mut fleet = super::fixtures::fleet(&["a"]);
        fleet.wants(&[quota(&hard), scratch("one"), scratch("two")]).settle();
        let waits = told(&fleet.plan());
        let refused = "wait Pod default/two: 1 pod: 0/1 nodes are available: persistentvolumeclaims \"two-v\" is forbidden: exceeded quota: q, ";
        assert!(waits.starts_with(refused), "{hard}: {waits}");
        assert_eq!(fleet.bindings.pods.len(), 1);
    }
    let range = limits(&json!([{"type": "PersistentVolumeClaim", "max": {"storage": "512Mi"}}]));
    fleet.wants(&[range, scratch("one")]).settle();
    assert_snapshot!(told(&fleet.plan()), @r#"wait Pod default/one: 1 pod: 0/1 nodes are available: persistentvolumeclaims "one-v" is forbidden: maximum storage usage per PersistentVolumeClaim is 512Mi, but request is 1Gi."#);
}

#[test]
fn who_makes_room_counts_until_it_is_gone() {
    let mut fleet = fleet(&["a", "b"]);
    let low = || asking(web(2, "nginx:1"), "600m");
    let three = || quota(&json!({"pods": "3"}));
    let class = json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
        "metadata": {"name": "high"}, "value": 10});
    fleet.wants(&[three(), low()]).settle();
    let mut high = sized("high", "redis:7", "1500m");
    high["spec"]["priorityClassName"] = json!("high");
    high["spec"]["nodeSelector"] = json!({"kubernetes.io/hostname": "a"});
    fleet.wants(&[three(), class, low(), high]);
    for _ in 0..5 {
        fleet.round();
        let there: usize = fleet.spread().iter().map(|(_, pods)| pods).sum();
        let bound = fleet.bindings.pods.len() + fleet.bindings.leaving.len();
        assert!(there <= 3 && bound <= 3, "{there} are there, {bound} are bound or leave");
    }
    assert_eq!(fleet.spread(), [("a".into(), 1), ("b".into(), 2)]);
}
