//! Kernel settings that a host lets its pods have, although they may harm others there.

use std::str::FromStr;

/// A name of kernel settings, or a prefix of names.
///
/// Source: the kubelet's `allowedUnsafeSysctls`, <https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SysctlPattern {
    /// This setting, with dots between its parts.
    Name(String),
    /// All settings that begin so.
    Prefix(String),
}

/// Why a text names no kernel settings of a pod's own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` names no settings that a pod can have for itself: write one of kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* and \
     net.*, or a name or prefix* within them"
)]
pub struct SysctlError {
    /// The text as written.
    pub text: String,
}

/// What has a value of its own in each pod, since its namespaces hold it.
const OF_PODS: [&str; 4] = ["kernel.shm", "kernel.msg", "fs.mqueue.", "net."];

/// The only setting of a pod's own that has no prefix in common with others.
const SEMAPHORES: &str = "kernel.sem";

impl FromStr for SysctlPattern {
    type Err = SysctlError;

    fn from_str(text: &str) -> Result<Self, SysctlError> {
        let dotted = text.replace('/', ".");
        let pattern = match dotted.strip_suffix('*') {
            Some(prefix) => Self::Prefix(prefix.to_owned()),
            None => Self::Name(dotted),
        };
        let (Self::Name(start) | Self::Prefix(start)) = &pattern;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
        let of_pods = start == SEMAPHORES || OF_PODS.iter().any(|of| start.starts_with(of));
        if of_pods && start.bytes().all(plain) {
            Ok(pattern)
        } else {
            Err(SysctlError { text: text.to_owned() })
        }
    }
}

impl SysctlPattern {
    /// Whether a setting is meant, named with dots.
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Name(own) => own == name,
            Self::Prefix(prefix) => name.starts_with(prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_the_whole_host_cannot_be_allowed() {
        for (text, name, matches) in [
            ("net.core.somaxconn", "net.core.somaxconn", true),
            ("net/core/somaxconn", "net.core.somaxconn", true),
            ("net.*", "net.core.somaxconn", true),
            ("kernel.msg*", "kernel.msgmax", true),
            ("kernel.sem", "kernel.sem", true),
            ("kernel.sem", "kernel.shmmax", false),
            ("net.core.*", "net.ipv4.tcp_mem", false),
        ] {
            assert_eq!(text.parse::<SysctlPattern>().unwrap().matches(name), matches, "{text}");
        }
        for text in ["", "*", "vm.swappiness", "kernel.*", "net.*.x", "net.Core", "kernel.sem*x"] {
            assert!(text.parse::<SysctlPattern>().is_err(), "{text}");
        }
    }
}
