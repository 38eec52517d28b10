//! Where volumes are, and what services and jobs are given.

use serde_json::{Value, json};

use super::*;

fn completed(text: &str) -> Value {
    let reading = read_text(text);
    let findings: Vec<String> = reading.findings.iter().map(ToString::to_string).collect();
    reading.objects.first().unwrap_or_else(|| panic!("{findings:?}")).object.to_json()
}

#[test]
fn the_sources_of_a_persistent_volume_are_checked_as_those_of_pods() {
    let volume = |source: &str| {
        errors(&format!(
            "apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: a}}\nspec:\n  capacity: {{storage: 1Gi}}\n  accessModes: [ReadWriteOnce]\n  {source}\n"
        ))
    };
    assert_eq!(volume("awsElasticBlockStore: {}"), "required spec.awsElasticBlockStore.volumeID");
    assert_eq!(volume("hostPath: {path: /a/../b}"), "invalid-value spec.hostPath.path");
    assert_eq!(
        volume("iscsi: {targetPortal: '', iqn: nonsense, lun: 999}"),
        "required spec.iscsi.targetPortal, invalid-name spec.iscsi.iqn, out-of-range spec.iscsi.lun"
    );
    assert_eq!(volume("rbd: {monitors: [a], image: b, secretRef: {name: c, namespace: d}}"), "");
}

#[test]
fn a_claim_is_filled_from_what_either_field_names() {
    let claim = |reference: &str| {
        completed(&format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: a}}\nspec:\n  accessModes: [ReadWriteOnce]\n  resources: {{requests: {{storage: 1Gi}}}}\n  dataSourceRef: {reference}\n"
        ))
    };
    let named = json!({"kind": "PersistentVolumeClaim", "name": "b"});
    assert_eq!(claim("{kind: PersistentVolumeClaim, name: b}")["spec"]["dataSource"], named);
    let elsewhere = claim("{kind: PersistentVolumeClaim, name: b, namespace: c}");
    assert_eq!(elsewhere["spec"]["dataSource"], Value::Null);
}

#[test]
fn traffic_from_outside_and_affinity() {
    let service = |spec: &str| {
        completed(&format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{ports: [{{port: 80}}], {spec}}}\n"
        ))
    };
    let policy = |spec: &str| service(spec)["spec"]["externalTrafficPolicy"].clone();
    assert_eq!(policy("externalIPs: [192.0.2.1]"), "Cluster");
    assert_eq!(policy("externalIPs: []"), Value::Null);
    let config = "sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}";
    assert_eq!(service(config)["spec"]["sessionAffinityConfig"], Value::Null);
    let kept = service(&format!("sessionAffinity: ClientIP, {config}"));
    assert_eq!(kept["spec"]["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"], 5);
}

#[test]
fn the_name_of_a_job_is_a_label() {
    let job = |length: usize, more: &str| {
        let name = "j".repeat(length);
        errors(&format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: {name}}}\nspec: {{{more}template: {{metadata: {{labels: {{a: b}}}}, spec: {{restartPolicy: Never, containers: [{{name: c, image: d}}]}}}}}}\n"
        ))
    };
    assert_eq!(job(63, ""), "");
    assert_eq!(job(64, ""), "invalid-name metadata.name");
    assert_eq!(job(64, "manualSelector: true, selector: {matchLabels: {a: b}}, "), "");
}
