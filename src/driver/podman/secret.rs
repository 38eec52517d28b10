//! What Secrets give to containers in variables and words: it reaches what runs them, and nothing that stays.
//!
//! podman is told marks, which is what its database, `podman inspect` and the OCI specification on disk hold. In place of the
//! host's runtime it calls a program of ours (`runtime.sh`), which puts what the marks stand for into a copy of the
//! specification on a tmpfs and hands that to the host's own runtime.

use super::super::fence::HOST_DIRECTORY;
use super::super::script::Command;
use super::words;
use crate::model::Hidden;
use crate::plan::{ContainerToRun, PodToRun, SecretsToBring, secret_mark};

/// Where on a host everything of ours is that no disk may see; a tmpfs.
pub(in crate::driver) const VOLATILE_DIRECTORY: &str = "/run/bowline";

/// The program that podman calls in place of the host's runtime.
const RUNTIME: &str = include_str!("runtime.sh");

/// The annotation that tells it where the values of a container are. podman writes it into the specification unescaped,
/// which no text of a manifest can do.
const ANNOTATION: &str = "bowline.values";

/// Asks podman once where a runtime is. Arguments: the file that is to say so, and options that name another than the host's own.
const FIND_RUNTIME: &str = r#"file=$1; shift; [ -s "$file" ] && exit
podman "$@" info --format '{{.Host.OCIRuntime.Path}}' >"$file.new" && [ -s "$file.new" ] && mv -f "$file.new" "$file""#;

/// Brings an image by its digest, if it is not there, and leads the tag to it.
macro_rules! pull_manifest {
    () => {
        r#"podman image exists "$2" || fetch "$2" || exit
podman tag "$2" "$1""#
    };
}
pub(super) use pull_manifest;

/// Brings an image by its tag, if it is not there, and looks whether it is the one that was meant.
macro_rules! pull_image {
    () => {
        r#"if podman image exists "$2"; then podman tag "$2" "$1"; exit; fi
got=$(fetch "$1") || exit
[ "$got" = "$2" ] && printf '%s\n' "$got" && exit
printf '%s names sha256:%.12s by now, and sha256:%.12s when this was planned: plan again\n' "$1" "$got" "$2" >&2
exit 1"#
    };
}
pub(super) use pull_image;

/// A program of the shell that begins where no disk sees what it writes: where `/run` is on a disk, a tmpfs is laid over our
/// part of it.
macro_rules! unseen {
    ($program:expr) => {
        concat!(
            r#"umask 077
mkdir -p /run/bowline || exit
[ "$(stat -f -c %T /run/bowline)" = tmpfs ] || mount -t tmpfs -o mode=0700 tmpfs /run/bowline || exit
"#,
            $program
        )
    };
}

/// Pulls an image with a file of credentials that is there as long as the pull. Arguments: the image, and `always` or `missing`.
pub(super) const PULL_WITH: &str = unseen!(
    r#"[ "$2" = always ] || ! podman image exists "$1" || exit 0
file=/run/bowline/registries.$$
trap 'rm -f "$file"' EXIT
cat >"$file" && podman pull --quiet --authfile "$file" "$1""#
);

/// A program that pulls with a file of credentials that is there as long as it runs.
macro_rules! with_credentials {
    ($program:expr) => {
        unseen!(concat!(
            r#"file=/run/bowline/registries.$$
trap 'rm -f "$file"' EXIT
cat >"$file" || exit
fetch() { podman pull --quiet --authfile "$file" "$1"; }
"#,
            $program
        ))
    };
}

/// Brings the image of a digest with credentials. Arguments: the image, and its name with the digest.
pub(super) const PULL_MANIFEST_WITH: &str = with_credentials!(pull_manifest!());

/// Brings the image of an id with credentials. Arguments: the image, and the id.
pub(super) const PULL_IMAGE_WITH: &str = with_credentials!(pull_image!());

/// Asks what a registry has for an image, with credentials where podman looks for those of a user; podman 4.3 can be told of them
/// in no other way. Argument: the image.
pub(super) const ASK_WITH: &str = unseen!(
    r#"directory=/run/bowline/registries.$$
trap 'rm -rf "$directory"' EXIT
mkdir -p "$directory/containers" && cat >"$directory/containers/auth.json" || exit
XDG_RUNTIME_DIR=$directory timeout 20 podman manifest inspect "$1" 2>&1"#
);

/// Writes a file. Argument: its path.
const WRITE: &str = unseen!(r#"mkdir -p "${1%/*}" && cat >"$1""#);

/// The directory of what no disk may see of one pod.
pub(super) fn volatile_directory(sandbox: &str) -> String {
    format!("{VOLATILE_DIRECTORY}/pods/{sandbox}")
}

/// A file beside the program that stands before a runtime: one directory for the host's own, one below it for each other.
fn runtime_file(runtime: Option<&str>, name: &str) -> String {
    let directory = runtime.map(|runtime| format!("{runtime}/")).unwrap_or_default();
    format!("{HOST_DIRECTORY}/runtime/{directory}{name}")
}

fn values_file(sandbox: &str, container: &str) -> String {
    format!("{}/values/{container}", volatile_directory(sandbox))
}

/// Makes the host ready for a pod with Secrets, and brings what they hold.
pub(super) fn prepare(pod: &PodToRun) -> Vec<Command> {
    let secrets = pod.secrets();
    if secrets.is_empty() {
        return Vec::new();
    }
    let runtime = pod.sandbox_options.runtime.as_deref();
    let program = runtime_file(runtime, "oci");
    let program = ["install", "-D", "-m", "0755", "--", "/dev/stdin", &program];
    let path = runtime_file(runtime, "path");
    let find = ["sh", "-c", FIND_RUNTIME, "find-runtime", &path].into_iter();
    let find = find.chain(runtime.into_iter().flat_map(|runtime| ["--runtime", runtime]));
    let mut commands = vec![Command::mutates(program).with_stdin(RUNTIME), Command::mutates(find)];
    commands.extend(bring(&secrets));
    commands
}

/// Brings what Secrets hold.
pub(super) fn bring(secrets: &[SecretsToBring]) -> Vec<Command> {
    let write = |of: &SecretsToBring| {
        let file = values_file(&of.sandbox, &of.container);
        let argv = ["sh", "-c", WRITE, "write-secrets", &file];
        Command::mutates(argv).with_hidden_stdin(replacements(&of.values))
    };
    secrets.iter().map(write).collect()
}

/// Which runtime runs a container, and what it is told of what Secrets give.
pub(super) fn options(pod: &PodToRun, container: &ContainerToRun) -> Vec<String> {
    let runtime = pod.sandbox_options.runtime.as_deref();
    if container.secrets.is_empty() {
        return runtime.map(|runtime| words(["--runtime", runtime])).unwrap_or_default();
    }
    let annotation = format!("{ANNOTATION}={}", values_file(&pod.sandbox, &container.name));
    words(["--runtime", &runtime_file(runtime, "oci"), "--annotation", &annotation])
}

/// A program for sed that puts values in the places of their marks within JSON texts.
fn replacements(values: &[Hidden]) -> Hidden {
    let mut script = String::new();
    for (nth, value) in values.iter().enumerate() {
        let text = String::from_utf8_lossy(value.reveal());
        let json = serde_json::Value::from(text).to_string();
        let inner = json.get(1..json.len() - 1).unwrap_or_default();
        // A value cannot bring in the mark of another: it holds no `@` any more.
        let inner = inner.replace('@', "\\u0040");
        let replacement = inner.replace('\\', "\\\\").replace('&', "\\&").replace('|', "\\|");
        script.extend(["s|", &secret_mark(nth), "|", &replacement, "|g\n"]);
    }
    Hidden::new(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_as_json_and_bring_no_marks() {
        let values = ["a|b&c\\d\n\"é", "@bowline-secret-0@", ""].map(Hidden::new);
        let script = replacements(&values);
        insta::assert_snapshot!(String::from_utf8_lossy(script.reveal()), @r#"
        s|@bowline-secret-0@|a\|b\&c\\\\d\\n\\"é|g
        s|@bowline-secret-1@|\\u0040bowline-secret-0\\u0040|g
        s|@bowline-secret-2@||g
        "#);
    }
}
