//! What a pod's references lead to.

use serde_json::json;

use super::*;

fn desired(objects: &[Value]) -> Desired {
    Desired::default().with(objects.iter().map(|json| Object::try_from(json.clone()).unwrap()))
}

fn secret(version: &str, data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "data": data,
        "metadata": {"name": "s", "namespace": "default", "uid": "u", "resourceVersion": version}})
}

fn spec(env: &Value) -> PodSpec {
    serde_json::from_value(json!({"containers": [{"name": "a", "env": env}]})).unwrap()
}

fn key(of: &str, key: &str) -> Value {
    json!([{"name": "A", "valueFrom": {of: {"name": "s", "key": key}}}])
}

fn refused(desired: &Desired, env: &Value) -> String {
    resolve_config(desired, "default", &spec(env)).unwrap_err().to_string()
}

#[test]
fn what_is_missing_is_said_as_the_kubelet_says_it() {
    let none = desired(&[]);
    assert_eq!(refused(&none, &key("secretKeyRef", "k")), "secret \"s\" not found");
    assert_eq!(refused(&none, &key("configMapKeyRef", "k")), "configmap \"s\" not found");
    let there = desired(&[
        secret("1", &json!({"bytes": "/wA="})),
        json!({"apiVersion": "v1",
        "kind": "ConfigMap", "metadata": {"name": "s", "namespace": "default"}, "binaryData": {"k": "AAA="}}),
    ]);
    let missing = "couldn't find key k in Secret default/s";
    assert_eq!(refused(&there, &key("secretKeyRef", "k")), missing);
    // What is binary is no variable's.
    let missing = "couldn't find key k in ConfigMap default/s";
    assert_eq!(refused(&there, &key("configMapKeyRef", "k")), missing);
    let no_text = "key bytes in Secret default/s is not text: it can be a file, but no variable";
    assert_eq!(refused(&there, &key("secretKeyRef", "bytes")), no_text);
}

#[test]
fn a_digest_knows_which_writing_of_a_secret_it_is_and_not_what_it_holds() {
    let mark = |version: &str, data: &Value| {
        let desired = desired(&[secret(version, data)]);
        resolve_config(&desired, "default", &spec(&key("secretKeyRef", "k"))).unwrap().mark()
    };
    let first = mark("1", &json!({"k": "cGE1NQ=="}));
    assert_eq!(first["secrets"], json!({"s": {"uid": "u", "version": "1"}}));
    assert_ne!(first, mark("2", &json!({"k": "cGE1NQ=="})));
}

#[test]
fn what_registries_are_shown_is_no_part_of_a_pod() {
    let desired = desired(&[secret("1", &json!({}))]);
    let mut spec = spec(&json!([]));
    spec.image_pull_secrets =
        serde_json::from_value(json!([{"name": "s"}, {"name": "gone"}])).unwrap();
    let config = resolve_config(&desired, "default", &spec).unwrap();
    assert_eq!(config.secrets.len(), 1);
    assert_eq!(config.mark(), json!({}));
    assert!(config_keys("default", &spec).is_empty());
}
