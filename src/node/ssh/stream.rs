//! One command over SSH whose streams are passed through as they come.

use std::pin::pin;
use std::time::Instant;

use russh::client::Msg;
use russh::{ChannelMsg, ChannelWriteHalf};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::watch;

use super::SshNode;
use super::link::{Opened, Parting, Slot, exit_code, refused_exec};
use crate::node::conversation::millis;
use crate::node::{BROKEN_PIPE_EXIT, Call, NodeError, Streams, TraceLine, shell};

/// The size of the pieces that standard input is read in: one packet.
const PIECE: usize = 32 * 1024;

pub(super) async fn run(
    node: &SshNode,
    call: Call,
    streams: Streams<'_>,
) -> Result<i32, NodeError> {
    let argv = shell::stream_argv(&call, &streams, node.settings.privilege);
    let command = shell::exec_line(&argv)?;
    let mut opened = node.open(Slot::Stream).await?;
    let since = Instant::now();
    if let Some(terminal) = &call.terminal {
        let (_, write, link) = opened.parts();
        let (columns, rows) = terminal.size;
        let asked = write.request_pty(true, &terminal.kind, columns, rows, 0, 0, &[]).await;
        asked.map_err(|error| link.lost(&error.to_string()))?;
    }
    opened.exec(command).await?;
    let exit = pass(&mut opened, &call, streams).await?;
    if exit != BROKEN_PIPE_EXIT {
        opened.part(Parting::Ended);
    }
    if let Some(trace) = &node.shared.trace {
        let (host, op, effect, argv) = (&node.name, "stream", call.effect, &call.argv);
        trace.record(&TraceLine { host, op, effect, argv, ms: millis(since.elapsed()), exit });
    }
    Ok(exit)
}

async fn pass(opened: &mut Opened, call: &Call, streams: Streams<'_>) -> Result<i32, NodeError> {
    let is_follower = streams.is_follower(call);
    let Streams { stdin, mut stdout, mut stderr, resizes } = streams;
    let (read, write, link) = opened.parts();
    let mut input = pin!(send_input(write, stdin));
    let mut resizing = pin!(send_sizes(write, resizes));
    // A follower's input stays open without a byte: its end means that nobody listens any more.
    let (mut input_done, mut resizing_done, mut exit) = (is_follower, false, None);
    loop {
        let message = tokio::select! {
            message = read.wait() => message,
            () = &mut input, if !input_done => { input_done = true; continue; }
            () = &mut resizing, if !resizing_done => { resizing_done = true; continue; }
        };
        let (sink, data) = match message {
            Some(ChannelMsg::Data { data }) => (&mut stdout, data),
            Some(ChannelMsg::ExtendedData { data, ext: 1 }) => (&mut stderr, data),
            Some(ChannelMsg::Failure) => return Err(refused_exec()),
            Some(ChannelMsg::Close) | None => {
                return exit.ok_or_else(|| link.lost("the channel was closed"));
            }
            Some(other) => {
                exit = exit.or(exit_code(&other));
                continue;
            }
        };
        let written = async {
            sink.write_all(&data).await?;
            sink.flush().await
        };
        if written.await.is_err() {
            return Ok(BROKEN_PIPE_EXIT);
        }
    }
}

async fn send_input(
    write: &ChannelWriteHalf<Msg>,
    stdin: Option<Box<dyn AsyncRead + Send + Unpin + '_>>,
) {
    if let Some(mut stdin) = stdin {
        let mut piece = vec![0; PIECE];
        while let Ok(length @ 1..) = stdin.read(&mut piece).await {
            if write.data_bytes(piece[..length].to_vec()).await.is_err() {
                return;
            }
        }
    }
    let _ = write.eof().await;
}

async fn send_sizes(write: &ChannelWriteHalf<Msg>, resizes: Option<watch::Receiver<(u32, u32)>>) {
    let Some(mut resizes) = resizes else {
        return;
    };
    while resizes.changed().await.is_ok() {
        let (columns, rows) = *resizes.borrow_and_update();
        if write.window_change(columns, rows, 0, 0).await.is_err() {
            return;
        }
    }
}
