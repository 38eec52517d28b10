//! `PersistentVolumes`.

use k8s_openapi::api::core::v1::{
    CSIPersistentVolumeSource, PersistentVolume, PersistentVolumeSpec, Volume, VolumeNodeAffinity,
};
use serde_json::{Map, Value};

use super::claim::check_modes;
use super::{Check, selector, volume};
use crate::document::join;
use crate::model::BESIDE_SOURCE;
use crate::model::names::Rule;

/// The sources that only volumes of their own have, or have with more to say.
const OWN_SOURCES: [&str; 2] = ["csi", "local"];

pub(super) fn check(volume: &PersistentVolume, check: &mut Check<'_>) {
    let Some(spec) = &volume.spec else { return check.required("spec") };
    check_modes(spec.access_modes.as_deref(), "spec.accessModes", check);
    check_capacity(spec, check);
    let policy = spec.persistent_volume_reclaim_policy.as_deref();
    let path = "spec.persistentVolumeReclaimPolicy";
    check.one_of(path, policy, &["Retain", "Delete", "Recycle"]);
    if policy == Some("Recycle") && spec.host_path.as_ref().is_some_and(|host| host.path == "/") {
        check.error("invalid-value", path, "must not be `Recycle` for the path `/` of a host");
    }
    let class = spec.storage_class_name.as_deref();
    check.name_if_any("spec.storageClassName", class, Rule::Subdomain);
    check.one_of("spec.volumeMode", spec.volume_mode.as_deref(), &["Filesystem", "Block"]);
    check_source(spec, check);
    if let Some(affinity) = &spec.node_affinity {
        check_affinity(affinity, check);
    }
}

fn check_capacity(spec: &PersistentVolumeSpec, check: &mut Check<'_>) {
    let Some(capacity) = spec.capacity.as_ref().filter(|capacity| !capacity.is_empty()) else {
        let help = "write `capacity: {storage: 1Gi}`";
        return check.error_with("required", "spec.capacity", "is required", help);
    };
    for (name, quantity) in capacity {
        let path = join("spec.capacity", name);
        if name == "storage" {
            check.above_zero(&path, quantity);
        } else {
            check.key_error("invalid-value", &path, "the capacity of a volume is `storage` alone");
        }
    }
    if !capacity.contains_key("storage") {
        check.required("spec.capacity.storage");
    }
}

fn check_source(spec: &PersistentVolumeSpec, check: &mut Check<'_>) {
    // No list of the sources that there are can be forgotten here: whatever is none of the other fields is one.
    let json = serde_json::to_value(spec).unwrap_or_default();
    let fields = json.as_object().into_iter().flatten();
    let sources: Vec<(&String, &Value)> =
        fields.filter(|(field, _)| !BESIDE_SOURCE.contains(&field.as_str())).collect();
    match sources[..] {
        [] => check.error("required", "spec", "must say where the volume is, such as `hostPath`"),
        [_] => {}
        [_, (second, _), ..] => {
            let path = format!("spec.{second}");
            check.error("invalid-value", &path, "a volume has one source; this is another one");
        }
    }
    volume::check_source(&as_volume(sources), "spec", check);
    if let Some(local) = &spec.local {
        check_path(&local.path, "spec.local.path", check);
        if spec.node_affinity.is_none() {
            let help = "say which host has it: spec.nodeAffinity.required.nodeSelectorTerms";
            let path = "spec.nodeAffinity";
            check.error_with("required", path, "is required for a local volume", help);
        }
    }
    if let Some(csi) = &spec.csi {
        check_csi(csi, check);
    }
}

/// The sources as those of a pod's volume, which have the same fields.
fn as_volume(sources: Vec<(&String, &Value)>) -> Volume {
    let shared = sources.into_iter().filter(|(field, _)| !OWN_SOURCES.contains(&field.as_str()));
    let mut fields: Map<String, Value> =
        shared.map(|(field, source)| (field.clone(), source.clone())).collect();
    fields.insert("name".to_owned(), Value::from(""));
    serde_json::from_value(Value::Object(fields)).unwrap_or_default()
}

fn check_path(text: &str, path: &str, check: &mut Check<'_>) {
    if text.is_empty() {
        check.required(path);
    } else if text.split('/').any(|part| part == "..") {
        check.error("invalid-value", path, "must not hold `..`");
    }
}

fn check_csi(csi: &CSIPersistentVolumeSource, check: &mut Check<'_>) {
    let driver = "spec.csi.driver";
    check.name(driver, &csi.driver.to_lowercase(), Rule::Subdomain);
    if csi.driver.len() > 63 {
        check.error("too-large", driver, "must have at most 63 characters");
    }
    if csi.volume_handle.is_empty() {
        check.required("spec.csi.volumeHandle");
    }
}

fn check_affinity(affinity: &VolumeNodeAffinity, check: &mut Check<'_>) {
    let path = "spec.nodeAffinity.required";
    let Some(required) = &affinity.required else { return check.required(path) };
    selector::check_nodes(required, path, check);
}
