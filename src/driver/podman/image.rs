//! Images by podman.

use super::secret::{ASK_WITH, PULL_WITH};
use crate::driver::script::Command;
use crate::model::Hidden;
use crate::plan::{PullPolicy, TagToAsk};

/// Asks for an image only when the host does not have it: `podman pull` of podman 4 has no such option.
const PULL_MISSING: &str = r#"podman image exists "$1" || exec podman pull --quiet "$1""#;

/// Says in Kubernetes' words that an image is not there.
const LOOK: &str = r#"podman image exists "$1" && exit
printf 'ErrImageNeverPull: Container image "%s" is not present with pull policy of Never\n' "$1" >&2
exit 1"#;

/// Brings an image to the host, or looks whether it is there.
pub(in crate::driver) fn pull(
    image: &str,
    policy: PullPolicy,
    credentials: Option<&Hidden>,
) -> Vec<Command> {
    let when = match policy {
        PullPolicy::Always => "always",
        PullPolicy::IfNotPresent => "missing",
        PullPolicy::Never => return vec![Command::reads(["sh", "-c", LOOK, "look", image])],
    };
    let command = match (policy, credentials) {
        (_, Some(credentials)) => Command::mutates(["sh", "-c", PULL_WITH, "pull", image, when])
            .with_hidden_stdin(credentials.clone()),
        (PullPolicy::Always, None) => Command::mutates(["podman", "pull", "--quiet", image]),
        (PullPolicy::IfNotPresent | PullPolicy::Never, None) => {
            Command::mutates(["sh", "-c", PULL_MISSING, "pull", image])
        }
    };
    vec![command]
}

/// Asks the registry what it has for a tag. What podman says of a single image, it says as an error.
const ASK: &str = r#"exec timeout 20 podman manifest inspect "$1" 2>&1"#;

/// Asks a registry what it has for a tag, for a bounded time.
pub(in crate::driver) fn ask_for_tag(tag: &TagToAsk) -> Command {
    match &tag.credentials {
        None => Command::reads(["sh", "-c", ASK, "ask", &tag.image]),
        Some(credentials) => Command::reads(["sh", "-c", ASK_WITH, "ask", &tag.image])
            .with_hidden_stdin(credentials.clone()),
    }
}
