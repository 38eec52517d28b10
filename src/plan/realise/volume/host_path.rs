//! Paths of the host itself.

use k8s_openapi::api::core::v1::HostPathVolumeSource;

use crate::plan::{Expected, VolumeToMake};

pub(super) fn volume(source: &HostPathVolumeSource) -> VolumeToMake {
    // A path that does not begin at the root is one of the host's root all the same, as the kubelet reads it.
    let path = format!("/{}", source.path.trim_start_matches('/'));
    VolumeToMake::HostPath { path, expected: expected(source.type_.as_deref().unwrap_or_default()) }
}

/// What must be there, by the word of a hostPath's type.
pub(super) fn expected(word: &str) -> Expected {
    match word {
        "DirectoryOrCreate" => Expected::DirectoryOrCreate,
        "Directory" => Expected::Directory,
        "FileOrCreate" => Expected::FileOrCreate,
        "File" => Expected::File,
        "Socket" => Expected::Socket,
        "CharDevice" => Expected::CharDevice,
        "BlockDevice" => Expected::BlockDevice,
        _ => Expected::Anything,
    }
}
