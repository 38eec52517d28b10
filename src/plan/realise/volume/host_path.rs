//! Paths of the host itself.

use k8s_openapi::api::core::v1::HostPathVolumeSource;

use crate::plan::{Expected, VolumeToMake};

pub(super) fn volume(source: &HostPathVolumeSource) -> VolumeToMake {
    let expected = match source.type_.as_deref().unwrap_or_default() {
        "DirectoryOrCreate" => Expected::DirectoryOrCreate,
        "Directory" => Expected::Directory,
        "FileOrCreate" => Expected::FileOrCreate,
        "File" => Expected::File,
        "Socket" => Expected::Socket,
        "CharDevice" => Expected::CharDevice,
        "BlockDevice" => Expected::BlockDevice,
        _ => Expected::Anything,
    };
    // A path that does not begin at the root is one of the host's root all the same, as the kubelet reads it.
    let path = format!("/{}", source.path.trim_start_matches('/'));
    VolumeToMake::HostPath { path, expected }
}
