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

/// The labels that say in which zone and region a volume or a host is, each with what it is called by now.
const ZONES: [(&str, &str); 4] = [
    ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    ("topology.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("topology.kubernetes.io/region", "topology.kubernetes.io/region"),
];

/// What stands between the zones of a volume that is in several.
const AND: &str = "__";

/// Whether a host is in the zones that the labels of a volume say. A host that says nothing of zones is in all of them.
///
/// Source: the plugin `VolumeZone` of kube-scheduler.
pub(super) fn is_in_zone(volume: &PersistentVolume, host: &Ground) -> bool {
    if !ZONES.iter().any(|(key, _)| host.labels.contains_key(*key)) {
        return true;
    }
    let labels = volume.metadata.labels.as_ref();
    ZONES.iter().all(|(key, today)| {
        let Some(zones) = labels.and_then(|labels| labels.get(*key)) else { return true };
        let mut zones = zones.split(AND).map(str::trim);
        let own = host.labels.get(*key).or_else(|| host.labels.get(*today));
        // One that cannot be read says nothing.
        zones.clone().any(str::is_empty) || own.is_some_and(|own| zones.any(|zone| zone == own))
    })
}

/// Whether a volume can be reached from a host, by the volume's own terms.
pub(super) fn reaches(volume: &PersistentVolume, host: &Ground) -> bool {
    let affinity = volume.spec.as_ref().and_then(|spec| spec.node_affinity.as_ref());
    affinity
        .and_then(|affinity| affinity.required.as_ref())
        .is_none_or(|terms| chooses_node(terms, &host.name, &host.labels))
}
