//! What the containers of a pod share, and what of it is the host's own.

use k8s_openapi::api::core::v1::PodSpec;

use super::Surroundings;
use super::identity::{Names, added_hosts, hosts_file, resolver_file};
use super::resources::pod_limits;
use super::sysctl::sysctls;
use crate::plan::sandbox::{Ipc, PodNetwork, Processes, Sandbox, Users};

pub(super) fn sandbox(spec: &PodSpec, names: &Names, around: &Surroundings<'_>) -> Sandbox {
    let network = network(spec);
    let resolver = around.facts.map(|facts| facts.resolver.as_str());
    let (hosts, added) = match network {
        PodNetwork::Own => (Some(hosts_file(names, around.address, spec)), Vec::new()),
        PodNetwork::Host => (None, added_hosts(spec)),
    };
    Sandbox {
        network,
        processes: match (spec.host_pid, spec.share_process_namespace) {
            (Some(true), _) => Processes::Host,
            (_, Some(true)) => Processes::Shared,
            (_, _) => Processes::Own,
        },
        ipc: if spec.host_ipc == Some(true) { Ipc::Host } else { Ipc::Pod },
        users: if spec.host_users == Some(false) { Users::Own } else { Users::Host },
        sysctls: sysctls(spec),
        hosts_file: hosts,
        resolver_file: resolver_file(spec, resolver),
        add_hosts: added,
        limits: pod_limits(spec),
        runtime: around.runtime.clone(),
    }
}

/// Whose network a pod is on.
pub(in crate::plan) fn network(spec: &PodSpec) -> PodNetwork {
    if spec.host_network == Some(true) { PodNetwork::Host } else { PodNetwork::Own }
}
