//! Kernel settings of pods: those that harm nobody else on the host, and those that the host allows besides.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodSpec;

use crate::inventory::Host;

/// What every pod may set, as the kubelet has it.
///
/// Source: <https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/#safe-and-unsafe-sysctls>
const SAFE: [&str; 12] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];

/// The settings of a pod, by their names with dots: both spellings name one setting.
pub(super) fn sysctls(spec: &PodSpec) -> BTreeMap<String, String> {
    let all = spec.security_context.iter().flat_map(|context| context.sysctls.iter().flatten());
    all.map(|set| (set.name.replace('/', "."), set.value.clone())).collect()
}

/// What the kubelet says of a pod with a setting that its host does not allow (`SysctlForbidden`).
pub fn forbidden_sysctl(spec: &PodSpec, host: Option<&Host>) -> Option<String> {
    let allowed = host.map(|host| host.allowed_unsafe_sysctls.as_slice()).unwrap_or_default();
    let mut all = sysctls(spec).into_keys();
    let name = all.find(|name| {
        !SAFE.contains(&name.as_str()) && !allowed.iter().any(|pattern| pattern.matches(name))
    })?;
    Some(format!("forbidden sysctl: \"{name}\" not allowlisted"))
}
