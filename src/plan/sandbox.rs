//! What the containers of a pod share, and what of it is the host's own.

use std::collections::BTreeMap;

/// What the containers of a pod share. The default is a network, a host name and System V IPC of the pod's own, and a process
/// namespace a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sandbox {
    /// Whose network the pod is on.
    pub network: PodNetwork,
    /// Which processes its containers see.
    pub processes: Processes,
    /// Whose System V IPC and POSIX message queues its containers use.
    pub ipc: Ipc,
    /// Whose numbers of users its containers have.
    pub users: Users,
    /// Kernel settings of the pod's own namespaces.
    pub sysctls: BTreeMap<String, String>,
    /// What is /etc/hosts in every container; podman's own otherwise.
    pub hosts_file: Option<String>,
    /// What is /etc/resolv.conf in every container; podman's own otherwise.
    pub resolver_file: Option<String>,
    /// Names of addresses that podman adds to the host's /etc/hosts; only where there is no `hosts_file`.
    pub add_hosts: Vec<String>,
    /// What holds for all containers together.
    pub limits: PodLimits,
    /// The runtime that runs the containers, by the name that podman knows it by; the host's own otherwise.
    pub runtime: Option<String>,
}

/// Whose network a pod is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PodNetwork {
    /// Its own, with its own address.
    #[default]
    Own,
    /// The host's: its address, ports and host name are the host's.
    Host,
}

/// Which processes containers see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Processes {
    /// Each its own.
    #[default]
    Own,
    /// Those of all containers of the pod.
    Shared,
    /// The host's.
    Host,
}

/// Whose System V IPC and POSIX message queues containers use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ipc {
    /// The pod's.
    #[default]
    Pod,
    /// The host's.
    Host,
}

/// Whose numbers of users containers have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Users {
    /// The host's.
    #[default]
    Host,
    /// Numbers of their own, which are nobody's on the host.
    Own,
}

/// What holds for all containers of a pod together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PodLimits {
    /// Its weight among others that want CPU time, 1024 a CPU; `None` where podman's own will do.
    pub cpu_shares: Option<u64>,
    /// The most CPU it may use, in thousandths.
    pub cpu_milli: Option<u64>,
    /// The most memory it may use, in bytes.
    pub memory_bytes: Option<u64>,
}

impl PodLimits {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
