//! The options of `podman run` for who a container's processes are and what they may do.

use super::words;
use crate::driver::script::Command;
use crate::plan::{
    Access, ContainerToRun, Escalation, KernelFiles, Moment, Privileges, Profile, Reach, Root,
};

/// Refuses a container whose processes would be root's, or whose user is a name that could be root's, in the kubelet's words.
/// Arguments: the image, and the user where one is said.
///
/// Source: `verifyRunAsNonRoot` of Kubernetes' `pkg/kubelet/kuberuntime/security_context.go`.
const REFUSE_ROOT: &str = r#"image=$1 user=$2 why="image will run as root"
if [ -n "$user" ]; then why="container's runAsUser breaks non-root policy"
else user=$(podman image inspect --format '{{.User}}' "$image") || exit; user=${user%%:*}; fi
case ${user:-0} in
*[!0-9]*) why="image has non-numeric user ($user), cannot verify user is non-root" ;;
*[!0]*) exit 0 ;;
esac
echo "Error: container has runAsNonRoot and $why" >&2; exit 1"#;

/// Asks before anything is made whether a container may be run at all.
pub(super) fn checks(container: &ContainerToRun) -> Option<Command> {
    let user = container.privileges.user.map(|user| user.to_string()).unwrap_or_default();
    let argv = ["sh", "-c", REFUSE_ROOT, "runAsNonRoot", &container.image, &user];
    match container.privileges.root {
        Root::Allowed => None,
        Root::Forbidden => Some(Command::reads(argv).about(&container.name, Moment::Checked)),
    }
}

/// The options.
pub(super) fn security(container: &ContainerToRun) -> Vec<String> {
    let may = &container.privileges;
    let mut argv = identity(may);
    for name in &may.add {
        argv.extend(words(["--cap-add", name]));
    }
    for name in &may.drop {
        argv.extend(words(["--cap-drop", name]));
    }
    if may.reach == Reach::Privileged {
        argv.push("--privileged".to_owned());
    }
    for option in security_options(may) {
        argv.extend(["--security-opt".to_owned(), option]);
    }
    if may.root_filesystem == Access::ReadOnly {
        // podman would give a container /run and /tmp of its own; podman 5 else makes /dev/shm read-only as well.
        argv.extend(words(["--read-only", "--read-only-tmpfs=false"]));
        if container.mounts.iter().all(|mount| mount.path.trim_end_matches('/') != SHARED_MEMORY) {
            argv.extend(words(["--tmpfs", &format!("{SHARED_MEMORY}:{SHARED_MEMORY_OPTIONS}")]));
        }
    }
    argv
}

/// Where processes share memory.
const SHARED_MEMORY: &str = "/dev/shm";
/// As every Kubernetes runtime mounts it.
const SHARED_MEMORY_OPTIONS: &str = "rw,nosuid,nodev,noexec,size=65536k";

fn identity(may: &Privileges) -> Vec<String> {
    let mut argv = Vec::new();
    match (may.user, may.group) {
        (None, None) => {}
        (Some(user), None) => argv.extend(words(["--user", &user.to_string()])),
        // A group by itself is that of the image's user, whom only the host knows.
        (None, Some(group)) => argv.push(image_user(group)),
        (Some(user), Some(group)) => argv.extend(words(["--user", &format!("{user}:{group}")])),
    }
    for group in &may.groups {
        argv.extend(words(["--group-add", &group.to_string()]));
    }
    argv
}

/// The word in place of which [`AS_IMAGE_USER`] puts the image's user with a group.
fn image_user(group: u32) -> String {
    format!("--user=:{group}")
}

/// Runs a command with the first word `--user=:GROUP` made `--user=USER:GROUP`, by the user that the image names.
/// Arguments: the image, that word, and the command.
const AS_IMAGE_USER: &str = r#"image=$1 word=$2; shift 2
user=$(podman image inspect --format '{{.User}}' "$image") || exit
user=${user%%:*} done=
for each; do
shift
if [ -z "$done" ] && [ "$each" = "$word" ]; then each=--user=${user:-0}:${word#--user=:} done=1; fi
set -- "$@" "$each"
done
exec "$@""#;

/// The command that runs a container, with the image's user where only a group is said.
pub(super) fn as_its_user(container: &ContainerToRun, argv: Vec<String>) -> Vec<String> {
    match (container.privileges.user, container.privileges.group) {
        (None, Some(group)) => {
            let word = image_user(group);
            let script = ["sh", "-c", AS_IMAGE_USER, "podman run", &container.image, &word];
            [words(script), argv].concat()
        }
        (Some(_), _) | (None, None) => argv,
    }
}

fn security_options(may: &Privileges) -> Vec<String> {
    let mut options = Vec::new();
    if may.escalation == Escalation::Forbidden {
        options.push("no-new-privileges".to_owned());
    }
    // A privileged container has no profiles, whatever is said.
    if may.reach == Reach::Confined {
        for (kind, profile) in [("seccomp", &may.seccomp), ("apparmor", &may.app_armor)] {
            match profile {
                Profile::Usual => {}
                Profile::Unconfined => options.push(format!("{kind}=unconfined")),
                Profile::Named(name) => options.push(format!("{kind}={name}")),
            }
        }
    }
    options.extend(may.se_linux.iter().map(|part| format!("label={part}")));
    if may.kernel_files == KernelFiles::Unmasked {
        options.push("unmask=ALL".to_owned());
    }
    options
}
