//! The inventory: which hosts there are, how to reach them, what they offer, and the networks of the fleet.

mod check;
mod duration;
mod file;
mod home;
mod layer;
mod overcommit;
mod parse;
mod record;
mod resource;
mod scheduling;
mod select;
mod size;
mod sysctl;
mod taint;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::{FleetName, Labels, NodeName, Resources};

pub use duration::{DurationError, parse_duration};
pub use home::{Home, HomeError};
pub use overcommit::{Overcommit, Ratio, RatioError};
pub use parse::parse;
pub use record::{Admission, HostRecord, UNSCHEDULABLE};
pub use scheduling::{DEFAULT_SCHEDULER, Packing, ProfileError, Profiles, Scheduling, Weights};
pub use select::SelectError;
pub use size::{Said, Size, SizeError, SizedHosts};
pub use sysctl::{SysctlError, SysctlPattern};
pub use taint::TaintError;

/// A fleet as its inventory file describes it, groups already folded into the hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    /// The fleet's name, which labels everything on the hosts.
    pub fleet: FleetName,
    /// Every host by its name.
    pub hosts: BTreeMap<NodeName, Host>,
    /// The hosts of every group by its name, for patterns that choose hosts.
    pub groups: BTreeMap<String, BTreeSet<NodeName>>,
    /// The sizes that questions about hosts nobody has can name; no host has the name of one.
    pub sizes: BTreeMap<String, Said>,
    /// Address ranges.
    pub network: Network,
    /// How long a host may be out of reach before its replaceable pods are placed elsewhere.
    pub unreachable_after: Duration,
    /// How many times what they have hosts may be asked for where nothing nearer is said.
    pub overcommit: Overcommit,
    /// How hosts are chosen among those that could take a pod.
    pub scheduling: Profiles,
}

/// One host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The name by which everything refers to it.
    pub name: NodeName,
    /// How scripts get there.
    pub connection: Connection,
    /// The address that other hosts reach it at, when it is not the one of the connection.
    pub internal_address: Option<Ipv4Addr>,
    /// Labels for selectors; `kubernetes.io/hostname` is always among them; a host has more by itself.
    pub labels: Labels,
    /// Taints that keep pods away; that of a cordoned host is not among them.
    pub taints: Vec<Taint>,
    /// What people noted; only commands do.
    pub annotations: BTreeMap<String, String>,
    /// Whether new pods may be placed here; only commands say that they may not.
    pub admission: Admission,
    /// What the host offers, where that is not what it reports.
    pub capacity: CapacityOverride,
    /// What is kept back for the host itself.
    pub reserved: Resources,
    /// How many times what is left pods may ask for.
    pub overcommit: Overcommit,
    /// Kernel settings that pods here may have besides those that harm nobody else.
    pub allowed_unsafe_sysctls: Vec<SysctlPattern>,
}

/// How scripts get to a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Over SSH.
    Ssh(SshSettings),
    /// The workstation itself, without SSH.
    Local(Privilege),
}

/// How to log in to a host over SSH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshSettings {
    /// A host name or an IP address.
    pub address: String,
    /// The TCP port.
    pub port: u16,
    /// The remote user.
    pub user: String,
    /// Private key files, tried in order before the agent's other keys. Empty: the agent's keys, then the usual files of
    /// `~/.ssh`.
    pub identity_files: Vec<PathBuf>,
    /// The known_hosts file. `None`: `~/.ssh/known_hosts`, then `/etc/ssh/ssh_known_hosts`.
    pub known_hosts: Option<PathBuf>,
    /// How root's rights are had.
    pub privilege: Privilege,
    /// From the first packet to a session that is ready.
    pub connect_timeout: Duration,
    /// The longest that one script may run.
    pub command_timeout: Duration,
}

/// How scripts get root's rights on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privilege {
    /// The login has them.
    Direct,
    /// By `sudo -n`, without a password.
    Sudo,
}

/// A taint: pods that do not tolerate it stay away.
///
/// Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taint {
    /// The taint's key.
    pub key: String,
    /// The taint's value; empty when it has none.
    pub value: String,
    /// What it does to pods that do not tolerate it.
    pub effect: TaintEffect,
}

/// What a taint does to pods that do not tolerate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaintEffect {
    /// New ones are not placed here.
    NoSchedule,
    /// New ones are placed elsewhere if possible.
    PreferNoSchedule,
    /// New ones are not placed here, and running ones are moved away.
    NoExecute,
}

/// What a host offers, where the inventory says otherwise than the host itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CapacityOverride {
    /// Thousandths of a CPU.
    pub cpu_milli: Option<u64>,
    /// Bytes of memory.
    pub memory_bytes: Option<u64>,
    /// Pods; 110 where nothing is said, as on a Kubernetes node.
    pub pods: Option<u64>,
    /// Whole ones of other resources by name, such as `nvidia.com/gpu`; bytes of `ephemeral-storage`.
    pub further: BTreeMap<String, u64>,
}

impl CapacityOverride {
    /// The amounts that every host has, nothing where nothing is said.
    fn amounts(&self) -> Resources {
        Resources {
            cpu_milli: self.cpu_milli.unwrap_or(0),
            memory_bytes: self.memory_bytes.unwrap_or(0),
            pods: self.pods.unwrap_or(0),
        }
    }
}

/// The fleet's address ranges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// Pods' addresses; each host gets a part of it.
    pub pod_cidr: Cidr,
    /// The prefix length of a host's part, between the range's own and 29.
    pub host_prefix: u8,
    /// Services' addresses.
    pub service_cidr: Cidr,
}

/// An IPv4 range in CIDR notation; the host bits are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cidr {
    /// The first address.
    pub network: Ipv4Addr,
    /// The prefix length, 0 to 32.
    pub prefix: u8,
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

impl From<Cidr> for String {
    fn from(cidr: Cidr) -> Self {
        cidr.to_string()
    }
}

impl TryFrom<String> for Cidr {
    type Error = CidrError;

    fn try_from(text: String) -> Result<Self, CidrError> {
        text.parse()
    }
}

/// Why a text is no range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not an IPv4 range: write an address and a prefix length, such as 10.100.0.0/16, with zero host bits"
)]
pub struct CidrError {
    /// The text as written.
    pub text: String,
}

impl std::str::FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        let wrong = || CidrError { text: text.to_owned() };
        let (network, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let network: Ipv4Addr = network.parse().map_err(|_| wrong())?;
        let prefix: u8 = prefix.parse().map_err(|_| wrong())?;
        if prefix > 32 || u32::from(network).checked_shl(u32::from(prefix)).unwrap_or(0) != 0 {
            return Err(wrong());
        }
        Ok(Self { network, prefix })
    }
}

impl Cidr {
    /// How many addresses the range has.
    pub fn size(self) -> u64 {
        1 << (32 - u32::from(self.prefix))
    }

    /// The address at this distance from the first, if it is in the range.
    pub fn address(self, offset: u64) -> Option<Ipv4Addr> {
        let offset = u32::try_from(offset).ok().filter(|_| offset < self.size())?;
        Some(Ipv4Addr::from(u32::from(self.network) + offset))
    }

    /// Whether two ranges have an address in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.contains(other.network) || other.contains(self.network)
    }

    /// Whether an address is in the range.
    pub fn contains(self, address: Ipv4Addr) -> bool {
        let distance =
            u64::from(u32::from(address)).checked_sub(u64::from(u32::from(self.network)));
        distance.is_some_and(|d| d < self.size())
    }
}
