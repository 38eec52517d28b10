//! Objects with their status, from a small fleet.

use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use super::fixture::{Fixture, at};
use super::{Kind, Resource};
use crate::events::{Event, Happening, Reason, Severity, Trouble};
use crate::model::ObjectKey;
use crate::observed::{ContainerState, End, Stage};
use crate::plan::Moment;

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

/// What is told of a try to bring `web-1` up that failed so often.
fn failed(reason: Reason, trouble: Trouble, count: u32) -> Event {
    let what = Happening {
        object: ObjectKey::new("Pod", "default", "web-1"),
        node: "node-1".into(),
        severity: Severity::Warning,
        reason,
        message: "the event's own".to_owned(),
        trouble: Some(trouble),
    };
    Event { what, first: at(999_000), last: at(999_990), count }
}

/// Why the second container of `web-1` waits, which is not on its host.
fn waits(events: Vec<Event>) -> Value {
    let mut fixture = Fixture::new(ended(0), 0);
    fixture.lose_pods();
    let pods = fixture.fleet().with_events(events).pods();
    let web = pods.iter().find(|pod| pod.metadata.name.as_deref() == Some("web-1")).unwrap();
    let status = web.status.clone().unwrap();
    assert_eq!(status.phase.as_deref(), Some("Pending"));
    let statuses = serde_json::to_value(status.container_statuses.unwrap()).unwrap();
    assert_eq!(statuses[0]["state"], json!({"waiting": {"reason": "ContainerCreating"}}));
    statuses[1]["state"]["waiting"].clone()
}

#[test]
fn what_the_last_try_came_to_is_what_a_container_waits_for() {
    let image = |name: &str| Trouble::Image { image: name.to_owned(), said: "unknown".to_owned() };
    let side = || image("docker.io/library/busybox");
    let container = |moment| {
        let (name, said) = ("side".to_owned(), "no".to_owned());
        Trouble::Container { name, moment, said }
    };
    for (reason, trouble, count, expected) in [
        (Reason::Failed, side(), 1, json!({"reason": "ErrImagePull", "message": "unknown"})),
        (
            Reason::Failed,
            side(),
            2,
            json!({"reason": "ImagePullBackOff", "message": "Back-off pulling image \"busybox\": ErrImagePull: unknown"}),
        ),
        (
            Reason::ErrImageNeverPull,
            side(),
            2,
            json!({"reason": "ErrImageNeverPull", "message": "the event's own"}),
        ),
        // It asks for that one no longer.
        (Reason::Failed, image("docker.io/library/old"), 1, json!({"reason": "ContainerCreating"})),
        (
            Reason::Failed,
            container(Moment::Checked),
            1,
            json!({"reason": "CreateContainerConfigError", "message": "no"}),
        ),
        (
            Reason::Failed,
            container(Moment::Made),
            1,
            json!({"reason": "CreateContainerError", "message": "no"}),
        ),
        (
            Reason::Failed,
            container(Moment::Started),
            1,
            json!({"reason": "RunContainerError", "message": "no"}),
        ),
    ] {
        assert_eq!(waits(vec![failed(reason, trouble, count)]), expected);
    }
    // It was brought up since, so it is gone for another reason.
    let old = failed(Reason::Failed, side(), 1);
    let mut made = old.clone();
    made.what.reason = Reason::Scheduled;
    made.what.trouble = None;
    assert_eq!(waits(vec![old, made]), json!({"reason": "ContainerCreating"}));
}

#[test]
fn a_pod_whose_time_was_over_has_failed_whatever_its_containers_say() {
    let mut fixture = Fixture::new(ended(0), 3);
    fixture.seen_pod().stage = Some(Stage::Expired);
    let status = pod(&fixture, "web-1").status.unwrap();
    assert_eq!(status.phase.as_deref(), Some("Failed"));
    assert_eq!(status.reason.as_deref(), Some("DeadlineExceeded"));
    let side = serde_json::to_value(&status.container_statuses.unwrap()[1]).unwrap();
    assert_eq!(side["state"]["terminated"]["reason"], "Completed");
}

#[test]
fn one_that_cannot_be_started_has_ended_unless_somebody_starts_it_again() {
    let mut fixture = Fixture::new(ContainerState::Created, 0);
    let message = "no such file".to_owned();
    fixture.seen("side").last =
        Some(End { code: 0, out_of_memory: false, started: None, finished: None, message });
    let status = pod(&fixture, "web-1").status.unwrap();
    let side = serde_json::to_value(&status.container_statuses.unwrap()[1]).unwrap();
    let waiting = json!({"reason": "RunContainerError", "message": "no such file"});
    assert_eq!(side["state"]["waiting"], waiting);
}

#[test]
fn a_host_has_what_there_is_and_gives_out_as_much_as_the_inventory_says() {
    let mut fixture = Fixture::new(ended(3), 4);
    let host = fixture.inventory.hosts.get_mut(&"node-1".into()).unwrap();
    host.overcommit.cpu = "4".parse().unwrap();
    host.overcommit.memory = "1.5".parse().unwrap();
    host.reserved.cpu_milli = 500;
    host.capacity.cpu_milli = Some(2000);
    host.capacity.memory_bytes = Some(4 << 30);
    host.capacity.pods = Some(20);
    host.reserved.pods = 5;
    let status = &json_of(&fixture, Kind::Node, "node-1")["status"];
    assert_eq!(status["capacity"], json!({"cpu": "2", "memory": "4194304Ki", "pods": "20"}));
    let allocatable = json!({"cpu": "6", "memory": "6291456Ki", "pods": "15"});
    assert_eq!(status["allocatable"], allocatable);
}

#[test]
fn a_budget_says_whether_a_pod_may_be_sent_away() {
    for (spec, expected) in [
        (json!({"minAvailable": 0}), ["True", "SufficientPods", "1"]),
        (json!({"minAvailable": 1}), ["False", "InsufficientPods", "0"]),
    ] {
        let mut fixture = Fixture::new(ContainerState::Running { started: at(999_950) }, 0);
        let mut spec: Value = spec;
        spec["selector"] = json!({"matchLabels": {"app": "web"}});
        fixture.wants(json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": {"name": "web", "namespace": "default"}, "spec": spec}));
        let status = &json_of(&fixture, Kind::PodDisruptionBudget, "web")["status"];
        let condition = &status["conditions"][0];
        assert_eq!(condition["type"], "DisruptionAllowed");
        let said = [&condition["status"], &condition["reason"]].map(|word| word.as_str().unwrap());
        let allowed = status["disruptionsAllowed"].to_string();
        assert_eq!([said[0], said[1], &allowed], expected);
        assert!(condition["lastTransitionTime"].is_string(), "{condition}");
    }
}
