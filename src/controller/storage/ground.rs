//! The hosts as far as volumes mind them.

use k8s_openapi::api::core::v1::PersistentVolume;

use crate::model::{Labels, NodeName, chooses_node};

/// A host on which volumes may lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The host.
    pub name: NodeName,
    /// Its labels.
    pub labels: Labels,
    /// Whether a volume may be made there that no pod has asked for yet.
    pub takes: Takes,
}

/// Whether a volume may be made on a host before a pod is there that uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Yes.
    Volumes,
    /// No: it does not answer, or a taint keeps pods away.
    Nothing,
}

/// Whether a volume can be reached from a host, by the volume's own terms.
pub(super) fn reaches(volume: &PersistentVolume, host: &Ground) -> bool {
    let affinity = volume.spec.as_ref().and_then(|spec| spec.node_affinity.as_ref());
    affinity
        .and_then(|affinity| affinity.required.as_ref())
        .is_none_or(|terms| chooses_node(terms, &host.name, &host.labels))
}
