//! Volumes that follow their objects, and what a reboot takes of them.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixtures::{Fleet, fleet, single, told};
use crate::observed::ContainerState;

fn config(text: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "default"}, "data": {"a": text}})
}

fn secret(version: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "data": {"key": "aHVudGVyMg=="},
        "metadata": {"name": "keys", "namespace": "default", "uid": "u", "resourceVersion": version}})
}

/// A Pod that mounts both, with more of a mount of the first.
fn pod(mount: &Value) -> Value {
    let mut pod = single("one", "busybox:1");
    pod["spec"]["volumes"] = json!([
        {"name": "config", "configMap": {"name": "settings"}},
        {"name": "keys", "secret": {"secretName": "keys"}},
        {"name": "scratch", "emptyDir": {"medium": "Memory"}},
    ]);
    let mut first = json!({"name": "config", "mountPath": "/config"});
    first.as_object_mut().unwrap().extend(mount.as_object().unwrap().clone());
    pod["spec"]["containers"][0]["volumeMounts"] =
        json!([first, {"name": "keys", "mountPath": "/keys"}]);
    pod
}

fn settled(mount: &Value) -> Fleet {
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[pod(mount), config("1"), secret("1")]).settle();
    fleet
}

/// As a host is after a reboot: nothing runs, and what was in memory is gone.
fn rebooted(fleet: &mut Fleet) {
    let report = fleet.report("a");
    for container in report.pods.values_mut().flat_map(|pod| pod.containers.values_mut()) {
        container.state = ContainerState::Exited { code: 137, finished: None };
    }
    for seen in report.volumes.values_mut() {
        seen.retain(|name, _| name == "config");
    }
}

#[test]
fn what_is_mounted_follows_and_no_digest_shows_a_secret() {
    let mut fleet = settled(&json!({}));
    fleet.wants(&[pod(&json!({})), config("2"), secret("2")]);
    assert_snapshot!(fleet.round(), @"
    do a: update volumes config, keys of pod default/one
    update one: update in place: volume config; volume keys
    ");
    assert_snapshot!(told(&fleet.plan()), @"");
    let mut other = secret("2");
    other["data"]["key"] = json!("b3RoZXI=");
    fleet.wants(&[pod(&json!({})), config("2"), other]);
    assert_snapshot!(told(&fleet.plan()), @"");
}

#[test]
fn an_immutable_object_is_not_followed() {
    let fixed = |text: &str| {
        let mut config = config(text);
        config["immutable"] = json!(true);
        config
    };
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[pod(&json!({})), fixed("1"), secret("1")]).settle();
    assert_snapshot!(told(&fleet.wants(&[pod(&json!({})), fixed("2"), secret("1")]).plan()), @"");
}

#[test]
fn a_part_does_not_follow_so_the_pod_is_made_anew() {
    let part = json!({"subPath": "a"});
    let mut fleet = settled(&part);
    fleet.wants(&[pod(&part), config("2"), secret("1")]);
    assert_snapshot!(fleet.round(), @"
    do a: create pod default/one
    replace one: made from something else
    ");
}

#[test]
fn what_a_reboot_took_is_made_before_the_containers_start() {
    let mut fleet = settled(&json!({}));
    rebooted(&mut fleet);
    assert_snapshot!(told(&fleet.plan()), @"
    do a: update volumes keys, scratch of pod default/one
    do a: start containers of pod default/one
    update one: container main exited with 137: start again
    ");
}

#[test]
fn a_container_that_runs_without_its_volume_is_made_anew() {
    let mut fleet = settled(&json!({}));
    fleet.report("a").volumes.clear();
    assert_snapshot!(told(&fleet.plan()), @"
    do a: create pod default/one
    replace one: volume config is not there any more
    ");
}

#[test]
fn a_part_that_leads_upwards_is_waited_for() {
    let mut fleet = fleet(&["a"]);
    let mut pod = pod(&json!({"subPathExpr": "$(UP)"}));
    pod["spec"]["containers"][0]["env"] = json!([{"name": "UP", "value": "../.."}]);
    fleet.wants(&[pod, config("1"), secret("1")]);
    assert_snapshot!(fleet.round(), @"wait Pod default/one: container main: unable to provision SubPath `../..`: must not contain '..'");
}
