//! A script's two streams, cut back into the output of its commands.
//!
//! The host is not trusted: each command keeps a bounded number of bytes, and marks that do not follow the script's own order
//! end the reading. Only a mark with this run's nonce is a mark; everything else is output.

use std::collections::VecDeque;

use super::shell::MARK;
use crate::driver::{BlockOutput, CommandOutput, Output, Progress, Script};

/// One of a shell's two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    Stdout,
    Stderr,
}

/// Why two streams are no answer to a script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its answer does not follow the script")]
pub(super) struct FrameError;

/// How far a script has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The shell has not said anything yet.
    Starting,
    /// The shell runs the script.
    Running,
    /// Every block has been run or skipped.
    Ended,
}

/// What a mark says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mark {
    Begin { shell: u32 },
    Ran { block: usize, command: usize, exit: i32 },
    Skip { block: usize },
    End,
}

/// The reader of one script's answer.
pub(super) struct Frames<'a> {
    script: &'a Script,
    stdout: Cutter,
    stderr: Cutter,
    stage: Stage,
    shell: Option<u32>,
    done: Vec<BlockOutput>,
    running: Vec<CommandOutput>,
}

impl<'a> Frames<'a> {
    /// Reads the answer to `script` whose marks hold `nonce`; each command keeps at most `limit` bytes of each stream.
    pub(super) fn new(script: &'a Script, nonce: &str, limit: usize) -> Self {
        Self {
            script,
            stdout: Cutter::new(nonce, limit),
            stderr: Cutter::new(nonce, limit),
            stage: Stage::Starting,
            shell: None,
            done: Vec::new(),
            running: Vec::new(),
        }
    }

    /// Takes in what came on one stream, and tells of each command whose end has come on both.
    pub(super) fn feed(
        &mut self,
        channel: Channel,
        bytes: &[u8],
        told: &mut dyn FnMut(Progress),
    ) -> Result<(), FrameError> {
        match channel {
            Channel::Stdout => self.stdout.feed(bytes)?,
            Channel::Stderr => self.stderr.feed(bytes)?,
        }
        while !self.stdout.pieces.is_empty() && !self.stderr.pieces.is_empty() {
            let (Some((mark, stdout)), Some((other, stderr))) =
                (self.stdout.pieces.pop_front(), self.stderr.pieces.pop_front())
            else {
                break;
            };
            if mark != other {
                return Err(FrameError);
            }
            self.step(&mark, stdout, stderr, told)?;
        }
        Ok(())
    }

    /// How far the script has come.
    pub(super) fn stage(&self) -> Stage {
        self.stage
    }

    /// The process id of the shell, once it runs the script.
    pub(super) fn shell(&self) -> Option<u32> {
        self.shell
    }

    /// The output of a script that has ended.
    pub(super) fn into_output(self) -> Output {
        Output { blocks: self.done }
    }

    /// What was printed since the last mark, standard error first.
    pub(super) fn unmarked(&self) -> Vec<u8> {
        [self.stderr.rest(), self.stdout.rest()].concat()
    }

    fn step(
        &mut self,
        mark: &Mark,
        stdout: Vec<u8>,
        stderr: Vec<u8>,
        told: &mut dyn FnMut(Progress),
    ) -> Result<(), FrameError> {
        match (self.stage, mark) {
            (Stage::Starting, &Mark::Begin { shell }) => {
                self.stage = Stage::Running;
                self.shell = Some(shell);
            }
            (Stage::Running, &Mark::Ran { block, command, exit }) => {
                if block != self.done.len() || command != self.running.len() || !self.has_needs() {
                    return Err(FrameError);
                }
                let commands = &self.script.blocks.get(block).ok_or(FrameError)?.commands;
                let succeeded = commands.get(command).ok_or(FrameError)?.succeeded(exit);
                let printed = stdout.len();
                self.running.push(CommandOutput { exit, stdout, stderr });
                told(Progress::Ended { block, command, exit, printed });
                if !succeeded || self.running.len() == commands.len() {
                    self.done.push(BlockOutput::Ran(std::mem::take(&mut self.running)));
                }
            }
            (Stage::Running, &Mark::Skip { block }) => {
                if block != self.done.len() || !self.running.is_empty() || self.has_needs() {
                    return Err(FrameError);
                }
                self.done.push(BlockOutput::Skipped);
            }
            (Stage::Running, Mark::End) if self.done.len() == self.script.blocks.len() => {
                self.stage = Stage::Ended;
            }
            (Stage::Starting | Stage::Running | Stage::Ended, _) => return Err(FrameError),
        }
        self.pass_empty_blocks();
        Ok(())
    }

    /// Blocks without commands print no mark when they are reached.
    fn pass_empty_blocks(&mut self) {
        while self.script.blocks.get(self.done.len()).is_some_and(|b| b.commands.is_empty())
            && self.has_needs()
        {
            self.done.push(BlockOutput::Ran(Vec::new()));
        }
    }

    /// Whether what the current block needs has succeeded.
    fn has_needs(&self) -> bool {
        let block = self.script.blocks.get(self.done.len());
        block.is_some_and(|block| block.needs.iter().all(|&need| self.has_succeeded(need)))
    }

    fn has_succeeded(&self, block: usize) -> bool {
        match (self.script.blocks.get(block), self.done.get(block)) {
            (Some(block), Some(BlockOutput::Ran(outputs))) => {
                outputs.len() == block.commands.len()
                    && block.commands.iter().zip(outputs).all(|(c, o)| c.succeeded(o.exit))
            }
            (_, Some(BlockOutput::Skipped) | None) | (None, _) => false,
        }
    }
}

/// One stream, cut at its marks.
struct Cutter {
    /// What each mark begins with.
    start: Vec<u8>,
    limit: usize,
    /// Bytes that may turn out to be the beginning of a mark.
    pending: Vec<u8>,
    current: Vec<u8>,
    pieces: VecDeque<(Mark, Vec<u8>)>,
}

impl Cutter {
    /// Longer than any mark's text that a script can cause.
    const LONGEST: usize = 96;

    fn new(nonce: &str, limit: usize) -> Self {
        let start = [&[MARK], nonce.as_bytes(), b" "].concat();
        Self { start, limit, pending: Vec::new(), current: Vec::new(), pieces: VecDeque::new() }
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<(), FrameError> {
        let mut input = std::mem::take(&mut self.pending);
        input.extend_from_slice(bytes);
        let mut rest = input.as_slice();
        loop {
            let Some(at) = self.find(rest) else {
                self.keep(rest);
                return Ok(());
            };
            let (output, from_mark) = rest.split_at(at);
            self.keep(output);
            let text = from_mark.get(self.start.len()..).unwrap_or_default();
            match text.iter().take(Self::LONGEST).position(|&byte| byte == b'\n') {
                Some(end) => {
                    let mark = parse_mark(&text[..end]).ok_or(FrameError)?;
                    self.pieces.push_back((mark, std::mem::take(&mut self.current)));
                    rest = &text[end + 1..];
                }
                None if text.len() >= Self::LONGEST => return Err(FrameError),
                None => {
                    self.pending = from_mark.to_vec();
                    return Ok(());
                }
            }
        }
    }

    /// Where a mark begins, or may begin if its start is all that is there.
    fn find(&self, bytes: &[u8]) -> Option<usize> {
        let mut from = 0;
        loop {
            let at = from + bytes.get(from..)?.iter().position(|&byte| byte == MARK)?;
            let tail = &bytes[at..];
            if tail.starts_with(&self.start) || self.start.starts_with(tail) {
                return Some(at);
            }
            from = at + 1;
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = self.limit.saturating_sub(self.current.len());
        self.current.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn rest(&self) -> &[u8] {
        &self.current
    }
}

fn parse_mark(text: &[u8]) -> Option<Mark> {
    let text = std::str::from_utf8(text).ok()?;
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        ["begin", shell] => Some(Mark::Begin { shell: number(shell)? }),
        ["end"] => Some(Mark::End),
        ["skip", block] => Some(Mark::Skip { block: number(block)? }),
        ["ran", block, command, exit] => Some(Mark::Ran {
            block: number(block)?,
            command: number(command)?,
            exit: number(exit)?,
        }),
        _ => None,
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
#[path = "tests/frame.rs"]
mod tests;
