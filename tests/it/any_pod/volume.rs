//! Volumes, and where they are mounted.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Ground;
use super::field::{ABSENT, field_ref, flag, maybe, mode, object, one_of, resource_ref, sure};

pub(super) fn key_items() -> BoxedStrategy<Value> {
    let item = |key: &'static str| {
        object(vec![
            ("key", sure(json!(key))),
            ("path", one_of(json!([key, format!("deep/{key}")]))),
            ("mode", maybe(mode())),
        ])
    };
    vec![item("one"), item("THREE")].prop_map(Value::Array).boxed()
}

pub(super) fn downward_items() -> BoxedStrategy<Value> {
    let item = |path: &'static str, kind: &'static str, from: BoxedStrategy<Value>| {
        object(vec![("path", sure(json!(path))), (kind, from), ("mode", maybe(mode()))])
    };
    let labels = sure(json!({"fieldPath": "metadata.labels"}));
    vec![
        item("field", "fieldRef", field_ref()),
        item("labels", "fieldRef", labels),
        item("resource", "resourceFieldRef", resource_ref()),
    ]
    .prop_map(Value::Array)
    .boxed()
}

pub(super) fn named_source(
    name_field: &'static str,
    name: &'static str,
    mode_too: bool,
) -> BoxedStrategy<Value> {
    let default_mode = if mode_too { maybe(mode()) } else { sure(ABSENT) };
    let there = object(vec![
        (name_field, sure(json!(name))),
        ("items", maybe(key_items())),
        ("optional", maybe(flag())),
        ("defaultMode", default_mode),
    ]);
    let missing = sure(json!({name_field: "missing", "optional": true}));
    prop_oneof![4 => there, 1 => missing].boxed()
}

/// A claim of the pod's own.
fn claim_template() -> BoxedStrategy<Value> {
    let modes = one_of(json!([["ReadWriteOnce"], ["ReadWriteOncePod"]]));
    let spec = object(vec![
        ("accessModes", modes),
        (
            "resources",
            one_of(json!([
                {"requests": {"storage": "16Mi"}},
                {"requests": {"storage": "16Mi"}, "limits": {"storage": "0.5Gi"}},
            ])),
        ),
        ("storageClassName", maybe(sure(json!("bowline.local")))),
        ("volumeMode", maybe(sure(json!("Filesystem")))),
    ]);
    let metadata = maybe(sure(json!({"labels": {"of": "any"}})));
    object(vec![("metadata", metadata), ("spec", spec)])
        .prop_map(|template| json!({"volumeClaimTemplate": template}))
        .boxed()
}

/// Some of all kinds of volumes, each of the name of its kind.
pub(super) fn volumes(ground: Ground) -> BoxedStrategy<Vec<Value>> {
    let projected = object(vec![
        (
            "sources",
            vec![
                named_source("name", "config", false)
                    .prop_map(|from| json!({"configMap": under("config", from)}))
                    .boxed(),
                named_source("name", "secret", false)
                    .prop_map(|from| json!({"secret": under("secret", from)}))
                    .boxed(),
                downward_items().prop_map(|items| json!({"downwardAPI": {"items": items}})).boxed(),
            ]
            .prop_map(Value::Array)
            .boxed(),
        ),
        ("defaultMode", maybe(mode())),
    ]);
    let media = match ground {
        Ground::Simulated => json!(["Memory", "", "HugePages-2Mi"]),
        Ground::Real => json!(["Memory", ""]),
    };
    let empty = object(vec![
        ("medium", maybe(one_of(media))),
        ("sizeLimit", maybe(one_of(json!(["1Mi", "16Mi", "0.5Gi"])))),
    ]);
    let path = object(vec![
        ("path", one_of(json!(["/var/lib/any", "/var/lib/any/deep"]))),
        ("type", sure(json!("DirectoryOrCreate"))),
    ]);
    let image = object(vec![
        ("reference", sure(json!("busybox:1.36"))),
        ("pullPolicy", maybe(one_of(json!(["IfNotPresent"])))),
    ]);
    let downward = object(vec![("items", downward_items()), ("defaultMode", maybe(mode()))]);
    let mut kinds = vec![
        ("emptydir", "emptyDir", empty),
        ("configmap", "configMap", named_source("name", "config", true)),
        ("secret", "secret", named_source("secretName", "secret", true)),
        ("downward", "downwardAPI", downward),
        ("projected", "projected", projected),
        ("hostpath", "hostPath", path),
    ];
    kinds.push(("ephemeral", "ephemeral", claim_template()));
    // podman 4.3 knows no mounts of images in pods, a lab has no NFS, and one claim would draw all pods to one host.
    if ground == Ground::Simulated {
        let share = json!({"server": "10.42.0.9", "path": "/export"});
        let share =
            vec![share.clone(), json!({"server": "10.42.0.9", "path": "/", "readOnly": true})];
        let data =
            vec![json!({"claimName": "data"}), json!({"claimName": "data", "readOnly": true})];
        kinds.push(("image", "image", image));
        kinds.push(("nfs", "nfs", one_of(Value::Array(share))));
        kinds.push(("disk", "persistentVolumeClaim", sure(json!({"claimName": "disk"}))));
        kinds.push(("claim", "persistentVolumeClaim", one_of(Value::Array(data))));
    }
    let volumes = kinds.into_iter().map(|(name, kind, source)| {
        maybe(source.prop_map(move |source| json!({"name": name, kind: source})).boxed())
    });
    let volumes: Vec<_> = volumes.collect();
    volumes.prop_map(|all| all.into_iter().filter(|one| !one.is_null()).collect()).boxed()
}

/// Files of one volume may not have one path: each source gets a directory of its own.
pub(super) fn under(directory: &str, mut from: Value) -> Value {
    if let Some(items) = from.get_mut("items").and_then(Value::as_array_mut) {
        for item in items {
            item["path"] = json!(format!("{directory}/{}", item["path"].as_str().unwrap()));
        }
    }
    from
}

/// The volume among these that is a device, given as one.
pub(super) fn devices(volumes: &[String]) -> BoxedStrategy<Value> {
    if volumes.iter().any(|name| name == "disk") {
        maybe(sure(json!([{"name": "disk", "devicePath": "/dev/any"}])))
    } else {
        sure(ABSENT)
    }
}

/// Each of some volumes, mounted where its name says.
pub(super) fn mounts(volumes: &[String]) -> BoxedStrategy<Value> {
    if volumes.is_empty() {
        return sure(ABSENT);
    }
    let mount = |name: &String| {
        let name = name.clone();
        let part = if name == "emptydir" {
            one_of(json!([ABSENT, {"subPath": "part"}, {"subPathExpr": "$(POD)"}]))
        } else {
            sure(ABSENT)
        };
        let propagation = match name.as_str() {
            "hostpath" => maybe(one_of(json!(["None", "HostToContainer"]))),
            _ => maybe(sure(json!("None"))),
        };
        let flags = one_of(json!([
            {}, {"readOnly": false}, {"readOnly": true},
            {"readOnly": true, "recursiveReadOnly": "IfPossible"},
            {"readOnly": true, "recursiveReadOnly": "Disabled"},
        ]));
        (part, propagation, flags)
            .prop_map(move |(part, propagation, flags)| {
                let mut mount = json!({"name": name, "mountPath": format!("/mnt/{name}")});
                let fields = mount.as_object_mut().unwrap();
                for more in [part, flags] {
                    fields.extend(more.as_object().cloned().unwrap_or_default());
                }
                if !propagation.is_null() && fields.get("recursiveReadOnly").is_none() {
                    fields.insert("mountPropagation".to_owned(), propagation);
                }
                mount
            })
            .boxed()
    };
    let mounted = volumes.iter().filter(|name| *name != "disk");
    let all: Vec<_> = mounted.map(|name| maybe(mount(name))).collect();
    all.prop_map(|all| {
        let there: Vec<Value> = all.into_iter().filter(|one| !one.is_null()).collect();
        if there.is_empty() { ABSENT } else { Value::Array(there) }
    })
    .boxed()
}
