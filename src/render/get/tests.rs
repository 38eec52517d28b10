//! Tables from a small fleet.

mod stored;

use insta::assert_snapshot;
use serde_json::json;

use super::{Columns, Names, resource_table};
use crate::model::Kind;
use crate::observed::ContainerState;
use crate::status::Resource;
use crate::status::fixture::{Fixture, at, now};

fn ended(code: i32) -> ContainerState {
    ContainerState::Exited { code, finished: Some(at(999_990)) }
}

fn shown(fixture: &Fixture, kind: Kind, columns: Columns, names: Names) -> String {
    let objects = fixture.fleet().list(kind);
    let objects: Vec<&Resource> = objects.iter().collect();
    resource_table((kind, None), &objects, (columns, names), now())
}

fn pods(second: ContainerState, restarts: u64) -> String {
    shown(&Fixture::new(second, restarts), Kind::Pod, Columns::Narrow, Names::Plain)
}

#[test]
fn pods_in_all_states() {
    assert_snapshot!(pods(ContainerState::Running { started: at(999_990) }, 0), @r"
    NAME    READY   STATUS    RESTARTS   AGE
    web-1   2/2     Running   0          3m20s
    web-2   0/2     Unknown   0          <unknown>
    db      0/1     Pending   0          166m
    ");
    assert_snapshot!(pods(ended(3), 4), @r"
    NAME    READY   STATUS             RESTARTS      AGE
    web-1   1/2     CrashLoopBackOff   4 (10s ago)   3m20s
    web-2   0/2     Unknown            0             <unknown>
    db      0/1     Pending            0             166m
    ");
    assert_snapshot!(pods(ended(3), 0), @r"
    NAME    READY   STATUS    RESTARTS   AGE
    web-1   1/2     Error     0          3m20s
    web-2   0/2     Unknown   0          <unknown>
    db      0/1     Pending   0          166m
    ");
    assert_snapshot!(pods(ended(0), 0), @r"
    NAME    READY   STATUS     RESTARTS   AGE
    web-1   1/2     NotReady   0          3m20s
    web-2   0/2     Unknown    0          <unknown>
    db      0/1     Pending    0          166m
    ");
    assert_snapshot!(pods(ContainerState::Created, 0), @r"
    NAME    READY   STATUS              RESTARTS   AGE
    web-1   1/2     ContainerCreating   0          3m20s
    web-2   0/2     Unknown             0          <unknown>
    db      0/1     Pending             0          166m
    ");
    assert_snapshot!(pods(ContainerState::Other("paused".to_owned()), 0), @r"
    NAME    READY   STATUS    RESTARTS   AGE
    web-1   1/2     Paused    0          3m20s
    web-2   0/2     Unknown   0          <unknown>
    db      0/1     Pending   0          166m
    ");
}

/// A pod of two init containers, the second of which runs on, and a main container.
fn initializing(first: &serde_json::Value, second: &serde_json::Value) -> String {
    let status = |name: &str, state: &serde_json::Value| {
        let runs = state.get("running").is_some();
        json!({"name": name, "image": "i", "imageID": "", "state": state, "started": runs,
            "ready": runs || state["terminated"]["exitCode"] == 0, "restartCount": 2})
    };
    let main = status("main", &json!({"waiting": {"reason": "PodInitializing"}}));
    let pod = json!({"metadata": {"name": "p"},
        "spec": {"initContainers": [{"name": "a"}, {"name": "b", "restartPolicy": "Always"}],
            "containers": [{"name": "main"}]},
        "status": {"phase": "Pending", "containerStatuses": [main],
            "initContainerStatuses": [status("a", first), status("b", second)]}});
    let pod = serde_json::from_value(pod).unwrap();
    format!("{} {}", super::pod::ready(&pod), super::pod::reason(&pod))
}

#[test]
fn pods_whose_init_containers_are_at_work() {
    let waiting = |reason: &str| json!({"waiting": {"reason": reason}});
    let ended =
        |code: i32, reason: &str| json!({"terminated": {"exitCode": code, "reason": reason}});
    let (runs, next) = (json!({"running": {}}), waiting("PodInitializing"));
    let done = ended(0, "Completed");
    for (first, second, expected) in [
        (&next, &next, "0/2 Init:0/2"),
        (&runs, &next, "0/2 Init:0/2"),
        (&ended(1, "Error"), &next, "0/2 Init:Error"),
        (&waiting("CrashLoopBackOff"), &next, "0/2 Init:CrashLoopBackOff"),
        (&done, &next, "0/2 Init:1/2"),
        (&done, &runs, "1/2 PodInitializing"),
    ] {
        assert_eq!(initializing(first, second), expected);
    }
}

#[test]
fn wide_and_with_namespaces() {
    let fixture = Fixture::new(ended(3), 4);
    assert_snapshot!(shown(&fixture, Kind::Pod, Columns::Wide, Names::Namespaced), @r"
    NAMESPACE   NAME    READY   STATUS             RESTARTS      AGE         IP           NODE     NOMINATED NODE   READINESS GATES
    default     web-1   1/2     CrashLoopBackOff   4 (10s ago)   3m20s       10.100.1.5   node-1   <none>           <none>
    default     web-2   0/2     Unknown            0             <unknown>   10.100.2.5   node-2   <none>           <none>
    shop        db      0/1     Pending            0             166m        <none>       <none>   <none>           <none>
    ");
    assert_snapshot!(shown(&fixture, Kind::Deployment, Columns::Wide, Names::Plain), @r"
    NAME   READY   UP-TO-DATE   AVAILABLE   AGE    CONTAINERS   IMAGES            SELECTOR
    web    0/2     2            0           166m   nginx,side   nginx:1,busybox   app=web
    ");
    assert_snapshot!(shown(&fixture, Kind::Service, Columns::Wide, Names::Plain), @r"
    NAME   TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE    SELECTOR
    web    ClusterIP   10.96.0.7    <none>        80/TCP    166m   app=web
    ");
    assert_snapshot!(shown(&fixture, Kind::Node, Columns::Wide, Names::Namespaced), @r"
    NAME     STATUS     ROLES    AGE         VERSION     INTERNAL-IP   EXTERNAL-IP   OS-IMAGE    KERNEL-VERSION   CONTAINER-RUNTIME
    node-1   Ready      <none>   <unknown>   v0.1.0      10.0.0.1      <none>        Debian      6.1              podman
    node-2   NotReady   edge     <unknown>   <unknown>   10.0.0.2      <none>        <unknown>   <unknown>        <unknown>
    ");
    assert_snapshot!(shown(&fixture, Kind::ConfigMap, Columns::Narrow, Names::Namespaced), @r"
    NAMESPACE   NAME       DATA   AGE
    default     settings   2      166m
    ");
    assert_snapshot!(shown(&fixture, Kind::Namespace, Columns::Wide, Names::Plain), @r"
    NAME      STATUS   AGE
    default   Active   <unknown>
    shop      Active   <unknown>
    ");
}
