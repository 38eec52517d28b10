//! A pod's volumes and mounts, so fully said that nothing is left to decide when they are made.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Digest, Hidden, PodKey};

/// A volume that is made on the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VolumeToMake {
    /// An empty directory on the host's disk that lives as long as the pod.
    Empty,
    /// An empty directory in the host's memory that lives as long as the pod.
    Memory {
        /// The most that it holds, in bytes; the kernel's own limit, half of the memory, where nothing is known.
        size_bytes: Option<u64>,
    },
    /// An empty file system of huge pages that lives as long as the pod.
    HugePages {
        /// The size of a page, in bytes.
        page_bytes: u64,
    },
    /// Files that are made from objects.
    Files(FilesToWrite),
    /// A path of the host itself, which is there before the pod and stays after it.
    HostPath {
        /// The path.
        path: String,
        /// What must be there.
        expected: Expected,
    },
    /// What is there before the pod and stays after it.
    Lasting {
        /// Its name among the fleet's volumes; `None` for one that the pod's manifest names itself.
        name: Option<String>,
        /// Where it is.
        place: LastingPlace,
        /// Whether any container may write to it.
        access: Access,
    },
    /// The files of an image, which nobody may change.
    Image {
        /// The image's full name.
        reference: String,
    },
}

/// Where what outlives a pod is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastingPlace {
    /// A directory of the host, which must be there.
    Directory {
        /// The path.
        path: String,
        /// When it is given to the pod's group.
        grant: Grant,
    },
    /// A file system of a size of its own, in a file beside the directory of the host that it is mounted on.
    FileSystem {
        /// The directory.
        path: String,
        /// When it is given to the pod's group.
        grant: Grant,
    },
    /// A path of the host as a hostPath has it.
    HostPath {
        /// The path.
        path: String,
        /// What must be there.
        expected: Expected,
    },
    /// A block device of the host, which must be there; it is given to containers as it is, not mounted.
    Device {
        /// The path.
        path: String,
    },
    /// What an NFS server shares.
    Share {
        /// The server and its path, as `mount` reads them.
        share: String,
        /// Options of `mount`.
        options: Vec<String>,
    },
}

/// When the files of a volume are given to the pod's group.
///
/// Source: <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#configure-volume-permission-and-ownership-change-policy-for-pods>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Whenever a pod is made.
    Always,
    /// When the volume's own directory is not the group's.
    OnRootMismatch,
}

/// What must be at a path of a host before a pod may use it; the words of a hostPath's type.
///
/// Source: <https://kubernetes.io/docs/concepts/storage/volumes/#hostpath-volume-types>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Anything; a directory is made where nothing is.
    Anything,
    /// A directory, which is made where nothing is.
    DirectoryOrCreate,
    /// A directory.
    Directory,
    /// A file, which is made where nothing is; its directory is not.
    FileOrCreate,
    /// A file.
    File,
    /// A Unix socket.
    Socket,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
}

/// Files of a volume, and how they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilesToWrite {
    /// The files by their paths in the volume.
    pub files: BTreeMap<String, FileToWrite>,
    /// Says what the files are made from. Of Secrets it has the version, not the content, which could be guessed from it.
    pub digest: Digest,
    /// Where they are kept.
    pub medium: Medium,
    /// Whether they change while the pod lives.
    pub refresh: Refresh,
}

/// Where the files of a volume are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// On the host's disk.
    Disk,
    /// In the host's memory: a Secret is among them, and what is on a disk may outlive the disk's owner.
    Memory,
}

/// Whether the files of a volume change while the pod lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// When the objects change that they are made from.
    Follow,
    /// Never: each of those objects is immutable.
    Never,
}

/// A file of a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileToWrite {
    /// The content.
    pub content: Content,
    /// The permission bits.
    pub mode: u32,
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// What anyone may see.
    Plain(Vec<u8>),
    /// What a Secret holds.
    Secret(Hidden),
}

/// A volume as a container sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountToMake {
    /// The volume.
    pub volume: String,
    /// The part of the volume that is seen, as a path in it; all of it where there is none.
    pub part: Option<String>,
    /// Where in the container.
    pub path: String,
    /// Whether the container may write to it.
    pub access: Access,
    /// Whether mounts that are made later are seen on the other side.
    pub propagation: Propagation,
}

/// Whether a container may write to a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Access {
    /// It may only read; what is mounted within the volume it may write to.
    ReadOnly,
    /// It may only read, and so with all that is mounted within the volume.
    ReadOnlyThroughout,
    /// It may write.
    ReadWrite,
}

/// Whether mounts that are made later are seen on the other side.
///
/// Source: <https://kubernetes.io/docs/concepts/storage/volumes/#mount-propagation>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Propagation {
    /// On neither side.
    None,
    /// Those of the host in the container.
    HostToContainer,
    /// Those of either side on the other.
    Bidirectional,
}

/// Volumes of a pod that is there already: what has changed of their files, and what a reboot took away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumesToFill {
    /// The pod.
    pub key: PodKey,
    /// Its name on the host.
    pub sandbox: String,
    /// The group that the pod's own volumes are given to.
    pub group: Option<u32>,
    /// The volumes by name.
    pub volumes: BTreeMap<String, VolumeToMake>,
    /// Mounts that are prepared on the host, by container and position in it.
    pub staged: Vec<StagedMount>,
}

/// A mount that is prepared on the host before podman passes it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedMount {
    /// The container.
    pub container: String,
    /// The position of the mount among the container's.
    pub index: usize,
    /// The directory or path of the host that the volume is.
    pub source: MountSource,
    /// The mount.
    pub mount: MountToMake,
}

/// Where what is mounted comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountSource {
    /// A directory of the pod's own on the host's disk.
    Disk,
    /// A directory of the pod's own in the host's memory.
    Memory,
    /// A path of the host.
    Path(String),
}

/// The name under which a host reports that the mounts of a pod are prepared; no volume can have it.
pub const STAGED: &str = ".mounts";

impl VolumeToMake {
    /// What a host reports of the volume once it is made; `None` where the volume lasts by itself.
    ///
    /// What is kept in memory is gone after a reboot, and its report with it.
    pub fn report(&self) -> Option<Digest> {
        match self {
            Self::Memory { .. } | Self::HugePages { .. } => Some(made()),
            Self::Files(files) => Some(files.digest.clone()),
            Self::Lasting { name, .. } => Some(name.as_deref().map_or_else(made, mark_of)),
            Self::Empty | Self::HostPath { .. } | Self::Image { .. } => None,
        }
    }

    /// Where on the host the volume is; `None` for one that podman itself finds.
    pub fn source(&self) -> Option<MountSource> {
        match self {
            Self::Empty | Self::Files(FilesToWrite { medium: Medium::Disk, .. }) => {
                Some(MountSource::Disk)
            }
            Self::Memory { .. }
            | Self::HugePages { .. }
            | Self::Files(FilesToWrite { medium: Medium::Memory, .. }) => Some(MountSource::Memory),
            Self::HostPath { path, .. } => Some(MountSource::Path(path.clone())),
            Self::Lasting { place, .. } => Some(match place {
                LastingPlace::Directory { path, .. }
                | LastingPlace::FileSystem { path, .. }
                | LastingPlace::HostPath { path, .. }
                | LastingPlace::Device { path } => MountSource::Path(path.clone()),
                LastingPlace::Share { .. } => MountSource::Memory,
            }),
            Self::Image { .. } => None,
        }
    }

    /// Whether a reboot of the host takes the volume away, or the mount of it.
    pub fn is_gone_after_a_reboot(&self) -> bool {
        let is_mounted =
            matches!(self, Self::Lasting { place: LastingPlace::FileSystem { .. }, .. });
        is_mounted || self.source() == Some(MountSource::Memory)
    }

    /// The name of the fleet's volume that it is.
    pub fn lasting_name(&self) -> Option<&str> {
        match self {
            Self::Lasting { name, .. } => name.as_deref(),
            Self::Empty
            | Self::Memory { .. }
            | Self::HugePages { .. }
            | Self::Files(_)
            | Self::HostPath { .. }
            | Self::Image { .. } => None,
        }
    }
}

/// What a host reports of a pod's volume that is the fleet's volume of this name.
pub fn mark_of(name: &str) -> Digest {
    Digest::of_text(name)
}

/// The report of what is made once and never changes.
pub fn made() -> Digest {
    Digest::of_text("made")
}

impl MountToMake {
    /// Whether the mount is prepared on the host: podman can neither follow a path that the container may have turned into a
    /// link, nor keep what is mounted within from being written to, nor read a path with a colon.
    pub fn is_staged(&self, source: &MountSource) -> bool {
        let colon = matches!(source, MountSource::Path(path) if path.contains(':'));
        self.part.is_some() || self.access == Access::ReadOnlyThroughout || colon
    }
}

impl Content {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Plain(bytes) => bytes,
            Self::Secret(bytes) => bytes.reveal(),
        }
    }
}
