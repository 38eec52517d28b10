//! What objects ask for: which pods should exist.
//!
//! Controllers know neither hosts nor what is running; how fast change may go is the rollout's concern (`plan::rollout`).

mod amounts;
mod config;
mod mounted;
mod names;
mod priority;
mod runtime;
mod storage;
mod wanted;

pub use config::{Config, ConfigError, config_keys, resolve_config};
pub use mounted::{Mounted, MountedError, part_sources, resolve_mounted, volume_sources};
pub use names::{pod_name, safe_encode};
pub use priority::{PriorityError, fill_priority};
pub use runtime::{RuntimeError, runtime_handler};
pub use storage::{
    BUILT_IN, ClaimError, Conflict, Found, Ground, Phase, Place, Storage, Takes, allows_growth,
    bound_volume, built_in_class, claim_of, claim_phase, claims, default_class_name,
    ephemeral_claim_name, file_system_bytes, is_made, made_path, place, reclaims, source_of,
    volume_phase, volumes, waits_for_nobody, why_pending,
};
pub use wanted::{Strategy, Wanted, WantedPods, pod_spec, wanted};
