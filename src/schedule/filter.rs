//! Why a host cannot take a pod.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::api::core::v1::PodSpec;
use serde::Serialize;

use super::{Candidate, Readiness, Request, affinity, tolerated};
use crate::inventory::{Taint, TaintEffect};
use crate::model::NodeName;

/// Why a host cannot take a pod; Display words it as kube-scheduler's events do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "reason", rename_all = "camelCase")]
pub enum Rejection {
    /// The host does not answer.
    Unreachable,
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
    /// As many pods as the host takes are bound to it.
    Pods,
    /// A volume of the pod cannot be reached from the host.
    VolumeAffinity,
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
            Self::Unreachable => "node(s) were unreachable".to_owned(),
            Self::NodeName => "node(s) didn't match the requested node name".to_owned(),
            Self::NodeSelector => "node(s) didn't match Pod's node affinity/selector".to_owned(),
            Self::Taint { key, value } => {
                format!("node(s) had untolerated taint {{{key}: {value}}}")
            }
            Self::Cpu { .. } => "Insufficient cpu".to_owned(),
            Self::Memory { .. } => "Insufficient memory".to_owned(),
            Self::Resource { resource, .. } => format!("Insufficient {resource}"),
            Self::Ports => "node(s) didn't have free ports for the requested pod ports".to_owned(),
            Self::Pods => "Too many pods".to_owned(),
            Self::VolumeAffinity => "node(s) had volume node affinity conflict".to_owned(),
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

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words())?;
        match self {
            Self::Cpu { asked, free } => write!(f, " (asked {asked}m, free {free}m)"),
            Self::Memory { asked, free } => write!(f, " (asked {asked}, free {free} bytes)"),
            Self::Resource { asked, free, .. } => write!(f, " (asked {asked}, free {free})"),
            Self::Unreachable
            | Self::NodeName
            | Self::NodeSelector
            | Self::Taint { .. }
            | Self::Ports
            | Self::Pods
            | Self::VolumeAffinity
            | Self::NoVolume
            | Self::ClaimInUse
            | Self::Claims { .. } => Ok(()),
        }
    }
}

/// Sums rejections up as kube-scheduler does: `0/3 nodes are available: 2 Insufficient cpu, 1 Too many pods.`
pub fn describe_rejections(rejections: &BTreeMap<NodeName, Rejection>) -> String {
    // What keeps a pod from every host is no host's own and is not counted.
    let of_all = rejections.values().find_map(|rejection| match rejection {
        Rejection::Claims { what } => Some(what),
        _ => None,
    });
    if let Some(what) = of_all {
        return format!("0/{} nodes are available: {what}.", rejections.len());
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for rejection in rejections.values() {
        *counts.entry(rejection.words()).or_default() += 1;
    }
    let parts: Vec<String> = counts.iter().map(|(words, n)| format!("{n} {words}")).collect();
    format!("0/{} nodes are available: {}.", rejections.len(), parts.join(", "))
}

/// The first reason why this host cannot take the pod.
pub(super) fn reject(host: &Candidate, request: &Request<'_>) -> Option<Rejection> {
    if host.readiness == Readiness::Unreachable {
        return Some(Rejection::Unreachable);
    }
    let named = request.spec.node_name.as_deref().unwrap_or_default();
    if !named.is_empty() && named != host.name.as_str() {
        return Some(Rejection::NodeName);
    }
    if !selects(host, request.spec) || !affinity::accepts(host, request.spec) {
        return Some(Rejection::NodeSelector);
    }
    let repels = |taint: &&Taint| {
        taint.effect != TaintEffect::PreferNoSchedule && !tolerated(taint, request.tolerations)
    };
    if let Some(taint) = host.taints.iter().find(repels) {
        return Some(Rejection::Taint { key: taint.key.clone(), value: taint.value.clone() });
    }
    let mut asked = request.ports.iter();
    if asked.any(|port| host.ports.iter().any(|taken| taken.collides(port))) {
        return Some(Rejection::Ports);
    }
    request.volumes.get(&host.name).cloned().or_else(|| lacks(host, request))
}

fn lacks(host: &Candidate, request: &Request<'_>) -> Option<Rejection> {
    let free = host.allocatable.minus(host.used);
    let asked = request.resources;
    if asked.pods > free.pods {
        return Some(Rejection::Pods);
    }
    if asked.cpu_milli > free.cpu_milli {
        return Some(Rejection::Cpu { asked: asked.cpu_milli, free: free.cpu_milli });
    }
    if asked.memory_bytes > free.memory_bytes {
        return Some(Rejection::Memory { asked: asked.memory_bytes, free: free.memory_bytes });
    }
    None
}

/// Whether the host has every label of `spec.nodeSelector`.
pub(super) fn selects(host: &Candidate, spec: &PodSpec) -> bool {
    spec.node_selector
        .iter()
        .flatten()
        .all(|(key, value)| host.labels.get(key).is_some_and(|have| have == value))
}
