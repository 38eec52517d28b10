//! Volumes that are made for claims: a directory on a host, and where the claim has a limit a file system of that size in it.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    LocalVolumeSource, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, ObjectReference,
    PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec, VolumeNodeAffinity,
};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::class::BUILT_IN;
use super::fit::{limit, request};
use super::ground::Ground;

/// Who made a volume.
pub(super) const MADE_BY: &str = "pv.kubernetes.io/provisioned-by";

/// Says that a volume is a file system of its own, which holds no more than the volume's capacity; and of which type.
pub(super) const FILE_SYSTEM: &str = "bowline.local/file-system";

/// The type of such file systems.
pub(super) const EXT4: &str = "ext4";

/// Where volumes are made whose class says no other place.
const DIRECTORY: &str = "/var/lib/bowline/volumes";

/// The parameter of a class that says where on a host its volumes are made.
const PATH_PARAMETER: &str = "path";

/// The label by which a volume knows its host.
const HOSTNAME: &str = "kubernetes.io/hostname";

/// The name of the volume that is made for a claim.
pub(super) fn volume_name(claim: &PersistentVolumeClaim) -> String {
    format!("pvc-{}", claim.metadata.uid.as_deref().unwrap_or_default())
}

/// The directory of a volume that is made now.
pub(super) fn directory(class: &StorageClass, volume: &str) -> String {
    let given = class.parameters.as_ref().and_then(|all| all.get(PATH_PARAMETER));
    let above = given.map_or(DIRECTORY, |path| path.trim_end_matches('/'));
    format!("{above}/{volume}")
}

/// Why no volume is made for a claim of a class; `None` where one can be.
pub(super) fn obstacle(class: &StorageClass, claim: &PersistentVolumeClaim) -> Option<String> {
    let spec = claim.spec.as_ref()?;
    if spec.volume_mode.as_deref() == Some("Block") {
        return Some("volumeMode Block: a volume here is a directory, not a device".to_owned());
    }
    if spec.selector.is_some() {
        return Some("a claim with a selector waits for a volume that people make".to_owned());
    }
    if let Some(source) = &spec.data_source_ref {
        return Some(format!("no volume is made from the {} {}", source.kind, source.name));
    }
    let known = |(key, value): (&String, &String)| {
        let steps = value.trim_end_matches('/').split('/').skip(1);
        let plain =
            |step: &str| !step.is_empty() && step != ".." && !step.contains(char::is_control);
        key == PATH_PARAMETER && value.starts_with('/') && value.len() > 1 && {
            steps.into_iter().all(plain)
        }
    };
    let odd = class.parameters.iter().flatten().find(|entry| !known(*entry));
    odd.map(|(key, value)| {
        format!("parameters of {BUILT_IN} are `path`, a path from the root, not {key}: {value}")
    })
}

/// What a volume is on its host.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    /// A directory of the host's own: nothing holds anybody back who writes more than the claim asks for.
    Directory,
    /// A file system of this size.
    FileSystem(Quantity),
}

impl Form {
    /// What a volume is that is made now for a claim.
    pub(super) fn of(claim: &PersistentVolumeClaim) -> Self {
        let limit = claim.spec.as_ref().and_then(limit);
        limit.map_or(Self::Directory, |size| Self::FileSystem(size.clone()))
    }
}

/// The volume of a claim on a host, already the claim's.
pub(super) fn volume(
    class: &StorageClass,
    claim: &PersistentVolumeClaim,
    host: &Ground,
    ((name, path), form): ((String, String), Form),
) -> PersistentVolume {
    let asks = claim.spec.clone().unwrap_or_default();
    let mut marks = BTreeMap::from([(MADE_BY.to_owned(), BUILT_IN.to_owned())]);
    let size = match form {
        Form::Directory => request(&asks).cloned().unwrap_or_default(),
        Form::FileSystem(size) => {
            marks.insert(FILE_SYSTEM.to_owned(), EXT4.to_owned());
            size
        }
    };
    let label = host.labels.get(HOSTNAME).map_or(host.name.as_str(), String::as_str);
    PersistentVolume {
        metadata: ObjectMeta {
            name: Some(name),
            annotations: Some(marks),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeSpec {
            access_modes: asks.access_modes,
            capacity: Some(BTreeMap::from([("storage".to_owned(), size)])),
            claim_ref: Some(reference(claim)),
            local: Some(LocalVolumeSource { path, fs_type: None }),
            node_affinity: Some(VolumeNodeAffinity { required: Some(on_host(label)) }),
            persistent_volume_reclaim_policy: Some(
                class.reclaim_policy.clone().unwrap_or_else(|| "Delete".to_owned()),
            ),
            storage_class_name: class.metadata.name.clone(),
            volume_mode: Some("Filesystem".to_owned()),
            ..PersistentVolumeSpec::default()
        }),
        status: None,
    }
}

/// What a volume says of the claim that has it.
pub(super) fn reference(claim: &PersistentVolumeClaim) -> ObjectReference {
    ObjectReference {
        api_version: Some("v1".to_owned()),
        kind: Some("PersistentVolumeClaim".to_owned()),
        namespace: claim.metadata.namespace.clone(),
        name: claim.metadata.name.clone(),
        uid: claim.metadata.uid.clone(),
        ..ObjectReference::default()
    }
}

fn on_host(label: &str) -> NodeSelector {
    let named = NodeSelectorRequirement {
        key: HOSTNAME.to_owned(),
        operator: "In".to_owned(),
        values: Some(vec![label.to_owned()]),
    };
    let term = NodeSelectorTerm { match_expressions: Some(vec![named]), match_fields: None };
    NodeSelector { node_selector_terms: vec![term] }
}
