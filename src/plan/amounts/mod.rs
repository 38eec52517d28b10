//! What hosts have beside CPU, memory and room for pods: devices by the piece, huge pages, room on the host's disk.
//!
//! Source: <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#extended-resources>

use std::collections::BTreeMap;

use crate::inventory::Host;
use crate::observed::{Facts, HostReport};

mod devices;

pub(super) use devices::{DeviceError, check, hand_out, held, labelled};

/// What a host has beside CPU, memory and room for pods, in bytes or pieces: what the inventory says, else what the host reports.
pub fn other_capacity(host: &Host, report: Option<&HostReport>) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    if let Some(Facts { devices, amounts, .. }) = report.map(|report| &report.facts) {
        all.clone_from(amounts);
        all.extend(devices.iter().map(|(kind, names)| (kind.clone(), names.len() as u64)));
    }
    all.extend(host.capacity.further.clone());
    all
}
