//! A short question to a host whose answer is a few lines: bounded in length and time.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::AsyncWrite;

use super::CliError;
use super::target::Target;
use crate::driver::Effect;
use crate::model::NodeName;
use crate::node::{Call, Node, NodeError, Streams};

/// The most bytes that are kept of each stream of an answer.
const ANSWER_MAX: usize = 4 * 1024 * 1024;

/// The longest that an answer may take; an image may have to be pulled for it.
const PATIENCE: Duration = Duration::from_mins(5);

/// What a host answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) exit: i32,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Asks the host of a container.
pub(super) async fn hear(target: &Target, argv: Vec<String>) -> Result<Heard, CliError> {
    ask(&target.host, &*target.node, argv).await
}

/// Asks a host something that changes nothing.
pub(super) async fn ask(
    host: &NodeName,
    node: &dyn Node,
    argv: Vec<String>,
) -> Result<Heard, CliError> {
    exchange(host, node, (argv, Effect::Reads)).await
}

/// Asks a host to do something.
pub(super) async fn ask_to(
    host: &NodeName,
    node: &dyn Node,
    argv: Vec<String>,
) -> Result<Heard, CliError> {
    exchange(host, node, (argv, Effect::Mutates)).await
}

async fn exchange(
    host: &NodeName,
    node: &dyn Node,
    (argv, effect): (Vec<String>, Effect),
) -> Result<Heard, CliError> {
    let what = argv.first().map_or_else(String::new, |program| format!("`{program}`"));
    let (stdout, stderr) = (Kept::default(), Kept::default());
    let streams = Streams {
        stdin: None,
        stdout: Box::new(stdout.clone()),
        stderr: Box::new(stderr.clone()),
        resizes: None,
    };
    let call = Call { argv, effect, terminal: None };
    let asked = tokio::time::timeout(PATIENCE, node.stream(call, streams)).await;
    let heard = asked.unwrap_or(Err(NodeError::TimedOut { what, limit: PATIENCE }));
    let exit = heard.map_err(|error| CliError::Node { host: host.to_string(), error })?;
    Ok(Heard { exit, stdout: stdout.take(), stderr: stderr.take() })
}

/// Keeps what is written to it, up to a bound, and drops the rest.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    /// What was kept until now.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl AsyncWrite for Kept {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = ANSWER_MAX.saturating_sub(kept.len()).min(bytes.len());
        kept.extend_from_slice(&bytes[..room]);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
