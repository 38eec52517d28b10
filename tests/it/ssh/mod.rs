//! The node over SSH against a real server.

use std::path::Path;
use std::time::Duration;

use bowline::driver::{
    Block, BlockOutput, Command, CommandOutput, Effect, Lock, Operation, Output, Script,
};
use bowline::node::{Call, Node, NodeError, Streams};
use tokio::io::{AsyncReadExt as _, DuplexStream, duplex};

mod cost;
mod dial;
mod login;
mod script;
mod stream;

pub(crate) fn script(commands: Vec<Command>) -> Script {
    let block = Block { title: "test".to_owned(), needs: Vec::new(), commands };
    Script { operation: Operation::Ping, lock: Lock::None, blocks: vec![block] }
}

pub(crate) fn sh(text: &str) -> Command {
    Command::reads(["sh", "-c", text])
}

pub(crate) async fn run(
    node: &dyn Node,
    commands: Vec<Command>,
) -> Result<Vec<CommandOutput>, NodeError> {
    let Output { mut blocks } = node.run(&script(commands), &|_| {}).await?;
    match blocks.remove(0) {
        BlockOutput::Ran(commands) => Ok(commands),
        BlockOutput::Skipped => panic!("a block without needs was skipped"),
    }
}

pub(crate) async fn ping(node: &dyn Node) -> Result<(), NodeError> {
    run(node, vec![Command::reads(["true"])]).await.map(drop)
}

/// Waits for something that must come, however slow the machine is.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1200 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never came: {what}");
}

pub(crate) async fn read_pid(path: &Path) -> u32 {
    let read = || std::fs::read_to_string(path).ok()?.trim().parse().ok();
    until("a pid", || read().is_some()).await;
    read().unwrap()
}

pub(crate) fn is_running(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    !status.is_empty() && !status.contains("State:\tZ")
}

pub(crate) fn call(argv: &[&str]) -> Call {
    let argv = argv.iter().map(|&word| word.to_owned()).collect();
    Call { argv, effect: Effect::Reads, terminal: None }
}

/// The local ends of a stream.
pub(crate) struct Ends {
    pub(crate) streams: Streams<'static>,
    pub(crate) stdin: DuplexStream,
    pub(crate) stdout: DuplexStream,
    pub(crate) stderr: DuplexStream,
}

impl Ends {
    pub(crate) fn new() -> Self {
        let ((stdin, i), (o, stdout), (e, stderr)) =
            (duplex(1 << 20), duplex(1 << 20), duplex(1 << 20));
        let streams = Streams {
            stdin: Some(Box::new(i)),
            stdout: Box::new(o),
            stderr: Box::new(e),
            resizes: None,
        };
        Self { streams, stdin, stdout, stderr }
    }
}

pub(crate) async fn rest(mut stream: DuplexStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}
