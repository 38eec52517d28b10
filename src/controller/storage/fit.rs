//! Which volume fits a claim: the rules of Kubernetes' own controller of volumes.
//!
//! Source: <https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/volume/persistentvolume/index.go> and
//! `FindMatchingVolume` of k8s.io/component-helpers/storage/volume.

use k8s_openapi::api::core::v1::{
    ObjectReference, PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec,
    PersistentVolumeSpec,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::model::{Amount, Labels, Selector};

/// Whether a volume has all that a claim asks for, whoever has it now.
pub(super) fn satisfies(
    volume: &PersistentVolume,
    claim: &PersistentVolumeClaim,
    class: &str,
) -> bool {
    let (Some(has), Some(asks)) = (&volume.spec, &claim.spec) else { return false };
    has.storage_class_name.as_deref().unwrap_or_default() == class
        && mode(has.volume_mode.as_ref()) == mode(asks.volume_mode.as_ref())
        && has_modes(has, asks)
        && capacity(has) >= size(asks)
}

/// Whether the labels of a volume are those that the claim asks for.
pub(super) fn is_selected(volume: &PersistentVolume, asks: &PersistentVolumeClaimSpec) -> bool {
    let none = Labels::new();
    let labels = volume.metadata.labels.as_ref().unwrap_or(&none);
    // A selector that cannot be read was refused when the manifest was.
    asks.selector.as_ref().is_none_or(|selector| {
        Selector::from_object(selector).is_ok_and(|selector| selector.matches(labels))
    })
}

/// Whether a volume is set aside for a claim, or is the claim's already.
pub(super) fn is_for(reference: &ObjectReference, claim: &PersistentVolumeClaim) -> bool {
    let uid = reference.uid.as_deref().unwrap_or_default();
    reference.namespace == claim.metadata.namespace
        && reference.name == claim.metadata.name
        && (uid.is_empty() || Some(uid) == claim.metadata.uid.as_deref())
}

/// The claim that has, had or shall have a volume.
pub(super) fn claimed_by(volume: &PersistentVolume) -> Option<&ObjectReference> {
    volume.spec.as_ref()?.claim_ref.as_ref()
}

/// What a volume holds.
pub(super) fn capacity(spec: &PersistentVolumeSpec) -> Amount {
    amount(spec.capacity.as_ref().and_then(|all| all.get("storage")))
}

/// What a claim asks for.
pub(super) fn size(spec: &PersistentVolumeClaimSpec) -> Amount {
    amount(request(spec))
}

/// What a claim asks for, as it is written.
pub(super) fn request(spec: &PersistentVolumeClaimSpec) -> Option<&Quantity> {
    spec.resources.as_ref()?.requests.as_ref()?.get("storage")
}

/// The most that a claim's volume may hold, as it is written.
pub(super) fn limit(spec: &PersistentVolumeClaimSpec) -> Option<&Quantity> {
    spec.resources.as_ref()?.limits.as_ref()?.get("storage")
}

pub(super) fn amount(quantity: Option<&Quantity>) -> Amount {
    quantity.and_then(|text| Amount::parse(&text.0).ok()).unwrap_or(Amount::ZERO)
}

fn has_modes(has: &PersistentVolumeSpec, asks: &PersistentVolumeClaimSpec) -> bool {
    let has = has.access_modes.as_deref().unwrap_or_default();
    asks.access_modes.iter().flatten().all(|mode| has.contains(mode))
}

fn mode(mode: Option<&String>) -> &str {
    mode.map_or("Filesystem", String::as_str)
}
