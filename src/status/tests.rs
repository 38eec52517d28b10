//! Objects with their status, from a small fleet.

use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use super::fixture::{Fixture, at};
use super::{Kind, Resource};
use crate::observed::{ContainerState, End};

fn ended(code: i32) -> ContainerState {
    ContainerState::Exited { code, finished: Some(at(999_990)) }
}

fn pod(fixture: &Fixture, name: &str) -> Pod {
    let pods = fixture.fleet().pods();
    pods.into_iter().find(|pod| pod.metadata.name.as_deref() == Some(name)).unwrap()
}

fn json_of(fixture: &Fixture, kind: Kind, name: &str) -> Value {
    let objects = fixture.fleet().list(kind);
    objects.iter().find(|object| object.name() == name).map(Resource::to_json).unwrap()
}

#[test]
fn a_pod_of_two_containers_one_of_which_crashes() {
    let status = pod(&Fixture::new(ended(3), 4), "web-1").status.unwrap();
    assert_eq!(status.phase.as_deref(), Some("Running"));
    assert_eq!(status.qos_class.as_deref(), Some("Burstable"));
    let side = &status.container_statuses.unwrap()[1];
    let side = serde_json::to_value(side).unwrap();
    assert_eq!(side["state"], json!({"waiting": {"reason": "CrashLoopBackOff"}}));
    assert_eq!(side["lastState"]["terminated"]["exitCode"], 3);
    assert_eq!((&side["restartCount"], &side["ready"]), (&json!(4), &json!(false)));
    let ready = &status.conditions.unwrap()[1];
    assert_eq!(ready.message.as_deref(), Some("containers with unready status: [side]"));
}

#[test]
fn how_a_container_ended_is_worded_as_the_kubelet_words_it() {
    let end = |code, out_of_memory, started: Option<i64>| End {
        code,
        out_of_memory,
        started: started.map(at),
        finished: started.map(|_| at(999_990)),
        message: "last words".to_owned(),
    };
    for (end, code, reason) in [
        (end(0, false, Some(1)), 0, "Completed"),
        (end(137, true, Some(1)), 137, "OOMKilled"),
        (end(2, false, Some(1)), 2, "Error"),
        (end(127, false, None), 128, "StartError"),
    ] {
        let mut fixture = Fixture::new(ended(end.code), 0);
        let side = fixture.seen("side");
        side.end = Some(end);
        let status = pod(&fixture, "web-1").status.unwrap();
        let side = serde_json::to_value(&status.container_statuses.unwrap()[1]).unwrap();
        let said = &side["state"]["terminated"];
        assert_eq!((&said["exitCode"], &said["reason"]), (&json!(code), &json!(reason)));
        assert_eq!(said["message"], "last words");
    }
}

#[test]
fn a_host_that_does_not_answer_leaves_its_pods_unknown_and_counts_none_of_them_as_ready() {
    let running = ContainerState::Running { started: at(999_950) };
    let fixture = Fixture::new(running, 0);
    let lost = pod(&fixture, "web-2").status.unwrap();
    assert_eq!(lost.phase.as_deref(), Some("Unknown"));
    assert_eq!(lost.message.as_deref(), Some("node-2 does not answer: cannot connect"));
    let status = &json_of(&fixture, Kind::Deployment, "web")["status"];
    let counts = ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"];
    assert_eq!(counts.map(|count| status[count].as_i64()), [2, 2, 1, 1].map(Some));
    assert_eq!(status["conditions"][0]["reason"], "MinimumReplicasUnavailable");
    let node = json_of(&fixture, Kind::Node, "node-2");
    assert_eq!(node["status"]["conditions"][0]["status"], "Unknown");
    assert_eq!(node["spec"]["podCIDR"], "10.100.2.0/24");
}

#[test]
fn a_pod_that_no_host_can_take_is_pending_and_says_why() {
    let pod = pod(&Fixture::new(ended(0), 0), "db");
    assert_eq!(pod.spec.unwrap().node_name, None);
    let status = pod.status.unwrap();
    assert_eq!(status.phase.as_deref(), Some("Pending"));
    let condition = &status.conditions.unwrap()[0];
    assert_eq!(condition.reason.as_deref(), Some("Unschedulable"));
    assert_eq!(
        condition.message.as_deref(),
        Some(
            "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unreachable."
        )
    );
}

#[test]
fn nothing_is_said_of_pods_that_wait_when_some_host_was_not_asked() {
    let mut fixture = Fixture::new(ended(0), 0);
    fixture.observed.hosts.remove(&"node-1".into());
    let pods = fixture.fleet().pods();
    assert_eq!(pods.len(), 2);
    let status = pod(&fixture, "web-1").status.unwrap();
    assert_eq!(status.message.as_deref(), Some("node-1 was not asked"));
}

#[test]
fn services_have_their_address_and_namespaces_need_no_declaration() {
    let fixture = Fixture::new(ended(0), 0);
    let spec = &json_of(&fixture, Kind::Service, "web")["spec"];
    assert_eq!((&spec["clusterIP"], &spec["type"]), (&json!("10.96.0.7"), &json!("ClusterIP")));
    let namespaces = fixture.fleet().list(Kind::Namespace);
    let names: Vec<&str> = namespaces.iter().map(Resource::name).collect();
    assert_eq!(names, ["default", "shop"]);
}
