//! Both ways between decisions and a host's own tools: a step becomes a script, output becomes observed parts.
//!
//! A file a tool. Nothing here knows how a script travels, and nothing here decides what is needed.

mod amounts;
mod apply;
mod cdi;
mod containers;
mod error;
mod fence;
mod files;
mod host;
mod images;
mod labels;
mod lifecycle;
mod nftables;
mod operation;
mod podman;
mod registry;
mod report;
mod runs;
mod script;
mod stored;
mod told;
mod usage;

#[cfg(test)]
mod tests;

pub use apply::{Applied, Errand, StepResult, apply_script, parse_applied};
pub use containers::PsEntry;
pub use error::ReportError;
pub use fence::{Claim, EXIT_HELD, EXIT_MOVED, HOST_DIRECTORY, Takeover, parse_fence};
pub use images::{images_argv, parse_images, remove_images_argv};
pub use operation::Operation;
pub use podman::{
    Beginning, DebugCommand, DebugContainer, DebugPlace, DebugProfile, DebugStay, Follow,
    LogsWanted, Passed, Sides, Times, WhichRuns, attach_argv, beginning, container_name,
    copy_in_argv, copy_out_argv, debug_argv, exec_argv, logs_argv, peek_argv, pod_exists_argv,
    runs_argv,
};
pub use registry::{ask_script, parse_asked};
pub use report::{observe_script, parse_report, ping_script};
pub use runs::{Runs, Window, parse_runs};
pub use script::{
    Block, BlockOutput, Command, CommandOutput, Effect, Lock, Output, Progress, Script, Stdin,
};
pub use usage::{Usage, parse_usage, usage_argv};
