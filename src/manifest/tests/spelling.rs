//! Two spellings of one object complete to the same, and completing twice is as completing once.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

/// Fields that a container may have or not; the names of the volumes are those of [`volumes`].
fn container_fields() -> Vec<(&'static str, Value)> {
    vec![
        ("command", json!(["sh", "-c"])),
        (
            "ports",
            json!([{"containerPort": 80, "name": "http"}, {"containerPort": 53, "protocol": "UDP"}]),
        ),
        (
            "env",
            json!([
                {"name": "A", "value": ""},
                {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                {"name": "C", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1000m"}}},
            ]),
        ),
        (
            "resources",
            json!({"limits": {"cpu": "0.5", "memory": "1024Mi"}, "requests": {"cpu": "100m"}}),
        ),
        ("livenessProbe", json!({"httpGet": {"port": 80}})),
        ("readinessProbe", json!({"grpc": {"port": 9000}, "periodSeconds": 3})),
        ("startupProbe", json!({"exec": {"command": ["true"]}, "failureThreshold": 30})),
        ("lifecycle", json!({"preStop": {"httpGet": {"port": "http", "path": "/bye"}}})),
        (
            "securityContext",
            json!({"runAsUser": 0, "privileged": false, "capabilities": {"drop": ["ALL"]}}),
        ),
        ("imagePullPolicy", json!("Never")),
        ("terminationMessagePolicy", json!("FallbackToLogsOnError")),
    ]
}

fn volumes() -> Vec<Value> {
    vec![
        json!({"name": "a"}),
        json!({"name": "b", "emptyDir": {"sizeLimit": "1024Ki"}}),
        json!({"name": "c", "hostPath": {"path": "/srv"}}),
        json!({"name": "d", "configMap": {"name": "m"}}),
        json!({"name": "e", "secret": {"secretName": "s", "optional": false}}),
        json!({"name": "f", "projected": {"sources": [
            {"serviceAccountToken": {"path": "t"}},
            {"downwardAPI": {"items": [{"path": "l", "fieldRef": {"fieldPath": "metadata.labels"}}]}},
        ]}}),
        json!({"name": "g", "ephemeral": {"volumeClaimTemplate": {"spec": {
            "accessModes": ["ReadWriteOnce"], "storageClassName": "", "resources": {"requests": {"storage": "2048Mi"}},
        }}}}),
        json!({"name": "h", "image": {"reference": "data:1"}}),
        json!({"name": "i", "azureDisk": {"diskName": "d", "diskURI": "https://d"}}),
        json!({"name": "j", "rbd": {"monitors": ["m"], "image": "i"}}),
        json!({"name": "k", "iscsi": {"targetPortal": "p", "iqn": "iqn.2001-04.com.example", "lun": 0}}),
        json!({"name": "l", "scaleIO": {"gateway": "g", "system": "s", "volumeName": "v", "secretRef": {"name": "s"}}}),
    ]
}

fn pod_fields() -> Vec<(&'static str, Value)> {
    vec![
        ("hostNetwork", json!(true)),
        ("hostUsers", json!(true)),
        ("serviceAccount", json!("old")),
        ("serviceAccountName", json!("new")),
        ("terminationGracePeriodSeconds", json!(0)),
        ("securityContext", json!({"runAsNonRoot": false, "fsGroup": 0})),
        ("tolerations", json!([{"operator": "Exists"}])),
        ("enableServiceLinks", json!(false)),
        ("overhead", json!({"cpu": "1000m"})),
        ("dnsPolicy", json!("Default")),
        (
            "affinity",
            json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "a"}}},
            ]}}),
        ),
    ]
}

/// Some of the fields.
fn some_of(all: Vec<(&'static str, Value)>) -> impl Strategy<Value = Map<String, Value>> {
    let count = all.len();
    proptest::collection::vec(any::<bool>(), count).prop_map(move |chosen| {
        let chosen = all.iter().zip(chosen).filter(|(_, chosen)| *chosen);
        chosen.map(|((name, value), _)| ((*name).to_owned(), value.clone())).collect()
    })
}

/// A container that runs under a name of its own; a second one has no ports, which would be taken on the host's network.
fn containers() -> impl Strategy<Value = Value> {
    let images =
        proptest::sample::select(vec!["nginx", "nginx:1", "nginx:latest", "a/b@sha256:00"]);
    let second = proptest::option::of(some_of(container_fields()));
    (some_of(container_fields()), second, images).prop_map(|(first, second, image)| {
        let mut all = vec![Value::Object(first)];
        all.extend(second.map(|mut second| {
            second.remove("ports");
            second.remove("lifecycle");
            Value::Object(second)
        }));
        for (index, container) in all.iter_mut().enumerate() {
            container["name"] = json!(format!("c{index}"));
            container["image"] = json!(image);
            if container["ports"].is_null() && !container["lifecycle"].is_null() {
                container["lifecycle"]["preStop"]["httpGet"]["port"] = json!(80);
            }
        }
        Value::Array(all)
    })
}

fn pods() -> impl Strategy<Value = Value> {
    let chosen = proptest::sample::subsequence(volumes(), 0..=12);
    (some_of(pod_fields()), containers(), chosen).prop_map(|(mut spec, containers, volumes)| {
        spec.insert("containers".to_owned(), containers);
        spec.insert("volumes".to_owned(), Value::Array(volumes));
        if let Some(new) = spec.get("serviceAccountName").cloned()
            && spec.contains_key("serviceAccount")
        {
            spec.insert("serviceAccount".to_owned(), new);
        }
        Value::Object(spec)
    })
}

/// An object of this kind, with these pods and nothing that may be left out.
fn object(kind: &str, mut pod: Value) -> Value {
    let labels = json!({"app": "a"});
    let ends = matches!(kind, "Job" | "CronJob");
    if ends {
        pod["restartPolicy"] = json!("Never");
    }
    let template = json!({"metadata": {"labels": labels}, "spec": pod});
    let selector = json!({"matchLabels": labels});
    let claims = json!([{"metadata": {"name": "data"}, "spec": {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1024Mi"}},
    }}]);
    let (version, spec) = match kind {
        "Pod" => ("v1", pod),
        "ReplicationController" => ("v1", json!({"template": template})),
        "StatefulSet" => (
            "apps/v1",
            json!({"selector": selector, "template": template, "volumeClaimTemplates": claims}),
        ),
        "Job" => ("batch/v1", json!({"completions": 2, "template": template})),
        "CronJob" => (
            "batch/v1",
            json!({"schedule": "@daily", "jobTemplate": {"spec": {"template": template}}}),
        ),
        _ => ("apps/v1", json!({"selector": selector, "template": template})),
    };
    json!({"apiVersion": version, "kind": kind, "metadata": {"name": "a"}, "spec": spec})
}

const KINDS: [&str; 8] = [
    "Pod",
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
];

/// Leaves out some of what only the whole object says; `keep` is asked for each such field.
fn partly(said: &Value, whole: &Value, keep: &mut impl FnMut() -> bool) -> Value {
    match (said, whole) {
        (Value::Object(said), Value::Object(whole)) => {
            let fields = whole.iter().filter_map(|(key, value)| match said.get(key) {
                Some(said) => Some((key.clone(), partly(said, value, keep))),
                None => keep().then(|| (key.clone(), value.clone())),
            });
            Value::Object(fields.collect())
        }
        (Value::Array(said), Value::Array(whole)) if said.len() == whole.len() => {
            said.iter().zip(whole).map(|(said, whole)| partly(said, whole, keep)).collect()
        }
        _ => whole.clone(),
    }
}

fn completed(object: &Value) -> Value {
    let reading = read_text(&object.to_string());
    assert!(!reading.has_errors(), "{object}\n{}", render(reading.findings));
    reading.objects[0].object.to_json()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn defaults_said_and_unsaid_are_one(
        kind in proptest::sample::select(KINDS.to_vec()),
        pod in pods(),
        kept in proptest::collection::vec(any::<bool>(), 64),
    ) {
        let sparse = object(kind, pod);
        let whole = completed(&sparse);
        prop_assert_eq!(&completed(&whole), &whole, "twice is as once");

        let mut answers = kept.iter().cycle();
        let mixed = partly(&sparse, &whole, &mut || answers.next().copied().unwrap_or_default());
        prop_assert_eq!(&completed(&mixed), &whole, "{}", mixed);
    }
}

#[test]
fn what_says_nothing_is_nothing() {
    let pod = |extra: Value| {
        let mut pod = json!({"containers": [{"name": "c", "image": "i"}]});
        let fields = pod.as_object_mut().unwrap();
        fields.extend(extra.as_object().unwrap().clone());
        completed(&object("Pod", pod))
    };
    let plain = pod(json!({}));
    let said = json!({
        "nodeName": "", "hostNetwork": false, "hostIPC": false, "hostAliases": [], "nodeSelector": {}, "tolerations": [],
        "containers": [{
            "name": "c", "image": "i", "args": [], "env": [], "stdin": false, "workingDir": "", "resources": {"limits": {}, "requests": {}},
        }],
    });
    assert_eq!(pod(said), plain);
    assert_ne!(pod(json!({"hostUsers": false})), plain, "false asks for something here");
}

#[test]
fn every_kind_is_completed() {
    let pod = json!({"containers": [{"name": "c", "image": "i", "livenessProbe": {"tcpSocket": {"port": 1}}}]});
    let spec = |kind: &str| completed(&object(kind, pod.clone()))["spec"].clone();
    let probe = json!({
        "tcpSocket": {"port": 1}, "failureThreshold": 3, "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1,
    });
    assert_eq!(spec("Pod")["containers"][0]["livenessProbe"], probe);
    assert_eq!(spec("ReplicaSet")["replicas"], 1);
    assert_eq!(spec("ReplicationController")["selector"], json!({"app": "a"}));
    let labels =
        completed(&object("ReplicationController", pod.clone()))["metadata"]["labels"].clone();
    assert_eq!(labels, json!({"app": "a"}));
    let set = spec("StatefulSet");
    assert_eq!(set["podManagementPolicy"], "OrderedReady");
    assert_eq!(
        set["updateStrategy"],
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "partition": 0}})
    );
    assert_eq!(
        set["persistentVolumeClaimRetentionPolicy"],
        json!({"whenDeleted": "Retain", "whenScaled": "Retain"})
    );
    assert_eq!(
        set["volumeClaimTemplates"][0]["spec"],
        json!({
            "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "volumeMode": "Filesystem",
        })
    );
    let daemons = spec("DaemonSet");
    assert_eq!(
        daemons["updateStrategy"],
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}})
    );
    assert_eq!(daemons["revisionHistoryLimit"], 10);
    let job = spec("Job");
    for (field, value) in [
        ("parallelism", json!(1)),
        ("backoffLimit", json!(6)),
        ("completionMode", json!("NonIndexed")),
        ("suspend", json!(false)),
        ("manualSelector", json!(false)),
        ("podReplacementPolicy", json!("TerminatingOrFailed")),
    ] {
        assert_eq!(job[field], value, "{field}");
    }
    let cron = spec("CronJob");
    assert_eq!(cron["concurrencyPolicy"], "Allow");
    assert_eq!(cron["successfulJobsHistoryLimit"], 3);
    assert_eq!(cron["failedJobsHistoryLimit"], 1);
    assert!(cron["jobTemplate"]["spec"]["backoffLimit"].is_null(), "a Job's own, when it is made");
}

#[test]
fn base64_and_the_next_line_character_are_texts() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: !!binary aGk=, b: \"x\u{85}y\"}\n";
    let reading = read_text(text);
    assert_eq!(lines(text), "");
    let data = &reading.objects[0].object.to_json()["data"];
    assert_eq!(data["a"], "hi");
    assert_eq!(data["b"], "x\u{85}y");
    let wrong = lines(&text.replace("aGk=", "a b"));
    assert!(wrong.starts_with("4:20 tag: `!!binary` asks for base64"), "{wrong}");
}

#[test]
fn a_number_beyond_64_bits_is_a_text_and_any_key_has_its_place() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels:\n    rev: 1234e567\n    'a]b': c\n";
    let found = lines(text);
    assert!(found.starts_with("7:5 "), "{found}");
    assert_eq!(found.lines().count(), 1, "{found}");
}
