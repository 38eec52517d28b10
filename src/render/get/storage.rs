//! Storage that outlives pods.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::network::is_default;
use super::row::{Name, Row, or_unset};
use crate::model::storage_class;

pub(super) fn volume(volume: &PersistentVolume, now: Timestamp) -> Row {
    let spec = volume.spec.clone().unwrap_or_default();
    let status = volume.status.clone().unwrap_or_default();
    let claim = spec.claim_ref.map(|claim| {
        format!("{}/{}", claim.namespace.unwrap_or_default(), claim.name.unwrap_or_default())
    });
    Row::default()
        .cell("CAPACITY", size(spec.capacity.as_ref()))
        .cell("ACCESS MODES", modes(spec.access_modes.as_deref().unwrap_or_default()))
        .cell("RECLAIM POLICY", spec.persistent_volume_reclaim_policy.unwrap_or_default())
        .cell("STATUS", phase(&volume.metadata, status.phase))
        .cell("CLAIM", claim.unwrap_or_default())
        .cell("STORAGECLASS", class_of(&volume.metadata, spec.storage_class_name.as_deref()))
        .cell("VOLUMEATTRIBUTESCLASS", or_unset(spec.volume_attributes_class_name))
        .cell("REASON", status.reason.unwrap_or_default())
        .age(&volume.metadata, now)
        .wide("VOLUMEMODE", or_unset(spec.volume_mode))
}

pub(super) fn claim(claim: &PersistentVolumeClaim, now: Timestamp) -> Row {
    let spec = claim.spec.clone().unwrap_or_default();
    let status = claim.status.clone().unwrap_or_default();
    let volume = spec.volume_name.unwrap_or_default();
    // What a claim has is known as soon as it has a volume.
    let (capacity, access) = match volume.as_str() {
        "" => (String::new(), String::new()),
        _ => (
            size(status.capacity.as_ref()),
            modes(status.access_modes.as_deref().unwrap_or_default()),
        ),
    };
    Row::default()
        .cell("STATUS", phase(&claim.metadata, status.phase))
        .cell("VOLUME", volume)
        .cell("CAPACITY", capacity)
        .cell("ACCESS MODES", access)
        .cell("STORAGECLASS", class_of(&claim.metadata, spec.storage_class_name.as_deref()))
        .cell("VOLUMEATTRIBUTESCLASS", or_unset(spec.volume_attributes_class_name))
        .age(&claim.metadata, now)
        .wide("VOLUMEMODE", or_unset(spec.volume_mode))
}

pub(super) fn class(class: &StorageClass, now: Timestamp) -> Row {
    let marks = [
        "storageclass.kubernetes.io/is-default-class",
        "storageclass.beta.kubernetes.io/is-default-class",
    ];
    let default = marks.map(|mark| is_default(&class.metadata, mark)).contains(&Name::Default);
    Row::default()
        .name(if default { Name::Default } else { Name::First })
        .cell("PROVISIONER", &class.provisioner)
        .cell("RECLAIMPOLICY", class.reclaim_policy.as_deref().unwrap_or("Delete"))
        .cell("VOLUMEBINDINGMODE", class.volume_binding_mode.as_deref().unwrap_or("Immediate"))
        .cell("ALLOWVOLUMEEXPANSION", class.allow_volume_expansion.unwrap_or(false))
        .age(&class.metadata, now)
}

fn phase(metadata: &ObjectMeta, phase: Option<String>) -> String {
    match metadata.deletion_timestamp {
        Some(_) => "Terminating".to_owned(),
        None => phase.unwrap_or_default(),
    }
}

fn size(capacity: Option<&BTreeMap<String, Quantity>>) -> String {
    capacity.and_then(|all| all.get("storage")).map_or("0", |size| size.0.as_str()).to_owned()
}

/// Access modes in short, each once.
pub(in crate::render) fn modes(modes: &[String]) -> String {
    let known = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let known = known.iter().filter(|(mode, _)| modes.iter().any(|have| have == mode));
    known.map(|(_, short)| *short).collect::<Vec<_>>().join(",")
}

fn class_of(metadata: &ObjectMeta, field: Option<&str>) -> String {
    storage_class(metadata, field).unwrap_or_default().to_owned()
}
