//! Kubernetes without the cluster: ordinary manifests, scheduled on an inventory of hosts and converged over SSH.

pub mod driver;
pub mod inventory;
pub mod model;
pub mod node;
