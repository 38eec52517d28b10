//! Which claim gets which volume, and where pods go for it. Stored objects in, what was written out.

use std::fmt::Write as _;

use insta::assert_snapshot;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::model::FleetName;

fn fleet() -> FleetName {
    "lab".into()
}

fn hosts() -> Vec<Ground> {
    let host = |name: &str| Ground {
        name: name.into(),
        labels: [("kubernetes.io/hostname".to_owned(), name.to_owned())].into(),
        takes: if name == "c" { Takes::Nothing } else { Takes::Volumes },
    };
    ["a", "b", "c"].map(host).into()
}

fn desired(objects: &[Value]) -> Desired {
    Desired::default().with(objects.iter().map(|json| Object::try_from(json.clone()).unwrap()))
}

fn claim(name: &str, more: &Value) -> Value {
    let mut spec =
        json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
    spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": spec,
        "metadata": {"name": name, "namespace": "default", "uid": format!("uid-{name}")}})
}

fn volume(name: &str, size: &str, more: &Value) -> Value {
    let mut spec = json!({"accessModes": ["ReadWriteOnce"], "capacity": {"storage": size},
        "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": format!("/{name}")}});
    spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"apiVersion": "v1", "kind": "PersistentVolume",
        "metadata": {"name": name, "labels": {"name": name}}, "spec": spec})
}

fn class(name: &str, more: &Value) -> Value {
    let mut class = json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
        "metadata": {"name": name}, "provisioner": "bowline.local", "volumeBindingMode": "Immediate"});
    class.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    class
}

fn pod(name: &str, claims: &[&str]) -> (PodKey, k8s_openapi::api::core::v1::Pod) {
    let volumes: Vec<Value> = claims
        .iter()
        .map(|claim| json!({"name": claim, "persistentVolumeClaim": {"claimName": claim}}))
        .collect();
    let pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "uid": format!("uid-{name}")},
        "spec": {"containers": [], "volumes": volumes}});
    (PodKey::new("default", name), serde_json::from_value(pod).unwrap())
}

fn storage<'a>(desired: &'a Desired, fleet: &'a FleetName) -> Storage<'a> {
    let pen = Pen { fleet, now: Timestamp::UNIX_EPOCH };
    Storage::new(desired, pen, hosts(), BTreeMap::new())
}

/// A line a claim: its volume, where that may be, and why there is none.
fn told(desired: &Desired) -> String {
    let mut text = String::new();
    for (key, claim) in claims(desired) {
        let volume = bound_volume(desired, claim);
        let name = volume.and_then(|volume| volume.metadata.name.as_deref());
        let affinity = volume.and_then(|volume| volume.spec.as_ref()?.node_affinity.clone());
        let on = affinity.and_then(|affinity| {
            let term = affinity.required?.node_selector_terms.first()?.match_expressions.clone()?;
            Some(term.first()?.values.clone()?.join(" "))
        });
        let why = why_pending(desired, claim);
        let words = [name.map(str::to_owned), on.map(|on| format!("on {on}")), why];
        let words: Vec<String> = words.into_iter().flatten().collect();
        let _ = writeln!(text, "{}: {}", key.name, words.join(" "));
    }
    text
}

fn settled(objects: &[Value]) -> Desired {
    let (desired, fleet) = (desired(objects), fleet());
    let mut first = storage(&desired, &fleet);
    first.settle();
    let settled = first.desired().clone();
    let mut again = storage(&settled, &fleet);
    again.settle();
    assert!(again.done().1.is_empty(), "what is settled changes again");
    settled
}

#[test]
fn the_smallest_volume_that_fits_is_taken_and_none_twice() {
    let none = json!({"storageClassName": ""});
    let with = |more: Value| {
        let mut all = none.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let settled = settled(&[
        volume("v5", "5Gi", &json!({})),
        volume("v2", "2Gi", &json!({})),
        volume("v3", "3Gi", &json!({})),
        volume("block", "1Gi", &json!({"volumeMode": "Block"})),
        volume("other", "1Gi", &json!({"storageClassName": "other"})),
        volume("kept", "1Gi", &json!({"claimRef": {"namespace": "default", "name": "foreseen"}})),
        volume(
            "gone",
            "1Gi",
            &json!({"claimRef": {"namespace": "default", "name": "x", "uid": "old"}}),
        ),
        claim("a", &none),
        claim("b", &with(json!({"accessModes": ["ReadWriteMany"]}))),
        claim("c", &with(json!({"selector": {"matchLabels": {"name": "v5"}}}))),
        claim("d", &with(json!({"volumeName": "v3"}))),
        claim("e", &with(json!({"volumeName": "v2"}))),
        claim("f", &with(json!({"volumeName": "none"}))),
        claim("foreseen", &none),
        claim("g", &with(json!({"volumeName": "other"}))),
        claim("x", &none),
    ]);
    assert_snapshot!(told(&settled), @r#"
    a: v2
    b: no persistent volumes available for this claim and no storage class is set
    c: v5
    d: v3
    e: volume "v2" already bound to a different claim.
    f: volume "none" not found
    foreseen: kept
    g: Cannot bind to requested volume "other": it has not what the claim asks for
    x: no persistent volumes available for this claim and no storage class is set
    "#);
    let phase = |name: &str| volume_phase(&settled, volume_of(&settled, name).unwrap()).word();
    assert_eq!(["v2", "gone", "other"].map(phase), ["Bound", "Released", "Available"]);
}

#[test]
fn a_claim_without_a_class_gets_the_default_one() {
    let plain = claim("plain", &json!({}));
    assert_snapshot!(told(&settled(std::slice::from_ref(&plain))), @"plain: waiting for first consumer to be created before binding");
    let default = json!({"metadata": {"name": "mine",
        "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}});
    let settled = settled(&[
        plain,
        class("mine", &default),
        claim("none", &json!({"storageClassName": "lost"})),
    ]);
    assert_snapshot!(told(&settled), @r#"
    none: storageclass.storage.k8s.io "lost" not found
    plain: pvc-uid-plain on a
    "#);
}

#[test]
fn volumes_at_once_go_to_the_host_with_the_fewest() {
    let now = json!({"storageClassName": "now"});
    let only_b = json!({"allowedTopologies": [{"matchLabelExpressions":
        [{"key": "kubernetes.io/hostname", "values": ["b", "c"]}]}]});
    let settled = settled(&[
        class("now", &json!({})),
        class("there", &only_b),
        class("odd", &json!({"parameters": {"path": "srv"}})),
        class("up", &json!({"parameters": {"path": "/srv/../etc"}})),
        claim("1", &now),
        claim("2", &now),
        claim("3", &now),
        claim("4", &json!({"storageClassName": "there"})),
        claim("5", &json!({"storageClassName": "odd"})),
        claim("6", &json!({"storageClassName": "up"})),
        claim("7", &json!({"storageClassName": "now", "volumeMode": "Block"})),
    ]);
    assert_snapshot!(told(&settled), @"
    1: pvc-uid-1 on a
    2: pvc-uid-2 on b
    3: pvc-uid-3 on a
    4: pvc-uid-4 on b
    5: parameters of bowline.local are `path`, a path from the root, not path: srv
    6: parameters of bowline.local are `path`, a path from the root, not path: /srv/../etc
    7: volumeMode Block: a volume here is a directory, not a device
    ");
}

#[test]
fn the_first_pod_binds_and_the_next_ones_follow() {
    let (desired, fleet) = (
        desired(&[
            claim("data", &json!({})),
            claim("alone", &json!({"accessModes": ["ReadWriteOncePod"]})),
            claim("path", &json!({"storageClassName": ""})),
            volume("path", "1Gi", &json!({})),
        ]),
        fleet(),
    );
    let mut storage = storage(&desired, &fleet);
    storage.settle();
    let (one, first) = pod("one", &["data", "alone", "path"]);
    assert_eq!(storage.conflicts(&one, &first), Ok(BTreeMap::new()));
    storage.placed(&one, &first, &"b".into());
    assert_snapshot!(told(storage.desired()), @"
    alone: pvc-uid-alone on b
    data: pvc-uid-data on b
    path: path
    ");
    let conflicts = |claims: &[&str]| {
        let (key, pod) = pod("two", claims);
        storage.conflicts(&key, &pod).map(|all| all.into_iter().collect::<Vec<_>>())
    };
    let away = [("a".into(), Conflict::Affinity), ("c".into(), Conflict::Affinity)];
    assert_eq!(conflicts(&["data"]), Ok(away.to_vec()));
    assert_eq!(conflicts(&["path"]), Ok(away.to_vec()), "a path of one host stays that host's");
    let in_use = ["a", "b", "c"].map(|host| (host.into(), Conflict::InUse));
    assert_eq!(conflicts(&["alone"]), Ok(in_use.to_vec()));
    assert_eq!(conflicts(&["none"]), Err(ClaimError::Missing("none".to_owned())));
}

#[test]
fn two_claims_of_a_pod_do_not_count_on_one_volume() {
    let local = |name: &str, size: &str| {
        let term = json!({"matchExpressions": [
            {"key": "kubernetes.io/hostname", "operator": "In", "values": ["a"]}]});
        let affinity = json!({"required": {"nodeSelectorTerms": [term]}});
        volume(name, size, &json!({"storageClassName": "local", "nodeAffinity": affinity}))
    };
    let waits = json!({"provisioner": "kubernetes.io/no-provisioner",
        "volumeBindingMode": "WaitForFirstConsumer"});
    let of = |name: &str, size: &str| {
        claim(
            name,
            &json!({"storageClassName": "local", "resources": {"requests": {"storage": size}}}),
        )
    };
    let mut objects =
        vec![class("local", &waits), local("v2", "2Gi"), of("large", "2Gi"), of("small", "1Gi")];
    let fleet = fleet();
    let (key, both) = pod("p", &["large", "small", "large"]);
    let stored = desired(&objects);
    let conflicts = storage(&stored, &fleet).conflicts(&key, &both).unwrap();
    assert_eq!(
        conflicts,
        ["a", "b", "c"].map(|host| (host.into(), Conflict::NothingToBind)).into()
    );
    // With a second volume there is one for each, and the smaller is for the smaller claim.
    objects.push(local("v3", "3Gi"));
    let stored = desired(&objects);
    let mut storage = storage(&stored, &fleet);
    let conflicts = storage.conflicts(&key, &both).unwrap();
    assert_eq!(conflicts, ["b", "c"].map(|host| (host.into(), Conflict::NothingToBind)).into());
    storage.placed(&key, &both, &"a".into());
    assert_eq!(told(storage.desired()), "large: v3 on a\nsmall: v2 on a\n");
}

#[test]
fn a_volume_is_used_in_its_own_zone() {
    let volume = |labels: Value| {
        let mut volume = volume(
            "v",
            "1Gi",
            &json!({"storageClassName": "",
            "accessModes": ["ReadWriteMany"],
            "claimRef": {"namespace": "default", "name": "c", "uid": "uid-c"}}),
        );
        volume["metadata"]["labels"] = labels;
        volume
    };
    let claim = claim(
        "c",
        &json!({"storageClassName": "", "volumeName": "v", "accessModes": ["ReadWriteMany"]}),
    );
    let fleet = fleet();
    let (key, pod) = pod("p", &["c"]);
    let out = |labels: Value| {
        let stored = desired(&[volume(labels), claim.clone()]);
        let mut storage = storage(&stored, &fleet);
        storage.settle();
        for (host, zone) in storage.hosts.iter_mut().zip(["one", "two"]) {
            host.labels.insert("topology.kubernetes.io/zone".to_owned(), zone.to_owned());
        }
        let conflicts = storage.conflicts(&key, &pod).unwrap();
        assert!(conflicts.values().all(|why| *why == Conflict::Zone), "{conflicts:?}");
        conflicts.keys().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(out(json!({"topology.kubernetes.io/zone": "two"})), "a");
    assert_eq!(out(json!({"topology.kubernetes.io/zone": "two__one"})), "");
    assert_eq!(out(json!({"failure-domain.beta.kubernetes.io/zone": "two"})), "a");
    assert_eq!(out(json!({"topology.kubernetes.io/region": "north"})), "a b", "c says nothing");
    assert_eq!(out(json!({"topology.kubernetes.io/zone": "two__"})), "", "it cannot be read");
    assert_eq!(out(json!({"name": "v"})), "");
}

#[test]
fn a_claim_of_a_pods_own_comes_and_goes_with_it() {
    let (desired, fleet) = (desired(&[claim("other-v", &json!({}))]), fleet());
    let mut storage = storage(&desired, &fleet);
    let template = json!({"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    let made = |name: &str| {
        let (key, mut pod) = pod(name, &[]);
        let volumes = json!([{"name": "v", "ephemeral": {"volumeClaimTemplate": template}}]);
        pod.spec.get_or_insert_default().volumes = serde_json::from_value(volumes).unwrap();
        (key, pod)
    };
    let (key, other) = made("other");
    assert!(matches!(storage.conflicts(&key, &other), Err(ClaimError::Another(..))));
    let (key, own) = made("own");
    storage.placed(&key, &own, &"a".into());
    let name =
        claim_of(storage.desired(), "default", "own-v").unwrap().spec.clone().unwrap().volume_name;
    assert!(name.is_some_and(|name| name.len() > "pvc-".len()));
    storage.forget_pods(&|pod, uid| pod.name == "own" && uid == "uid-own");
    assert!(claim_of(storage.desired(), "default", "own-v").is_some());
    storage.forget_pods(&|_, _| false);
    assert!(claim_of(storage.desired(), "default", "own-v").is_none());
    assert!(claim_of(storage.desired(), "default", "other-v").is_some());
}

#[test]
fn a_volume_that_a_host_still_has_is_taken_back() {
    let (desired, fleet) = (desired(&[claim("data", &json!({}))]), fleet());
    let found = Found {
        volume: "pvc-old".to_owned(),
        node: "b".into(),
        path: "/v/pvc-old".to_owned(),
        size_bytes: None,
    };
    let found = BTreeMap::from([(claim_key("default", "data"), found)]);
    let pen = Pen { fleet: &fleet, now: Timestamp::UNIX_EPOCH };
    let mut storage = Storage::new(&desired, pen, hosts(), found);
    storage.settle();
    assert_snapshot!(told(storage.desired()), @"data: pvc-old on b");
    let path = made_path(volume_of(storage.desired(), "pvc-old").unwrap());
    assert_eq!(path, Some("/v/pvc-old"));
}

#[test]
fn what_only_says_that_it_was_made_is_nobodys_to_delete() {
    let made = |name: &str, path: &str| {
        let mut volume = volume(name, "1Gi", &json!({"local": {"path": path}}));
        volume["metadata"]["annotations"] =
            json!({"pv.kubernetes.io/provisioned-by": "bowline.local"});
        is_made(&serde_json::from_value(volume).unwrap())
    };
    assert!(made("pvc-1", "/var/lib/bowline/volumes/pvc-1"));
    assert!(!made("pvc-1", "/") && !made("pvc-1", "/srv") && !made("disk", "/srv/disk"));
    assert!(!made("pvc-1", "/srv/../pvc-1") && !made("pvc-1", "/srv\n/pvc-1"));
}

#[test]
fn a_claim_grows_where_its_class_lets_it() {
    let grown = |allow: bool| {
        let mut first = settled(&[
            class("now", &json!({"allowVolumeExpansion": allow})),
            claim("data", &json!({"storageClassName": "now"})),
        ]);
        let stored = first.objects.get_mut(&claim_key("default", "data")).unwrap();
        let Object::PersistentVolumeClaim(claim) = &mut stored.object else { panic!("a claim") };
        let requests = json!({"requests": {"storage": "2Gi"}});
        claim.spec.as_mut().unwrap().resources = serde_json::from_value(requests).unwrap();
        let fleet = fleet();
        let mut storage = storage(&first, &fleet);
        storage.settle();
        let volume = volumes(storage.desired()).next().unwrap().spec.clone().unwrap();
        (volume.capacity.unwrap()["storage"].0.clone(), told(storage.desired()).contains("resize"))
    };
    assert_eq!(grown(true), ("2Gi".to_owned(), false));
    assert_eq!(grown(false), ("1Gi".to_owned(), true));
}

#[test]
fn a_claim_with_a_limit_gets_a_file_system_of_that_size() {
    let limited = |limit: &str| {
        let resources = json!({"requests": {"storage": "1Gi"}, "limits": {"storage": limit}});
        claim("data", &json!({"storageClassName": "now", "resources": resources}))
    };
    let class = class("now", &json!({"allowVolumeExpansion": true}));
    let shown = |desired: &Desired| {
        let volume = volumes(desired).next().unwrap();
        let capacity = volume.spec.clone().unwrap().capacity.unwrap();
        (capacity["storage"].0.clone(), file_system_bytes(volume), place(volume))
    };
    let first = settled(&[class.clone(), limited("1.5Gi")]);
    let path = "/var/lib/bowline/volumes/pvc-uid-data".to_owned();
    let expected = ("1.5Gi".to_owned(), Some(3 << 29), Some(Place::FileSystem(path.clone())));
    assert_eq!(shown(&first), expected);
    // It grows, and never shrinks.
    for (limit, size) in [("2Gi", "2Gi"), ("1Gi", "1.5Gi")] {
        let claim = claim_of(&first, "default", "data").unwrap().clone();
        let mut claim = serde_json::to_value(&claim).unwrap();
        claim["spec"]["resources"]["limits"]["storage"] = json!(limit);
        claim["apiVersion"] = json!("v1");
        claim["kind"] = json!("PersistentVolumeClaim");
        let (changed, fleet) = (first.clone().with([Object::try_from(claim).unwrap()]), fleet());
        let mut storage = storage(&changed, &fleet);
        storage.settle();
        assert_eq!(shown(storage.desired()).0, size);
    }
    // What a host has is what it is, whatever the claim says.
    for (limit, size_bytes) in [("2Gi", None), ("2Gi", Some(1 << 20))] {
        let (desired, fleet) = (desired(&[class.clone(), limited(limit)]), fleet());
        let found = Found {
            volume: "pvc-old".to_owned(),
            node: "b".into(),
            path: "/v/pvc-old".to_owned(),
            size_bytes,
        };
        let found = BTreeMap::from([(claim_key("default", "data"), found)]);
        let pen = Pen { fleet: &fleet, now: Timestamp::UNIX_EPOCH };
        let mut storage = Storage::new(&desired, pen, hosts(), found);
        storage.settle();
        assert_eq!(shown(storage.desired()).1, size_bytes);
    }
}
