//! Hosts over SSH: one connection a host, made at first use and kept, with a channel for each script or stream.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use russh::ChannelMsg;
use tokio::sync::Mutex;

use super::conversation::{Conversation, Listeners};
use super::frame::Channel;
use super::shared::Shared;
use super::{BoxFuture, Call, Limits, Node, NodeError, Pipe, Streams, shell};
use crate::driver::{Lock, Output, Progress, Script};
use crate::inventory::SshSettings;
use crate::model::NodeName;

mod connect;
mod link;
mod login;
mod stream;

use link::{Link, Opened, Parting};

/// A host that is reached over SSH.
#[derive(Debug)]
pub(super) struct SshNode {
    name: NodeName,
    settings: SshSettings,
    limits: Limits,
    shared: Arc<Shared>,
    link: Mutex<Option<Arc<Link>>>,
}

impl SshNode {
    pub(super) fn new(name: NodeName, settings: SshSettings, shared: Arc<Shared>) -> Self {
        let limits = Limits {
            connect: settings.connect_timeout,
            command: settings.command_timeout,
            ..shared.limits
        };
        Self { name, settings, limits, shared, link: Mutex::default() }
    }

    /// The connection: the one that is there, if it lives, or else a new one.
    async fn link(&self) -> Result<Arc<Link>, NodeError> {
        let mut held = self.link.lock().await;
        if let Some(link) = held.as_ref().filter(|link| link.is_alive()) {
            return Ok(Arc::clone(link));
        }
        let target = connect::Target {
            settings: &self.settings,
            limits: &self.limits,
            shared: &self.shared,
        };
        let link = Arc::new(connect::connect(target).await?);
        *held = Some(Arc::clone(&link));
        Ok(link)
    }

    /// A channel for a script or a stream. A kept connection may have died unnoticed; since nothing has been asked of the host
    /// yet, one new connection is tried then.
    async fn open(&self, slot: link::Slot) -> Result<Opened, NodeError> {
        let kept = self.link.lock().await.is_some();
        let link = self.link().await?;
        match link.open(slot, self.limits.idle).await {
            Err(NodeError::Lost { .. } | NodeError::TimedOut { .. }) if kept => {
                self.forget(&link).await;
                self.link().await?.open(slot, self.limits.idle).await
            }
            opened => opened,
        }
    }

    /// A channel that the host's server connects to an address. It is no session: `MaxSessions` does not count it.
    async fn open_pipe(&self, to: SocketAddr) -> Result<Box<dyn Pipe>, NodeError> {
        let link = self.link().await?;
        Ok(Box::new(link.open_pipe(to, self.limits.idle).await?.into_stream()))
    }

    async fn forget(&self, dead: &Arc<Link>) {
        let mut held = self.link.lock().await;
        if held.as_ref().is_some_and(|link| Arc::ptr_eq(link, dead)) {
            *held = None;
        }
    }

    async fn run_script(
        &self,
        script: &Script,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Output, NodeError> {
        let Shared { locking, trace, .. } = &*self.shared;
        let argv = shell::shell_argv(script.lock, self.settings.privilege, locking);
        let line = shell::exec_line(&argv)?;
        let mut opened = self.open(link::Slot::Script).await?;
        let listeners = Listeners { host: &self.name, progress, trace: trace.as_deref() };
        let (mut conversation, text) =
            Conversation::begin(script, listeners, self.limits.output, locking)?;
        opened.exec(line).await?;
        let limit = self.limits.command.saturating_add(match script.lock {
            Lock::None => Duration::ZERO,
            Lock::Shared | Lock::Exclusive => locking.wait,
        });
        match tokio::time::timeout(limit, converse(&mut opened, &mut conversation, text)).await {
            Ok(Ok(())) => {
                opened.part(Parting::Ended);
                Ok(conversation.into_output())
            }
            Ok(Err(error)) => Err(error),
            Err(_) => {
                let ending = conversation.shell().map(|shell| {
                    let argv = shell::ending_argv(shell, self.settings.privilege);
                    shell::exec_line(&argv)
                });
                opened.part(match ending.transpose()? {
                    Some(command) => Parting::End(command),
                    None => Parting::Abandoned,
                });
                let what = format!("`{}`", script.operation.name());
                Err(NodeError::TimedOut { what, limit })
            }
        }
    }
}

/// Sends the program while listening, since a shell may end without having read it.
async fn converse(
    opened: &mut Opened,
    conversation: &mut Conversation<'_>,
    text: String,
) -> Result<(), NodeError> {
    let (read, write, link) = opened.parts();
    let mut sending = std::pin::pin!(async {
        // A channel that closes before it has taken everything shows as its end, below.
        let _ = write.data_bytes(text).await;
        let _ = write.eof().await;
    });
    let (mut sent, mut exit) = (false, None);
    loop {
        let message = tokio::select! {
            message = read.wait() => message,
            () = &mut sending, if !sent => {
                sent = true;
                continue;
            }
        };
        let heard = match message {
            Some(ChannelMsg::Data { data }) => conversation.hear(Channel::Stdout, &data),
            Some(ChannelMsg::ExtendedData { data, ext: 1 }) => {
                conversation.hear(Channel::Stderr, &data)
            }
            Some(ChannelMsg::Failure) => return Err(link::refused_exec()),
            Some(ChannelMsg::Close) | None => return Err(link.broken_off(conversation, exit)),
            Some(other) => {
                exit = exit.or(link::exit_code(&other));
                continue;
            }
        };
        let lost = |cause| NodeError::Lost { address: link.address().to_owned(), cause };
        if heard.map_err(lost)? {
            return Ok(());
        }
    }
}

impl Node for SshNode {
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
        Box::pin(stream::run(self, call, streams))
    }

    fn dial(&self, to: SocketAddr) -> BoxFuture<'_, Result<Box<dyn Pipe>, NodeError>> {
        Box::pin(self.open_pipe(to))
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            if let Some(link) = self.link.lock().await.take() {
                link.disconnect().await;
            }
        })
    }
}
