//! Real hosts on this machine, for trying out and for tests: booted Debians in namespaces of their own, with sshd, podman
//! and nftables, and a registry with images under the names that manifests use.
//!
//! The rest of bowline does not know that a host is a lab host: it gets an ordinary inventory. What is meant to be is in
//! [`record`]; what is, is asked of the machine each time, so that a reboot, a killed host or half a run are no special cases.
#![expect(
    clippy::disallowed_methods,
    reason = "raises and takes down hosts of this machine: processes, files and waiting are what it is about"
)]

mod access;
mod base;
mod cgroup;
mod command;
mod error;
mod files;
mod fleet;
mod host;
mod images;
mod kind;
mod mirror;
mod network;
mod prerequisites;
mod record;
mod registry;
mod site;

pub use error::LabError;
pub use fleet::{
    HostStatus, LabReport, LabSpec, LabStatus, PowerOff, down, power_off, power_on, size, ssh,
    status, up,
};
pub use host::HostState;
pub use kind::{Flavour, Release};
pub use prerequisites::Packages;
pub use site::{MAX_NODES, Site};
