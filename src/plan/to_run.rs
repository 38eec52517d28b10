//! A pod so fully said that nothing is left to decide when it is made.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::PodSpec;

use super::privileges::Privileges;
use super::probe::ProbeToRun;
use super::sandbox::Sandbox;
use super::volume::{Access, MountSource, MountToMake, StagedMount, VolumeToMake};
use crate::model::{Digest, Hidden, ObjectKey, PodKey};
use crate::observed::{Keeper, Role};

/// A pod, resolved down to what podman is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodToRun {
    /// The pod.
    pub key: PodKey,
    /// Its name on the host.
    pub sandbox: String,
    /// What it was made for.
    pub owner: Option<ObjectKey>,
    /// The digest of what it is made from.
    pub digest: Digest,
    /// Its address.
    pub address: Ipv4Addr,
    /// Its host name.
    pub hostname: String,
    /// What its containers share.
    pub sandbox_options: Sandbox,
    /// The group that owns its volumes, in which all containers are.
    pub volume_group: Option<u32>,
    /// Whether a pod of this name may be in the way and is removed first.
    pub clear: Clear,
    /// When podman starts a container again.
    pub restart: Restart,
    /// How long it may take to end by itself, in seconds.
    pub grace_seconds: u32,
    /// How long it may be there before its host ends it for good, in seconds.
    pub active_seconds: Option<u32>,
    /// Who starts its containers again.
    pub keeper: Keeper,
    /// Volumes by name.
    pub volumes: BTreeMap<String, VolumeToMake>,
    /// Containers in the order in which they are brought up.
    pub containers: Vec<ContainerToRun>,
}

/// Whether something of the same name may be in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clear {
    /// Nothing was seen.
    Nothing,
    /// A pod of this name was seen: broken, or made from something else.
    Sandbox,
}

/// When a container is started again that has ended.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// Whenever it ends.
    Always,
    /// When it ends with an error.
    OnFailure,
    /// Never.
    Never,
}

impl Restart {
    /// What a pod's specification says.
    pub fn of(spec: &PodSpec) -> Self {
        match spec.restart_policy.as_deref() {
            Some("Never") => Self::Never,
            Some("OnFailure") => Self::OnFailure,
            _ => Self::Always,
        }
    }

    /// What that means for a container of this role: a sidecar runs on, and what prepares a pod has to come to a good end.
    ///
    /// Source: <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#detailed-behavior>
    #[must_use]
    pub fn of_role(self, role: Role) -> Self {
        match (role, self) {
            (Role::Sidecar, _) => Self::Always,
            (Role::Init, Self::Always | Self::OnFailure) => Self::OnFailure,
            (Role::Init, Self::Never) => Self::Never,
            (Role::Main, restart) => restart,
        }
    }

    /// Whether a container is started again that has ended so.
    pub fn after(self, code: i32) -> bool {
        match self {
            Self::Always => true,
            Self::OnFailure => code != 0,
            Self::Never => false,
        }
    }
}

impl PodToRun {
    /// How the pod is brought up.
    pub fn start(&self) -> Start {
        let plain = |container: &ContainerToRun| {
            container.role == Role::Main
                && container.post_start.is_none()
                && container.pre_stop.is_none()
                && container.probes.is_empty()
        };
        match self.keeper {
            Keeper::Podman
                if self.active_seconds.is_none() && self.containers.iter().all(plain) =>
            {
                Start::AtOnce
            }
            Keeper::Podman | Keeper::Systemd => Start::InOrder,
        }
    }
}

/// How a pod is brought up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Its containers are started as they are made.
    AtOnce,
    /// All of its containers are made; then they are started one after the other, beside everything else on the host: an
    /// init container may wait for another pod.
    InOrder,
}

/// A container, resolved down to what podman is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerToRun {
    /// The container's name in the pod.
    pub name: String,
    /// The image.
    pub image: String,
    /// Replaces the image's entrypoint.
    pub command: Option<Vec<String>>,
    /// Replaces the image's arguments.
    pub args: Option<Vec<String>>,
    /// Environment, in order.
    pub env: Vec<(String, String)>,
    /// What Secrets hold of it: the n-th stands where [`secret_mark`] of n is, in the environment, the command and its arguments.
    pub secrets: Vec<Hidden>,
    /// The directory to start in, when it is not the image's.
    pub working_dir: Option<String>,
    /// Volumes to mount, in order.
    pub mounts: Vec<MountToMake>,
    /// Devices that it is given, in order.
    pub devices: Vec<DeviceToGive>,
    /// What it may use.
    pub resources: ResourcesToSet,
    /// Who its processes are and what they may do.
    pub privileges: Privileges,
    /// What is kept open of its input.
    pub input: Input,
    /// What it is to its pod.
    pub role: Role,
    /// What is done when it has been started.
    pub post_start: Option<Hook>,
    /// What is done before it is ended.
    pub pre_stop: Option<Hook>,
    /// The signal that asks it to end, when it is not the image's.
    pub stop_signal: Option<String>,
    /// Where it leaves its last words.
    pub message: MessageToKeep,
    /// What it is asked while it runs.
    pub probes: Vec<ProbeToRun>,
}

/// A device that a container is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceToGive {
    /// One that the host describes by CDI, by its full name such as `example.org/gpu=0`.
    Described(String),
    /// A block device of the host.
    Block {
        /// Where on the host.
        path: String,
        /// Where in the container.
        inside: String,
        /// Whether it may be written to.
        access: Access,
    },
}

/// What is done when a container has been started, or before it is ended.
///
/// Source: <https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hook {
    /// A command in the container.
    Exec(Vec<String>),
    /// A request from the host.
    Http {
        /// Whom to ask.
        url: String,
        /// Header lines.
        headers: Vec<String>,
    },
    /// Nothing, for so many seconds.
    Sleep(u64),
}

/// The last words of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageToKeep {
    /// The file in the container.
    pub path: String,
    /// What stands in for an empty file.
    pub otherwise: Otherwise,
}

/// What stands in for last words that were not left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// Nothing.
    Nothing,
    /// The end of the log, when the container has failed.
    Log,
}

/// What stands for the n-th thing that Secrets give to a container, wherever it is shown or kept on disk.
pub fn secret_mark(nth: usize) -> String {
    format!("@bowline-secret-{nth}@")
}

/// What Secrets give to one container of a pod; it is brought to the host whenever the container is started by us, since a
/// host forgets it when it goes down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretsToBring {
    /// The pod's name on the host.
    pub sandbox: String,
    /// The container's name in the pod.
    pub container: String,
    /// What they hold, in the order of the marks.
    pub values: Vec<Hidden>,
}

impl PodToRun {
    /// What Secrets give to the containers, of those that they give anything.
    pub fn secrets(&self) -> Vec<SecretsToBring> {
        let some = self.containers.iter().filter(|container| !container.secrets.is_empty());
        some.map(|container| SecretsToBring {
            sandbox: self.sandbox.clone(),
            container: container.name.clone(),
            values: container.secrets.clone(),
        })
        .collect()
    }
}

/// What a container may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourcesToSet {
    /// Its weight among others that want CPU time, 1024 a CPU.
    pub cpu_shares: u64,
    /// The most CPU it may use, in thousandths.
    pub cpu_limit_milli: Option<u64>,
    /// The most memory it may use, in bytes.
    pub memory_limit_bytes: Option<u64>,
    /// How soon it is ended when memory runs out, up to 1000; `None` where the host may not set it.
    pub oom_score: Option<i32>,
}

/// What is kept open of a container's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Nothing.
    Closed,
    /// Standard input.
    Stdin,
    /// Standard input, and a terminal.
    Terminal,
}

impl PodToRun {
    /// The mounts that are prepared on the host.
    pub fn staged(&self) -> Vec<StagedMount> {
        let of = |container: &ContainerToRun| {
            let mounts = container.mounts.iter().enumerate();
            let staged = mounts.filter_map(|(index, mount)| {
                let source = self.source(mount)?;
                mount.is_staged(&source).then(|| StagedMount {
                    container: container.name.clone(),
                    index,
                    source,
                    mount: mount.clone(),
                })
            });
            staged.collect::<Vec<_>>()
        };
        self.containers.iter().flat_map(of).collect()
    }

    /// Where on the host the volume of a mount is.
    pub fn source(&self, mount: &MountToMake) -> Option<MountSource> {
        self.volumes.get(&mount.volume)?.source()
    }
}
