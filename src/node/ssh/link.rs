//! A connection that is logged in, and the channels on it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use russh::client::{Handle, Msg};
use russh::{
    Channel, ChannelMsg, ChannelOpenFailure, ChannelReadHalf, ChannelWriteHalf, Disconnect, Sig,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connect::HostCheck;
use crate::node::NodeError;
use crate::node::conversation::Conversation;

/// How many scripts share one connection at a time. OpenSSH's server allows ten sessions a connection unless `MaxSessions`
/// says otherwise; the rest is left to streams.
const SCRIPTS: usize = 8;

/// How long an ended script's shell may take to close its channel. Something it left behind may hold the streams open for ever.
const LINGER: Duration = Duration::from_secs(2);

/// How long to wait before a refused session is asked for again.
const RETRY: Duration = Duration::from_millis(20);

/// What a channel is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// A script, which waits for its turn.
    Script,
    /// A stream, which may last for days and so has no turns.
    Stream,
}

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Keepalives were not answered for this long.
    Silence(Duration),
    /// What the other side, the system or the protocol said.
    Cause(String),
}

/// Where the connection's own task leaves why it ended.
pub(super) type EndingCell = Arc<Mutex<Option<Ending>>>;

/// A connection that is logged in.
pub(super) struct Link {
    pub(super) handle: Handle<HostCheck>,
    pub(super) address: String,
    pub(super) ending: EndingCell,
    scripts: Arc<Semaphore>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Link {
    pub(super) fn new(handle: Handle<HostCheck>, address: String, ending: EndingCell) -> Self {
        Self { handle, address, ending, scripts: Arc::new(Semaphore::new(SCRIPTS)) }
    }

    pub(super) fn is_alive(&self) -> bool {
        !self.handle.is_closed()
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Opens a channel; `limit` bounds the host's answer, not the wait for a turn.
    pub(super) async fn open(
        self: &Arc<Self>,
        slot: Slot,
        limit: Duration,
    ) -> Result<Opened, NodeError> {
        let turn = match slot {
            Slot::Script => Arc::clone(&self.scripts).acquire_owned().await.ok(),
            Slot::Stream => None,
        };
        let patience = Instant::now() + LINGER;
        loop {
            let opening = tokio::time::timeout(limit, self.handle.channel_open_session());
            match opening.await {
                Ok(Ok(channel)) => {
                    let (read, write) = channel.split();
                    return Ok(Opened { link: Arc::clone(self), ends: Some((read, write, turn)) });
                }
                // A session counts until the server has noticed the end of its shell, which may be after its channel's.
                Ok(Err(russh::Error::ChannelOpenFailure(_))) if Instant::now() < patience => {
                    tokio::time::sleep(RETRY).await;
                }
                Ok(Err(russh::Error::ChannelOpenFailure(_))) => return Err(refused_session()),
                Ok(Err(error)) => return Err(self.lost(&error.to_string())),
                Err(_) => {
                    let what = format!("an answer from {}", self.address);
                    return Err(NodeError::TimedOut { what, limit });
                }
            }
        }
    }

    /// Opens a channel that the server connects to an address; `limit` bounds its answer.
    pub(super) async fn open_pipe(
        &self,
        to: SocketAddr,
        limit: Duration,
    ) -> Result<Channel<Msg>, NodeError> {
        let (host, port) = (to.ip().to_string(), u32::from(to.port()));
        let opening = self.handle.channel_open_direct_tcpip(host, port, "127.0.0.1", 0);
        let refused = |cause: &str| NodeError::Dial { to, cause: cause.to_owned() };
        match tokio::time::timeout(limit, opening).await {
            Ok(Ok(channel)) => Ok(channel),
            Ok(Err(russh::Error::ChannelOpenFailure(why))) => Err(match why {
                ChannelOpenFailure::AdministrativelyProhibited => {
                    refused("its SSH server does not allow it (AllowTcpForwarding, PermitOpen)")
                }
                ChannelOpenFailure::ConnectFailed => refused("nothing answers there"),
                other => refused(&format!("its SSH server says {other:?}")),
            }),
            Ok(Err(error)) => Err(self.lost(&error.to_string())),
            Err(_) => Err(NodeError::TimedOut { what: format!("connecting to {to}"), limit }),
        }
    }

    /// Why the connection ended, or `otherwise` if nothing is known.
    pub(super) fn lost(&self, otherwise: &str) -> NodeError {
        let ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let address = self.address.clone();
        match ending {
            Some(Ending::Silence(limit)) => {
                NodeError::TimedOut { what: format!("an answer from {address}"), limit }
            }
            Some(Ending::Cause(cause)) => NodeError::Lost { address, cause },
            None => NodeError::Lost { address, cause: otherwise.to_owned() },
        }
    }

    /// Why a script's channel closed before the script ended.
    pub(super) fn broken_off(
        &self,
        conversation: &Conversation<'_>,
        exit: Option<i32>,
    ) -> NodeError {
        match exit {
            Some(_) => conversation.broken_off(&self.address, exit, ""),
            None => self.lost("the channel was closed"),
        }
    }

    pub(super) async fn disconnect(&self) {
        let _ = self.handle.disconnect(Disconnect::ByApplication, "", "").await;
    }
}

/// An open channel. When it is dropped, the channel is closed in the background.
pub(super) struct Opened {
    link: Arc<Link>,
    ends: Option<Ends>,
}

type Ends = (ChannelReadHalf, ChannelWriteHalf<Msg>, Option<OwnedSemaphorePermit>);

/// How a channel is left.
#[derive(Clone, Debug)]
pub(super) enum Parting {
    /// The shell has ended or is about to; its channel closes by itself.
    Ended,
    /// The command that runs may finish; the shell finds the channel closed and runs no other.
    Abandoned,
    /// This command, run in a session of its own, ends it.
    End(String),
}

impl Opened {
    pub(super) fn parts(&mut self) -> (&mut ChannelReadHalf, &ChannelWriteHalf<Msg>, &Link) {
        let (read, write, _) = self.ends.as_mut().expect("only parting takes the ends");
        (read, write, &self.link)
    }

    /// Asks for a command to be run. The answer comes with the other messages.
    pub(super) async fn exec(&mut self, command: String) -> Result<(), NodeError> {
        let (_, write, link) = self.parts();
        write.exec(true, command).await.map_err(|error| link.lost(&error.to_string()))
    }

    /// Leaves the channel. Its turn is given back when the host has closed it too, since until then it counts as a session.
    pub(super) fn part(mut self, parting: Parting) {
        self.leave(parting);
    }

    fn leave(&mut self, parting: Parting) {
        let (Some(ends), Ok(runtime)) = (self.ends.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        // The link lives on in the task, so that the channel is closed on a connection that is still there.
        let link = Arc::clone(&self.link);
        runtime.spawn(async move {
            settle(&link, ends, parting).await;
        });
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.leave(Parting::Abandoned);
    }
}

async fn settle(link: &Link, (mut read, write, turn): Ends, parting: Parting) {
    match parting {
        Parting::Ended => {
            if tokio::time::timeout(LINGER, until_closed(&mut read)).await.is_ok() {
                return;
            }
        }
        Parting::Abandoned => {}
        Parting::End(command) => {
            let _ = tokio::time::timeout(LINGER, run_unheard(link, command)).await;
        }
    }
    let _ = write.close().await;
    let _ = tokio::time::timeout(LINGER, until_closed(&mut read)).await;
    drop(turn);
}

async fn run_unheard(link: &Link, command: String) -> Result<(), russh::Error> {
    let (mut read, write) = link.handle.channel_open_session().await?.split();
    write.exec(true, command).await?;
    until_closed(&mut read).await;
    Ok(())
}

async fn until_closed(read: &mut ChannelReadHalf) {
    while !matches!(read.wait().await, Some(ChannelMsg::Close) | None) {}
}

/// The exit code in a message, if it holds one; 128 plus the signal when a signal ended the command.
pub(super) fn exit_code(message: &ChannelMsg) -> Option<i32> {
    match message {
        ChannelMsg::ExitStatus { exit_status } => i32::try_from(*exit_status).ok(),
        ChannelMsg::ExitSignal { signal_name, .. } => Some(128 + signal_number(signal_name)),
        // Everything else is the protocol's, or flows in the other direction.
        _ => None,
    }
}

/// Numbers of Linux on all its common architectures.
fn signal_number(signal: &Sig) -> i32 {
    match signal {
        Sig::HUP => 1,
        Sig::INT => 2,
        Sig::QUIT => 3,
        Sig::ILL => 4,
        Sig::ABRT => 6,
        Sig::FPE => 8,
        Sig::KILL => 9,
        Sig::USR1 => 10,
        Sig::SEGV => 11,
        Sig::PIPE => 13,
        Sig::ALRM => 14,
        Sig::TERM => 15,
        Sig::Custom(name) => match name.as_str() {
            "TRAP" => 5,
            "BUS" => 7,
            "USR2" => 12,
            "XCPU" => 24,
            "XFSZ" => 25,
            "SYS" => 31,
            _ => 0,
        },
    }
}

fn refused_session() -> NodeError {
    let cause = "its SSH server refuses another session on this connection (see MaxSessions in sshd_config)";
    NodeError::Shell { cause: cause.to_owned() }
}

/// What a host that has sessions, but no commands, is answered with.
pub(super) fn refused_exec() -> NodeError {
    NodeError::Shell { cause: "its SSH server refuses to run commands".to_owned() }
}
