//! What objects ask for: which pods should exist.
//!
//! Controllers know neither hosts nor what is running; how fast change may go is the rollout's concern (`plan::rollout`).

mod amounts;
mod config;
mod names;
mod wanted;

pub use config::{Config, ConfigError, config_keys, resolve_config};
pub use names::{pod_name, safe_encode};
pub use wanted::{Strategy, Wanted, WantedPods, pod_spec, wanted};
