//! Why a lab could not be raised, used or taken down.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

/// Why a lab could not be raised, used or taken down.
#[derive(Debug, Error, Diagnostic)]
pub enum LabError {
    /// The machine runs another kernel.
    #[error("a lab needs Linux: its hosts are Linux namespaces, and this machine runs {system}")]
    #[diagnostic(help("run it in a Linux virtual machine"))]
    NotLinux {
        /// What the machine runs.
        system: &'static str,
    },
    /// The user may not make namespaces.
    #[error("a lab needs root: its hosts are namespaces, mounts and links of this machine")]
    #[diagnostic(help("try: sudo bowline lab {command}"))]
    NotRoot {
        /// The subcommand that was asked for.
        command: &'static str,
    },
    /// Programs are missing and were not installed.
    #[error("a lab needs programs that are not installed: {}", programs.join(", "))]
    #[diagnostic(help("install the Debian packages: apt-get install {}", packages.join(" ")))]
    Packages {
        /// The programs that were not found.
        programs: Vec<String>,
        /// The Debian packages that bring them.
        packages: Vec<String>,
    },
    /// The cgroup file systems are not mounted.
    #[error("no cgroup file system is mounted on this machine")]
    #[diagnostic(help("inside a container, run it with the rights of the machine (--privileged)"))]
    NoCgroups,
    /// More hosts than the range has addresses for, or none.
    #[error("a lab has 1 to {limit} hosts, not {nodes}")]
    Size {
        /// What was asked for.
        nodes: usize,
        /// The most that there can be.
        limit: usize,
    },
    /// Another device has an address of the lab's range.
    #[error("the lab's range {range} is taken: {device} has the address {address}")]
    #[diagnostic(help("remove that address or stop what uses it, then try again"))]
    RangeTaken {
        /// The lab's range.
        range: String,
        /// The device in the way.
        device: String,
        /// The address of that device.
        address: String,
    },
    /// The machine's lab belongs to another directory.
    #[error("this machine has a lab already: it belongs to {}", owner.display())]
    #[diagnostic(help(
        "use its inventory {}/inventory.yaml, or take it down first: bowline lab down", owner.display()
    ))]
    OtherOwner {
        /// The directory that the lab belongs to.
        owner: PathBuf,
    },
    /// The lab stands, but its hosts are of another kind.
    #[error("the lab that stands has {existing} hosts, not {wanted}")]
    #[diagnostic(help("take it down first: bowline lab down"))]
    OtherKind {
        /// What stands.
        existing: String,
        /// What was asked for.
        wanted: String,
    },
    /// There is no lab.
    #[error("there is no lab on this machine")]
    #[diagnostic(help("raise one: sudo bowline lab up"))]
    NoLab,
    /// The lab has no such host.
    #[error("the lab has no host {node}: it has node-1 to node-{nodes}")]
    UnknownNode {
        /// What was asked for.
        node: String,
        /// How many hosts there are.
        nodes: usize,
    },
    /// Hosts were started and do not answer.
    #[error("{} did not come up (nothing answers on port 22): {said}", nodes.join(", "))]
    #[diagnostic(help("its whole console: {}", console.display()))]
    NoAnswer {
        /// The hosts.
        nodes: Vec<String>,
        /// The end of the first host's console.
        said: String,
        /// The first host's console.
        console: PathBuf,
    },
    /// The registry was started and does not answer.
    #[error("the lab's registry does not answer on {address}:5000: {said}")]
    NoRegistry {
        /// Where it should answer.
        address: Ipv4Addr,
        /// The end of its log.
        said: String,
    },
    /// Processes of a host do not end.
    #[error("{count} processes of {place} did not end when they were killed")]
    Undying {
        /// The host, or the registry.
        place: String,
        /// How many are left.
        count: usize,
    },
    /// A program failed.
    #[error("`{command}` failed: {said}")]
    Command {
        /// The program and its arguments.
        command: String,
        /// The end of what it said, or why it did not start.
        said: String,
    },
    /// A file or directory could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The record of the lab cannot be understood.
    #[error("{} is damaged: {cause}", path.display())]
    #[diagnostic(help("take the lab down and raise it again: bowline lab down"))]
    Record {
        /// The record.
        path: PathBuf,
        /// What the parser said.
        cause: String,
    },
}

/// Adds the path to an error of the file system.
pub(super) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> LabError + '_ {
    move |source| LabError::File { path: path.to_owned(), source }
}
