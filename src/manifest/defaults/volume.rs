//! Volumes, and the claims that are made for pods.

use k8s_openapi::api::core::v1::{
    DownwardAPIVolumeFile, EmptyDirVolumeSource, PersistentVolumeClaim, PersistentVolumeClaimSpec,
    ProjectedVolumeSource, Volume,
};

use super::container::{complete_divisor, pull_policy};
use super::{drop_empty, fill};
use crate::manifest::quantity::{canonical, spell};

/// Completes the sources that were once built in. A macro: those of a pod's volume and of a `PersistentVolume` are other
/// types with the same fields.
macro_rules! complete_disks {
    ($volume:expr) => {
        if let Some(iscsi) = &mut $volume.iscsi {
            fill(&mut iscsi.iscsi_interface, "default");
        }
        if let Some(rbd) = &mut $volume.rbd {
            fill(&mut rbd.pool, "rbd");
            fill(&mut rbd.user, "admin");
            fill(&mut rbd.keyring, "/etc/ceph/keyring");
        }
        if let Some(disk) = &mut $volume.azure_disk {
            fill(&mut disk.caching_mode, "ReadWrite");
            fill(&mut disk.kind, "Shared");
            fill(&mut disk.fs_type, "ext4");
            disk.read_only.get_or_insert(false);
        }
        if let Some(disk) = &mut $volume.scale_io {
            fill(&mut disk.storage_mode, "ThinProvisioned");
            fill(&mut disk.fs_type, "xfs");
        }
    };
}
pub(super) use complete_disks;

/// The permissions of files that are made from objects: 0644.
const FILE_MODE: i32 = 0o644;

/// How long a token holds when nothing is said, in seconds.
const TOKEN_SECONDS: i64 = 3600;

pub(super) fn complete(volume: &mut Volume) {
    let named_only = Volume { name: volume.name.clone(), ..Volume::default() };
    if *volume == named_only {
        volume.empty_dir = Some(EmptyDirVolumeSource::default());
    }
    if let Some(limit) = volume.empty_dir.as_mut().and_then(|dir| dir.size_limit.as_mut()) {
        *limit = canonical(limit);
    }
    if let Some(path) = &mut volume.host_path {
        path.type_.get_or_insert_default();
    }
    if let Some(map) = &mut volume.config_map {
        map.default_mode.get_or_insert(FILE_MODE);
    }
    if let Some(secret) = &mut volume.secret {
        secret.default_mode.get_or_insert(FILE_MODE);
    }
    if let Some(downward) = &mut volume.downward_api {
        downward.default_mode.get_or_insert(FILE_MODE);
        downward.items.iter_mut().flatten().for_each(complete_file);
    }
    if let Some(projected) = &mut volume.projected {
        complete_projected(projected);
    }
    if let Some(image) = &mut volume.image {
        let policy = pull_policy(image.reference.as_deref().unwrap_or_default());
        fill(&mut image.pull_policy, policy);
    }
    let template = volume.ephemeral.as_mut().and_then(|e| e.volume_claim_template.as_mut());
    if let Some(template) = template {
        if let Some(metadata) = &mut template.metadata {
            metadata.creation_timestamp = None;
        }
        complete_claim_spec(&mut template.spec);
    }
    complete_disks!(volume);
}

fn complete_projected(projected: &mut ProjectedVolumeSource) {
    projected.default_mode.get_or_insert(FILE_MODE);
    for source in projected.sources.iter_mut().flatten() {
        if let Some(downward) = &mut source.downward_api {
            downward.items.iter_mut().flatten().for_each(complete_file);
        }
        if let Some(token) = &mut source.service_account_token {
            token.expiration_seconds.get_or_insert(TOKEN_SECONDS);
        }
    }
}

fn complete_file(file: &mut DownwardAPIVolumeFile) {
    if let Some(field) = &mut file.field_ref {
        fill(&mut field.api_version, "v1");
    }
    if let Some(resource) = &mut file.resource_field_ref {
        complete_divisor(&mut resource.divisor);
    }
}

/// Completes a claim that a workload makes for its pods.
pub(super) fn complete_claim(claim: &mut PersistentVolumeClaim) {
    let metadata = &mut claim.metadata;
    metadata.creation_timestamp = None;
    drop_empty(&mut metadata.labels);
    drop_empty(&mut metadata.annotations);
    complete_claim_spec(claim.spec.get_or_insert_default());
    fill(&mut claim.status.get_or_insert_default().phase, "Pending");
}

/// Completes what a claim asks for.
pub(super) fn complete_claim_spec(spec: &mut PersistentVolumeClaimSpec) {
    fill(&mut spec.volume_mode, "Filesystem");
    let resources = spec.resources.get_or_insert_default();
    spell(&mut resources.limits);
    spell(&mut resources.requests);
}
