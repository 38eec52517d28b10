//! Addresses, and the rules that make Services answer: values in, values out.

mod host_ports;
mod ipam;
mod rules;
mod services;

pub use host_ports::open_host_ports;
pub use ipam::{Subnets, allocate_pod, allocate_service, gateway, host_range};
pub use rules::{Backend, Base, Locality, RulesChange, Ruleset, ServicePort, base_mark};
pub use services::{Certainty, Endpoints, rulesets};
