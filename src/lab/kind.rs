//! What kind of hosts a lab has: how they run, and which Debian they are.

use serde::{Deserialize, Serialize};

/// How a lab's hosts run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flavour {
    /// systemd as process 1, as on a real host: about 30 MB of memory each.
    #[default]
    Systemd,
    /// sshd alone: about 5 MB of memory each, for fleets of 100.
    Bare,
}

impl Flavour {
    /// The word for it in scripts and records.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Bare => "bare",
        }
    }
}

/// Which Debian a lab's hosts are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Release {
    /// Debian 13: podman 5.4, nftables 1.1.
    #[default]
    Trixie,
    /// Debian 12: podman 4.3, nftables 1.0.
    Bookworm,
}

impl Release {
    /// Debian's name for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Trixie => "trixie",
            Self::Bookworm => "bookworm",
        }
    }

    /// What a host has installed besides Debian's essential packages.
    pub(super) fn packages(self) -> Vec<&'static str> {
        let mut packages = vec![
            "systemd",
            "systemd-sysv",
            "dbus",
            "openssh-server",
            "podman",
            "runc",
            "crun",
            "netavark",
            "aardvark-dns",
            "nftables",
            "e2fsprogs",
            "iproute2",
            "sudo",
            "curl",
            "procps",
            "catatonit",
            "python3",
        ];
        match self {
            Self::Trixie => {}
            // Its netavark speaks iptables only.
            Self::Bookworm => packages.push("iptables"),
        }
        packages
    }

    /// The major version of its `PostgreSQL`.
    pub(super) fn postgres(self) -> &'static str {
        match self {
            Self::Trixie => "17",
            Self::Bookworm => "15",
        }
    }
}
