//! What is known of a `PersistentVolume` by its fields alone.

/// The fields of a `PersistentVolume`'s specification that do not say where it is: whatever is none of these is its source.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-v1/>
pub(crate) const BESIDE_SOURCE: &[&str] = &[
    "accessModes",
    "capacity",
    "claimRef",
    "mountOptions",
    "nodeAffinity",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "volumeAttributesClassName",
    "volumeMode",
];
