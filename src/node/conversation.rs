//! One script on its way through a shell, wherever that shell runs: what it said so far, and what its end means.

use std::time::{Duration, Instant};

use ring::rand::{SecureRandom as _, SystemRandom};

use super::frame::{Channel, Frames, Stage};
use super::shell::{self, BUSY_EXIT, Locking};
use super::{NodeError, Trace, TraceLine};
use crate::driver::{Lock, Output, Progress, Script};
use crate::model::NodeName;

/// What a node tells of while a script runs.
#[derive(Clone, Copy)]
pub(super) struct Listeners<'a> {
    pub host: &'a NodeName,
    pub progress: &'a (dyn Fn(Progress) + Send + Sync),
    pub trace: Option<&'a dyn Trace>,
}

/// A script that a shell was given.
pub(super) struct Conversation<'a> {
    script: &'a Script,
    listeners: Listeners<'a>,
    frames: Frames<'a>,
    /// When the command that runs now began, seen from here.
    since: Instant,
    lock_wait: Duration,
}

impl<'a> Conversation<'a> {
    /// Renders the script; returns the program text to send as well.
    pub(super) fn begin(
        script: &'a Script,
        listeners: Listeners<'a>,
        limit: usize,
        locking: &Locking,
    ) -> Result<(Self, String), NodeError> {
        let nonce = nonce()?;
        let text = shell::program(script, &nonce)?;
        let frames = Frames::new(script, &nonce, limit);
        let (since, lock_wait) = (Instant::now(), locking.wait);
        Ok((Self { script, listeners, frames, since, lock_wait }, text))
    }

    /// Takes in what the shell said; true when the script has ended.
    pub(super) fn hear(&mut self, channel: Channel, bytes: &[u8]) -> Result<bool, String> {
        let (script, listeners, since) = (self.script, self.listeners, &mut self.since);
        let fed = self.frames.feed(channel, bytes, &mut |progress| {
            tell(script, listeners, since, progress);
        });
        fed.map_err(|error| error.to_string())?;
        Ok(self.frames.stage() == Stage::Ended)
    }

    /// The process id of the shell, once it runs the script.
    pub(super) fn shell(&self) -> Option<u32> {
        self.frames.shell()
    }

    /// The output of a script that has ended.
    pub(super) fn into_output(self) -> Output {
        self.frames.into_output()
    }

    /// Why the shell's streams ended before the script did: for what the connection said, with `cause` if nothing else is
    /// known.
    pub(super) fn broken_off(&self, address: &str, exit: Option<i32>, cause: &str) -> NodeError {
        let lost = |cause: String| NodeError::Lost { address: address.to_owned(), cause };
        let said = printable(&self.frames.unmarked());
        match (self.frames.stage(), exit) {
            (Stage::Starting, Some(BUSY_EXIT)) if self.script.lock != Lock::None => {
                NodeError::Busy { waited: self.lock_wait }
            }
            (Stage::Starting, Some(exit)) => NodeError::Shell { cause: complaint(&said, exit) },
            (Stage::Running | Stage::Ended, Some(exit)) => {
                lost(format!("the remote shell ended with exit code {exit} in the middle"))
            }
            (Stage::Starting | Stage::Running | Stage::Ended, None) => lost(cause.to_owned()),
        }
    }
}

fn tell(script: &Script, listeners: Listeners<'_>, since: &mut Instant, progress: Progress) {
    let now = Instant::now();
    let Progress::Ended { block, command, exit, .. } = progress;
    let ran = script.blocks.get(block).and_then(|block| block.commands.get(command));
    if let (Some(trace), Some(ran)) = (listeners.trace, ran) {
        trace.record(&TraceLine {
            host: listeners.host,
            op: script.operation.name(),
            effect: ran.effect,
            argv: &ran.argv,
            ms: millis(now.duration_since(*since)),
            exit,
        });
    }
    *since = now;
    (listeners.progress)(progress);
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn nonce() -> Result<String, NodeError> {
    let mut bytes = [0; 16];
    let cause = || "this system gives no random numbers".to_owned();
    SystemRandom::new().fill(&mut bytes).map_err(|_| NodeError::Shell { cause: cause() })?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// What a shell that did not start the script said, as one line.
fn complaint(said: &str, exit: i32) -> String {
    let wants_password = ["password is required", "terminal is required", "askpass"];
    if said.contains("sudo") && wants_password.iter().any(|sign| said.contains(sign)) {
        return "sudo wants a password; let the user run sudo without one (NOPASSWD in sudoers), or log in as root"
            .to_owned();
    }
    if said.is_empty() {
        format!("its shell ended with exit code {exit} and said nothing")
    } else {
        format!("{said} (exit code {exit})")
    }
}

/// A host's words made fit to be shown: one line, bounded, without control characters.
pub(super) fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines = text
        .lines()
        .map(|line| line.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned());
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    let mut line = lines.join("; ");
    if let Some((end, _)) = line.char_indices().nth(400) {
        line.truncate(end);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_says_is_shown_as_one_bounded_line_without_control_characters() {
        assert_eq!(printable(b"\x1b[31ma\r\n\n\tb\x07\xff\n"), "[31ma; b\u{fffd}");
        assert_eq!(printable("é".repeat(1000).as_bytes()).chars().count(), 401);
    }

    #[test]
    fn nonces_differ() {
        let (one, other) = (nonce().unwrap(), nonce().unwrap());
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
    }
}
