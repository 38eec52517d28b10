//! What is sent to a host in one round trip: commands in blocks, and the typed operation that they carry out.
//!
//! A [`Script`] is data. How it becomes text for a remote shell is `node::shell`'s concern, in one place; no other
//! module quotes anything.

use crate::driver::Operation;
use crate::model::Hidden;
use crate::plan::{AtContainer, Moment};

/// Everything that one host is asked in one round trip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What the commands are for; the simulated fleet acts on this instead of on the commands.
    pub operation: Operation,
    /// Whether other runs are kept away from the host meanwhile.
    pub lock: Lock,
    /// The commands, in blocks that run in order.
    pub blocks: Vec<Block>,
}

/// How a script shares a host with other runs of bowline; held for the whole script, released by its end or its death.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// No lock: the script neither changes the host nor minds changes.
    None,
    /// Waits, for a bounded time, until nobody changes the host.
    Shared,
    /// Waits, for a bounded time, until nobody else uses the host.
    Exclusive,
}

/// Commands that belong together: the first that fails ends its block, not the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What a person calls this, such as `create pod default/web-1`.
    pub title: String,
    /// Positions of earlier blocks in the script that must have succeeded, else this one is skipped.
    pub needs: Vec<usize>,
    /// The commands, in order.
    pub commands: Vec<Command>,
}

/// One program with its arguments and input; the unit of tracing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments, unquoted. Holds no secret.
    pub argv: Vec<String>,
    /// What the program reads from its standard input.
    pub stdin: Stdin,
    /// Whether the command may change the host.
    pub effect: Effect,
    /// Exit codes other than 0 that count as success.
    pub accept: Vec<i32>,
    /// The container that it is about, where it is one's.
    pub about: Option<AtContainer>,
}

/// Whether a command may change the host that it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It only looks.
    Reads,
    /// It may change something.
    Mutates,
}

/// The standard input of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stdin {
    /// Nothing: an immediate end of file.
    Empty,
    /// These bytes, which are no secret.
    Bytes(Vec<u8>),
    /// What a Secret holds: it is sent like any other bytes, and shown by nothing.
    Hidden(Hidden),
}

impl Command {
    /// A command that only looks.
    pub fn reads<I, S>(argv: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        Self::new(argv, Effect::Reads)
    }

    /// A command that may change the host.
    pub fn mutates<I, S>(argv: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        Self::new(argv, Effect::Mutates)
    }

    fn new<I, S>(argv: I, effect: Effect) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        let argv = argv.into_iter().map(Into::into).collect();
        Self { argv, stdin: Stdin::Empty, effect, accept: Vec::new(), about: None }
    }

    /// The same command, reading these bytes.
    #[must_use]
    pub fn with_stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Stdin::Bytes(bytes.into());
        self
    }

    /// The same command, reading what a Secret holds.
    #[must_use]
    pub fn with_hidden_stdin(mut self, bytes: Hidden) -> Self {
        self.stdin = Stdin::Hidden(bytes);
        self
    }

    /// The same command, for which this exit code is also a success.
    #[must_use]
    pub fn accepting(mut self, exit: i32) -> Self {
        self.accept.push(exit);
        self
    }

    /// The same command, which does this about a container of a pod.
    #[must_use]
    pub fn about(mut self, container: &str, moment: Moment) -> Self {
        self.about = Some(AtContainer { name: container.to_owned(), moment });
        self
    }

    /// What a person calls the command: its first words, or the name that a text of ours is given.
    pub fn name(&self) -> String {
        if self.argv.get(1).is_some_and(|word| word == "-c") {
            return self.argv.get(3).cloned().unwrap_or_else(|| "sh".to_owned());
        }
        let words = self.argv.iter().take(3).cloned().collect::<Vec<_>>().join(" ");
        words.lines().next().unwrap_or_default().to_owned()
    }

    /// Whether this exit code means that the command did what it is for.
    pub fn succeeded(&self, exit: i32) -> bool {
        exit == 0 || self.accept.contains(&exit)
    }
}

/// What came back of a script: one entry a block, in the script's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The blocks' results; as many as the script has blocks.
    pub blocks: Vec<BlockOutput>,
}

/// What came back of one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockOutput {
    /// The block was reached; the commands that ran, in order. Shorter than the block when one of them failed.
    Ran(Vec<CommandOutput>),
    /// A block that it needs had failed, so it was left out.
    Skipped,
}

/// What came back of one command. Hosts are not trusted: both streams are bounded by the sender's limit and hold any bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandOutput {
    /// The exit code; 128 plus the signal when a signal ended it.
    pub exit: i32,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
}

/// What a script reports while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A command ended: its block, its position in the block, its exit code, and whether it had anything to say.
    Ended {
        /// The block's position in the script.
        block: usize,
        /// The command's position in the block.
        command: usize,
        /// The exit code.
        exit: i32,
        /// How many bytes of its standard output were kept.
        printed: usize,
    },
}
