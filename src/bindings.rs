//! The choices that were made for a fleet: which Pod is where, at which address; they are committed before they are acted on.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use serde::{Deserialize, Serialize};

use crate::model::{Digest, NodeName, ObjectKey, PodKey};

/// Every choice that outlives a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bindings {
    /// The Pods that should exist.
    #[serde(with = "entries")]
    pub pods: BTreeMap<PodKey, Binding>,
    /// Pods that should go and may still be there: they take calls until it is their turn.
    #[serde(with = "entries")]
    pub leaving: BTreeMap<PodKey, Binding>,
    /// Those of them that make room for pods of higher priority, with the host that they go from: they go in any case.
    #[serde(default, with = "entries", skip_serializing_if = "BTreeMap::is_empty")]
    pub yielding: BTreeMap<PodKey, NodeName>,
    /// Pods that are moved away on purpose, until they are seen to be gone: they go as budgets and their owners' rules let them.
    #[serde(default, with = "entries", skip_serializing_if = "BTreeMap::is_empty")]
    pub evicting: BTreeMap<PodKey, Eviction>,
    /// What each host was given.
    pub nodes: BTreeMap<NodeName, NodeBinding>,
    /// Services' addresses.
    #[serde(with = "entries")]
    pub services: BTreeMap<ObjectKey, Ipv4Addr>,
    /// How many Pods were ever named for an owner, so that no name is given twice.
    #[serde(with = "entries")]
    pub named: BTreeMap<ObjectKey, u64>,
}

/// A Pod and the host that it is bound to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Binding {
    /// The Pod, complete.
    pub pod: Pod,
    /// The host.
    pub node: NodeName,
    /// The Pod's address, of that host's range.
    pub address: Ipv4Addr,
    /// The object that the Pod was made for; `None` for a Pod that stands by itself.
    pub owner: Option<ObjectKey>,
    /// The digest of everything that the Pod is made from.
    pub digest: Digest,
    /// The devices of the host that each container is given, by their full names such as `example.org/gpu=0`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub devices: BTreeMap<String, Vec<String>>,
}

impl Binding {
    /// The object that the Pod was made from, given its key: its owner, or the Pod itself where it stands by itself.
    pub fn source(&self, key: &PodKey) -> ObjectKey {
        self.owner.clone().unwrap_or_else(|| key.object())
    }
}

/// A pod that is moved away on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eviction {
    /// The host that it goes from.
    pub from: NodeName,
    /// The host that its successor goes to, where that was chosen with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NodeName>,
    /// Why.
    pub cause: EvictionCause,
    /// How long it may take to end by itself, in seconds, where that is not what it says itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_seconds: Option<u32>,
}

/// Why a pod is moved away on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EvictionCause {
    /// Its host is drained.
    Drain,
    /// Hosts are to be used more evenly.
    Rebalance,
}

/// What a host was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeBinding {
    /// Which of the fleet's pod ranges is this host's, counted from 0.
    pub subnet: u32,
    /// The address at which the other hosts reach it, once it is known.
    pub address: Option<Ipv4Addr>,
    /// Its taints that send pods away, as they are written, and since when each has been planned with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tainted: BTreeMap<String, Timestamp>,
}

/// Maps whose keys are no strings, as JSON lists of pairs.
mod entries {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<K, V, S>(map: &BTreeMap<K, V>, serializer: S) -> Result<S::Ok, S::Error>
    where
        K: Serialize,
        V: Serialize,
        S: Serializer,
    {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        let pairs = Vec::<(K, V)>::deserialize(deserializer)?;
        Ok(pairs.into_iter().collect())
    }
}
