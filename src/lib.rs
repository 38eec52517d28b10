//! Kubernetes without the cluster: ordinary manifests, scheduled on an inventory of hosts and converged over SSH.

pub mod bindings;
pub mod cli;
pub mod clock;
pub mod controller;
pub mod converge;
pub mod desired;
pub mod document;
pub mod driver;
pub mod execute;
pub mod inventory;
pub mod lab;
pub mod lint;
pub mod manifest;
pub mod model;
pub mod network;
pub mod node;
pub mod observe;
pub mod observed;
pub mod patch;
pub mod plan;
pub mod references;
pub mod render;
pub mod schedule;
pub mod schema;
pub mod state;
pub mod status;
