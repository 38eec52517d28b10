//! Runs the machine's own programs and keeps what they say for the error.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::{LabError, at};

/// The most lines and bytes of a program's output that an error shows.
const TAIL_LINES: usize = 8;
const TAIL_BYTES: usize = 4096;

/// Runs a program to its end and returns what it printed.
pub(super) fn run(argv: &[&str]) -> Result<String, LabError> {
    run_with_input(argv, "")
}

/// Runs a program with this text as its input.
pub(super) fn run_with_input(argv: &[&str], input: &str) -> Result<String, LabError> {
    let failed = |said: String| LabError::Command { command: argv.join(" "), said };
    let (program, arguments) = argv.split_first().ok_or_else(|| failed("no program".to_owned()))?;
    let mut child = Command::new(program)
        .args(arguments)
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
    let failed = |said: String| LabError::Command { command: argv.join(" "), said };
    let (program, arguments) = argv.split_first().ok_or_else(|| failed("no program".to_owned()))?;
    let out = std::fs::File::create(log).map_err(at(log))?;
    let err = out.try_clone().map_err(at(log))?;
    let status = Command::new(program)
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .status()
        .map_err(|e| failed(e.to_string()))?;
    if status.success() {
        return Ok(());
    }
    Err(failed(format!("{}\n(all of it: {})", log_tail(log), log.display())))
}

/// Starts a program that goes on after this one has ended: in these cgroups and a session of its own, without a terminal,
/// its output in a log.
pub(super) fn launch(
    join: &Path,
    cgroups: &[PathBuf],
    argv: &[&str],
    log: &Path,
) -> Result<(), LabError> {
    let mut words = vec!["setsid".to_owned(), "--fork".to_owned(), "sh".to_owned()];
    words.push(join.to_string_lossy().into_owned());
    words.push(cgroups.len().to_string());
    words.extend(cgroups.iter().map(|c| c.to_string_lossy().into_owned()));
    words.extend(argv.iter().map(|&word| word.to_owned()));
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
    let skip = last.len().saturating_sub(TAIL_BYTES);
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
        let error = run(&["sh", "-c", "echo first; echo '\u{1b}[1mlast\u{1b}[0m' >&2; exit 3"])
            .unwrap_err();
        insta::assert_snapshot!(error, @r"
        `sh -c echo first; echo '[1mlast[0m' >&2; exit 3` failed: first
        last
        ");
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
