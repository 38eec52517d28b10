//! Objects in full, from a small fleet.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::json;

use super::{Told, describe};
use crate::events::{Event, Happening, Reason, Severity};
use crate::model::{Kind, Object, ObjectKey, PodKey};
use crate::observed::ContainerState;
use crate::status::Resource;
use crate::status::fixture::{Fixture, at, now};

fn shown(kind: Kind, name: &str) -> String {
    let crashed = ContainerState::Exited { code: 3, finished: Some(at(999_990)) };
    let fixture = Fixture::new(crashed, 4);
    let fleet = fixture.fleet();
    let objects = fleet.list(kind);
    let object = objects.iter().find(|object| object.name() == name).unwrap();
    let key = PodKey::new(object.namespace(), name);
    let placing = (kind == Kind::Pod).then(|| fleet.placing(&key)).flatten();
    let placings = placing.into_iter().map(|placing| (key.clone(), placing)).collect();
    describe(
        object,
        &fleet.pods(),
        &Told { events: fleet.events(), placings: &placings, policies: &[], now: now() },
    )
}

#[test]
fn a_pod_that_crashes() {
    assert_snapshot!(shown(Kind::Pod, "web-1"), @r"
    Name:            web-1
    Namespace:       default
    Node:            node-1/10.0.0.1
    Start Time:      Mon, 12 Jan 1970 13:43:20 +0000
    Labels:          app=web
                     pod-template-hash=thpjqjntcb
    Annotations:     <none>
    Status:          Running
    IP:              10.100.1.5
    Controlled By:   Deployment/web
    Containers:
      nginx:
        Container ID:   podman://c0ffee
        Image:          nginx:1
        Image ID:       nginx@sha256:d1ce
        Port:           8080/TCP
        Host Port:      0/TCP
        State:          Running
          Started:      Mon, 12 Jan 1970 13:45:00 +0000
        Ready:          True
        Restart Count:  0
        Limits:         memory: 64Mi
        Requests:       cpu: 100m
                        memory: 32Mi
        Environment:    MODE:  <set to the key 'mode' of config map 'settings'>
        Mounts:         /etc/conf from conf (ro)
      side:
        Container ID:   podman://c0ffee
        Image:          busybox
        Image ID:       nginx@sha256:d1ce
        Port:           <none>
        Host Port:      <none>
        Command:        sh
                        -c
                        exit 3
        State:          Waiting
          Reason:       CrashLoopBackOff
        Last State:     Terminated
          Reason:       Error
          Exit Code:    3
          Finished:     Mon, 12 Jan 1970 13:46:30 +0000
        Ready:          False
        Restart Count:  4
        Environment:    <none>
        Mounts:         <none>
    Conditions:
      Initialized:      True
      Ready:            False
      ContainersReady:  False
      PodScheduled:     True
    Volumes:
      conf:
        Type:      ConfigMap (a volume populated by a ConfigMap)
        Name:      settings
        Optional:  false
    QoS Class:       Burstable
    Node-Selectors:  <none>
    Tolerations:     <none>
    Placement:       bound to node-1, and stays there, whatever points other hosts have
    Hosts:
      NODE     WHY NOT
      node-2   node(s) were unreachable
    Events:
      Type     Reason              Age  From     Message
      ----     ------              ---  ----     -------
      Warning  ContainersNotReady  now  bowline  containers with unready status: [side]
    ");
}

#[test]
fn a_pod_that_waits_and_one_that_nobody_hears_of() {
    assert_snapshot!(shown(Kind::Pod, "db"), @r"
    Name:            db
    Namespace:       shop
    Node:            <none>
    Labels:          <none>
    Annotations:     <none>
    Status:          Pending
    IP:
    Containers:
      c:
        Image:        db
        Port:         <none>
        Host Port:    <none>
        Environment:  <none>
        Mounts:       <none>
    Conditions:
      PodScheduled:  False
    Volumes:         <none>
    QoS Class:       BestEffort
    Node-Selectors:  disk=fast
    Tolerations:     <none>
    Remedy:          would run on node-1 if that had the label disk=fast
    Hosts:
      NODE     WHY NOT
      node-1   node(s) didn't match Pod's node affinity/selector
      node-2   node(s) were unreachable
    Events:
      Type     Reason            Age  From     Message
      ----     ------            ---  ----     -------
      Warning  FailedScheduling  now  bowline  0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unreachable.
    ");
    assert_snapshot!(shown(Kind::Pod, "web-2"), @r"
    Name:            web-2
    Namespace:       default
    Node:            node-2
    Labels:          app=web
                     pod-template-hash=thpjqjntcb
    Annotations:     <none>
    Status:          Unknown
    Message:         node-2 does not answer: cannot connect
    IP:              10.100.2.5
    Controlled By:   Deployment/web
    Containers:
      nginx:
        Image:        nginx:1
        Port:         8080/TCP
        Host Port:    0/TCP
        Limits:       memory: 64Mi
        Requests:     cpu: 100m
                      memory: 32Mi
        Environment:  MODE:  <set to the key 'mode' of config map 'settings'>
        Mounts:       /etc/conf from conf (ro)
      side:
        Image:        busybox
        Port:         <none>
        Host Port:    <none>
        Command:      sh
                      -c
                      exit 3
        Environment:  <none>
        Mounts:       <none>
    Conditions:
      Ready:            Unknown
      ContainersReady:  Unknown
      PodScheduled:     True
    Volumes:
      conf:
        Type:      ConfigMap (a volume populated by a ConfigMap)
        Name:      settings
        Optional:  false
    QoS Class:       Burstable
    Node-Selectors:  <none>
    Tolerations:     <none>
    Placement:       bound to node-2, and stays there, whatever points other hosts have
    Hosts:
      NODE     SCORE   RESOURCES   BALANCE   NODE-AFFINITY   TAINTS   POD-AFFINITY   SPREAD   WHY NOT
      node-1   641.8   67.3        74.5      0.0             300.0    0.0            200.0
    Events:
      Type     Reason    Age  From     Message
      ----     ------    ---  ----     -------
      Warning  NodeLost  now  bowline  node-2 does not answer: cannot connect
    ");
}

#[test]
fn a_deployment_and_its_service() {
    assert_snapshot!(shown(Kind::Deployment, "web"), @r"
    Name:               web
    Namespace:          default
    CreationTimestamp:  Mon, 12 Jan 1970 11:00:00 +0000
    Labels:             app=web
    Annotations:        <none>
    Selector:           app=web
    Replicas:           2 desired | 2 updated | 2 total | 0 available | 2 unavailable
    StrategyType:       RollingUpdate
    MinReadySeconds:    0
    Pod Template:
      Labels:  app=web
      Containers:
        nginx:
          Image:        nginx:1
          Port:         8080/TCP
          Host Port:    0/TCP
          Limits:       memory: 64Mi
          Requests:     cpu: 100m
                        memory: 32Mi
          Environment:  MODE:  <set to the key 'mode' of config map 'settings'>
          Mounts:       /etc/conf from conf (ro)
        side:
          Image:        busybox
          Port:         <none>
          Host Port:    <none>
          Command:      sh
                        -c
                        exit 3
          Environment:  <none>
          Mounts:       <none>
      Volumes:
        conf:
          Type:      ConfigMap (a volume populated by a ConfigMap)
          Name:      settings
          Optional:  false
    Conditions:
      Available:    False  MinimumReplicasUnavailable
      Progressing:  True  ReplicaSetUpdated
    Pods:               web-1  1/2  CrashLoopBackOff on node-1
                        web-2  0/2  Unknown on node-2
    Events:
      Type     Reason                      Age  From     Message
      ----     ------                      ---  ----     -------
      Warning  MinimumReplicasUnavailable  now  bowline  Deployment does not have minimum availability.
    ");
    assert_snapshot!(shown(Kind::Service, "web"), @r"
    Name:              web
    Namespace:         default
    Labels:            <none>
    Annotations:       <none>
    Selector:          app=web
    Type:              ClusterIP
    IP:                10.96.0.7
    Port:              <unset>  80/TCP
    TargetPort:        http/TCP
    Endpoints:         <none>
    Session Affinity:  None
    Events:  <none>
    ");
}

#[test]
fn hosts() {
    assert_snapshot!(shown(Kind::Node, "node-1"), @r"
    Name:               node-1
    Roles:              <none>
    Labels:             beta.kubernetes.io/arch=amd64
                        beta.kubernetes.io/os=linux
                        kubernetes.io/arch=amd64
                        kubernetes.io/hostname=node-1
                        kubernetes.io/os=linux
    Annotations:        <none>
    Taints:             <none>
    Unschedulable:      false
    Conditions:
      Ready:  True  HostAnswers  the host answers
    Addresses:
      InternalIP:  10.0.0.1
      Hostname:    node-1
    Capacity:
      cpu:     2
      memory:  1048576Ki
      pods:    110
    Allocatable:
      cpu:     2
      memory:  1048576Ki
      pods:    110
    System Info:
      Kernel Version:     6.1
      OS Image:           Debian
      Operating System:   linux
      Architecture:       amd64
      Container Runtime:  podman
      Bowline Version:    v0.1.0
    PodCIDR:            10.100.1.0/24
    Pods (1 in total):  default/web-1  CrashLoopBackOff
    Allocated resources (requests):
      cpu:     100m
      memory:  32Mi
    Events:  <none>
    ");
    assert_snapshot!(shown(Kind::Node, "node-2"), @r"
    Name:               node-2
    Roles:              edge
    Labels:             beta.kubernetes.io/os=linux
                        kubernetes.io/hostname=node-2
                        kubernetes.io/os=linux
                        node-role.kubernetes.io/edge=
    Annotations:        <none>
    Taints:             gpu=yes:NoSchedule
    Unschedulable:      false
    Conditions:
      Ready:  Unknown  NodeStatusUnknown  cannot connect
    Addresses:
      InternalIP:  10.0.0.2
      Hostname:    node-2
    Capacity:
    Allocatable:
    PodCIDR:            10.100.2.0/24
    Pods (1 in total):  default/web-2  Unknown
    Allocated resources (requests):
      cpu:     100m
      memory:  32Mi
    Events:
      Type     Reason        Age  From     Message
      ----     ------        ---  ----     -------
      Warning  NodeNotReady  now  bowline  cannot connect
    ");
}

#[test]
fn a_config_map_and_a_namespace() {
    assert_snapshot!(shown(Kind::ConfigMap, "settings"), @r"
    Name:         settings
    Namespace:    default
    Labels:       <none>
    Annotations:  <none>

    Data
    ====
    level:
    ----
    1

    mode:
    ----
    two
    lines [2J


    BinaryData
    ====
    ");
    assert_snapshot!(shown(Kind::Namespace, "shop"), @r"
    Name:         shop
    Labels:       <none>
    Annotations:  <none>
    Status:       Active

    No resource quota.

    No LimitRange resource.
    ");
}

#[test]
fn what_happened_stands_before_what_is_wrong_now() {
    let fixture = Fixture::new(ContainerState::Exited { code: 3, finished: Some(at(999_990)) }, 4);
    let fleet = fixture.fleet();
    let pods = fleet.list(Kind::Pod);
    let what = |name: &str, message: &str| Happening {
        object: ObjectKey::new("Pod", "default", name),
        node: "node-1".into(),
        severity: Severity::Warning,
        reason: Reason::Failed,
        message: message.to_owned(),
        trouble: None,
    };
    let event = |what, count| Event { what, first: at(999_700), last: at(999_940), count };
    let events = [
        event(what("web-1", "Failed to pull image \"nginx:1\": not \u{1b}[2Jfound"), 3),
        event(what("web-2", "of another pod"), 1),
    ];
    let object = pods.iter().find(|object| object.name() == "web-1").unwrap();
    let text = describe(
        object,
        &fleet.pods(),
        &Told { events: &events, placings: &BTreeMap::new(), policies: &[], now: now() },
    );
    let (_, table) = text.split_once("Events:\n").unwrap();
    assert_snapshot!(table, @r#"
    Type     Reason              Age               From     Message
    ----     ------              ---               ----     -------
    Warning  Failed              60s (x3 over 5m)  node-1   Failed to pull image "nginx:1": not [2Jfound
    Warning  ContainersNotReady  now               bowline  containers with unready status: [side]
    "#);
}

fn stored(object: serde_json::Value) -> String {
    let object = Resource::Stored(Object::try_from(object).unwrap());
    describe(
        &object,
        &[],
        &Told { events: &[], placings: &BTreeMap::new(), policies: &[], now: now() },
    )
}

#[test]
fn quotas_and_limits() {
    assert_snapshot!(stored(json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": "default"},
        "spec": {"scopes": ["NotBestEffort"]},
        "status": {"hard": {"limits.cpu": "2", "pods": "10"}, "used": {"limits.cpu": "1500m", "pods": "3"}}})), @r"
    Name:       q
    Namespace:  default
    Scopes:     NotBestEffort
                * pods that ask for something
    Resource    Used   Hard
    --------    ----   ----
    limits.cpu  1500m  2
    pods        3      10
    ");
    assert_snapshot!(stored(json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "all", "namespace": "default"},
        "spec": {"limits": [
            {"type": "Pod", "max": {"memory": "1Gi"}},
            {"type": "Container", "default": {"cpu": "500m"}, "defaultRequest": {"cpu": "100m"}, "maxLimitRequestRatio": {"cpu": "5"}}]}})), @r"
    Name:       all
    Namespace:  default
    Type       Resource  Min  Max  Default Request  Default Limit  Max Limit/Request Ratio
    ----       --------  ---  ---  ---------------  -------------  -----------------------
    Pod        memory    -    1Gi  -                -              -
    Container  cpu       -    -    100m             500m           5
    ");
}

#[test]
fn a_disruption_budget_and_how_its_pods_stand() {
    let mut fixture = Fixture::new(ContainerState::Running { started: at(999_950) }, 0);
    fixture.wants(json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"maxUnavailable": "50%", "selector": {"matchLabels": {"app": "web"}}}}));
    let fleet = fixture.fleet();
    let object = fleet.list(Kind::PodDisruptionBudget).remove(0);
    assert_snapshot!(describe(&object, &fleet.pods(), &Told { events: &[], placings: &BTreeMap::new(), policies: &[], now: now() }), @"
    Name:             web
    Namespace:        default
    Max unavailable:  50%
    Selector:         app=web
    Status:
      Allowed disruptions:  0
      Current:              1
      Desired:              1
      Total:                2
    Events:  <none>
    ");
}
