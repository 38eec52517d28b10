//! Who a container's processes are and what they may do, resolved down to what podman is told.

use std::collections::BTreeSet;

use super::volume::Access;

/// Who the processes of a container are, and what they may do. The default is what podman does when nothing is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Privileges {
    /// The number of the user; the image's own otherwise.
    pub user: Option<u32>,
    /// The number of the first group; the one that the image gives the user otherwise.
    pub group: Option<u32>,
    /// Groups that the processes are in besides.
    pub groups: BTreeSet<u32>,
    /// Whether the processes may be root's.
    pub root: Root,
    /// How much of the host they reach.
    pub reach: Reach,
    /// Whether a process may have more rights than its parent.
    pub escalation: Escalation,
    /// Capabilities beyond podman's own set; `ALL` stands for every one.
    pub add: BTreeSet<String>,
    /// Capabilities that are taken away; `ALL` stands for every one.
    pub drop: BTreeSet<String>,
    /// Whether the image's own files may be changed.
    pub root_filesystem: Access,
    /// Which system calls are let through.
    pub seccomp: Profile,
    /// What `AppArmor` confines the processes to.
    pub app_armor: Profile,
    /// The label of `SELinux`, a part a word such as `type:spc_t`.
    pub se_linux: Vec<String>,
    /// Whether parts of /proc and /sys are hidden.
    pub kernel_files: KernelFiles,
}

/// Whether processes may be root's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Root {
    /// They may.
    #[default]
    Allowed,
    /// The container is not run when they would be.
    Forbidden,
}

/// How much of the host a container reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// What its capabilities allow.
    #[default]
    Confined,
    /// All devices and all capabilities.
    Privileged,
}

/// Whether a process may have more rights than its parent, as by a file that sets the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escalation {
    /// It may.
    #[default]
    Allowed,
    /// The kernel's `no_new_privs` is set.
    Forbidden,
}

/// What confines processes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// The one that podman comes with.
    #[default]
    Usual,
    /// None.
    Unconfined,
    /// One that is on the host: the path of a file, or the name of what the kernel has loaded.
    Named(String),
}

/// Whether parts of /proc and /sys are hidden or cannot be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KernelFiles {
    /// They are.
    #[default]
    Masked,
    /// They are not.
    Unmasked,
}

impl Default for Privileges {
    fn default() -> Self {
        Self {
            user: None,
            group: None,
            groups: BTreeSet::new(),
            root: Root::default(),
            reach: Reach::default(),
            escalation: Escalation::default(),
            add: BTreeSet::new(),
            drop: BTreeSet::new(),
            root_filesystem: Access::ReadWrite,
            seccomp: Profile::default(),
            app_armor: Profile::default(),
            se_linux: Vec::new(),
            kernel_files: KernelFiles::default(),
        }
    }
}
