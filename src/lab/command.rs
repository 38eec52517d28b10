//! Runs the machine's own programs and keeps what they say for the error.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use super::error::{LabError, at};

/// The most lines and characters of a program's output that an error shows.
const TAIL_LINES: usize = 8;
const TAIL_CHARS: usize = 4096;

/// Runs a program to its end and returns what it printed.
pub(super) fn run(argv: &[&str]) -> Result<String, LabError> {
    run_with_input(argv, "")
}

/// Runs a program with this text as its input.
pub(super) fn run_with_input(argv: &[&str], input: &str) -> Result<String, LabError> {
    let failed = |said: String| LabError::Command { command: argv.join(" "), said };
    let mut command = command(argv).ok_or_else(|| failed("no program".to_owned()))?;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| failed(e.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends without reading has its say below.
        drop(stdin.write_all(input.as_bytes()));
    }
    let output = child.wait_with_output().map_err(|e| failed(e.to_string()))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(failed(tail(&format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ))))
    }
}

/// Runs a long program with its output in a log file, whose end is shown if it fails.
pub(super) fn run_logged(argv: &[&str], log: &Path) -> Result<(), LabError> {
    let out = File::create(log).map_err(at(log))?;
    let status = spawn(argv, out.into(), log)?.wait();
    finish(argv, log, status)
}

/// As [`run_logged`], and passes on each line of the output as it comes.
pub(super) fn run_watched(
    argv: &[&str],
    log: &Path,
    watch: &mut dyn FnMut(&str),
) -> Result<(), LabError> {
    let mut copy = File::create(log).map_err(at(log))?;
    let mut child = spawn(argv, Stdio::piped(), log)?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            writeln!(copy, "{line}").map_err(at(log))?;
            watch(&line);
        }
    }
    finish(argv, log, child.wait())
}

fn spawn(argv: &[&str], out: Stdio, log: &Path) -> Result<Child, LabError> {
    let failed = |said: String| LabError::Command { command: argv.join(" "), said };
    let err = OpenOptions::new().append(true).open(log).map_err(at(log))?;
    let mut command = command(argv).ok_or_else(|| failed("no program".to_owned()))?;
    command.stdin(Stdio::null()).stdout(out).stderr(err);
    command.spawn().map_err(|e| failed(e.to_string()))
}

fn finish(argv: &[&str], log: &Path, status: io::Result<ExitStatus>) -> Result<(), LabError> {
    let said = match status {
        Ok(status) if status.success() => return Ok(()),
        Ok(_) => format!("{}\n(all of it: {})", log_tail(log), log.display()),
        Err(e) => e.to_string(),
    };
    Err(LabError::Command { command: argv.join(" "), said })
}

/// A command in an environment that does not depend on how root's rights were had; proxies are kept.
fn command(argv: &[&str]) -> Option<Command> {
    let (program, arguments) = argv.split_first()?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .env("DEBIAN_FRONTEND", "noninteractive")
        // It need not exist in what is made.
        .env_remove("TMPDIR");
    Some(command)
}

/// The words before a command that make it join these cgroups first.
pub(super) fn joining(join: &Path, cgroups: &[PathBuf]) -> Vec<String> {
    let mut words =
        vec!["sh".to_owned(), join.to_string_lossy().into_owned(), cgroups.len().to_string()];
    words.extend(cgroups.iter().map(|c| c.to_string_lossy().into_owned()));
    words
}

/// Starts a program that goes on after this one has ended: in these cgroups and a session of its own, without a terminal,
/// its output in a log.
pub(super) fn launch(
    join: &Path,
    cgroups: &[PathBuf],
    command: &[String],
    log: &Path,
) -> Result<(), LabError> {
    let mut words = vec!["setsid".to_owned(), "--fork".to_owned()];
    words.extend(joining(join, cgroups));
    words.extend_from_slice(command);
    run_logged(&words.iter().map(String::as_str).collect::<Vec<_>>(), log)
}

/// The end of a log, for an error.
pub(super) fn log_tail(log: &Path) -> String {
    tail(&String::from_utf8_lossy(&std::fs::read(log).unwrap_or_default()))
}

/// The last lines of a text, without terminal control sequences.
fn tail(text: &str) -> String {
    let clean: String = strip_controls(text);
    let lines: Vec<&str> = clean.lines().map(str::trim_end).filter(|l| !l.is_empty()).collect();
    let last = lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n");
    let skip = last.chars().count().saturating_sub(TAIL_CHARS);
    last.chars().skip(skip).collect()
}

/// Removes escape sequences and control characters other than the line feed.
fn strip_controls(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => {
                if chars.next() == Some('[') {
                    for c in chars.by_ref() {
                        if ('@'..='~').contains(&c) {
                            break;
                        }
                    }
                }
            }
            '\n' => clean.push(c),
            c if c.is_control() => {}
            c => clean.push(c),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_the_command_and_its_last_words() {
        let script = r"echo first; printf '\033[1mlast\033[0m\r\n' >&2; exit 3";
        let error = run(&["sh", "-c", script]).unwrap_err();
        insta::assert_snapshot!(error, @r"
        `sh -c echo first; printf '\033[1mlast\033[0m\r\n' >&2; exit 3` failed: first
        last
        ");
    }

    #[test]
    fn a_watched_program_is_heard_and_logged() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut heard = Vec::new();
        let script = "echo one; echo two; echo wrong >&2; exit 1";
        let outcome =
            run_watched(&["sh", "-c", script], log.path(), &mut |line| heard.push(line.to_owned()));
        assert_eq!(heard, ["one", "two"]);
        assert!(outcome.unwrap_err().to_string().contains("wrong"));
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&["no-such-program-here"]).unwrap_err();
        insta::assert_snapshot!(error, @"`no-such-program-here` failed: No such file or directory (os error 2)");
    }

    #[test]
    fn input_reaches_the_program() {
        assert_eq!(run_with_input(&["cat"], "a\nb").unwrap(), "a\nb");
    }
}
