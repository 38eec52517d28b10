//! The workstation itself as a host: the same scripts, run by a local shell.

use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::conversation::{Conversation, Listeners, millis};
use super::frame::Channel;
use super::shared::Shared;
use super::{BROKEN_PIPE_EXIT, BoxFuture, Call, Node, NodeError, Pipe, Streams, TraceLine, shell};
use crate::driver::{Lock, Output, Progress, Script};
use crate::inventory::Privilege;
use crate::model::NodeName;

/// The size of the pieces that streams are read in.
const PIECE: usize = 32 * 1024;

/// The workstation itself.
#[derive(Debug)]
pub(super) struct LocalNode {
    name: NodeName,
    privilege: Privilege,
    shared: Arc<Shared>,
}

impl LocalNode {
    pub(super) fn new(name: NodeName, privilege: Privilege, shared: Arc<Shared>) -> Self {
        Self { name, privilege, shared }
    }

    async fn run_script(
        &self,
        script: &Script,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Output, NodeError> {
        let Shared { locking, trace, limits, .. } = &*self.shared;
        let argv = shell::shell_argv(script.lock, self.privilege, locking);
        let listeners = Listeners { host: &self.name, progress, trace: trace.as_deref() };
        let (mut conversation, text) =
            Conversation::begin(script, listeners, limits.output, locking)?;
        let mut command = command(&argv);
        // A group of its own: what a terminal sends to bowline must not end a command in the middle.
        command.process_group(0);
        let mut child = command.spawn().map_err(|error| cannot_start(&argv, &error))?;
        let limit = limits.command.saturating_add(match script.lock {
            Lock::None => Duration::ZERO,
            Lock::Shared | Lock::Exclusive => locking.wait,
        });
        let group = child.id();
        match tokio::time::timeout(limit, converse(&mut child, &mut conversation, text)).await {
            Ok(Ok(())) => {
                // Waited for in the background, so that it does not stay a zombie.
                tokio::spawn(async move { child.wait().await });
                Ok(conversation.into_output())
            }
            Ok(Err(error)) => Err(error),
            Err(_) => {
                end_group(group);
                let what = format!("`{}`", script.operation.name());
                Err(NodeError::TimedOut { what, limit })
            }
        }
    }

    async fn run_stream(&self, call: Call, streams: Streams<'_>) -> Result<i32, NodeError> {
        let argv = shell::stream_argv(&call, &streams, self.privilege);
        let since = Instant::now();
        let mut command = command(&argv);
        // A follower ends by the end of its input. Killing the shell that sees to that, perhaps before it does, would leave the
        // follower behind.
        command.kill_on_drop(!streams.is_follower(&call));
        let exit = if call.terminal.is_some() {
            // The terminal that is mirrored is the one that is here already.
            command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
            let mut child = command.spawn().map_err(|error| cannot_start(&argv, &error))?;
            exit_code(child.wait().await.map_err(|error| lost(&error))?)
        } else {
            let child = command.spawn().map_err(|error| cannot_start(&argv, &error))?;
            pass(child, streams).await?
        };
        if let Some(trace) = &self.shared.trace {
            let (host, op, effect, argv) = (&self.name, "stream", call.effect, &call.argv);
            trace.record(&TraceLine { host, op, effect, argv, ms: millis(since.elapsed()), exit });
        }
        Ok(exit)
    }
}

impl Node for LocalNode {
    fn name(&self) -> &NodeName {
        &self.name
    }

    fn run<'a>(
        &'a self,
        script: &'a Script,
        progress: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> BoxFuture<'a, Result<Output, NodeError>> {
        Box::pin(self.run_script(script, progress))
    }

    fn stream<'a>(
        &'a self,
        call: Call,
        streams: Streams<'a>,
    ) -> BoxFuture<'a, Result<i32, NodeError>> {
        Box::pin(self.run_stream(call, streams))
    }

    fn dial(&self, to: SocketAddr) -> BoxFuture<'_, Result<Box<dyn Pipe>, NodeError>> {
        Box::pin(async move {
            match TcpStream::connect(to).await {
                Ok(stream) => Ok(Box::new(stream) as Box<dyn Pipe>),
                Err(error) => Err(NodeError::Dial { to, cause: error.to_string() }),
            }
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

fn command(argv: &[String]) -> Command {
    let mut command = Command::new(argv.first().map_or("", String::as_str));
    command.args(argv.iter().skip(1));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn cannot_start(argv: &[String], error: &std::io::Error) -> NodeError {
    let program = argv.first().map_or("", String::as_str);
    NodeError::Shell { cause: format!("`{program}` cannot be started: {error}") }
}

fn lost(error: &std::io::Error) -> NodeError {
    NodeError::Lost { address: "the local shell".to_owned(), cause: error.to_string() }
}

fn end_group(leader: Option<u32>) {
    let pid = leader.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        let _ = kill_process_group(pid, Signal::TERM);
    }
}

fn exit_code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

/// Sends the program while listening, since a shell may end without having read it.
async fn converse(
    child: &mut Child,
    conversation: &mut Conversation<'_>,
    text: String,
) -> Result<(), NodeError> {
    let (mut stdin, stdout, stderr) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let mut sending = std::pin::pin!(async move {
        if let Some(mut stdin) = stdin.take() {
            // A shell that ended early shows as its end, below.
            let _ = stdin.write_all(text.as_bytes()).await;
        }
    });
    let (mut stdout, mut stderr) = (Pieces::new(stdout), Pieces::new(stderr));
    let mut sent = false;
    while stdout.is_open() || stderr.is_open() {
        let (channel, piece) = tokio::select! {
            piece = stdout.next(), if stdout.is_open() => (Channel::Stdout, piece),
            piece = stderr.next(), if stderr.is_open() => (Channel::Stderr, piece),
            () = &mut sending, if !sent => {
                sent = true;
                continue;
            }
        };
        let heard = conversation.hear(channel, piece.map_err(|error| lost(&error))?);
        let address = "the local shell".to_owned();
        if heard.map_err(|cause| NodeError::Lost { address, cause })? {
            return Ok(());
        }
    }
    let exit = exit_code(child.wait().await.map_err(|error| lost(&error))?);
    Err(conversation.broken_off("the local shell", Some(exit), ""))
}

async fn pass(mut child: Child, streams: Streams<'_>) -> Result<i32, NodeError> {
    let Streams { stdin, stdout, stderr, .. } = streams;
    let (child_stdin, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let mut input = std::pin::pin!(async move {
        match (stdin, child_stdin) {
            (Some(mut from), Some(mut to)) => drop(tokio::io::copy(&mut from, &mut to).await),
            // A follower's input stays open without a byte: its end means that nobody listens any more.
            (_, held) => {
                std::future::pending::<()>().await;
                drop(held);
            }
        }
    });
    let mut output =
        std::pin::pin!(async { tokio::try_join!(copy_out(out, stdout), copy_out(err, stderr)) });
    let mut input_done = false;
    loop {
        tokio::select! {
            copied = &mut output => {
                if copied.is_err() {
                    return Ok(BROKEN_PIPE_EXIT);
                }
                break;
            }
            () = &mut input, if !input_done => input_done = true,
        }
    }
    Ok(exit_code(child.wait().await.map_err(|error| lost(&error))?))
}

async fn copy_out<R: AsyncRead + Unpin>(
    from: Option<R>,
    mut to: Box<dyn AsyncWrite + Send + Unpin + '_>,
) -> std::io::Result<()> {
    let mut pieces = Pieces::new(from);
    while pieces.is_open() {
        // What cannot be read has ended; what cannot be written ends the command.
        let piece = pieces.next().await.unwrap_or_default();
        to.write_all(piece).await?;
        to.flush().await?;
    }
    Ok(())
}

/// A stream, read piece by piece.
struct Pieces<R> {
    from: Option<R>,
    buffer: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Pieces<R> {
    fn new(from: Option<R>) -> Self {
        Self { from, buffer: vec![0; PIECE] }
    }

    fn is_open(&self) -> bool {
        self.from.is_some()
    }

    /// The next piece; an empty one is the end.
    async fn next(&mut self) -> std::io::Result<&[u8]> {
        let Some(from) = &mut self.from else {
            return Ok(&[]);
        };
        let length = from.read(&mut self.buffer).await;
        if matches!(length, Ok(0) | Err(_)) {
            self.from = None;
        }
        Ok(&self.buffer[..length?])
    }
}

#[cfg(test)]
#[path = "tests/local.rs"]
mod tests;
