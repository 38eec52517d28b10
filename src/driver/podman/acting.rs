//! What people do to containers that are there: read their logs, run commands in them, attach to them, copy.

use jiff::Timestamp;

use super::words;

/// Asks for the run that a container is in, and with `all` for all of its runs: a line of state, then podman's events.
///
/// While a container runs, podman keeps when the run before it ended, so that events, which may take long to read, are asked
/// for only when they are needed.
///
/// Arguments: the container, `last` or `all`.
const RUNS: &str = r#"s=$(podman container inspect --format '{"status":{{json .State.Status}},"started":{{json .State.StartedAt}},"finished":{{json .State.FinishedAt}},"exit":{{.State.ExitCode}}}' "$1") || exit
printf '%s\n' "$s"
case $2$s in 'last{"status":"running"'*) exit 0 ;; esac
exec podman events --stream=false --since 1970-01-01T00:00:00Z --filter "container=$1" --filter event=init --format json"#;

/// The argv that asks for a container's runs, read by [`super::super::parse_runs`].
pub fn runs_argv(container: &str, which: WhichRuns) -> Vec<String> {
    let which = match which {
        WhichRuns::Last => "last",
        WhichRuns::All => "all",
    };
    words(["sh", "-c", RUNS, "runs", container, which])
}

/// Which runs of a container are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhichRuns {
    /// The one that it is in, or was in last.
    Last,
    /// That one and those before it.
    All,
}

/// What is read of a container's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogsWanted {
    /// Whether to go on with what comes.
    pub follow: Follow,
    /// Whether each line begins with its time.
    pub times: Times,
    /// Nothing before this or at it.
    pub since: Option<Timestamp>,
    /// Nothing after this.
    pub until: Option<Timestamp>,
    /// How many lines from the end.
    pub tail: Option<u64>,
}

/// Whether to go on with what comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Follow {
    /// It ends with what is there.
    #[default]
    No,
    /// It ends with the container.
    Yes,
}

/// Whether each line begins with its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    /// It does not.
    #[default]
    Hidden,
    /// It does.
    Shown,
}

/// Both of a container's streams are its log, in the order in which they were printed, which two streams would lose.
const LOGS: &str = r#"exec podman logs "$@" 2>&1"#;

/// podman counts lines from the end of the whole log, and cuts at a time after that.
const LOGS_TAIL: &str = r#"n=$1; shift; podman logs "$@" 2>&1 | tail -n "$n""#;

/// The argv of a container's log.
pub fn logs_argv(container: &str, wanted: &LogsWanted) -> Vec<String> {
    let LogsWanted { follow, times, since, until, tail } = wanted;
    let mut argv = match (until, tail) {
        (Some(_), Some(lines)) => words(["sh", "-c", LOGS_TAIL, "podman logs", &lines.to_string()]),
        (None, Some(lines)) => words(["sh", "-c", LOGS, "podman logs", &format!("--tail={lines}")]),
        (Some(_) | None, None) => words(["sh", "-c", LOGS, "podman logs"]),
    };
    argv.extend(since.map(|time| format!("--since={time}")));
    argv.extend(until.map(|time| format!("--until={time}")));
    if *times == Times::Shown {
        argv.push("--timestamps".to_owned());
    }
    if *follow == Follow::Yes {
        argv.push("--follow".to_owned());
    }
    argv.push(container.to_owned());
    argv
}

/// What of the caller's side goes on to a program in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sides {
    /// Whether its standard input does.
    pub input: Passed,
    /// The kind of its terminal (`TERM`), when it has one.
    pub terminal: Option<String>,
}

/// Whether standard input is passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// It is.
    Yes,
    /// It is not: there is nothing to read.
    No,
}

impl Sides {
    fn options(&self) -> Vec<String> {
        let mut options = Vec::new();
        if self.input == Passed::Yes {
            options.push("--interactive".to_owned());
        }
        if let Some(kind) = &self.terminal {
            options.extend(["--tty".to_owned(), format!("--env=TERM={kind}")]);
        }
        options
    }
}

/// The argv of a command in a container. No key ends the session early: podman's Ctrl-P would swallow a shell's.
pub fn exec_argv(container: &str, sides: &Sides, command: &[String]) -> Vec<String> {
    let mut argv = words(["podman", "exec", "--detach-keys="]);
    argv.extend(sides.options());
    argv.push(container.to_owned());
    argv.extend(command.iter().cloned());
    argv
}

/// The argv that joins a container's own program. What ends the session is not passed on to the program; with a terminal,
/// Ctrl-P Ctrl-Q leaves it running.
pub fn attach_argv(container: &str, sides: &Sides) -> Vec<String> {
    let mut argv = words(["podman", "attach", "--sig-proxy=false"]);
    if sides.input == Passed::No {
        argv.push("--no-stdin".to_owned());
    }
    argv.push(container.to_owned());
    argv
}

/// How podman begins to say that a container cannot be entered.
const CANNOT_ENTER: [&str; 5] = [
    "Error: attaching to container",
    "Error: can only create exec sessions on running containers",
    "Error: you can only attach to running containers",
    "Error: no container with name or ID",
    "Error: no such container",
];

/// What the beginning of an output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// podman's word that the container cannot be entered.
    CannotEnter,
    /// Perhaps that, when there is more.
    Perhaps,
    /// The program's.
    Program,
}

/// Tells podman's complaint from what a program in the container prints.
pub fn beginning(output: &[u8]) -> Beginning {
    let words = || CANNOT_ENTER.iter().map(|text| text.as_bytes());
    if words().any(|word| output.starts_with(word)) {
        Beginning::CannotEnter
    } else if words().any(|word| word.starts_with(output)) {
        Beginning::Perhaps
    } else {
        Beginning::Program
    }
}

/// Makes a path absolute by the container's working directory, and sends what is there as a tar, or its first block alone.
/// podman follows a link that is named.
///
/// Arguments: the container, the path, `all` or `head`.
const COPY_OUT: &str = r#"p=$2
case $p in /*) ;; *) w=$(podman container inspect --format '{{.Config.WorkingDir}}' "$1") || exit; p=${w%/}/$p ;; esac
case $3 in head) podman cp "$1:$p" - | head -c 512 ;; *) exec podman cp "$1:$p" - ;; esac"#;

/// Unpacks a tar from standard input in a directory of a container.
///
/// Arguments: the container, the directory.
const COPY_IN: &str = r#"p=$2
case $p in /*) ;; *) w=$(podman container inspect --format '{{.Config.WorkingDir}}' "$1" </dev/null) || exit; p=${w%/}/$p ;; esac
exec podman cp - "$1:$p""#;

/// The argv that sends what is at a path in a container as a tar.
pub fn copy_out_argv(container: &str, path: &str) -> Vec<String> {
    words(["sh", "-c", COPY_OUT, "podman cp", container, path, "all"])
}

/// The argv that sends the first header of that tar: what is at the path, if anything.
pub fn peek_argv(container: &str, path: &str) -> Vec<String> {
    words(["sh", "-c", COPY_OUT, "podman cp", container, path, "head"])
}

/// The argv that unpacks a tar in a directory of a container.
pub fn copy_in_argv(container: &str, directory: &str) -> Vec<String> {
    words(["sh", "-c", COPY_IN, "podman cp", container, directory])
}

/// The argv that asks whether a pod is still there: 0 when it is.
pub fn pod_exists_argv(sandbox: &str) -> Vec<String> {
    words(["podman", "pod", "exists", sandbox])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(argv: &[String]) -> String {
        argv.iter().filter(|word| !word.contains('\n')).cloned().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_log_is_cut_by_podman_unless_lines_are_counted_within_the_cut() {
        let wanted = LogsWanted {
            follow: Follow::Yes,
            times: Times::Shown,
            since: Some(Timestamp::UNIX_EPOCH),
            tail: Some(3),
            ..LogsWanted::default()
        };
        insta::assert_snapshot!(line(&logs_argv("lab_default_web_nginx", &wanted)), @r#"sh -c exec podman logs "$@" 2>&1 podman logs --tail=3 --since=1970-01-01T00:00:00Z --timestamps --follow lab_default_web_nginx"#);
        let before = LogsWanted {
            until: Some(Timestamp::UNIX_EPOCH),
            tail: Some(3),
            ..LogsWanted::default()
        };
        insta::assert_snapshot!(line(&logs_argv("c", &before)), @r#"sh -c n=$1; shift; podman logs "$@" 2>&1 | tail -n "$n" podman logs 3 --until=1970-01-01T00:00:00Z c"#);
    }

    #[test]
    fn a_session_has_the_callers_sides() {
        let both = Sides { input: Passed::Yes, terminal: Some("xterm".to_owned()) };
        let none = Sides { input: Passed::No, terminal: None };
        let command = ["echo".to_owned(), "a b".to_owned()];
        insta::assert_snapshot!(line(&exec_argv("c", &both, &command)), @"podman exec --detach-keys= --interactive --tty --env=TERM=xterm c echo a b");
        insta::assert_snapshot!(line(&exec_argv("c", &none, &command)), @"podman exec --detach-keys= c echo a b");
        insta::assert_snapshot!(line(&attach_argv("c", &none)), @"podman attach --sig-proxy=false --no-stdin c");
    }

    #[test]
    fn podmans_complaint_is_told_from_a_programs_words() {
        assert_eq!(beginning(b"Error: can"), Beginning::Perhaps);
        assert_eq!(beginning(b""), Beginning::Perhaps);
        assert_eq!(beginning(b"Error: cannot"), Beginning::Program);
        let whole = b"Error: no container with name or ID \"x\" found: no such container\n";
        assert_eq!(beginning(whole), Beginning::CannotEnter);
    }
}
