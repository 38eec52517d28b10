//! Volumes as they are made on the host, and as a container sees them. A file a subject.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, PodSpec, Volume};

use super::Surroundings;
use crate::controller::ClaimError;
use crate::model::full_name;
use crate::plan::VolumeToMake;

mod claim;
mod downward;
mod files;
mod host_path;
mod huge;
mod memory;
mod mount;

pub(in crate::plan) use mount::MountError;
pub(super) use mount::{devices, mounts};

/// The volumes of a pod, by name. One of a source that is not carried out is left out.
pub(in crate::plan) fn volumes(
    around: &Surroundings<'_>,
) -> Result<BTreeMap<String, VolumeToMake>, ClaimError> {
    let none = PodSpec::default();
    let spec = around.pod.spec.as_ref().unwrap_or(&none);
    let mut all = BTreeMap::new();
    for one in spec.volumes.iter().flatten() {
        let made = match claim::of(one, spec, around) {
            Some(claimed) => Some(claimed?),
            None => volume(one, spec, around),
        };
        all.extend(made.map(|made| (one.name.clone(), made)));
    }
    Ok(all)
}

fn volume(volume: &Volume, spec: &PodSpec, around: &Surroundings<'_>) -> Option<VolumeToMake> {
    if let Some(directory) = &volume.empty_dir {
        return empty(directory, spec, around);
    }
    if let Some(path) = &volume.host_path {
        return Some(host_path::volume(path));
    }
    if let Some(image) = &volume.image {
        let reference = full_name(image.reference.as_deref().unwrap_or_default());
        return Some(VolumeToMake::Image { reference });
    }
    if let Some(nfs) = &volume.nfs {
        return Some(claim::share(nfs));
    }
    files::of(volume, around).map(VolumeToMake::Files)
}

fn empty(
    directory: &EmptyDirVolumeSource,
    spec: &PodSpec,
    around: &Surroundings<'_>,
) -> Option<VolumeToMake> {
    match directory.medium.as_deref().unwrap_or_default() {
        "" => Some(VolumeToMake::Empty),
        "Memory" => {
            let size_bytes = memory::size(directory.size_limit.as_ref(), spec, around.usable);
            Some(VolumeToMake::Memory { size_bytes })
        }
        medium => {
            let page_bytes = huge::page_bytes(medium, spec)?;
            Some(VolumeToMake::HugePages { page_bytes })
        }
    }
}
