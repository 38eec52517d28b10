//! The inventory as it is written: every key of the file, and nothing that follows from it.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde::Deserialize;

use super::duration::DurationText;
use crate::model::Labels;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct FleetFile {
    pub(super) fleet: String,
    pub(super) unreachable_after: Option<DurationText>,
    pub(super) ssh: SshFile,
    pub(super) overcommit: OvercommitFile,
    pub(super) network: NetworkFile,
    pub(super) scheduling: SchedulingFile,
    pub(super) sizes: BTreeMap<String, SizeFile>,
    pub(super) groups: BTreeMap<String, GroupFile>,
    pub(super) hosts: BTreeMap<String, HostFile>,
}

/// How to log in; what is absent is said at a more general place.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SshFile {
    pub(super) user: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) identity_file: Option<String>,
    pub(super) identity_files: Option<Vec<String>>,
    pub(super) known_hosts: Option<String>,
    pub(super) connect_timeout: Option<DurationText>,
    pub(super) command_timeout: Option<DurationText>,
    pub(super) sudo: Option<bool>,
}

/// Address ranges.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct NetworkFile {
    #[serde(rename = "podCIDR")]
    pub(super) pod_cidr: Option<String>,
    pub(super) host_prefix: Option<u8>,
    #[serde(rename = "serviceCIDR")]
    pub(super) service_cidr: Option<String>,
}

/// How hosts are chosen.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SchedulingFile {
    pub(super) profile: Option<String>,
    pub(super) weights: WeightsFile,
    pub(super) profiles: BTreeMap<String, ProfileFile>,
}

/// A profile that pods can name.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ProfileFile {
    pub(super) profile: Option<String>,
    pub(super) weights: WeightsFile,
}

/// How much each score counts; what is absent is the profile's.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WeightsFile {
    pub(super) resources: Option<u16>,
    pub(super) balance: Option<u16>,
    pub(super) gpus: Option<u16>,
    pub(super) images: Option<u16>,
    pub(super) node_affinity: Option<u16>,
    pub(super) taints: Option<u16>,
    pub(super) pod_affinity: Option<u16>,
    pub(super) spread: Option<u16>,
}

/// What the hosts of a group have in common.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct GroupFile {
    pub(super) ssh: SshFile,
    pub(super) labels: Labels,
    pub(super) taints: Vec<String>,
    pub(super) capacity: CapacityFile,
    pub(super) reserved: AmountsFile,
    pub(super) overcommit: OvercommitFile,
    pub(super) allowed_unsafe_sysctls: Vec<String>,
}

/// What a host would be that somebody asks about.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SizeFile {
    pub(super) labels: Labels,
    pub(super) taints: Vec<String>,
    pub(super) capacity: CapacityFile,
    pub(super) reserved: AmountsFile,
    pub(super) overcommit: OvercommitFile,
}

/// A host.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct HostFile {
    pub(super) address: Option<String>,
    pub(super) internal_address: Option<String>,
    pub(super) connection: Option<ConnectionFile>,
    pub(super) groups: Vec<String>,
    pub(super) ssh: SshFile,
    pub(super) labels: Labels,
    pub(super) taints: Vec<String>,
    pub(super) capacity: CapacityFile,
    pub(super) reserved: AmountsFile,
    pub(super) overcommit: OvercommitFile,
    pub(super) allowed_unsafe_sysctls: Vec<String>,
}

/// How a host is reached.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum ConnectionFile {
    Ssh,
    Local,
}

/// Amounts of what a host has, by resource.
pub(super) type CapacityFile = BTreeMap<String, Quantity>;

/// Amounts of what is kept back.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AmountsFile {
    pub(super) cpu: Option<Quantity>,
    pub(super) memory: Option<Quantity>,
    pub(super) pods: Option<u64>,
}

/// How many times what there is may be asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct OvercommitFile {
    // A quantity is a number as it is written, not what a processor makes of its decimals.
    pub(super) cpu: Option<Quantity>,
    pub(super) memory: Option<Quantity>,
}
