//! Pods of any shape: every field that is carried out, in any company that the API server lets it be in.
//!
//! They run, too: their containers sleep, and what they need is in [`surroundings`].

use proptest::prelude::*;
use serde_json::{Value, json};

use container::{Role, confined, container};
use field::{ABSENT, flag, maybe, object, one_of, seldom, some_of, sure};
use placing::{affinity, spread};
use volume::volumes;

mod agreement;
mod container;
mod field;
mod placing;
mod probe;
mod volume;

/// Where the pods are to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "each binary of tests has one ground")]
pub(crate) enum Ground {
    /// On a host that runs nothing: whatever can be said.
    Simulated,
    /// On a host that has no security profiles or labels, and gives no pod what is its own.
    Real,
}

/// The objects that the pods speak of.
pub(crate) fn surroundings() -> Vec<Value> {
    let config = json!({"one": "1", "two": "zwei", "THREE": "3"});
    let credentials = json!({"auths": {"registry.example.org": {"auth": "YTpi"}}});
    let named = |kind: &str, name: &str, rest: Value| {
        let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
        object.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        object
    };
    vec![
        named("ConfigMap", "config", json!({"data": config})),
        named("Secret", "secret", json!({"stringData": config})),
        named(
            "PersistentVolumeClaim",
            "data",
            json!({"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}),
        ),
        json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
            "metadata": {"name": "important"}, "value": 1000, "preemptionPolicy": "Never"}),
        named(
            "PersistentVolumeClaim",
            "disk",
            json!({"spec": {"accessModes": ["ReadWriteOnce"], "volumeMode": "Block", "storageClassName": "",
                "resources": {"requests": {"storage": "1Gi"}}}}),
        ),
        named(
            "PersistentVolume",
            "disk",
            json!({"spec": {"accessModes": ["ReadWriteOnce"], "volumeMode": "Block", "capacity": {"storage": "1Gi"},
                "persistentVolumeReclaimPolicy": "Retain", "storageClassName": "", "hostPath": {"path": "/dev/any"}}}),
        ),
        json!({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "any"}, "handler": "runc"}),
        named(
            "Secret",
            "registry",
            json!({"type": "kubernetes.io/dockerconfigjson",
                "stringData": {".dockerconfigjson": credentials.to_string()}}),
        ),
    ]
}

/// A pod of this name. `number` keeps apart what two pods of one host cannot share.
pub(crate) fn any_pod(name: &str, number: u16, ground: Ground) -> BoxedStrategy<Value> {
    let metadata = object(vec![
        ("name", sure(json!(name))),
        ("labels", sure(json!({"app": name, "tier": "any"}))),
        ("annotations", maybe(sure(json!({"example.org/note": "any"})))),
    ]);
    let spec = volumes(ground).prop_flat_map(move |volumes| spec(volumes, number, ground));
    (metadata, spec)
        .prop_map(|(metadata, mut spec)| {
            agreement::reconcile(&mut spec);
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
        })
        .boxed()
}

fn spec(volumes: Vec<Value>, number: u16, ground: Ground) -> BoxedStrategy<Value> {
    let names: Vec<String> =
        volumes.iter().map(|volume| volume["name"].as_str().unwrap().to_owned()).collect();
    let main = vec![
        container("main", Role::Main, (&names, number), ground),
        container("other", Role::Main, (&names, number + 100), ground),
    ];
    let first = vec![
        container("init", Role::Init, (&names, number), ground),
        container("sidecar", Role::Sidecar, (&names, number + 200), ground),
    ];
    let some = |all: Vec<BoxedStrategy<Value>>, least: usize| {
        let most = all.len();
        (all, least..=most).prop_map(|(mut all, count)| {
            all.truncate(count);
            if all.is_empty() { ABSENT } else { Value::Array(all) }
        })
    };
    let mut fields = vec![
        ("containers", some(main, 1).boxed()),
        ("initContainers", maybe(some(first, 1).boxed())),
        ("volumes", sure(if volumes.is_empty() { ABSENT } else { Value::Array(volumes) })),
    ];
    fields.extend(identity());
    fields.extend(surrounds(ground));
    object(fields)
}

fn identity() -> Vec<(&'static str, BoxedStrategy<Value>)> {
    let options = json!([{"name": "ndots", "value": "2"}, {"name": "edns0"}]);
    let dns = object(vec![
        ("nameservers", sure(json!(["10.42.0.53"]))),
        ("searches", maybe(sure(json!(["example.org"])))),
        ("options", maybe(some_of(options))),
    ]);
    let aliases = json!([{"ip": "10.42.0.7", "hostnames": ["db", "db.example.org"]}, {"ip": "10.42.0.8", "hostnames": ["cache"]}]);
    vec![
        ("hostname", maybe(sure(json!("host")))),
        ("subdomain", maybe(sure(json!("sub")))),
        ("setHostnameAsFQDN", maybe(flag())),
        ("hostnameOverride", seldom(sure(json!("other.example.org")))),
        ("hostAliases", maybe(some_of(aliases))),
        ("dnsConfig", maybe(dns)),
        ("dnsPolicy", maybe(one_of(json!(["ClusterFirst", "Default", "ClusterFirstWithHostNet"])))),
        ("enableServiceLinks", maybe(flag())),
        ("imagePullSecrets", seldom(sure(json!([{"name": "registry"}])))),
    ]
}

fn surrounds(ground: Ground) -> Vec<(&'static str, BoxedStrategy<Value>)> {
    let real = |value: BoxedStrategy<Value>| match ground {
        Ground::Simulated => seldom(value),
        Ground::Real => sure(ABSENT),
    };
    let tolerations = json!([
        {"operator": "Exists", "effect": "NoSchedule"}, {"key": "c", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}, {"key": "a", "operator": "Equal", "value": "b"}
    ]);
    // At least what its containers can ask for together.
    let whole = json!([
        {"requests": {"cpu": "6", "memory": "2Gi"}, "limits": {"cpu": "6", "memory": "4Gi"}},
        {"requests": {"memory": "2Gi"}},
    ]);
    let gates = json!([{"conditionType": "ContainersReady"}, {"conditionType": "Initialized"}]);
    vec![
        ("restartPolicy", maybe(one_of(json!(["Always", "OnFailure", "Never"])))),
        ("terminationGracePeriodSeconds", one_of(json!([0, 1]))),
        ("activeDeadlineSeconds", maybe(sure(json!(100_000)))),
        ("shareProcessNamespace", maybe(flag())),
        ("hostNetwork", seldom(flag())),
        ("hostIPC", seldom(flag())),
        ("hostPID", seldom(flag())),
        ("hostUsers", real(flag())),
        ("nodeSelector", maybe(sure(json!({"kubernetes.io/os": "linux"})))),
        ("nodeName", seldom(sure(json!("node-1")))),
        ("affinity", seldom(affinity())),
        ("priority", seldom(sure(json!(0)))),
        ("priorityClassName", seldom(one_of(json!(["system-cluster-critical", "important"])))),
        ("preemptionPolicy", maybe(sure(json!("PreemptLowerPriority")))),
        ("schedulerName", seldom(one_of(json!(["binpack", "spread", "default-scheduler"])))),
        ("tolerations", maybe(some_of(tolerations))),
        ("topologySpreadConstraints", seldom(spread())),
        ("overhead", maybe(sure(json!({"cpu": "10m", "memory": "1Mi"})))),
        ("resources", real(one_of(whole))),
        ("securityContext", maybe(pod_security(ground))),
        ("runtimeClassName", seldom(sure(json!("any")))),
        ("os", maybe(sure(json!({"name": "linux"})))),
        ("readinessGates", maybe(some_of(gates))),
    ]
}

fn pod_security(ground: Ground) -> BoxedStrategy<Value> {
    let sysctls = json!([{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}, {"name": "kernel.shm_rmid_forced", "value": "1"}]);
    let mut fields = vec![
        ("runAsUser", maybe(one_of(json!([0, 1000, 65534])))),
        ("runAsGroup", maybe(one_of(json!([0, 3000])))),
        ("runAsNonRoot", maybe(flag())),
        ("fsGroup", maybe(one_of(json!([2000])))),
        ("fsGroupChangePolicy", maybe(one_of(json!(["Always", "OnRootMismatch"])))),
        ("supplementalGroups", maybe(some_of(json!([4000, 5000])))),
        ("sysctls", seldom(some_of(sysctls))),
    ];
    fields.extend(confined(ground));
    object(fields)
}
