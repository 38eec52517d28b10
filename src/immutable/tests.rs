use serde_json::{Value, json};

use super::*;
use crate::desired::Stored;
use crate::document::Source;
use crate::manifest::{ReadOptions, read};

fn object(version: &str, kind: &str, fields: &Value) -> Object {
    let mut json = fields.clone();
    json["apiVersion"] = json!(version);
    json["kind"] = json!(kind);
    json["metadata"] = json!({"name": "a", "namespace": "default"});
    Object::try_from(json).unwrap()
}

/// The paths that an update breaks.
fn broken(version: &str, kind: &str, (old, new): (&Value, &Value)) -> String {
    let fixed = fixed_fields(&object(version, kind, old), &object(version, kind, new));
    fixed.iter().map(|one| one.path.as_str()).collect::<Vec<_>>().join(", ")
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_must_not_change() {
    let workload = |label: &str, image: &str| {
        json!({"spec": {"selector": {"matchLabels": {"app": label}}, "serviceName": label,
            "template": {"metadata": {"labels": {"app": label}}, "spec": {"containers": [{"name": "c", "image": image}]}}}})
    };
    let job = |suspend: bool, spec: Value| {
        let mut job =
            json!({"spec": {"suspend": suspend, "template": {"spec": {"containers": []}}}});
        for (key, value) in spec.as_object().unwrap() {
            job["spec"][key] = value.clone();
        }
        job
    };
    let at =
        |node: &str| json!({"template": {"spec": {"containers": [], "nodeSelector": {"a": node}}}});
    let claim = |storage: &str, more: Value| {
        let mut claim = json!({"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": storage}}}});
        for (key, value) in more.as_object().unwrap() {
            claim["spec"][key] = value.clone();
        }
        claim
    };
    let limited = |limit: &str| {
        let resources = json!({"requests": {"storage": "1Gi"}, "limits": {"storage": limit}});
        claim("1Gi", json!({"resources": resources}))
    };
    for (version, kind, old, new, expected) in [
        ("apps/v1", "Deployment", workload("a", "x"), workload("a", "y"), ""),
        ("apps/v1", "Deployment", workload("a", "x"), workload("b", "x"), "spec.selector"),
        ("apps/v1", "DaemonSet", workload("a", "x"), workload("b", "x"), "spec.selector"),
        ("apps/v1", "StatefulSet", workload("a", "x"), workload("a", "y"), ""),
        (
            "apps/v1",
            "StatefulSet",
            workload("a", "x"),
            workload("b", "x"),
            "spec.selector, spec.serviceName",
        ),
        (
            "batch/v1",
            "Job",
            job(false, json!({"parallelism": 1})),
            job(true, json!({"parallelism": 2})),
            "",
        ),
        ("batch/v1", "Job", job(false, at("x")), job(false, at("y")), "spec.template"),
        ("batch/v1", "Job", job(true, at("x")), job(true, at("y")), ""),
        (
            "batch/v1",
            "Job",
            job(false, json!({"completions": 1})),
            job(false, json!({"completions": 2})),
            "spec.completions",
        ),
        (
            "batch/v1",
            "Job",
            job(false, json!({"completions": 1, "parallelism": 1, "completionMode": "Indexed"})),
            job(false, json!({"completions": 2, "parallelism": 2, "completionMode": "Indexed"})),
            "",
        ),
        (
            "v1",
            "Service",
            json!({"spec": {"clusterIP": "10.96.0.1"}}),
            json!({"spec": {"clusterIP": "None"}}),
            "spec.clusterIP",
        ),
        ("v1", "Service", json!({"spec": {"clusterIP": "10.96.0.1"}}), json!({"spec": {}}), ""),
        (
            "v1",
            "ConfigMap",
            json!({"data": {"a": "b"}}),
            json!({"data": {"a": "c"}, "immutable": true}),
            "",
        ),
        (
            "v1",
            "ConfigMap",
            json!({"data": {"a": "b"}, "immutable": true}),
            json!({"data": {"a": "c"}}),
            "immutable, data",
        ),
        ("v1", "Secret", json!({"type": "Opaque"}), json!({"type": "x/y"}), "type"),
        (
            "v1",
            "Secret",
            json!({"immutable": true, "data": {"a": "Yg=="}}),
            json!({"immutable": true, "stringData": {"a": "b"}}),
            "",
        ),
        (
            "v1",
            "Secret",
            json!({"immutable": true, "data": {"a": "Yg=="}}),
            json!({"immutable": true, "stringData": {"a": "c"}}),
            "data",
        ),
        (
            "v1",
            "PersistentVolumeClaim",
            claim("1Gi", json!({})),
            claim("2Gi", json!({"volumeName": "v"})),
            "",
        ),
        (
            "v1",
            "PersistentVolumeClaim",
            claim("1Gi", json!({})),
            claim("1024Mi", json!({"volumeMode": "Filesystem"})),
            "",
        ),
        (
            "v1",
            "PersistentVolumeClaim",
            claim("2Gi", json!({})),
            claim("1Gi", json!({})),
            "spec.resources.requests.storage",
        ),
        ("v1", "PersistentVolumeClaim", limited("1Gi"), limited("2Gi"), ""),
        (
            "v1",
            "PersistentVolumeClaim",
            limited("2Gi"),
            limited("1Gi"),
            "spec.resources.limits.storage",
        ),
        (
            "v1",
            "PersistentVolumeClaim",
            claim("1Gi", json!({})),
            limited("2Gi"),
            "spec.resources.limits.storage",
        ),
        (
            "v1",
            "PersistentVolumeClaim",
            claim("1Gi", json!({"storageClassName": "a"})),
            claim("1Gi", json!({"storageClassName": "b", "accessModes": ["ReadWriteMany"]})),
            "spec.accessModes, spec.storageClassName",
        ),
        (
            "v1",
            "PersistentVolume",
            json!({"spec": {"hostPath": {"path": "/a"}}}),
            json!({"spec": {"hostPath": {"path": "/b"}, "capacity": {"storage": "1Gi"}}}),
            "spec.hostPath",
        ),
        (
            "v1",
            "PersistentVolume",
            json!({"spec": {"hostPath": {"path": "/a"}}}),
            json!({"spec": {"nfs": {"path": "/b", "server": "s"}}}),
            "spec.hostPath, spec.nfs",
        ),
        (
            "storage.k8s.io/v1",
            "StorageClass",
            json!({"provisioner": "a/b"}),
            json!({"provisioner": "a/c", "reclaimPolicy": "Retain"}),
            "provisioner, reclaimPolicy",
        ),
        (
            "storage.k8s.io/v1",
            "StorageClass",
            json!({"provisioner": "a/b"}),
            json!({"provisioner": "a/b", "volumeBindingMode": "Immediate", "allowVolumeExpansion": true}),
            "",
        ),
        (
            "scheduling.k8s.io/v1",
            "PriorityClass",
            json!({"value": 1}),
            json!({"value": 2}),
            "value",
        ),
        (
            "node.k8s.io/v1",
            "RuntimeClass",
            json!({"handler": "a"}),
            json!({"handler": "b"}),
            "handler",
        ),
        (
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            json!({"roleRef": {"kind": "Role", "name": "a"}}),
            json!({"roleRef": {"kind": "Role", "name": "b"}}),
            "roleRef",
        ),
        (
            "v1",
            "Pod",
            json!({"spec": {"containers": []}}),
            json!({"spec": {"containers": [{"name": "c"}]}}),
            "",
        ),
    ] {
        assert_eq!(broken(version, kind, (&old, &new)), expected, "{kind} {old} {new}");
    }
}

#[test]
fn what_a_person_sees() {
    let old = object(
        "v1",
        "Service",
        &json!({"spec": {"clusterIP": "10.96.0.1", "ports": [{"port": 80}]}}),
    );
    let stored = Stored::new(old);
    let stored = Desired { objects: [(stored.object.key(), stored)].into(), ..Desired::default() };
    let text = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  clusterIP: 10.96.0.2\n  ports: [{port: 80}]\n";
    let reading = read(&[Source::new("web.yaml", text)], &ReadOptions::default());
    let findings = check_updates(&reading.objects, &stored);
    let mut out = String::new();
    miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none())
        .with_width(100)
        .render_report(&mut out, &crate::document::Report { findings })
        .unwrap();
    insta::assert_snapshot!(out, @"
      x 1 error

    Error: immutable

      x spec.clusterIP: may not change once set
       ,-[web.yaml:5:14]
     4 | spec:
     5 |   clusterIP: 10.96.0.2
       :              ^^^^|^^^^
       :                  `-- it was 10.96.0.1
     6 |   ports: [{port: 80}]
       `----
      help: delete it and apply again: bowline delete service a -n default
    ");
}
