//! Volumes, claims and their classes.

use k8s_openapi::api::core::v1::{
    PersistentVolume, PersistentVolumeClaimSpec, TypedLocalObjectReference, TypedObjectReference,
};
use k8s_openapi::api::storage::v1::StorageClass;

use super::volume::complete_disks;
use super::{drop_empty, drop_none, fill};
use crate::manifest::quantity::spell;

pub(super) fn complete_volume(volume: &mut PersistentVolume) {
    let Some(spec) = &mut volume.spec else { return };
    fill(&mut spec.persistent_volume_reclaim_policy, "Retain");
    fill(&mut spec.volume_mode, "Filesystem");
    spell(&mut spec.capacity);
    drop_none(&mut spec.mount_options);
    if let Some(host) = &mut spec.host_path {
        host.type_.get_or_insert_default();
    }
    if let Some(claim) = &mut spec.claim_ref {
        claim.resource_version = None;
    }
    complete_disks!(spec);
}

/// Completes a claim, or a template of one.
pub(super) fn complete_claim(spec: &mut PersistentVolumeClaimSpec) {
    fill(&mut spec.volume_mode, "Filesystem");
    if let Some(resources) = &mut spec.resources {
        spell(&mut resources.requests);
        spell(&mut resources.limits);
    }
    // The older field and the newer one say the same.
    if let (Some(source), None) = (&spec.data_source, &spec.data_source_ref) {
        spec.data_source_ref = Some(TypedObjectReference {
            api_group: source.api_group.clone(),
            kind: source.kind.clone(),
            name: source.name.clone(),
            namespace: None,
        });
    }
    if let (None, Some(source)) = (&spec.data_source, &spec.data_source_ref)
        && source.namespace.as_deref().unwrap_or_default().is_empty()
    {
        spec.data_source = Some(TypedLocalObjectReference {
            api_group: source.api_group.clone(),
            kind: source.kind.clone(),
            name: source.name.clone(),
        });
    }
}

pub(super) fn complete_class(class: &mut StorageClass) {
    fill(&mut class.reclaim_policy, "Delete");
    fill(&mut class.volume_binding_mode, "Immediate");
    drop_empty(&mut class.parameters);
    drop_none(&mut class.mount_options);
    drop_none(&mut class.allowed_topologies);
}
