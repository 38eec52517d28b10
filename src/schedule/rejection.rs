//! Why a host cannot take a pod.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::model::{NodeName, Rounding, bytes_text, is_in_bytes};

/// Why a host cannot take a pod; Display words it as kube-scheduler's events do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "reason", rename_all = "camelCase")]
pub enum Rejection {
    /// No profile has the name that `spec.schedulerName` says, so nobody chooses a host.
    Scheduler {
        /// The name.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// The host does not answer.
    Unreachable,
    /// The host is cordoned.
    Unschedulable,
    /// `spec.nodeName` names another host.
    NodeName,
    /// `spec.nodeSelector` or node affinity asks for labels that the host lacks.
    NodeSelector,
    /// A taint is not tolerated.
    Taint {
        /// The taint's key.
        key: String,
        /// The taint's value.
        value: String,
    },
    /// An image of the pod is not made for the host's machine.
    Machine {
        /// The image, as podman lists it.
        image: String,
        /// The machine.
        machine: String,
        /// The machines that it is made for.
        made_for: String,
    },
    /// Too little CPU is free, in thousandths.
    Cpu {
        /// Asked for.
        asked: u64,
        /// Free.
        free: u64,
    },
    /// Too little memory is free, in bytes.
    Memory {
        /// Asked for.
        asked: u64,
        /// Free.
        free: u64,
    },
    /// Too little of another resource is free: pieces, or bytes.
    Resource {
        /// The resource.
        resource: String,
        /// Asked for.
        asked: u64,
        /// Free.
        free: u64,
    },
    /// A port of the host that the pod asks for is another's.
    Ports,
    /// A port of the host that the pod asks for is the one at which the host's own SSH server answers.
    SshPort {
        /// The port.
        port: u16,
    },
    /// As many pods as the host takes are bound to it.
    Pods,
    /// The host lacks a label that the pod is to be spread by.
    SpreadLabel,
    /// The pod would stand too unevenly with those like it.
    Spread,
    /// Pods are not near that the pod must have near.
    PodAffinity,
    /// Pods are near that the pod must not have near.
    PodAntiAffinity,
    /// Pods are near that must not have this pod near.
    ExistingAntiAffinity,
    /// A volume of the pod cannot be reached from the host.
    VolumeAffinity,
    /// A volume of the pod is in another zone than the host.
    VolumeZone,
    /// No volume is there for a claim of the pod, and none can be made there.
    NoVolume,
    /// A claim that is for one pod alone is another's.
    ClaimInUse,
    /// The claims of the pod keep it from every host.
    Claims {
        /// Why.
        what: String,
    },
}

impl Rejection {
    /// The reason without figures, as it is counted over hosts.
    fn words(&self) -> String {
        match self {
            Self::Scheduler { name, known } => {
                format!("no scheduler is called \"{name}\": there are {known}")
            }
            Self::Unreachable => "node(s) were unreachable".to_owned(),
            Self::Unschedulable => "node(s) were unschedulable".to_owned(),
            Self::NodeName => "node(s) didn't match the requested node name".to_owned(),
            Self::NodeSelector => "node(s) didn't match Pod's node affinity/selector".to_owned(),
            Self::Taint { key, value } => {
                format!("node(s) had untolerated taint {{{key}: {value}}}")
            }
            Self::Machine { image, machine, made_for } => format!(
                "node(s) couldn't run image {image}, which is not made for {machine} (it is for {made_for})"
            ),
            Self::Cpu { .. } => "Insufficient cpu".to_owned(),
            Self::Memory { .. } => "Insufficient memory".to_owned(),
            Self::Resource { resource, .. } => format!("Insufficient {resource}"),
            Self::SpreadLabel => {
                "node(s) didn't match pod topology spread constraints (missing required label)"
                    .to_owned()
            }
            Self::Spread => "node(s) didn't match pod topology spread constraints".to_owned(),
            Self::PodAffinity => "node(s) didn't match pod affinity rules".to_owned(),
            Self::PodAntiAffinity => "node(s) didn't match pod anti-affinity rules".to_owned(),
            Self::ExistingAntiAffinity => {
                "node(s) didn't satisfy existing pods anti-affinity rules".to_owned()
            }
            Self::Ports | Self::SshPort { .. } => {
                "node(s) didn't have free ports for the requested pod ports".to_owned()
            }
            Self::Pods => "Too many pods".to_owned(),
            Self::VolumeAffinity => "node(s) had volume node affinity conflict".to_owned(),
            Self::VolumeZone => "node(s) had no available volume zone".to_owned(),
            Self::NoVolume => {
                "node(s) didn't find available persistent volumes to bind".to_owned()
            }
            Self::ClaimInUse => {
                "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode".to_owned()
            }
            Self::Claims { what } => what.clone(),
        }
    }
}

/// What an amount counts.
#[derive(Clone, Copy, Debug)]
enum Unit {
    Milli,
    Bytes,
    Pieces,
}

impl Unit {
    fn text(self, amount: u64, rounding: Rounding) -> String {
        match self {
            Self::Milli => format!("{amount}m"),
            Self::Bytes => bytes_text(amount, rounding),
            Self::Pieces => amount.to_string(),
        }
    }
}

impl Rejection {
    /// What is asked for and what is free, where that is the reason, and how both are written.
    fn figures(&self) -> Option<(u64, u64, Unit)> {
        match self {
            Self::Cpu { asked, free } => Some((*asked, *free, Unit::Milli)),
            Self::Memory { asked, free } => Some((*asked, *free, Unit::Bytes)),
            Self::Resource { asked, free, resource } if is_in_bytes(resource) => {
                Some((*asked, *free, Unit::Bytes))
            }
            Self::Resource { asked, free, .. } => Some((*asked, *free, Unit::Pieces)),
            Self::SpreadLabel
            | Self::Spread
            | Self::PodAffinity
            | Self::PodAntiAffinity
            | Self::ExistingAntiAffinity
            | Self::Unreachable
            | Self::Unschedulable
            | Self::NodeName
            | Self::NodeSelector
            | Self::Taint { .. }
            | Self::Ports
            | Self::SshPort { .. }
            | Self::Pods
            | Self::VolumeAffinity
            | Self::VolumeZone
            | Self::NoVolume
            | Self::ClaimInUse
            | Self::Scheduler { .. }
            | Self::Machine { .. }
            | Self::Claims { .. } => None,
        }
    }

    /// The reason of several hosts that have it in common, with what is free on the one that has the least and on the one that
    /// has the most; `None` where there are no hosts.
    pub fn in_common<'a>(all: impl Iterator<Item = &'a Self> + Clone) -> Option<String> {
        let one = all.clone().next()?;
        let free = all.filter_map(|rejection| Some(rejection.figures()?.1));
        let range = (free.clone().min(), free.max());
        let ((Some(least), Some(most)), Some((asked, _, unit))) = (range, one.figures()) else {
            return Some(one.to_string());
        };
        if least == most {
            return Some(one.to_string());
        }
        let (least, most) = (unit.text(least, Rounding::Down), unit.text(most, Rounding::Down));
        let asked = unit.text(asked, Rounding::Up);
        Some(format!("{} (asked {asked}, free {least} to {most})", one.words()))
    }

    /// The same without what is free, by which hosts differ.
    #[must_use]
    pub fn without_free(&self) -> Self {
        let mut same = self.clone();
        if let Self::Cpu { free, .. } | Self::Memory { free, .. } | Self::Resource { free, .. } =
            &mut same
        {
            *free = 0;
        }
        same
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words())?;
        if let Self::SshPort { port } = self {
            return write!(f, " (the host's SSH server has {port}/tcp)");
        }
        match self.figures() {
            Some((asked, free, unit)) => {
                let asked = unit.text(asked, Rounding::Up);
                write!(f, " (asked {asked}, free {})", unit.text(free, Rounding::Down))
            }
            None => Ok(()),
        }
    }
}

/// Sums rejections up as kube-scheduler does: `0/3 nodes are available: 2 Insufficient cpu, 1 Too many pods.`
pub fn describe_rejections(rejections: &BTreeMap<NodeName, Rejection>) -> String {
    // What keeps a pod from every host is no host's own and is not counted.
    let of_all = rejections.values().find_map(|rejection| match rejection {
        Rejection::Claims { .. } | Rejection::Scheduler { .. } => Some(rejection.words()),
        _ => None,
    });
    if let Some(what) = of_all {
        return format!("0/{} nodes are available: {what}.", rejections.len());
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for rejection in rejections.values() {
        *counts.entry(rejection.words()).or_default() += 1;
    }
    // As kube-scheduler has it: in the order of the texts with their numbers.
    let mut parts: Vec<String> = counts.iter().map(|(words, n)| format!("{n} {words}")).collect();
    parts.sort();
    format!("0/{} nodes are available: {}.", rejections.len(), parts.join(", "))
}
