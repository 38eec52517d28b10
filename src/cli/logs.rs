//! `bowline logs`: what containers print, as they printed it.

use std::io::Write as _;
use std::pin::Pin;
use std::task::{Context as Polling, Poll};
use std::time::Duration;

use clap::Args;
use tokio::io::{AsyncWrite, stdout};
use tokio::task::JoinSet;

use super::context::Context;
use super::global::Global;
use super::target::{Containers, Finder, Target};
use super::{CliError, Exit, Talk};
use crate::driver::{Effect, logs_argv};
use crate::inventory::parse_duration;
use crate::model::Selector;
use crate::node::{Call, NodeError, Streams};

/// Print what a pod's containers print
///
/// Names a pod, deploy/NAME or svc/NAME (one of its pods), or -l SELECTOR (all of them).
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct LogsArgs {
    /// A pod, deploy/NAME or svc/NAME
    #[arg(value_name = "POD", required_unless_present = "selector", conflicts_with = "selector")]
    pod: Option<String>,

    /// Of every pod with these labels
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// The container
    #[arg(short, long, value_name = "NAME", conflicts_with = "all_containers")]
    container: Option<String>,

    /// Of every container of the pod
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    all_containers: bool,

    /// Go on printing what comes
    #[arg(short, long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    follow: bool,

    /// Only the last lines; -1 for all
    #[arg(long, value_name = "LINES", allow_hyphen_values = true, value_parser = clap::value_parser!(i64).range(-1..))]
    tail: Option<i64>,

    /// Only what is younger than this, such as 10m
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    since: Option<Duration>,

    /// Begin every line with its time
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    timestamps: bool,

    /// Begin every line with its pod and container
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    prefix: bool,

    /// Of the run before the last start of the container; not kept apart here
    #[arg(short, long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    previous: bool,
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|error| error.to_string())
}

/// How many lines of each pod are shown when pods are chosen by labels, as kubectl does it.
const TAIL_OF_MANY: i64 = 10;

pub(super) async fn run(global: &Global, talk: &Talk, args: &LogsArgs) -> Result<Exit, CliError> {
    if args.previous {
        return Err(CliError::Usage {
            problem: "--previous has no log of its own here: podman starts the same container again, and its log goes on"
                .to_owned(),
            hint: "leave it out: the log holds the runs before the last start as well".to_owned(),
        });
    }
    let context = Context::open(global, talk)?;
    let word = args.pod.as_deref().unwrap_or_default();
    let finder = Finder::for_word(global, talk, &context, word).await?;
    let pods = match &args.selector {
        Some(selector) => finder.pods(&Selector::parse(selector)?),
        None => vec![finder.pod(word)?],
    };
    let meant = if args.all_containers {
        Containers::All
    } else {
        Containers::One(args.container.as_deref())
    };
    let mut targets = Vec::new();
    for pod in &pods {
        targets.extend(finder.containers(talk, pod, meant)?);
    }
    if targets.is_empty() {
        talk.say("No resources found");
    }
    let asked = targets.len();
    let all =
        if args.follow { follow(targets, args).await } else { one_by_one(targets, args).await };
    let exit = match (all.exit, all.lost.len()) {
        (exit, 0) | (exit @ Exit::Interrupted, _) => exit,
        (_, lost) if lost == asked => Exit::Error,
        _ => Exit::Partial,
    };
    for (host, error) in all.lost {
        talk.diagnostic(&CliError::Node { host, error });
    }
    Ok(exit)
}

/// How it ended: the worst exit code, and the hosts that could not be heard.
struct Ended {
    exit: Exit,
    lost: Vec<(String, NodeError)>,
}

impl Ended {
    fn new() -> Self {
        Self { exit: Exit::Done, lost: Vec::new() }
    }

    fn add(&mut self, (host, result): (String, Result<i32, NodeError>)) {
        match result {
            Ok(0) => {}
            Ok(code) => self.exit = Exit::remote(code),
            Err(error) => self.lost.push((host, error)),
        }
    }
}

async fn one_by_one(targets: Vec<Target>, args: &LogsArgs) -> Ended {
    let mut ended = Ended::new();
    for target in targets {
        let reading = read(target, options(args), prefix(args));
        tokio::select! {
            read = reading => ended.add(read),
            _ = tokio::signal::ctrl_c() => {
                ended.exit = Exit::Interrupted;
                break;
            }
        }
    }
    ended
}

/// Follows all of them at once. Ctrl-C is how that ends, and nothing to complain about.
async fn follow(targets: Vec<Target>, args: &LogsArgs) -> Ended {
    let prefix = match (prefix(args), targets.len()) {
        (Prefix::None, 2..) => Prefix::Whole,
        (prefix, _) => prefix,
    };
    let mut all = JoinSet::new();
    for target in targets {
        all.spawn(read(target, options(args), prefix));
    }
    let mut ended = Ended::new();
    loop {
        tokio::select! {
            next = all.join_next() => match next {
                Some(Ok(read)) => ended.add(read),
                Some(Err(_)) => ended.exit = Exit::Error,
                None => return ended,
            },
            _ = tokio::signal::ctrl_c() => {
                ended.exit = Exit::Interrupted;
                return ended;
            }
        }
    }
}

fn options(args: &LogsArgs) -> Vec<String> {
    let mut options = Vec::new();
    if args.follow {
        options.push("--follow".to_owned());
    }
    if args.timestamps {
        options.push("--timestamps".to_owned());
    }
    if let Some(since) = args.since {
        options.push(format!("--since={}s", since.as_secs()));
    }
    let tail = args.tail.or(args.selector.as_ref().map(|_| TAIL_OF_MANY));
    if let Some(lines) = tail {
        options.push(format!("--tail={lines}"));
    }
    options
}

/// What lines begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    /// Bytes are passed on as they come.
    None,
    /// Nothing, but lines stay whole among those of others.
    Whole,
    /// The pod and the container.
    Named,
}

fn prefix(args: &LogsArgs) -> Prefix {
    if args.prefix { Prefix::Named } else { Prefix::None }
}

async fn read(
    target: Target,
    options: Vec<String>,
    prefix: Prefix,
) -> (String, Result<i32, NodeError>) {
    let call =
        Call { argv: logs_argv(&target.on_host, &options), effect: Effect::Reads, terminal: None };
    let lines = || {
        let name = match prefix {
            Prefix::Named => format!("[pod/{}/{}] ", target.pod, target.container),
            Prefix::None | Prefix::Whole => String::new(),
        };
        Box::new(Lines { prefix: name, line: Vec::new() })
    };
    // Both of a container's streams are its log, as kubectl has it.
    let streams = match prefix {
        Prefix::None => Streams {
            stdin: None,
            stdout: Box::new(stdout()),
            stderr: Box::new(stdout()),
            resizes: None,
        },
        Prefix::Whole | Prefix::Named => {
            Streams { stdin: None, stdout: lines(), stderr: lines(), resizes: None }
        }
    };
    let host = target.host.to_string();
    let read = target.node.stream(call, streams).await;
    (host, read)
}

/// Writes whole lines only, each with a prefix, so that several streams can share a terminal.
struct Lines {
    prefix: String,
    line: Vec<u8>,
}

/// The longest that is waited for the end of a line, in bytes.
const LINE_MAX: usize = 64 * 1024;

impl Lines {
    fn write_line(&mut self) -> std::io::Result<()> {
        let mut text = self.prefix.clone().into_bytes();
        text.append(&mut self.line);
        std::io::stdout().lock().write_all(&text)
    }
}

impl AsyncWrite for Lines {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Polling<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") || self.line.len() > LINE_MAX {
                self.write_line()?;
            }
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Polling<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(std::io::stdout().flush())
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Polling<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            self.line.push(b'\n');
            // The reader may have gone away, and nobody is left to hear of it.
            let _ = self.write_line();
        }
    }
}
