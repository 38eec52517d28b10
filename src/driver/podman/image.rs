//! Images by podman.

use crate::driver::script::Command;
use crate::plan::PullPolicy;

/// Asks for an image only when the host does not have it: `podman pull` of podman 4 has no such option.
const PULL_MISSING: &str = r#"podman image exists "$1" || exec podman pull --quiet "$1""#;

/// Brings an image to the host.
pub(in crate::driver) fn pull(image: &str, policy: PullPolicy) -> Vec<Command> {
    let command = match policy {
        PullPolicy::Always => Command::mutates(["podman", "pull", "--quiet", image]),
        PullPolicy::IfNotPresent => Command::mutates(["sh", "-c", PULL_MISSING, "pull", image]),
        PullPolicy::Never => Command::reads(["podman", "image", "exists", image]),
    };
    vec![command]
}
