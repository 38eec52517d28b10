//! The one seam to a host: a script in, output out.
//!
//! How hosts are reached lives here (SSH in `ssh`, the workstation itself in `local`), and how a script becomes text for a
//! shell (`shell`). Nothing here decides what to run.

#![expect(
    clippy::disallowed_methods,
    reason = "this is where hosts, key files and clocks are reached"
)]

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::driver::{Effect, Output, Progress, Script};
use crate::model::NodeName;

mod connections;
mod conversation;
mod error;
mod frame;
mod keyring;
mod known_hosts;
mod local;
mod shared;
mod shell;
mod ssh;
mod trace;

pub use connections::{ConnectSettings, connect_all, for_each_host};
pub use error::NodeError;
pub use keyring::Ask;
pub(crate) use shell::quote;
pub use trace::{Trace, TraceLine, TraceWriter};

/// What [`Node::stream`] returns when the local reader went away: 128 plus SIGPIPE, as a shell would say.
pub const BROKEN_PIPE_EXIT: i32 = 141;

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A host that scripts can be run on. One value holds at most one connection, made at first use.
pub trait Node: Send + Sync + fmt::Debug {
    /// The host's name in the inventory.
    fn name(&self) -> &NodeName;

    /// Runs a script and returns what each of its commands printed; `progress` hears of each command as it ends.
    ///
    /// A command that fails is part of the output. An error means that the outcome of what had not yet been reported is
    /// unknown: the connection could not be made, was lost, or a time limit passed.
    fn run<'a>(
        &'a self,
        script: &'a Script,
        progress: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> BoxFuture<'a, Result<Output, NodeError>>;

    /// Runs one command whose streams are passed through as they come, such as `logs -f` and `exec -it`; returns its exit code.
    fn stream<'a>(
        &'a self,
        call: Call,
        streams: Streams<'a>,
    ) -> BoxFuture<'a, Result<i32, NodeError>>;

    /// Opens a connection from the host to an address that it reaches, such as a pod's. Nothing is started on the host.
    fn dial(&self, to: SocketAddr) -> BoxFuture<'_, Result<Box<dyn Pipe>, NodeError>>;

    /// Ends the connection, if there is one.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// Both directions of a connection.
pub trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Pipe for T {}

/// A command for [`Node::stream`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The program and its arguments, unquoted.
    pub argv: Vec<String>,
    /// Whether it may change the host.
    pub effect: Effect,
    /// The terminal to allocate, if any.
    pub terminal: Option<Terminal>,
}

/// A remote terminal that mirrors the local one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// The value of `TERM`.
    pub kind: String,
    /// Columns and rows at the start.
    pub size: (u32, u32),
}

/// The ends that [`Node::stream`] reads and writes.
pub struct Streams<'a> {
    /// Standard input; `None` is an immediate end of file.
    pub stdin: Option<Box<dyn AsyncRead + Send + Unpin + 'a>>,
    /// Standard output.
    pub stdout: Box<dyn AsyncWrite + Send + Unpin + 'a>,
    /// Standard error; with a terminal everything arrives on `stdout`.
    pub stderr: Box<dyn AsyncWrite + Send + Unpin + 'a>,
    /// New sizes (columns, rows) of the local terminal.
    pub resizes: Option<tokio::sync::watch::Receiver<(u32, u32)>>,
}

impl Streams<'_> {
    /// Whether nothing is sent to the command, so that its standard input is free to tell it of the end.
    fn is_follower(&self, call: &Call) -> bool {
        self.stdin.is_none() && call.terminal.is_none()
    }
}

/// Time limits of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the first packet to a session that is ready.
    pub connect: Duration,
    /// The longest that a script may run.
    pub command: Duration,
    /// The longest that a running script may go without printing a byte and without an answer to a keepalive.
    pub idle: Duration,
    /// The most bytes that one command may print on one stream; the rest is dropped.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            command: Duration::from_mins(10),
            idle: Duration::from_secs(30),
            output: 16 * 1024 * 1024,
        }
    }
}
