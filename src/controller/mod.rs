//! What objects ask for: which pods should exist.
//!
//! Controllers know neither hosts nor what is running; how fast change may go is the rollout's concern (`plan::rollout`).

mod amounts;
mod config;
mod mounted;
mod names;
mod wanted;

pub use config::{Config, ConfigError, config_keys, resolve_config};
pub use mounted::{Mounted, MountedError, part_sources, resolve_mounted, volume_sources};
pub use names::{pod_name, safe_encode};
pub use wanted::{Strategy, Wanted, WantedPods, pod_spec, wanted};
