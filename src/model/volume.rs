//! What is known of volumes and claims by their fields alone.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

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

/// What a storage class was named by before there was a field.
const OLD_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

/// The storage class that a volume or a claim names; the annotation from before there was a field goes first.
///
/// Source: `GetPersistentVolumeClaimClass` of k8s.io/component-helpers/storage/volume.
pub fn storage_class<'a>(metadata: &'a ObjectMeta, field: Option<&'a str>) -> Option<&'a str> {
    let old = metadata.annotations.as_ref().and_then(|marks| marks.get(OLD_CLASS));
    old.map(String::as_str).or(field)
}
