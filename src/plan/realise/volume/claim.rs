//! Volumes of claims, and what NFS servers share.

use k8s_openapi::api::core::v1::{NFSVolumeSource, PodSpec, Volume};

use super::host_path;
use crate::controller::{
    ClaimError, Place, bound_volume, claim_of, ephemeral_claim_name, place, source_of,
};
use crate::plan::realise::Surroundings;
use crate::plan::{Access, Grant, LastingPlace, VolumeToMake};

/// The volume of a claim; `None` for a volume that is no claim's.
pub(super) fn of(
    volume: &Volume,
    spec: &PodSpec,
    around: &Surroundings<'_>,
) -> Option<Result<VolumeToMake, ClaimError>> {
    let metadata = &around.pod.metadata;
    if let Some(claim) = &volume.persistent_volume_claim {
        let access = access(claim.read_only);
        return Some(claimed(&claim.claim_name, access, spec, around));
    }
    volume.ephemeral.as_ref()?;
    let claim = ephemeral_claim_name(metadata.name.as_deref().unwrap_or_default(), &volume.name);
    Some(claimed(&claim, Access::ReadWrite, spec, around))
}

/// What an NFS server shares, named by the pod itself.
pub(super) fn share(nfs: &NFSVolumeSource) -> VolumeToMake {
    let share = format!("{}:{}", nfs.server, nfs.path);
    let place = LastingPlace::Share { share, options: Vec::new() };
    VolumeToMake::Lasting { name: None, place, access: access(nfs.read_only) }
}

fn claimed(
    claim: &str,
    access: Access,
    spec: &PodSpec,
    around: &Surroundings<'_>,
) -> Result<VolumeToMake, ClaimError> {
    let namespace = around.pod.metadata.namespace.as_deref().unwrap_or_default();
    let stored = claim_of(around.desired, namespace, claim)
        .ok_or_else(|| ClaimError::Missing(claim.to_owned()))?;
    let volume = bound_volume(around.desired, stored).ok_or(ClaimError::Unbound)?;
    let name = volume.metadata.name.clone().unwrap_or_default();
    let place = match place(volume) {
        Some(Place::Directory(path)) => LastingPlace::Directory { path, grant: grant(spec) },
        Some(Place::FileSystem(path)) => LastingPlace::FileSystem { path, grant: grant(spec) },
        Some(Place::HostPath(path, word)) => {
            LastingPlace::HostPath { path, expected: host_path::expected(&word) }
        }
        Some(Place::Device(path)) => LastingPlace::Device { path },
        Some(Place::Share(share, options)) => LastingPlace::Share { share, options },
        None => return Err(ClaimError::Source(name, source_of(volume))),
    };
    let nfs = volume.spec.as_ref().and_then(|spec| spec.nfs.as_ref());
    let access = match nfs.and_then(|nfs| nfs.read_only) {
        Some(true) => Access::ReadOnly,
        Some(false) | None => access,
    };
    Ok(VolumeToMake::Lasting { name: Some(name), place, access })
}

fn access(read_only: Option<bool>) -> Access {
    if read_only == Some(true) { Access::ReadOnly } else { Access::ReadWrite }
}

fn grant(spec: &PodSpec) -> Grant {
    let security = spec.security_context.as_ref();
    match security.and_then(|security| security.fs_group_change_policy.as_deref()) {
        Some("OnRootMismatch") => Grant::OnRootMismatch,
        _ => Grant::Always,
    }
}
