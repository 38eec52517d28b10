//! A session with a program in a container: the caller's streams, terminal and signals, and what to say when there is none.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use clap::Args;
use tokio::io::{AsyncWrite, stderr, stdin, stdout};
use tokio::signal::unix::{SignalKind, signal};

use super::global::Global;
use super::hear::hear;
use super::target::{Containers, Finder, Target};
use super::terminal::RawTerminal;
use super::{CliError, Talk};
use crate::driver::{
    Beginning, Effect, Passed, Sides, WhichRuns, beginning, parse_runs, ping_script, runs_argv,
};
use crate::model::NodeName;
use crate::node::{Call, Node, Streams, Terminal};
use crate::render::clean;

/// What `exec` and `attach` have alike: the container, and what of the caller's side goes on to it.
#[derive(Debug, Args)]
pub(super) struct Joined {
    /// A pod, or TYPE/NAME such as deployment/web
    #[arg(value_name = "POD")]
    pod: String,

    /// The container
    #[arg(short, long, value_name = "NAME")]
    container: Option<String>,

    #[command(flatten)]
    pub(super) interactive: Interactive,
}

impl Joined {
    /// Finds the container.
    pub(super) async fn target(&self, global: &Global, talk: &Talk) -> Result<Target, CliError> {
        let context = super::context::Context::open(global, talk)?;
        let container = self.container.as_deref();
        let finder = Finder::for_word(global, talk, &context, (&self.pod, container)).await?;
        let pod = finder.pod(&self.pod)?;
        finder.container(talk, &pod, Containers::One(container))
    }
}

/// Flags that say what of the caller's side goes on to the program.
#[derive(Debug, Args)]
pub(super) struct Interactive {
    /// Pass standard input on
    #[arg(short = 'i', long)]
    pub(super) stdin: bool,

    /// Give it a terminal
    #[arg(short, long)]
    pub(super) tty: bool,

    /// The file that lists the hosts; -i is --stdin here, as kubectl has it
    // The same argument as everywhere, without its short form.
    #[arg(id = "inventory", long = "inventory", value_name = "FILE", help_heading = "Everywhere")]
    _inventory: Option<PathBuf>,
}

/// The host that a session is on.
pub(super) struct Place<'a> {
    pub(super) host: &'a NodeName,
    pub(super) node: &'a dyn Node,
}

impl Target {
    /// Where it is.
    pub(super) fn place(&self) -> Place<'_> {
        Place { host: &self.host, node: &*self.node }
    }
}

impl Place<'_> {
    fn failed(&self, error: crate::node::NodeError) -> CliError {
        CliError::Node { host: self.host.to_string(), error }
    }
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The program did, with this code.
    Program(i32),
    /// It was left: somebody asked this program to end.
    Left,
    /// There was none: podman said that the container cannot be entered.
    NoContainer,
}

/// Runs a command of podman's with the caller's streams; `argv` makes it of what is passed on.
pub(super) async fn converse(
    talk: &Talk,
    place: Place<'_>,
    interactive: &Interactive,
    argv: impl FnOnce(&Sides) -> Vec<String>,
) -> Result<Ended, CliError> {
    let wants = interactive.tty && interactive.stdin;
    if wants {
        // Questions of the login are asked before the terminal's keys go elsewhere.
        place.node.run(&ping_script(), &|_| {}).await.map_err(|error| place.failed(error))?;
    }
    let terminal = if wants { RawTerminal::take() } else { None };
    if interactive.tty && terminal.is_none() {
        talk.say("Unable to use a TTY: standard input is not a terminal, or -i is missing");
    }
    let kind = std::env::var("TERM").unwrap_or_else(|_| "xterm".to_owned());
    let sides = Sides {
        input: if interactive.stdin { Passed::Yes } else { Passed::No },
        terminal: terminal.as_ref().map(|_| kind.clone()),
    };
    let call = Call {
        argv: argv(&sides),
        effect: Effect::Mutates,
        terminal: terminal.as_ref().map(|terminal| Terminal { kind, size: terminal.size() }),
    };
    let refused = Arc::new(AtomicBool::new(false));
    let guarded = |out: Box<dyn AsyncWrite + Send + Unpin>| {
        Box::new(Guarded { out, refused: Arc::clone(&refused), stage: Stage::Held(Vec::new()) })
    };
    let streams = Streams {
        stdin: interactive.stdin.then(|| Box::new(stdin()) as _),
        // With a terminal everything comes on one stream.
        stdout: if terminal.is_some() { guarded(Box::new(stdout())) } else { Box::new(stdout()) },
        stderr: guarded(Box::new(stderr())),
        resizes: terminal.as_ref().map(|terminal| terminal.sizes.clone()),
    };
    let ended = tokio::select! {
        ended = place.node.stream(call, streams) => ended,
        () = asked_to_end() => return Ok(Ended::Left),
    };
    // Given back before anything is said.
    drop(terminal);
    let code = ended.map_err(|error| place.failed(error))?;
    Ok(if refused.load(Ordering::Relaxed) { Ended::NoContainer } else { Ended::Program(code) })
}

/// Why a container could not be entered.
pub(super) async fn why_not(target: &Target) -> CliError {
    let heard = match hear(target, runs_argv(&target.on_host, WhichRuns::Last)).await {
        Ok(heard) => heard,
        Err(error) => return error,
    };
    let name = format!("container {} of pod {}", target.container, target.pod);
    let Some(runs) = parse_runs(&heard.stdout).ok().filter(|_| heard.exit == 0) else {
        return CliError::NotThere {
            problem: format!("{name} is not on {}", target.host),
            hint: format!("see why with: bowline describe pod {}", target.pod),
        };
    };
    let problem = match (runs.status.as_str(), runs.finished) {
        ("exited" | "stopped", Some(at)) => {
            format!("{name} has ended: with code {}, at {at:.0}", runs.exit)
        }
        ("running", _) => format!("{name} runs, and lets nobody in"),
        (status, _) => format!("{name} does not run: it is {}", clean(status)),
    };
    let (pod, container) = (&target.pod, &target.container);
    CliError::NotThere {
        problem,
        hint: format!("see what it printed with: bowline logs {pod} -c {container}"),
    }
}

/// Waits for what ends a program. With a raw terminal Ctrl-C is a key like any other and goes to the command.
async fn asked_to_end() {
    let (Ok(mut term), Ok(mut hangup), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
        signal(SignalKind::interrupt()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = hangup.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// An output that holds podman's complaint back, since it speaks of what people have never heard of.
struct Guarded {
    out: Box<dyn AsyncWrite + Send + Unpin>,
    refused: Arc<AtomicBool>,
    stage: Stage,
}

enum Stage {
    /// These bytes may be the beginning of a complaint.
    Held(Vec<u8>),
    /// The program speaks; these bytes are still to be written.
    Program(Vec<u8>),
}

impl Guarded {
    fn poll_held(&mut self, polling: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        if let Stage::Program(left) = &mut self.stage {
            while !left.is_empty() {
                let written = ready!(Pin::new(&mut self.out).poll_write(polling, left))?;
                left.drain(..written);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        polling: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        if self.refused.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(bytes.len()));
        }
        ready!(self.poll_held(polling))?;
        let Stage::Held(held) = &mut self.stage else {
            return Pin::new(&mut self.out).poll_write(polling, bytes);
        };
        held.extend_from_slice(bytes);
        match beginning(held) {
            Beginning::Perhaps => {}
            Beginning::CannotEnter => self.refused.store(true, Ordering::Relaxed),
            Beginning::Program => {
                let held = std::mem::take(held);
                self.stage = Stage::Program(held);
            }
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        polling: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        ready!(self.poll_held(polling))?;
        Pin::new(&mut self.out).poll_flush(polling)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        polling: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        ready!(self.poll_held(polling))?;
        Pin::new(&mut self.out).poll_shutdown(polling)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    async fn through(pieces: &[&str]) -> (String, bool) {
        let (out, mut seen) = duplex(1024);
        let refused = Arc::new(AtomicBool::new(false));
        let stage = Stage::Held(Vec::new());
        let mut guarded = Guarded { out: Box::new(out), refused: Arc::clone(&refused), stage };
        for piece in pieces {
            guarded.write_all(piece.as_bytes()).await.unwrap();
            guarded.flush().await.unwrap();
        }
        drop(guarded);
        let mut text = String::new();
        seen.read_to_string(&mut text).await.unwrap();
        (text, refused.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn podmans_complaint_is_held_back_and_nothing_else() {
        let (complaint, rest) = ("Error: can only create exec", " sessions on running containers");
        assert_eq!(through(&[complaint, rest, ": improper\n"]).await, (String::new(), true));
        let (mine, rest) = ("Err", "or: mine\nError: no such container\n");
        assert_eq!(through(&[mine, rest]).await, (format!("{mine}{rest}"), false));
        assert_eq!(through(&["plain"]).await, ("plain".to_owned(), false));
    }
}
