//! Kubernetes without the cluster: ordinary manifests, scheduled on an inventory of hosts and converged over SSH.

pub mod document;
pub mod driver;
pub mod inventory;
pub mod manifest;
pub mod model;
pub mod node;
