//! How hosts are chosen among those that could take a pod.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::document::closest;

/// The name by which pods ask for the inventory's own profile, and which those have that ask for none.
///
/// Source: `DefaultSchedulerName` of Kubernetes.
pub const DEFAULT_SCHEDULER: &str = "default-scheduler";

/// The profiles that are there without being defined.
const BUILT_IN: [(&str, Scheduling); 2] =
    [("binpack", Scheduling::BINPACK), ("spread", Scheduling::SPREAD)];

/// The profiles of a fleet. A pod's `schedulerName` says by which of them its host is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profiles {
    /// That of pods which name none.
    pub own: Scheduling,
    /// Those that are defined, by name.
    pub named: BTreeMap<String, Scheduling>,
}

impl Profiles {
    /// The profile that a pod names; `None` where none is called so.
    pub fn of(&self, name: &str) -> Option<Scheduling> {
        if name.is_empty() || name == DEFAULT_SCHEDULER {
            return Some(self.own);
        }
        self.named.get(name).copied().or_else(|| built_in(name))
    }

    /// The names that pods can say, in order.
    pub fn names(&self) -> Vec<&str> {
        let built_in = BUILT_IN.iter().map(|(name, _)| *name);
        let defined = self.named.keys().map(String::as_str);
        let mut names: Vec<&str> = built_in.chain(defined).chain([DEFAULT_SCHEDULER]).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The name that was probably meant by one that is not there.
    pub fn meant_by(&self, name: &str) -> Option<&str> {
        closest(name, self.names())
    }
}

fn built_in(name: &str) -> Option<Scheduling> {
    BUILT_IN.into_iter().find(|(known, _)| *known == name).map(|(_, profile)| profile)
}

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
        built_in(text).ok_or_else(|| ProfileError { text: text.to_owned() })
    }
}
