//! A step: one thing to do on one host, so fully said that nothing is left to decide when it is done.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::to_run::{PodToRun, SecretsToBring};
use super::volume::VolumesToFill;
use crate::inventory::Cidr;
use crate::model::{Hidden, NodeName, ObjectKey, PodKey};
use crate::network::RulesChange;
use crate::observed::Keeper;

/// The position of a step in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepId(pub usize);

/// One thing to do on one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The host.
    pub node: NodeName,
    /// What to do there.
    pub action: Action,
    /// Steps that must have been done before, here or on other hosts.
    pub needs: Vec<StepId>,
}

/// What a step does. Every action may run twice: the second time it changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Makes the host's own part of the pod network: podman's network, forwarding, routes to the other hosts.
    ConfigureNetwork(HostNetwork),
    /// Brings an image to the host.
    PullImage {
        /// The image's name.
        image: String,
        /// When the registry is asked.
        policy: PullPolicy,
        /// What the registry is shown; `None` for what the host has.
        credentials: Option<Hidden>,
        /// The image that the name stands for, wherever its tag has gone meanwhile; `None` where nobody has asked.
        pinned: Option<Pinned>,
    },
    /// Makes a pod and starts it.
    CreatePod(Box<PodToRun>),
    /// Writes the files of a pod's volumes anew where they are, and makes again what a reboot took of them.
    UpdateVolumes(Box<VolumesToFill>),
    /// Starts containers of a pod that have ended.
    StartContainers {
        /// The pod.
        key: PodKey,
        /// Their names on the host.
        containers: Vec<String>,
        /// What Secrets give to the pod's containers.
        secrets: Vec<SecretsToBring>,
    },
    /// Brings a pod up whose containers are all there.
    BringUp {
        /// The pod.
        key: PodKey,
        /// Its name on the host.
        sandbox: String,
        /// Who starts its containers again.
        keeper: Keeper,
        /// What Secrets give to them.
        secrets: Vec<SecretsToBring>,
    },
    /// Ends a pod and removes it with all that belongs to it.
    DeletePod {
        /// The pod.
        key: PodKey,
        /// Its name on the host.
        sandbox: String,
        /// How long it may take to end by itself, in seconds.
        grace_seconds: u32,
    },
    /// Makes a directory for a claim, and marks it.
    MakeVolume {
        /// The volume's name.
        name: String,
        /// The claim.
        claim: ObjectKey,
        /// The directory.
        path: String,
        /// The size in bytes of the file system that is mounted there; `None` for a directory of the host's own.
        size_bytes: Option<u64>,
    },
    /// Lets the file system of a claim grow, while pods use it.
    GrowVolume {
        /// The volume's name.
        name: String,
        /// The claim.
        claim: ObjectKey,
        /// The directory that it is mounted on.
        path: String,
        /// The size that it gets, in bytes.
        size_bytes: u64,
    },
    /// Lets a volume go whose claim is gone.
    ReleaseVolume {
        /// Its name.
        name: String,
        /// Its directory.
        path: String,
        /// What becomes of what is in it.
        data: Data,
    },
    /// Changes the Service rules.
    ChangeRules(RulesChange),
    /// Claims the host for the state file at hand, and changes nothing else.
    TakeOver,
    /// Removes everything of the fleet from the host.
    LeaveHost,
}

/// What becomes of the data of a volume whose claim is gone.
///
/// Source: <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// They are deleted.
    Deleted,
    /// They stay for people to look at.
    Kept,
}

/// What a tag named when the plan was made: what was agreed to is what is run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pinned {
    /// The image whose manifest has this digest, such as `sha256:0a1b...`.
    Manifest(String),
    /// The image of this id, whose manifest nobody knows the digest of: it is not pulled by that, but looked at when it is there.
    Image(String),
}

/// When the registry is asked for an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PullPolicy {
    /// Every time.
    Always,
    /// When the host does not have it.
    IfNotPresent,
    /// Not at all: the host must have it.
    Never,
}

/// A host's own part of the pod network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostNetwork {
    /// The host's range.
    pub subnet: Cidr,
    /// The bridge's address.
    pub gateway: Ipv4Addr,
    /// The other hosts' ranges, and the addresses they lie behind.
    pub routes: BTreeMap<Cidr, Ipv4Addr>,
    /// Routes of ours that lead nowhere any more.
    pub stale_routes: Vec<Cidr>,
    /// The Services' range.
    pub services: Cidr,
    /// The host's own address, from which it calls Services, if it is known.
    pub address: Option<Ipv4Addr>,
    /// Whether podman's network must be made: it is missing, or has another range.
    pub bridge: Bridge,
    /// What is done about packets within a bridge being taken through the IP rules.
    pub bridge_filter: BridgeFilter,
    /// Who starts containers again: systemd also brings the network back after a reboot.
    pub keeper: Keeper,
    /// Whether what keeps pods up must be installed.
    pub keeping: Keeping,
}

/// The form of what keeps pods up on a host: units, and the texts that they run. Who changes one of them counts up.
pub const KEEPING: &str = "9";

/// Whether what keeps pods up must be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// It is there, or the host's keeper needs nothing of ours.
    Present,
    /// It is missing, or of another form.
    Missing,
}

/// What is done about packets within a bridge being taken through the IP rules (`bridge-nf-call-iptables`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BridgeFilter {
    /// Nothing: they are not, or the kernel cannot.
    Leave,
    /// It is turned off.
    TurnOff,
}

/// Whether podman's network must be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bridge {
    /// It is as it should be.
    Present,
    /// It is missing.
    Missing,
}

impl Step {
    /// What a person calls this step.
    pub fn title(&self) -> String {
        match &self.action {
            Action::ConfigureNetwork(_) => "set up the pod network".to_owned(),
            Action::PullImage { image, policy: PullPolicy::Never, .. } => {
                format!("look for {image}")
            }
            Action::PullImage { image, .. } => format!("pull {image}"),
            Action::CreatePod(pod) => format!("create pod {}", pod.key),
            Action::UpdateVolumes(fill) => {
                let names: Vec<&str> = fill.volumes.keys().map(String::as_str).collect();
                match names[..] {
                    [] => format!("prepare volumes of pod {}", fill.key),
                    [name] => format!("update volume {name} of pod {}", fill.key),
                    _ => format!("update volumes {} of pod {}", names.join(", "), fill.key),
                }
            }
            Action::StartContainers { key, .. } | Action::BringUp { key, .. } => {
                format!("start containers of pod {key}")
            }
            Action::DeletePod { key, .. } => format!("delete pod {key}"),
            Action::MakeVolume { name, claim, .. } => format!("make volume {name} for {claim}"),
            Action::GrowVolume { name, claim, .. } => format!("grow volume {name} for {claim}"),
            Action::ReleaseVolume { name, data: Data::Deleted, .. } => {
                format!("delete volume {name} and its data")
            }
            Action::ReleaseVolume { name, data: Data::Kept, .. } => {
                format!("release volume {name} and keep its data")
            }
            Action::ChangeRules(_) => "change service rules".to_owned(),
            Action::TakeOver => "take the host over".to_owned(),
            Action::LeaveHost => "remove everything of the fleet".to_owned(),
        }
    }

    /// The image that it brings to its host; `None` for every other step, and where an image is only looked for.
    pub fn image_to_pull(&self) -> Option<&str> {
        match &self.action {
            Action::PullImage {
                image,
                policy: PullPolicy::Always | PullPolicy::IfNotPresent,
                ..
            } => Some(image),
            _ => None,
        }
    }
}
