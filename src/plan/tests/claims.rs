//! Claims, and volumes that outlive their pods.

use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixtures::{Fleet, fleet, single, told, web};
use crate::bindings::Bindings;
use crate::desired::Stored;
use crate::model::Object;
use crate::observed::ContainerState;
use crate::plan::Action;

fn claim(name: &str, more: &Value) -> Value {
    let mut spec =
        json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
    spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": spec,
        "metadata": {"name": name, "namespace": "default", "uid": name}})
}

fn keeping() -> Value {
    json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "keep"},
        "provisioner": "bowline.local", "reclaimPolicy": "Retain",
        "volumeBindingMode": "WaitForFirstConsumer"})
}

fn using(name: &str, claim: &str) -> Value {
    let mut pod = single(name, "busybox:1");
    pod["metadata"]["uid"] = json!(name);
    pod["spec"]["volumes"] = json!([{"name": "v", "persistentVolumeClaim": {"claimName": claim}}]);
    pod["spec"]["containers"][0]["volumeMounts"] = json!([{"name": "v", "mountPath": "/v"}]);
    pod
}

/// What is wanted of these names goes, and what was written stays.
fn without(fleet: &mut Fleet, names: &[&str]) {
    fleet.desired.objects.retain(|key, _| !names.contains(&key.name.as_str()));
}

fn lines(fleet: &Fleet) -> String {
    let plan = fleet.plan();
    let told = told(&plan);
    let mut text: String = told
        .lines()
        .filter(|line| !line.starts_with("wait "))
        .fold(String::new(), |text, line| text + line + "\n");
    for change in plan.report.changes.iter().filter(|change| change.object.kind != "Pod") {
        if change.object.kind.starts_with("Persistent") {
            let _ = writeln!(text, "{} {}: {}", change.action, change.object, change.reason);
        }
    }
    for pending in &plan.report.pending {
        let _ = writeln!(text, "waits {}: {}", pending.object, pending.waiting);
    }
    text
}

#[test]
fn the_volume_comes_before_its_pod_and_pods_follow_it() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[claim("data", &json!({})), using("one", "data")]);
    assert_snapshot!(lines(&fleet), @"
    do a: make volume pvc-data for PersistentVolumeClaim default/data
    do a: create pod default/one
    create one: new
    create PersistentVolume pvc-data: a directory for PersistentVolumeClaim default/data: /var/lib/bowline/volumes/pvc-data
    update PersistentVolumeClaim default/data: gets volume pvc-data
    ");
    let plan = fleet.plan();
    let at = |is: fn(&Action) -> bool| plan.steps.iter().position(|step| is(&step.action)).unwrap();
    let make = at(|action| matches!(action, Action::MakeVolume { .. }));
    let create = at(|action| matches!(action, Action::CreatePod(_)));
    assert!(plan.steps[create].needs.iter().any(|need| need.0 == make));
    fleet.settle();
    assert!(
        fleet.plan().writes.is_empty()
            && fleet
                .plan()
                .steps
                .iter()
                .all(|step| !matches!(step.action, Action::MakeVolume { .. }))
    );
    for name in ["two", "three"] {
        let stored = Object::try_from(using(name, "data")).unwrap();
        fleet.desired.objects.insert(stored.key(), Stored::new(stored));
    }
    fleet.settle();
    assert_eq!(fleet.spread(), [("a".to_owned(), 3), ("b".to_owned(), 0)]);
    // The host is lost: its pods have nowhere else to go.
    fleet.lost("a", 1);
    let stored = Object::try_from(using("four", "data")).unwrap();
    fleet.desired.objects.insert(stored.key(), Stored::new(stored));
    assert!(lines(&fleet).contains(
        "waits Pod default/four: 1 pod: 0/2 nodes are available: 1 node(s) had volume node affinity conflict, 1 node(s) were unreachable."
    ));
}

#[test]
fn data_go_with_their_claim_once_no_pod_has_them() {
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[claim("data", &json!({})), using("one", "data")]).settle();
    without(&mut fleet, &["data"]);
    assert_snapshot!(lines(&fleet), @"waits PersistentVolume pvc-data: it is let go when pod lab_default_one no longer uses it");
    without(&mut fleet, &["one"]);
    assert_snapshot!(lines(&fleet), @"
    do a: delete pod default/one
    do a: delete volume pvc-data and its data
    delete one: Pod default/one is gone
    delete PersistentVolume pvc-data: PersistentVolumeClaim default/data is gone: all data in /var/lib/bowline/volumes/pvc-data are deleted
    ");
    fleet.settle();
    assert!(fleet.report("a").made_volumes.is_empty());
    fleet.round();
    assert!(fleet.desired.objects.is_empty(), "the volume's object goes as well");
}

#[test]
fn data_that_are_to_stay_stay() {
    let mut fleet = fleet(&["a"]);
    let keep = json!({"storageClassName": "keep"});
    fleet.wants(&[keeping(), claim("data", &keep), using("one", "data")]).settle();
    without(&mut fleet, &["data", "one"]);
    assert_snapshot!(lines(&fleet), @"
    do a: delete pod default/one
    do a: release volume pvc-data and keep its data
    delete one: Pod default/one is gone
    update PersistentVolume pvc-data: PersistentVolumeClaim default/data is gone: the data stay in /var/lib/bowline/volumes/pvc-data
    ");
    fleet.settle();
    fleet.round();
    assert!(fleet.desired.objects.keys().any(|key| key.name == "pvc-data"));
    assert_snapshot!(lines(&fleet), @"");
}

#[test]
fn a_claim_for_one_pod_alone_changes_hands_when_the_first_is_gone() {
    let deployment = |image: &str| {
        let mut web = web(1, image);
        web["spec"]["strategy"] = json!({"type": "Recreate"});
        web["spec"]["template"]["spec"]["volumes"] =
            json!([{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]);
        web
    };
    let mut fleet = fleet(&["a", "b"]);
    let alone = claim("data", &json!({"accessModes": ["ReadWriteOncePod"]}));
    fleet.wants(&[alone, deployment("nginx:1")]).settle();
    let stored = Object::try_from(deployment("nginx:2")).unwrap();
    fleet.desired.objects.insert(stored.key(), Stored::new(stored));
    let first = lines(&fleet);
    assert!(first.contains("do a: delete pod") && first.contains("ReadWriteOncePod"), "{first}");
    fleet.settle();
    assert_eq!(fleet.spread(), [("a".to_owned(), 1), ("b".to_owned(), 0)]);
}

#[test]
fn what_claims_keep_from_hosts_is_worded_as_the_scheduler_words_it() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[
        claim("unbound", &json!({"storageClassName": ""})),
        using("lost", "nobodys"),
        using("unbound", "unbound"),
    ]);
    assert_snapshot!(lines(&fleet), @r#"
    waits Pod default/lost: 1 pod: 0/2 nodes are available: persistentvolumeclaim "nobodys" not found.
    waits Pod default/unbound: 1 pod: 0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.
    waits PersistentVolumeClaim default/unbound: no persistent volumes available for this claim and no storage class is set
    "#);
}

#[test]
fn a_pod_that_uses_no_claim_is_made_from_the_same_as_before() {
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[web(1, "nginx:1")]).settle();
    let before = fleet.bindings.clone();
    fleet.wants(&[web(1, "nginx:1"), claim("data", &json!({})), keeping()]);
    assert_eq!(fleet.plan().target, before);
    assert_snapshot!(lines(&fleet), @"update PersistentVolumeClaim default/data: gets the default class");
}

#[test]
fn a_lost_state_takes_the_volume_back() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[claim("data", &json!({})), using("one", "data")]).settle();
    fleet.bindings = Bindings::default();
    let mut again = claim("data", &json!({}));
    again["metadata"]["uid"] = json!("another");
    fleet.wants(&[again, using("one", "data")]);
    assert_snapshot!(lines(&fleet), @"
    update PersistentVolume pvc-data: is given to PersistentVolumeClaim default/data
    update PersistentVolumeClaim default/data: gets volume pvc-data
    ");
}

#[test]
fn a_limit_is_the_size_of_a_file_system() {
    let limited = |limit: &str| {
        let resources = json!({"requests": {"storage": "1Gi"}, "limits": {"storage": limit}});
        claim("data", &json!({"resources": resources}))
    };
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[limited("2Gi"), using("one", "data")]);
    assert_snapshot!(lines(&fleet), @"
    do a: make volume pvc-data for PersistentVolumeClaim default/data
    do a: create pod default/one
    create one: new
    create PersistentVolume pvc-data: a file system of 2Gi for PersistentVolumeClaim default/data: /var/lib/bowline/volumes/pvc-data
    update PersistentVolumeClaim default/data: gets volume pvc-data
    ");
    fleet.settle();
    // A reboot has forgotten that it is mounted, and not that the pod has it.
    let own = json!({"v.claim": crate::plan::mark_of("pvc-data")});
    let own = serde_json::from_value(own).unwrap();
    fleet.report("a").volumes.insert("lab_default_one".to_owned(), own);
    for container in fleet.report("a").pods.values_mut().flat_map(|pod| pod.containers.values_mut())
    {
        container.state = ContainerState::Exited { code: 137, finished: None };
    }
    assert_snapshot!(lines(&fleet), @"
    do a: update volume v of pod default/one
    do a: start containers of pod default/one
    update one: container main exited with 137: start again
    ");
    without(&mut fleet, &["data"]);
    assert!(lines(&fleet).contains("it is let go when pod lab_default_one no longer uses it"));
}

#[test]
fn a_file_system_grows_under_its_pods() {
    let limited = |limit: &str| {
        let resources = json!({"requests": {"storage": "1Gi"}, "limits": {"storage": limit}});
        claim("data", &json!({"resources": resources}))
    };
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[limited("2Gi"), using("one", "data")]).settle();
    let key = Object::try_from(limited("2Gi")).unwrap().key();
    let stored = fleet.desired.objects.get_mut(&key).unwrap();
    let Object::PersistentVolumeClaim(claim) = &mut stored.object else { panic!("a claim") };
    let resources = json!({"requests": {"storage": "1Gi"}, "limits": {"storage": "3Gi"}});
    claim.spec.as_mut().unwrap().resources = serde_json::from_value(resources).unwrap();
    assert_snapshot!(lines(&fleet), @"
    do a: grow volume pvc-data for PersistentVolumeClaim default/data
    update PersistentVolume pvc-data: the file system of PersistentVolumeClaim default/data grows to 3Gi
    ");
    fleet.settle();
    assert_snapshot!(lines(&fleet), @"");
}
