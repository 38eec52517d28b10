//! What hosts reported, or that they could not: the only view of reality that planning has.
//!
//! Failure to observe is data here. An unreachable host says nothing about its pods.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::inventory::Cidr;
use crate::model::{Digest, Generation, Machine, NodeName, ObjectKey, PodKey};

mod probe;
mod tag;

pub use probe::{Asked, ObservedProbe, ProbeKind, Times, Unwell, Verdict};
pub use tag::{MovedTag, Offered, OfferedTags};

/// The fleet as it was seen at one moment: one entry a host of the inventory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// What is known of each host.
    pub hosts: BTreeMap<NodeName, HostState>,
    /// What tags name at their registries, where somebody has these asked. All hosts are given the same for one tag.
    pub offered: OfferedTags,
}

/// What is known of one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostState {
    /// It answered.
    Reachable(Box<HostReport>),
    /// It did not; its pods may well be running.
    Unreachable(Unreachable),
}

/// A host that did not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreachable {
    /// When it was first found out of reach, without an answer since.
    pub since: Timestamp,
    /// Why, in words for a person.
    pub error: String,
    /// Whether trying again could help.
    pub cause: UnreachableCause,
}

/// The kinds of reasons why a host did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnreachableCause {
    /// No connection, no login, or no usable answer.
    Connection,
    /// Its host key is not the expected one: nothing may be sent there.
    HostKey,
}

/// A host's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostReport {
    /// What the host is.
    pub facts: Facts,
    /// Who changed the host last, and at which generation; `None` on a host that no fleet holds.
    pub fence: Option<Fence>,
    /// The pods of our fleet by the name of their sandbox.
    pub pods: BTreeMap<String, ObservedPod>,
    /// What the volumes of pods are made from, by sandbox and volume, as far as that can change or be lost.
    #[serde(default)]
    pub volumes: BTreeMap<String, BTreeMap<String, Digest>>,
    /// What was made there for claims, by the names of their volumes.
    #[serde(default)]
    pub made_volumes: BTreeMap<String, MadeVolume>,
    /// The sizes of its images in bytes, by all of their names; nothing where it does not say.
    #[serde(default)]
    pub images: BTreeMap<String, u64>,
    /// The parts of the host's network that are ours.
    pub network: ObservedNetwork,
}

/// What was made on a host for a claim: a directory, or a file system that is mounted on one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeVolume {
    /// The claim.
    pub claim: ObjectKey,
    /// The directory.
    pub path: String,
    /// The size of the file system in bytes; `None` for a directory of the host's own.
    #[serde(default)]
    pub size_bytes: Option<u64>,
}

/// What a host is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Processors that are online.
    pub cpus: u64,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// The machine type as Go names it, such as `amd64`.
    pub architecture: String,
    /// The kind of machine within its type, such as `v7` of `arm`; empty where there are none.
    #[serde(default)]
    pub variant: String,
    /// `uname -r`.
    pub kernel: String,
    /// `PRETTY_NAME` of os-release.
    pub os: String,
    /// The address at which the login arrived; `None` on the workstation itself.
    pub address: Option<Ipv4Addr>,
    /// How far it may say who is ended when memory runs out.
    pub oom_score: OomScore,
    /// Its /etc/resolv.conf, or the one that a resolver of its own was made from.
    pub resolver: String,
    /// Who starts containers again that have ended.
    #[serde(default)]
    pub keeper: Keeper,
    /// The devices that it describes by CDI, by their kinds such as `example.org/gpu`; the order is that in which they are
    /// handed out.
    ///
    /// Source: <https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md>
    #[serde(default)]
    pub devices: BTreeMap<String, Vec<String>>,
    /// What else it has that pods can ask for: bytes of huge pages of each size, as `hugepages-2Mi`, and of
    /// `ephemeral-storage`.
    #[serde(default)]
    pub amounts: BTreeMap<String, u64>,
}

impl Facts {
    /// What images have to be made for.
    pub fn machine(&self) -> Machine {
        Machine { architecture: self.architecture.clone(), variant: self.variant.clone() }
    }
}

/// How far a host may say who is ended when memory runs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OomScore {
    /// As it likes.
    Free,
    /// Only sooner than itself: root lacks `CAP_SYS_RESOURCE` there, as in a container.
    OnlyHigher,
}

/// Who starts containers again that have ended, and after a reboot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keeper {
    /// systemd, which is the host's first process.
    Systemd,
    /// podman's restart policy: at once, and not after a reboot.
    #[default]
    Podman,
}

/// The mark on a host of the last run that changed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fence {
    /// The generation that was being carried out.
    pub generation: Generation,
    /// Counts the changes to the host, so that a plan made before one of them is recognised.
    pub serial: u64,
    /// The state file that the change came from.
    pub holder: String,
    /// Who held it, such as `anna@laptop`.
    pub who: String,
    /// When this holder took the host.
    pub since: Timestamp,
}

/// A pod as it stands on a host: podman's pod and its containers. Of one that was left half made, before it had a container,
/// only the key is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedPod {
    /// Which Pod it is.
    pub key: PodKey,
    /// The object that it was made for; `None` for a Pod that stands by itself.
    pub owner: Option<ObjectKey>,
    /// The digest of what it was made from; that of nothing is empty.
    pub digest: Digest,
    /// The generation that made it.
    pub generation: Generation,
    /// The address that it was given.
    pub address: Option<Ipv4Addr>,
    /// When it was made on its host, if podman says so.
    pub created: Option<Timestamp>,
    /// Its containers by name, without the one that holds the network.
    pub containers: BTreeMap<String, ObservedContainer>,
    /// Containers that somebody added to look into it, by name. No plan minds them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ephemeral: BTreeMap<String, ObservedEphemeral>,
    /// How far it was brought up, where that is done in order.
    pub stage: Option<Stage>,
}

/// How far a pod was brought up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// It is being brought up; this was last said then.
    Starting(Timestamp),
    /// An init container has failed, and is not to be tried again.
    Failed,
    /// Every container was started.
    Started,
    /// Its time was over (`activeDeadlineSeconds`), and it was ended for good.
    Expired,
}

/// What a container is to its pod.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// One of those that the pod is for.
    #[default]
    Main,
    /// Runs to its end before the next is started.
    Init,
    /// Is started among the init containers, and ended after the main ones.
    Sidecar,
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The exit code.
    pub code: i32,
    /// Whether it took more memory than it may.
    pub out_of_memory: bool,
    /// When it was started; `None` when it could not be.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// Its last words, as far as they are kept.
    pub message: String,
}

/// A container that somebody added to look into a pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedEphemeral {
    /// The container.
    pub container: ObservedContainer,
    /// The container whose processes it sees.
    pub target: Option<String>,
}

/// One container of a pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedContainer {
    /// podman's id.
    pub id: String,
    /// The image by the name that it was run with.
    pub image: String,
    /// The image's own id, if podman says so.
    pub image_id: Option<String>,
    /// The digest of the image's manifest, such as `sha256:0a1b...`, if the host says so.
    #[serde(default)]
    pub image_digest: Option<String>,
    /// What its tag names by now, where the registry was asked and has another image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<MovedTag>,
    /// The devices that it was given, by their full names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<String>,
    /// Whether it runs.
    pub state: ContainerState,
    /// How often it was started again.
    pub restarts: u64,
    /// What it is to its pod.
    pub role: Role,
    /// How it ended, if it has; the state says the same in short.
    pub end: Option<End>,
    /// How it ended the time before.
    pub last: Option<End>,
    /// When it is started again, if that waits.
    pub again: Option<Timestamp>,
    /// How its probes stand, as far as they were asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub probes: BTreeMap<ProbeKind, ObservedProbe>,
}

/// Whether a container runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContainerState {
    /// Made, but never started.
    Created,
    /// Running.
    Running {
        /// When it was last started.
        started: Timestamp,
    },
    /// Running, and asked to end.
    Stopping {
        /// When it was last started.
        started: Timestamp,
    },
    /// Ended.
    Exited {
        /// The exit code.
        code: i32,
        /// When it ended, if podman says so.
        finished: Option<Timestamp>,
    },
    /// Something else that podman can say, such as `paused`.
    Other(String),
}

/// The parts of a host's network that are ours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedNetwork {
    /// The range of the podman network that is ours, if it is there.
    pub subnet: Option<Cidr>,
    /// Whether the host passes packets on.
    pub forwarding: bool,
    /// Whether packets between two ports of a bridge are taken through the IP rules (`bridge-nf-call-iptables`). Then a pod
    /// that calls a Service and is itself chosen never hears an answer: the bridge sends nothing back through the port that
    /// it came from.
    pub bridge_filter: bool,
    /// Our routes: each pod range and the host that it lies behind; `None` for the Services' own.
    pub routes: BTreeMap<Cidr, Option<Ipv4Addr>>,
    /// Our nftables table, if it is there.
    pub rules: Option<ObservedRules>,
    /// The form of what brings pods and network back after a reboot, if it is there.
    #[serde(default)]
    pub keeping: Option<String>,
}

/// Our nftables table, by the names and keys that say what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedRules {
    /// The digest of the fixed part, from the table's own mark.
    pub base: String,
    /// The service map: `address . protocol . port` and the chain that it leads to.
    pub services: BTreeMap<String, String>,
    /// Chains of services, each with how many rules it has.
    pub chains: BTreeMap<String, usize>,
}

impl Observed {
    /// The report of a host that answered.
    pub fn report(&self, node: &NodeName) -> Option<&HostReport> {
        match self.hosts.get(node)? {
            HostState::Reachable(report) => Some(report),
            HostState::Unreachable(_) => None,
        }
    }

    /// The hosts that answered, with their reports.
    pub fn reachable(&self) -> impl Iterator<Item = (&NodeName, &HostReport)> {
        self.hosts.iter().filter_map(|(name, state)| match state {
            HostState::Reachable(report) => Some((name, &**report)),
            HostState::Unreachable(_) => None,
        })
    }

    /// The hosts that did not answer, with why.
    pub fn unreachable(&self) -> impl Iterator<Item = (&NodeName, &Unreachable)> {
        self.hosts.iter().filter_map(|(name, state)| match state {
            HostState::Reachable(_) => None,
            HostState::Unreachable(why) => Some((name, why)),
        })
    }
}

impl Observed {
    /// Writes to containers, by podman's ids of them, that their tags have moved.
    pub fn mark_moved(&mut self, moved: &BTreeMap<String, MovedTag>) {
        let reports = self.hosts.values_mut().filter_map(|state| match state {
            HostState::Reachable(report) => Some(report),
            HostState::Unreachable(_) => None,
        });
        let pods = reports.flat_map(|report| report.pods.values_mut());
        for container in pods.flat_map(|pod| pod.containers.values_mut()) {
            container.moved = moved.get(&container.id).cloned();
        }
    }
}

impl ObservedPod {
    /// The first of its tags that has moved.
    pub fn moved(&self) -> Option<&MovedTag> {
        self.containers.values().find_map(|container| container.moved.as_ref())
    }

    /// Since when every container has been running that is to run on; `None` while one of them is not.
    pub fn running_since(&self) -> Option<Timestamp> {
        let mut latest = None;
        for container in self.containers.values() {
            match container.state {
                ContainerState::Exited { code: 0, .. } if container.role == Role::Init => {}
                ContainerState::Running { started } => latest = latest.max(Some(started)),
                ContainerState::Created
                | ContainerState::Stopping { .. }
                | ContainerState::Exited { .. }
                | ContainerState::Other(_) => return None,
            }
        }
        latest
    }
}

/// An image of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostImage {
    /// podman's id of it.
    pub id: String,
    /// Its names, each with a tag; none when another image has taken the last of them.
    pub names: Vec<String>,
    /// The digest of its manifest, if podman knows it.
    pub digest: Option<String>,
    /// The names by which it can be asked for at a digest.
    pub pinned: Vec<String>,
    /// When it was built.
    pub created: Option<Timestamp>,
    /// How much it takes on the host, in bytes.
    pub size_bytes: u64,
    /// How many containers of the host use it, whosever they are.
    pub containers: u64,
}
