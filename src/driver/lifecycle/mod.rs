//! The life of a pod on its host: what brings it up, keeps it up, ends it, and brings it back after a reboot.
//!
//! Nothing of ours stays resident. The texts here are fixed; what differs between pods are names, small words and files that
//! `create pod` writes into the pod's directory.

use super::fence::HOST_DIRECTORY;
use super::script::Command;
use crate::observed::{Keeper, Role};
use crate::plan::{ContainerToRun, Hook, KEEPING, Otherwise, PodToRun, Restart};

mod probe;

/// Says which form of the texts and units is installed; written last.
pub(super) const KEEPING_FILE: &str = "/var/lib/bowline/boot/form";

/// Where is told how pods and containers fare, a small file each.
pub(super) const TOLD: &str = "/var/lib/bowline/told";

/// Where is told how probes stand, a small file each: of this run of the host, so in memory.
pub(super) const PROBED: &str = "/run/bowline-life/probed";

/// What systemd keeps the pods by.
const UNITS: [(&str, &str); 5] = [
    (NETWORK_UNIT, include_str!("units/bowline-network.service")),
    ("bowline-pod@.service", include_str!("units/bowline-pod@.service")),
    ("bowline-always@.service", include_str!("units/bowline-always@.service")),
    ("bowline-on-failure@.service", include_str!("units/bowline-on-failure@.service")),
    ("bowline-probe@.service", include_str!("units/bowline-probe@.service")),
];

const START: &str = concat!(
    include_str!("texts/ended.sh"),
    include_str!("texts/again.sh"),
    include_str!("texts/hook.sh"),
    include_str!("texts/begin.sh"),
    include_str!("texts/halt.sh"),
    include_str!("texts/stop.sh"),
    include_str!("texts/expire.sh"),
    include_str!("texts/ask.sh"),
    include_str!("texts/probe.sh"),
    include_str!("texts/start.sh"),
);

const END: &str = concat!(
    include_str!("texts/hook.sh"),
    include_str!("texts/halt.sh"),
    include_str!("texts/stop.sh"),
    include_str!("texts/end.sh"),
);

const LOOK: &str = concat!(include_str!("texts/ended.sh"), include_str!("texts/look.sh"));

/// What the units run.
const TEXTS: [(&str, &str); 8] = [
    ("start", START),
    (
        "again",
        concat!(include_str!("texts/ended.sh"), include_str!("texts/again.sh"), "again \"$1\"\n"),
    ),
    (
        "begin",
        concat!(include_str!("texts/ended.sh"), include_str!("texts/begin.sh"), "begin \"$1\"\n"),
    ),
    (
        "expire",
        concat!(
            include_str!("texts/hook.sh"),
            include_str!("texts/halt.sh"),
            include_str!("texts/stop.sh"),
            include_str!("texts/expire.sh"),
            "expire \"$1\"\n"
        ),
    ),
    (
        "started",
        concat!(
            include_str!("texts/hook.sh"),
            "hook \"$1\" post-start 0 && exit\npodman kill \"$1\"\nexit 1\n"
        ),
    ),
    (
        "halt",
        concat!(
            include_str!("texts/hook.sh"),
            include_str!("texts/halt.sh"),
            "# systemd also asks when the container has ended by itself, and says so.\n\
             [ -n \"${EXIT_CODE-}\" ] || halt \"$1\"\n"
        ),
    ),
    (
        "probe",
        concat!(
            include_str!("texts/ended.sh"),
            include_str!("texts/again.sh"),
            include_str!("texts/hook.sh"),
            include_str!("texts/begin.sh"),
            include_str!("texts/halt.sh"),
            include_str!("texts/ask.sh"),
            include_str!("texts/probe.sh"),
            "probe \"$1\"\n"
        ),
    ),
    ("network", include_str!("texts/network.sh")),
];

fn boot_file(name: &str) -> String {
    format!("{HOST_DIRECTORY}/boot/{name}")
}

fn write(mode: &str, path: &str, content: impl Into<Vec<u8>>) -> Command {
    Command::mutates(["install", "-D", "-m", mode, "--", "/dev/stdin", path]).with_stdin(content)
}

/// Keeps what sets up a host's network for a reboot: lines of `ip -batch`.
pub(super) fn keep_routes(routes: &str) -> Command {
    write("0600", &boot_file("routes"), routes)
}

/// Keeps the Service rules for a reboot, on a host that has what brings them back.
pub(super) fn keep_rules() -> Command {
    Command::mutates(["sh", "-c", include_str!("texts/keep-rules.sh"), "keep-rules"])
}

const NETWORK_UNIT: &str = "bowline-network.service";

/// Only a unit that is active follows a restart of `nftables.service`, which flushes our rules with all others. What it waits for at
/// boot is there when somebody has logged in, or need not be: systemd is not to wait for it now.
const START_NETWORK: [&str; 5] =
    ["systemctl", "--quiet", "--job-mode=ignore-dependencies", "start", NETWORK_UNIT];

/// Installs what keeps pods up and brings them back, the mark of it last.
pub(super) fn install() -> Vec<Command> {
    let mut commands = Vec::new();
    for (name, text) in TEXTS {
        commands.push(write("0600", &boot_file(name), text));
    }
    for (name, unit) in UNITS {
        commands.push(write("0644", &format!("/etc/systemd/system/{name}"), unit));
    }
    commands.push(Command::mutates(["systemctl", "daemon-reload"]));
    commands.push(Command::mutates(["systemctl", "--quiet", "enable", NETWORK_UNIT]));
    commands.push(Command::mutates(START_NETWORK));
    commands.push(write("0600", KEEPING_FILE, format!("{KEEPING}\n")));
    commands
}

/// Takes away what [`install`] installed; where it never was, nothing is done.
const UNINSTALL: &str = r#"[ -e /etc/systemd/system/bowline-network.service ] || exit 0
systemctl --quiet disable --now bowline-network.service
cd /etc/systemd/system && rm -f -- "$@" && systemctl daemon-reload"#;

pub(super) fn uninstall() -> Command {
    let names = UNITS.iter().map(|(name, _)| *name);
    Command::mutates(["sh", "-c", UNINSTALL, "uninstall"].into_iter().chain(names))
}

/// Makes the files that last words go to. Arguments: the directory, and the names.
const MESSAGES: &str = r#"mkdir -p "$1" && cd "$1" && shift && for name; do : >"$name" && chmod 0666 "$name" || exit; done"#;

/// The files of a pod's life, before its containers are made.
pub(super) fn files(pod: &PodToRun, directory: &str) -> Vec<Command> {
    let mut names = Vec::new();
    for container in &pod.containers {
        names.push(container.name.clone());
        match container.message.otherwise {
            Otherwise::Nothing => {}
            Otherwise::Log => names.push(format!("{}.log", container.name)),
        }
    }
    let messages = format!("{directory}/messages");
    let words = ["sh", "-c", MESSAGES, "messages", &messages].map(str::to_owned);
    vec![Command::mutates(words.into_iter().chain(names))]
}

/// Where a container's last words are on the host.
pub(super) fn message_file(directory: &str, container: &ContainerToRun) -> String {
    format!("{directory}/messages/{}", container.name)
}

/// What a pod is brought up and ended by: its hooks, one line of what its containers are, and the commands that are run again
/// after a reboot.
pub(super) fn order(pod: &PodToRun, directory: &str, after_reboot: &[Command]) -> Vec<Command> {
    let kept = after_reboot.iter().enumerate();
    let mut commands: Vec<Command> = kept
        .map(|(nth, command)| {
            write("0600", &format!("{directory}/again/{nth:03}"), ended_words(&command.argv))
        })
        .collect();
    for container in &pod.containers {
        let hooks = [("post-start", &container.post_start), ("pre-stop", &container.pre_stop)];
        for (when, hook) in hooks {
            let Some(hook) = hook else { continue };
            let (kind, content) = match hook {
                Hook::Exec(words) => ("exec", ended_words(words).into_bytes()),
                Hook::Sleep(seconds) => ("sleep", seconds.to_string().into_bytes()),
                Hook::Http { url, headers } => {
                    let lines =
                        std::iter::once(url.as_str()).chain(headers.iter().map(String::as_str));
                    ("http", (lines.collect::<Vec<_>>().join("\n") + "\n").into_bytes())
                }
            };
            let path = format!("{directory}/hooks/{}.{when}.{kind}", container.name);
            commands.push(write("0600", &path, content));
        }
        commands.extend(container.probes.iter().flat_map(|probe| {
            let file = format!("{directory}/probes/{}.{}", container.name, probe.kind.word());
            probe::files(probe, &file)
        }));
    }
    let policy = match pod.restart {
        Restart::Always => "Always",
        Restart::OnFailure => "OnFailure",
        Restart::Never => "Never",
    };
    let keeper = match pod.keeper {
        Keeper::Systemd => "systemd",
        Keeper::Podman => "podman",
    };
    let mut words = vec![keeper.to_owned(), policy.to_owned(), pod.grace_seconds.to_string()];
    words.extend(pod.active_seconds.map(|seconds| format!("deadline:{seconds}")));
    words.extend(pod.containers.iter().map(|container| {
        let role = match container.role {
            Role::Init => "init",
            Role::Sidecar => "sidecar",
            Role::Main => "main",
        };
        format!("{role}:{}", container.name)
    }));
    let line = words.join(" ");
    commands.push(write("0600", &format!("{directory}/words"), line + "\n"));
    commands.push(write("0600", &format!("{TOLD}/{}", pod.sandbox), "made 0\n"));
    commands
}

/// Words as `xargs -0` reads them, the empty ones too.
fn ended_words(words: &[String]) -> String {
    words.iter().flat_map(|word| [word, "\0"]).collect()
}

/// Runs a text beside everything else, where there is no systemd to do so. Arguments: the text, its name and its arguments.
const DETACH: &str = r#"exec setsid -f sh -c "$@" </dev/null >/dev/null 2>&1"#;

/// Starts what holds a pod's namespaces: an address that is taken, a network that is missing are failures of `create pod`.
const START_SANDBOX: &str = r#"podman start "$(podman pod inspect --format '{{.InfraContainerID}}' "$1")" &&
mkdir -p /run/bowline-life && : >"/run/bowline-life/$1.up""#;

pub(super) fn start_sandbox(sandbox: &str) -> Command {
    Command::mutates(["sh", "-c", START_SANDBOX, "start sandbox", sandbox])
}

/// Brings a pod up whose containers have been made.
pub(super) fn start(sandbox: &str, keeper: Keeper) -> Command {
    match keeper {
        Keeper::Systemd => {
            Command::mutates(["systemctl", "start", &format!("bowline-pod@{sandbox}.service")])
        }
        Keeper::Podman => {
            Command::mutates(["sh", "-c", DETACH, "detach", START, "start-pod", sandbox])
        }
    }
}

/// Has a pod brought up after a reboot. One that is not to be started again has ended with the host.
pub(super) fn enable(pod: &PodToRun) -> Option<Command> {
    match (pod.keeper, pod.restart) {
        (Keeper::Systemd, Restart::Always | Restart::OnFailure) => {
            let unit = format!("bowline-pod@{}.service", pod.sandbox);
            Some(Command::mutates(["systemctl", "--quiet", "--no-reload", "enable", &unit]))
        }
        (Keeper::Systemd, Restart::Never) | (Keeper::Podman, _) => None,
    }
}

/// The option of `podman create` by which systemd knows the container's monitor, and who asks its probes whether it runs.
pub(super) fn monitor_option(
    pod: &PodToRun,
    container: &ContainerToRun,
    name: &str,
) -> Option<[String; 2]> {
    match pod.keeper {
        Keeper::Podman if container.probes.is_empty() => None,
        Keeper::Systemd | Keeper::Podman => {
            Some(["--conmon-pidfile".to_owned(), format!("/run/bowline-life/{name}.pid")])
        }
    }
}

/// Ends a pod, giving it time, and removes it with what belongs to it.
pub(super) fn end(sandbox: &str, grace_seconds: u32) -> Command {
    Command::mutates(["sh", "-c", END, "end-pod", sandbox, &grace_seconds.to_string()])
}

/// Lists the containers that filters let through, and says more of those that have ended.
pub(super) fn look<'a>(filters: impl IntoIterator<Item = &'a str>) -> Command {
    Command::reads(["sh", "-c", LOOK, "look"].into_iter().chain(filters))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;

    #[test]
    fn who_changes_what_is_installed_counts_its_form_up() {
        let all: String = TEXTS.iter().chain(&UNITS).flat_map(|(n, t)| [*n, *t]).collect();
        let seen = format!("{KEEPING} {}", Digest::of_text(&all));
        insta::assert_snapshot!(seen, @"9 2848dddebf0a6436");
    }
}
