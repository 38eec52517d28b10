//! What hosts have beside CPU, memory and room for pods: devices by the piece, huge pages, room on the host's disk.
//!
//! Source: <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#extended-resources>

use std::collections::BTreeMap;

use crate::observed::{Facts, HostReport};

mod devices;

pub(super) use devices::{DeviceError, check, hand_out};

/// Amounts of resources by their names.
type Amounts = BTreeMap<String, u64>;

/// What a host has beside CPU, memory and room for pods: bytes, or pieces.
pub fn other_capacity(report: Option<&HostReport>) -> BTreeMap<String, u64> {
    let Some(Facts { devices, amounts, .. }) = report.map(|report| &report.facts) else {
        return Amounts::new();
    };
    let pieces = devices.iter().map(|(kind, names)| (kind.clone(), names.len() as u64));
    amounts.clone().into_iter().chain(pieces).collect()
}
