//! Kubernetes without the cluster: ordinary manifests, scheduled on an inventory of hosts and converged over SSH.

pub mod cli;
pub mod driver;
pub mod inventory;
pub mod lab;
pub mod model;
pub mod node;
