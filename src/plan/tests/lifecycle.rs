//! Pods that are brought up in order: what the host does about them by itself, and what it does not.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixtures::{Fleet, fleet, told};
use crate::model::PodKey;
use crate::observed::{ContainerState, Keeper, ObservedContainer, ObservedPod, Stage};

/// A Pod of an init container, a sidecar and a main container.
fn trio() -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "trio", "namespace": "default"},
    "spec": {
        "initContainers": [
            {"name": "first", "image": "i"},
            {"name": "side", "image": "i", "restartPolicy": "Always"},
        ],
        "containers": [{"name": "main", "image": "i"}],
    }})
}

/// A fleet whose only host runs it.
fn running() -> Fleet {
    let mut fleet = fleet(&["a"]);
    fleet.report("a").facts.keeper = Keeper::Systemd;
    fleet.wants(&[trio()]).settle();
    fleet
}

fn pod(fleet: &mut Fleet) -> &mut ObservedPod {
    fleet.report("a").pods.values_mut().next().unwrap()
}

fn container<'a>(fleet: &'a mut Fleet, name: &str) -> &'a mut ObservedContainer {
    pod(fleet).containers.get_mut(name).unwrap()
}

fn ended(fleet: &Fleet, code: i32, seconds_ago: i64) -> ContainerState {
    let ago = jiff::SignedDuration::from_secs(seconds_ago);
    ContainerState::Exited { code, finished: Some(fleet.now - ago) }
}

#[test]
fn an_init_container_that_has_done_its_work_is_missed_by_nobody() {
    assert_snapshot!(told(&running().plan()), @"");
}

#[test]
fn a_pod_whose_init_container_runs_is_waited_for() {
    let mut fleet = running();
    let (now, started) = (fleet.now, ContainerState::Running { started: fleet.now });
    pod(&mut fleet).stage = Some(Stage::Starting(now - jiff::SignedDuration::from_hours(1)));
    container(&mut fleet, "first").state = started;
    container(&mut fleet, "side").state = ContainerState::Created;
    container(&mut fleet, "main").state = ContainerState::Created;
    assert_snapshot!(told(&fleet.plan()), @"wait Pod default/trio: 0 of 1 pods are available: trio is waiting for init container first");
}

#[test]
fn a_start_that_was_cut_off_is_made_again() {
    let mut fleet = running();
    container(&mut fleet, "side").state = ContainerState::Created;
    container(&mut fleet, "main").state = ContainerState::Created;
    let said = |ago| Some(Stage::Starting(fleet_now() - jiff::SignedDuration::from_secs(ago)));
    pod(&mut fleet).stage = said(5);
    assert_snapshot!(told(&fleet.plan()), @"wait Pod default/trio: 0 of 1 pods are available: trio is being started");
    pod(&mut fleet).stage = said(500);
    assert_snapshot!(told(&fleet.plan()), @"
    do a: start containers of pod default/trio
    update trio: container side was never started, container main was never started: start again
    ");
}

#[test]
fn a_pod_that_cannot_go_on_since_the_host_went_down_is_brought_up_at_once() {
    let mut fleet = running();
    pod(&mut fleet).stage = Some(Stage::Starting(jiff::Timestamp::UNIX_EPOCH));
    let (state, again) = (ended(&fleet, 137, 5), fleet.now);
    let main = container(&mut fleet, "main");
    (main.state, main.again) = (state, Some(again));
    assert_snapshot!(told(&fleet.plan()), @"
    do a: start containers of pod default/trio
    update trio: container main exited with 137: start again
    ");
}

fn fleet_now() -> jiff::Timestamp {
    fleet(&["a"]).now
}

#[test]
fn the_host_itself_starts_a_container_again_unless_it_says_nothing_of_it() {
    let mut fleet = running();
    let state = ended(&fleet, 1, 5);
    container(&mut fleet, "main").state = state;
    assert_snapshot!(told(&fleet.plan()), @"");
    let (state, again) = (ended(&fleet, 1, 200), fleet.now);
    container(&mut fleet, "main").state = state.clone();
    container(&mut fleet, "main").again = Some(again);
    assert_snapshot!(told(&fleet.plan()), @"");
    container(&mut fleet, "main").again = None;
    assert_snapshot!(told(&fleet.plan()), @"
    do a: start containers of pod default/trio
    update trio: container main exited with 1: start again
    ");
    // What was made by podman alone is started by podman.
    pod(&mut fleet).stage = None;
    assert_snapshot!(told(&fleet.plan()), @"
    do a: start containers of pod default/trio
    update trio: container main exited with 1: start again
    ");
}

#[test]
fn a_pod_whose_init_container_failed_for_good_is_left_alone() {
    let mut fleet = running();
    let mut never = trio();
    never["spec"]["restartPolicy"] = json!("Never");
    fleet.wants(&[never]).settle();
    let state = ended(&fleet, 1, 500);
    container(&mut fleet, "first").state = state;
    container(&mut fleet, "main").state = ContainerState::Created;
    pod(&mut fleet).stage = Some(Stage::Failed);
    assert_snapshot!(told(&fleet.plan()), @"");
    assert_eq!(pod(&mut fleet).key, PodKey::new("default", "trio"));
}

#[test]
fn a_pod_whose_time_was_over_is_left_as_it_is() {
    let mut fleet = running();
    let stopped = ended(&fleet, 137, 500);
    pod(&mut fleet).stage = Some(Stage::Expired);
    container(&mut fleet, "side").state = stopped;
    // While it is being ended, podman has a word of its own for it.
    container(&mut fleet, "main").state =
        ContainerState::Stopping { started: jiff::Timestamp::UNIX_EPOCH };
    assert_snapshot!(told(&fleet.plan()), @"");
}
