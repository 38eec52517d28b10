//! How hosts are chosen among those that could take a pod.

use std::str::FromStr;

/// What counts how much when a host is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheduling {
    /// Which hosts are filled first.
    pub packing: Packing,
    /// How much each score counts.
    pub weights: Weights,
}

/// Which hosts are filled first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// The emptiest: kube-scheduler's `LeastAllocated`.
    Least,
    /// The fullest: kube-scheduler's `MostAllocated`.
    Most,
}

/// How much each score counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// How full the host is.
    pub resources: u64,
    /// How evenly its CPU and memory are used.
    pub balance: u64,
    /// How much of GPUs stays of use to other pods.
    pub gpus: u64,
    /// Which of the pod's images the host has already.
    pub images: u64,
    /// Preferences of hosts.
    pub node_affinity: u64,
    /// Taints that would rather have pods elsewhere.
    pub taints: u64,
    /// Preferences of other pods' company.
    pub pod_affinity: u64,
    /// How evenly like pods are spread.
    pub spread: u64,
}

impl Scheduling {
    /// kube-scheduler's own: the emptiest hosts first, and pods that are alike apart.
    pub const SPREAD: Self = Self {
        packing: Packing::Least,
        weights: Weights {
            resources: 1,
            balance: 1,
            gpus: 10,
            images: 1,
            node_affinity: 2,
            taints: 3,
            pod_affinity: 2,
            spread: 2,
        },
    };

    /// As few hosts as possible; what pods ask for themselves counts as before.
    pub const BINPACK: Self = Self {
        packing: Packing::Most,
        weights: Weights { resources: 10, gpus: 10_000, spread: 0, ..Self::SPREAD.weights },
    };
}

impl Default for Scheduling {
    fn default() -> Self {
        Self::SPREAD
    }
}

/// Why a text names no profile.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is not a profile: write spread or binpack")]
pub struct ProfileError {
    /// The text as written.
    pub text: String,
}

impl FromStr for Scheduling {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        match text {
            "spread" => Ok(Self::SPREAD),
            "binpack" => Ok(Self::BINPACK),
            _ => Err(ProfileError { text: text.to_owned() }),
        }
    }
}
