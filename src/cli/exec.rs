//! `bowline exec`: a command in a container, with its streams and its exit code.

use std::path::PathBuf;

use clap::Args;
use tokio::io::{stderr, stdin, stdout};
use tokio::signal::unix::{SignalKind, signal};

use super::context::Context;
use super::global::Global;
use super::target::{Containers, Finder, Target};
use super::terminal::RawTerminal;
use super::{CliError, Exit, Talk};
use crate::driver::{Effect, exec_argv};
use crate::node::{Call, Streams, Terminal};

/// Run a command in a container
///
/// `bowline exec web-1 -- env`, `bowline exec -it deploy/web -- sh`. Its exit code is passed on.
#[derive(Debug, Args)]
pub(super) struct ExecArgs {
    /// A pod, deploy/NAME or svc/NAME
    #[arg(value_name = "POD")]
    pod: String,

    /// The container
    #[arg(short, long, value_name = "NAME")]
    container: Option<String>,

    /// Pass standard input on
    #[arg(short = 'i', long)]
    stdin: bool,

    /// Give it a terminal
    #[arg(short, long)]
    tty: bool,

    /// The file that lists the hosts; -i is --stdin here, as kubectl has it
    // The same argument as everywhere, without its short form.
    #[arg(id = "inventory", long = "inventory", value_name = "FILE", help_heading = "Everywhere")]
    _inventory: Option<PathBuf>,

    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &ExecArgs) -> Result<Exit, CliError> {
    let context = Context::open(global, talk)?;
    let finder = Finder::for_word(global, talk, &context, &args.pod).await?;
    let pod = finder.pod(&args.pod)?;
    let meant = Containers::One(args.container.as_deref());
    let Some(target) = finder.containers(talk, &pod, meant)?.into_iter().next() else {
        return Err(CliError::NotFound { what: "containers".to_owned(), name: args.pod.clone() });
    };
    let exit = with_terminal(talk, args, &target).await?;
    Ok(Exit::remote(exit))
}

async fn with_terminal(talk: &Talk, args: &ExecArgs, target: &Target) -> Result<i32, CliError> {
    let terminal = if args.tty && args.stdin { RawTerminal::take() } else { None };
    if args.tty && terminal.is_none() {
        talk.say("Unable to use a TTY: standard input is not a terminal, or -i is missing");
    }
    let mut options = Vec::new();
    if args.stdin {
        options.push("--interactive".to_owned());
    }
    let kind = std::env::var("TERM").unwrap_or_else(|_| "xterm".to_owned());
    if terminal.is_some() {
        options.extend(["--tty".to_owned(), format!("--env=TERM={kind}")]);
    }
    let call = Call {
        argv: exec_argv(&target.on_host, &options, &args.command),
        effect: Effect::Mutates,
        terminal: terminal.as_ref().map(|terminal| Terminal { kind, size: terminal.size() }),
    };
    let streams = Streams {
        stdin: args.stdin.then(|| Box::new(stdin()) as _),
        stdout: Box::new(stdout()),
        stderr: Box::new(stderr()),
        resizes: terminal.as_ref().map(|terminal| terminal.sizes.clone()),
    };
    let ended = tokio::select! {
        ended = target.node.stream(call, streams) => ended,
        () = asked_to_end() => return Err(CliError::Interrupted),
    };
    // Given back before anything is said.
    drop(terminal);
    ended.map_err(|error| CliError::Node { host: target.host.to_string(), error })
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
