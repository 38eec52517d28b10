//! Where on a host the things of a pod are: what is on the disk, and what is in memory and gone after a reboot.

use crate::driver::fence::HOST_DIRECTORY;
use crate::driver::podman::VOLATILE_DIRECTORY;
use crate::plan::{MountSource, StagedMount};

/// The directories of marks: a file for each volume, which says what the volume is made from.
pub(in crate::driver) const MARKS: [&str; 2] = ["/var/lib/bowline/filled", "/run/bowline/filled"];

/// All of a pod's own on the host.
pub(super) fn of_pod(sandbox: &str) -> [String; 4] {
    ALL.map(|directory| format!("{directory}/{sandbox}"))
}

/// All that belongs to pods.
pub(in crate::driver) const ALL: [&str; 4] = [
    "/var/lib/bowline/pods",
    "/var/lib/bowline/filled",
    "/run/bowline/pods",
    "/run/bowline/filled",
];

/// Where a volume is.
pub(super) fn volume(sandbox: &str, name: &str, source: &MountSource) -> String {
    match source {
        MountSource::Disk => format!("{HOST_DIRECTORY}/pods/{sandbox}/volumes/{name}"),
        MountSource::Memory => format!("{VOLATILE_DIRECTORY}/pods/{sandbox}/volumes/{name}"),
        MountSource::Path(path) => path.clone(),
    }
}

/// The directory of what a pod has in memory: after a reboot that is gone, which is how it is known.
pub(super) fn in_memory(sandbox: &str) -> String {
    format!("{VOLATILE_DIRECTORY}/pods/{sandbox}")
}

/// Where it is marked that a volume is filled: with the volume, so that one goes when the other does.
pub(super) fn mark(sandbox: &str, name: &str, source: &MountSource) -> String {
    let root = match source {
        MountSource::Disk | MountSource::Path(_) => HOST_DIRECTORY,
        MountSource::Memory => VOLATILE_DIRECTORY,
    };
    format!("{root}/filled/{sandbox}/{name}")
}

/// Where a mount is prepared.
pub(super) fn staged(sandbox: &str, mount: &StagedMount) -> String {
    let StagedMount { container, index, .. } = mount;
    format!("{VOLATILE_DIRECTORY}/pods/{sandbox}/mounts/{container}/{index}")
}
