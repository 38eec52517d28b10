//! Scripts and commands as text for a POSIX shell: the only place that quotes.
//!
//! A script becomes a program that is fed to `sh -s`. The streams of its commands go straight through; after each command the
//! program prints a mark with a random word (the nonce) on both streams, which `frame` cuts the streams at. Nothing of a script
//! is in any process's argv but the commands' own, and no file is written.

use std::fmt::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Call, NodeError, Streams};
use crate::driver::{Block, Command, Lock, Script, Stdin};
use crate::inventory::Privilege;

/// What `flock` is told to exit with when the lock is not free in time; `EX_TEMPFAIL` of sysexits.h, which no part of the way
/// there uses otherwise.
pub(super) const BUSY_EXIT: i32 = 75;

/// The byte that each mark begins with: ASCII's record separator, rare in what programs print.
pub(super) const MARK: u8 = 0x1e;

/// Names that shells run themselves in ways that can differ from the program of that name, or that change the shell, and
/// the words of their grammar.
#[rustfmt::skip]
const SHELL_WORDS: &[&str] = &[
    ".", ":", "alias", "bg", "break", "builtin", "caller", "case", "cd", "command", "compgen",
    "complete", "continue", "coproc", "declare", "dirs", "disown", "do", "done", "echo", "elif",
    "else", "enable", "esac", "eval", "exec", "exit", "export", "fc", "fg", "fi", "for",
    "function", "getopts", "hash", "help", "history", "if", "in", "jobs", "kill", "let", "local",
    "logout", "mapfile", "popd", "printf", "pushd", "pwd", "read", "readarray", "readonly",
    "return", "select", "set", "shift", "shopt", "source", "suspend", "then", "time", "times",
    "trap", "type", "typeset", "ulimit", "umask", "unalias", "unset", "until", "wait", "while",
];

/// How long a script waits for a host's lock, and where the lock is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Locking {
    /// The longest wait.
    pub wait: Duration,
    /// The directory of the lock file on the host.
    pub directory: String,
}

/// The argv whose standard input a program is written to.
///
/// The lock is `flock --close`'s: it holds the lock itself while the shell runs, so that a long-lived child of the shell (such as
/// a container's monitor) does not keep it. A script that only looks creates nothing: where no lock file is, nobody has
/// changed the host yet, and it runs without.
pub(super) fn shell_argv(lock: Lock, privilege: Privilege, locking: &Locking) -> Vec<String> {
    let Locking { wait, directory } = locking;
    let file = quote(&format!("{directory}/lock"));
    let wait = wait.as_secs();
    let directory = quote(directory);
    let shell = match lock {
        Lock::None => vec!["sh".to_owned(), "-s".to_owned()],
        Lock::Shared => vec![
            "sh".to_owned(),
            "-c".to_owned(),
            format!(
                "[ -e {file} ] || exec sh -s; exec flock -o -s -w {wait} -E {BUSY_EXIT} {file} sh -s"
            ),
        ],
        Lock::Exclusive => vec![
            "sh".to_owned(),
            "-c".to_owned(),
            format!("mkdir -p {directory} && exec flock -o -w {wait} -E {BUSY_EXIT} {file} sh -s"),
        ],
    };
    with_privilege(shell, privilege)
}

/// An argv, run by root.
fn with_privilege(argv: Vec<String>, privilege: Privilege) -> Vec<String> {
    match privilege {
        Privilege::Direct => argv,
        Privilege::Sudo => {
            let sudo = ["sudo", "-n", "--"].map(str::to_owned);
            sudo.into_iter().chain(argv).collect()
        }
    }
}

/// The argv of a stream.
///
/// One that has neither input nor a terminal ends when its standard input does, which is kept open for that: a follower that
/// waits for its next line would never notice that nobody listens any more, be it that the caller, the connection or the whole
/// workstation went away.
pub(super) fn stream_argv(call: &Call, streams: &Streams<'_>, privilege: Privilege) -> Vec<String> {
    if !streams.is_follower(call) {
        return with_privilege(call.argv.clone(), privilege);
    }
    let shell = ["sh", "-c", FOLLOW, "sh"].map(str::to_owned);
    with_privilege(shell.into_iter().chain(call.argv.clone()).collect(), privilege)
}

/// Runs its arguments beside a reader of standard input, which ends them; exits as they do.
const FOLLOW: &str = r#"exec 3<&0; "$@" 3<&- </dev/null & p=$!; { read -r x <&3; kill "$p"; } >/dev/null 2>&1 & w=$!; exec 3<&-; wait "$p"; e=$?; kill "$w" 2>/dev/null; exit "$e""#;

/// An argv that ends a running script with the command that it is at: everything in the process group of its shell.
///
/// Servers refuse to pass signals to root's sessions, so another session has to do it.
pub(super) fn ending_argv(shell: u32, privilege: Privilege) -> Vec<String> {
    let text =
        "read -r pid name state parent group rest </proc/$1/stat && kill -s TERM -- -\"$group\"";
    let argv = ["sh", "-c", text, "sh"].map(str::to_owned);
    with_privilege(argv.into_iter().chain([shell.to_string()]).collect(), privilege)
}

/// An argv as one line for the login shell that an SSH server passes it to.
pub(super) fn exec_line(argv: &[String]) -> Result<String, NodeError> {
    check_argv(argv)?;
    let words: Vec<String> = argv.iter().map(|word| quote(word)).collect();
    Ok(format!("exec {}", words.join(" ")))
}

/// A script as the program that a shell reads.
///
/// All of it is one function that the last line calls, so that nothing runs before everything has arrived, and no command
/// can read program text as its input. A mark that cannot be written ends the program: when the connection dies, no further
/// command starts.
///
/// podman and runc are Go programs that live for a moment: they end before collecting their garbage has paid, so they do so only
/// where they have come to a lot of it.
/// See <https://pkg.go.dev/runtime#hdr-Environment_Variables>.
pub(super) fn program(script: &Script, nonce: &str) -> Result<String, NodeError> {
    let mut text = format!(
        "LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export LC_ALL PATH\n\
         GOGC=off GOMEMLIMIT=256MiB; export GOGC GOMEMLIMIT\n\
         bl_mark() {{ printf '\\036{nonce} %s\\n' \"$*\" || exit 1; \
         printf '\\036{nonce} %s\\n' \"$*\" >&2 || exit 1; }}\n\
         bl_ran() {{ bl_mark ran \"$1\" \"$2\" \"$3\"; \
         case \" 0 $4 \" in *\" $3 \"*) ;; *) return 1 ;; esac; }}\n\
         bl_main() {{\ncd /\nbl_done=' '\nbl_mark begin $$\n"
    );
    for (position, block) in script.blocks.iter().enumerate() {
        render_block(&mut text, position, block)?;
    }
    text.push_str("bl_mark end\n}\nbl_main; exit 0\n");
    Ok(text)
}

fn render_block(text: &mut String, position: usize, block: &Block) -> Result<(), NodeError> {
    let _ = writeln!(text, "bl_{position}() {{");
    for need in &block.needs {
        let _ = writeln!(
            text,
            "case $bl_done in *' {need} '*) ;; *) bl_mark skip {position}; return ;; esac"
        );
    }
    for (index, command) in block.commands.iter().enumerate() {
        check_argv(&command.argv)?;
        render_command(text, command);
        let accept: Vec<String> = command.accept.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "bl_ran {position} {index} $? '{}' || return", accept.join(" "));
    }
    let _ = writeln!(text, "bl_done=$bl_done'{position} '\n}}\nbl_{position}");
    Ok(())
}

fn render_command(text: &mut String, command: &Command) {
    let mut words = Vec::with_capacity(command.argv.len() + 1);
    // The program's own functions are named bl_...
    let is_shells = |name: &str| name.starts_with("bl_") || SHELL_WORDS.contains(&name);
    if command.argv.first().is_none_or(|program| is_shells(program)) {
        words.push("env".to_owned());
    }
    words.extend(command.argv.iter().map(|word| quote(word)));
    let words = words.join(" ");
    let bytes = match &command.stdin {
        Stdin::Empty => {
            let _ = writeln!(text, "{words} </dev/null");
            return;
        }
        Stdin::Bytes(bytes) => bytes.as_slice(),
        Stdin::Hidden(bytes) => bytes.reveal(),
    };
    // printf is a part of the shell, so its words are in no process's argv. A here-document would be on disk in some shells.
    let _ = match std::str::from_utf8(bytes) {
        Ok(input) if !input.contains('\0') => {
            writeln!(text, "printf %s {} | {words}", quote(input))
        }
        Ok(_) | Err(_) => {
            writeln!(text, "printf %s '{}' | base64 -d | {words}", STANDARD.encode(bytes))
        }
    };
}

/// Refuses what no program can be given: its arguments end at a zero byte.
fn check_argv(argv: &[String]) -> Result<(), NodeError> {
    if argv.iter().any(|word| word.contains('\0')) {
        let program = argv.first().map(|word| word.replace('\0', "")).unwrap_or_default();
        return Err(NodeError::Argument { program });
    }
    Ok(())
}

/// A word as shells read it back; quoted only when it must be, since people read traces.
pub(crate) fn quote(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:,@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
#[path = "tests/shell.rs"]
mod tests;
