//! The options of `podman run` that pass volumes on to a container.

use super::{paths, words};
use crate::plan::{
    Access, ContainerToRun, MountToMake, PodToRun, Propagation, StagedMount, VolumeToMake,
};

/// The mounts of a container.
pub(in crate::driver) fn mount_options(pod: &PodToRun, container: &ContainerToRun) -> Vec<String> {
    let mounts = container.mounts.iter().enumerate();
    mounts.flat_map(|(index, mount)| one(pod, container, index, mount)).collect()
}

fn one(
    pod: &PodToRun,
    container: &ContainerToRun,
    index: usize,
    mount: &MountToMake,
) -> Vec<String> {
    if let Some(VolumeToMake::Image { reference }) = pod.volumes.get(&mount.volume) {
        let option = format!("type=image,source={reference},destination={}", mount.path);
        return words(["--mount", &option]);
    }
    // A volume of a source that is not carried out is not there, and podman says so.
    let source = pod.source(mount).unwrap_or(crate::plan::MountSource::Disk);
    let place = if mount.is_staged(&source) {
        let (container, mount) = (container.name.clone(), mount.clone());
        paths::staged(&pod.sandbox, &StagedMount { container, index, source, mount })
    } else {
        paths::volume(&pod.sandbox, &mount.volume, &source)
    };
    let mut options = Vec::new();
    match mount.access {
        Access::ReadOnly | Access::ReadOnlyThroughout => options.push("ro"),
        Access::ReadWrite => {}
    }
    match mount.propagation {
        Propagation::None => {}
        Propagation::HostToContainer => options.push("rslave"),
        Propagation::Bidirectional => options.push("rshared"),
    }
    let options: String = match options[..] {
        [] => String::new(),
        _ => format!(":{}", options.join(",")),
    };
    words(["--volume", &format!("{place}:{}{options}", mount.path)])
}
