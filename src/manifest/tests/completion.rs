//! What the API server would fill in, of the kinds that make no pods: two spellings of one object are equal.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::manifest::complete;
use crate::model::Object;

fn object(mut json: Value) -> Object {
    json["metadata"]["name"] = json!("a");
    Object::try_from(json).unwrap()
}

fn completed(json: Value) -> Object {
    let mut object = object(json);
    complete(&mut object);
    object
}

/// An object of a kind, in words as short as it can be said.
fn short(api_version: &str, kind: &str, fields: Value) -> Value {
    let mut json = fields;
    json["apiVersion"] = json!(api_version);
    json["kind"] = json!(kind);
    json
}

/// One spelling and another one of the same object.
#[expect(clippy::too_many_lines, reason = "a table")]
fn spellings() -> Vec<(Value, Value)> {
    let cases = [
        (
            "v1",
            "Secret",
            json!({"stringData": {"a": "b"}}),
            json!({"type": "Opaque", "data": {"a": "Yg=="}}),
        ),
        (
            "v1",
            "Secret",
            json!({"stringData": {"a": "b"}, "data": {"a": "Yw=="}}),
            json!({"data": {"a": "Yg=="}}),
        ),
        ("v1", "ConfigMap", json!({"data": {}}), json!({})),
        (
            "v1",
            "Service",
            json!({"spec": {"ports": [{"port": 80}]}}),
            json!({"spec": {"type": "ClusterIP", "sessionAffinity": "None", "clusterIP": "", "internalTrafficPolicy": "Cluster",
                "ports": [{"port": 80, "targetPort": 80, "protocol": "TCP", "nodePort": 0}]}}),
        ),
        (
            "v1",
            "Service",
            json!({"spec": {"type": "LoadBalancer", "sessionAffinity": "ClientIP", "ports": [{"port": 80}]}}),
            json!({"spec": {"type": "LoadBalancer", "sessionAffinity": "ClientIP", "allocateLoadBalancerNodePorts": true,
                "externalTrafficPolicy": "Cluster", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 10800}},
                "ports": [{"port": 80}]}}),
        ),
        (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            json!({"spec": {"egress": [{"ports": [{"port": 1}]}]}}),
            json!({"spec": {"podSelector": {}, "ingress": [], "policyTypes": ["Ingress", "Egress"],
                "egress": [{"ports": [{"port": 1, "protocol": "TCP"}]}]}}),
        ),
        (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            json!({"spec": {"podSelector": {}, "ingress": []}}),
            json!({"spec": {"podSelector": {}, "policyTypes": ["Ingress"]}}),
        ),
        (
            "networking.k8s.io/v1",
            "IngressClass",
            json!({"spec": {"controller": "a.b/c", "parameters": {"kind": "K", "name": "n"}}}),
            json!({"spec": {"controller": "a.b/c", "parameters": {"kind": "K", "name": "n", "scope": "Cluster"}}}),
        ),
        (
            "v1",
            "PersistentVolumeClaim",
            json!({"spec": {"resources": {"requests": {"storage": "1024Mi"}}}}),
            json!({"spec": {"volumeMode": "Filesystem", "resources": {"requests": {"storage": "1Gi"}}}}),
        ),
        (
            "v1",
            "PersistentVolume",
            json!({"spec": {"capacity": {"storage": "1000M"}, "hostPath": {"path": "/a"}}}),
            json!({"spec": {"capacity": {"storage": "1G"}, "hostPath": {"path": "/a", "type": ""}, "volumeMode": "Filesystem",
                "persistentVolumeReclaimPolicy": "Retain"}}),
        ),
        (
            "storage.k8s.io/v1",
            "StorageClass",
            json!({"provisioner": "a.b/c"}),
            json!({"provisioner": "a.b/c", "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate", "parameters": {}}),
        ),
        (
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            json!({"spec": {"maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "a"}}}),
            json!({"spec": {"minReplicas": 1, "maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "a"},
                "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}]}}),
        ),
        (
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            json!({"spec": {"maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "a"}, "behavior": {"scaleDown": {"stabilizationWindowSeconds": 60}}}}),
            json!({"spec": {"maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "a"}, "behavior": {
                "scaleDown": {"stabilizationWindowSeconds": 60, "selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]},
                "scaleUp": {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": [
                    {"type": "Pods", "value": 4, "periodSeconds": 15}, {"type": "Percent", "value": 100, "periodSeconds": 15}]}}}}),
        ),
        (
            "v1",
            "LimitRange",
            json!({"spec": {"limits": [{"type": "Container", "max": {"cpu": "2"}, "min": {"memory": "1Mi"}}]}}),
            json!({"spec": {"limits": [{"type": "Container", "max": {"cpu": 2}, "min": {"memory": "1024Ki"}, "default": {"cpu": "2000m"},
                "defaultRequest": {"cpu": "2", "memory": "1Mi"}}]}}),
        ),
        (
            "v1",
            "ResourceQuota",
            json!({"spec": {"hard": {"requests.memory": "1024Mi", "pods": "10"}}}),
            json!({"spec": {"hard": {"requests.memory": "1Gi", "pods": 10}}}),
        ),
        (
            "scheduling.k8s.io/v1",
            "PriorityClass",
            json!({"value": 5}),
            json!({"value": 5, "globalDefault": false, "preemptionPolicy": "PreemptLowerPriority"}),
        ),
        (
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            json!({"roleRef": {"kind": "Role", "name": "r"}, "subjects": [{"kind": "User", "name": "u"}]}),
            json!({"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
                "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "u"}]}),
        ),
        (
            "discovery.k8s.io/v1",
            "EndpointSlice",
            json!({"addressType": "IPv4", "ports": [{"port": 1}]}),
            json!({"addressType": "IPv4", "ports": [{"name": "", "port": 1, "protocol": "TCP"}]}),
        ),
        (
            "v1",
            "Endpoints",
            json!({"subsets": [{"ports": [{"port": 1}]}]}),
            json!({"subsets": [{"ports": [{"port": 1, "protocol": "TCP"}]}]}),
        ),
        (
            "v1",
            "Namespace",
            json!({}),
            json!({"metadata": {"labels": {"kubernetes.io/metadata.name": "a"}}}),
        ),
    ];
    let spell =
        |(version, kind, one, other)| (short(version, kind, one), short(version, kind, other));
    cases.map(spell).into()
}

#[test]
fn two_spellings_are_one_object() {
    for (one, other) in spellings() {
        assert_eq!(completed(one).to_json(), completed(other).to_json());
    }
}

#[test]
fn completing_twice_changes_nothing() {
    for (one, other) in spellings() {
        for json in [one, other] {
            let once = completed(json);
            let mut twice = once.clone();
            complete(&mut twice);
            assert_eq!(once, twice);
        }
    }
}

proptest! {
    #[test]
    fn quantities_have_one_spelling(digits in 0_u64..1_000_000_000_000, suffix in "(n|u|m|k|M|G|Ki|Mi|Gi|e3|e-3)?") {
        let claim = |storage: Value| {
            short("v1", "PersistentVolumeClaim", json!({"spec": {"resources": {"requests": {"storage": storage}}}}))
        };
        let once = completed(claim(json!(format!("{digits}{suffix}"))));
        let spelt = once.to_json()["spec"]["resources"]["requests"]["storage"].clone();
        prop_assert_eq!(&completed(claim(spelt)), &once);
    }

    #[test]
    fn services_are_completed_once(
        kind in "(ClusterIP|NodePort|LoadBalancer|ExternalName)",
        address in prop::option::of("(None||10.96.0.7)"),
        affinity in "(None|ClientIP)?",
        port in prop::option::of(0_u16..9),
    ) {
        let spec = json!({"type": kind, "clusterIP": address, "sessionAffinity": affinity,
            "ports": [{"port": 80, "targetPort": port, "nodePort": port}]});
        let once = completed(short("v1", "Service", json!({"spec": spec})));
        let mut twice = once.clone();
        complete(&mut twice);
        prop_assert_eq!(once, twice);
    }
}

#[test]
fn a_manifest_of_a_secret_is_read_as_data() {
    let reading =
        read_text("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: b}\n");
    let json = reading.objects[0].object.to_json();
    assert_eq!((&json["data"]["a"], &json["type"]), (&json!("Yg=="), &json!("Opaque")));
    assert_eq!(json.get("stringData"), None);
}
