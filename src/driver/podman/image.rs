//! Images by podman.

use super::secret::{ASK_WITH, PULL_IMAGE_WITH, PULL_MANIFEST_WITH, PULL_WITH};
use super::secret::{pull_image, pull_manifest};
use crate::driver::script::Command;
use crate::model::{Hidden, repository};
use crate::plan::{Pinned, PullPolicy, TagToAsk};

/// Asks for an image only when the host does not have it: `podman pull` of podman 4 has no such option.
const PULL_MISSING: &str = r#"podman image exists "$1" || exec podman pull --quiet "$1""#;

/// Pulls without credentials of ours.
macro_rules! plain {
    ($program:expr) => {
        concat!("fetch() { podman pull --quiet \"$1\"; }\n", $program)
    };
}

/// Brings the image of a digest. Arguments: the image, and its name with the digest.
const PULL_MANIFEST: &str = plain!(pull_manifest!());

/// Brings the image of an id. Arguments: the image, and the id.
const PULL_IMAGE: &str = plain!(pull_image!());

/// Says in Kubernetes' words that an image is not there.
const LOOK: &str = r#"podman image exists "$1" && exit
printf 'ErrImageNeverPull: Container image "%s" is not present with pull policy of Never\n' "$1" >&2
exit 1"#;

/// Brings an image to the host, or looks whether it is there. One that a plan has named is brought by its digest, and the tag is
/// led to it, wherever it has gone at the registry.
pub(in crate::driver) fn pull(
    image: &str,
    policy: PullPolicy,
    credentials: Option<&Hidden>,
    pinned: Option<&Pinned>,
) -> Vec<Command> {
    if let Some(pinned) = pinned {
        return vec![pull_pinned(image, credentials, pinned)];
    }
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

fn pull_pinned(image: &str, credentials: Option<&Hidden>, pinned: &Pinned) -> Command {
    let (text, with, what) = match pinned {
        Pinned::Manifest(digest) => {
            let what = format!("{}@{digest}", repository(image));
            (PULL_MANIFEST, PULL_MANIFEST_WITH, what)
        }
        Pinned::Image(id) => (PULL_IMAGE, PULL_IMAGE_WITH, id.clone()),
    };
    match credentials {
        None => Command::mutates(["sh", "-c", text, "pull", image, &what]),
        Some(credentials) => Command::mutates(["sh", "-c", with, "pull", image, &what])
            .with_hidden_stdin(credentials.clone()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::script::Stdin;

    #[test]
    fn what_a_plan_has_named_is_pulled_by_what_it_is() {
        let manifest = Pinned::Manifest("sha256:aa".to_owned());
        let image = Pinned::Image("bb".to_owned());
        let secret = Hidden::new("pa55word");
        let mut seen = String::new();
        for (pinned, credentials) in
            [(&manifest, None), (&manifest, Some(&secret)), (&image, None), (&image, Some(&secret))]
        {
            for command in pull("reg:5000/a/b:1", PullPolicy::Always, credentials, Some(pinned)) {
                let is_hidden = matches!(command.stdin, Stdin::Hidden(_));
                assert_eq!(is_hidden, credentials.is_some());
                assert_eq!(command.argv[2].contains("--authfile"), credentials.is_some());
                seen.push_str(&command.argv[3..].join(" "));
                seen.push('\n');
            }
        }
        insta::assert_snapshot!(seen, @"
        pull reg:5000/a/b:1 reg:5000/a/b@sha256:aa
        pull reg:5000/a/b:1 reg:5000/a/b@sha256:aa
        pull reg:5000/a/b:1 bb
        pull reg:5000/a/b:1 bb
        ");
        insta::assert_snapshot!(PULL_MANIFEST, @r#"
        fetch() { podman pull --quiet "$1"; }
        podman image exists "$2" || fetch "$2" || exit
        podman tag "$2" "$1"
        "#);
    }
}
