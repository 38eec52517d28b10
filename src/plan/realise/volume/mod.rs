//! Volumes as they are made on the host, and as a container sees them. A file a subject.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, PodSpec, Volume};

use super::Surroundings;
use super::image::full_name;
use crate::plan::VolumeToMake;

mod downward;
mod files;
mod host_path;
mod memory;
mod mount;

pub(in crate::plan) use mount::MountError;
pub(super) use mount::mounts;

/// The volumes of a pod, by name. One of a source that is not carried out is left out.
pub(in crate::plan) fn volumes(around: &Surroundings<'_>) -> BTreeMap<String, VolumeToMake> {
    let none = PodSpec::default();
    let spec = around.pod.spec.as_ref().unwrap_or(&none);
    let made = spec.volumes.iter().flatten();
    made.filter_map(|one| Some((one.name.clone(), volume(one, spec, around)?))).collect()
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
            let size_bytes = memory::size(directory.size_limit.as_ref(), spec, around.allocatable);
            Some(VolumeToMake::Memory { size_bytes })
        }
        _ => None,
    }
}
