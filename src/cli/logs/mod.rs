//! `bowline logs`: what containers print, as they printed it.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use tokio::task::JoinSet;

use super::context::Context;
use super::global::Global;
use super::hear::hear;
use super::target::{Containers, Finder, Target};
use super::{CliError, Exit, Talk};
use crate::clock::{Clock as _, SystemClock};
use crate::driver::{
    Effect, Follow, LogsWanted, Runs, Times, WhichRuns, Window, logs_argv, parse_runs, runs_argv,
};
use crate::inventory::parse_duration;
use crate::model::Selector;
use crate::node::{BROKEN_PIPE_EXIT, Call, Streams};

mod lines;

use lines::{Lines, Measure, prefix};

/// Print what a pod's containers print
///
/// Names a pod, TYPE/NAME such as deployment/web (one of its pods), or -l SELECTOR (all of them).
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct LogsArgs {
    /// A pod, or TYPE/NAME such as deployment/web
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

    /// Of every pod of a TYPE/NAME, each line with its pod before it
    #[arg(long, conflicts_with = "selector", num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    all_pods: bool,

    /// Go on printing what comes
    #[arg(short, long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    follow: bool,

    /// Of the run before the last start of the container
    #[arg(short, long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    previous: bool,

    /// Only the last lines; -1 for all, which is what a pod that is named gives; 10 with -l
    #[arg(long, value_name = "LINES", allow_hyphen_values = true, value_parser = clap::value_parser!(i64).range(-1..))]
    tail: Option<i64>,

    /// Only what is younger than this, such as 10m
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    since: Option<Duration>,

    /// Only what is younger than this time, such as 2026-11-21T12:00:00Z
    #[arg(long, value_name = "TIME", conflicts_with = "since")]
    since_time: Option<Timestamp>,

    /// Begin every line with its time
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    timestamps: bool,

    /// Begin every line with its pod and container
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    prefix: bool,

    /// At most this many bytes of each container
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    limit_bytes: Option<u64>,

    /// The most containers that are followed at once
    #[arg(long, value_name = "N", default_value_t = 5)]
    max_log_requests: usize,
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|error| error.to_string())
}

/// How many lines of each pod are shown when pods are chosen by labels, as kubectl does it.
const TAIL_OF_MANY: i64 = 10;

pub(super) async fn run(global: &Global, talk: &Talk, args: &LogsArgs) -> Result<Exit, CliError> {
    if args.follow && args.previous {
        return Err(CliError::Usage {
            problem: "only one of follow (-f) or previous (-p) is allowed".to_owned(),
            hint: "the run before has ended: nothing more comes of it".to_owned(),
        });
    }
    let context = Context::open(global, talk)?;
    let word = args.pod.as_deref().unwrap_or_default();
    let finder =
        Finder::for_word(global, talk, &context, (word, args.container.as_deref())).await?;
    let pods = match &args.selector {
        Some(selector) => finder.pods(&Selector::parse(selector)?),
        None if args.all_pods => finder.pods_of(word)?,
        None => vec![finder.pod_of(talk, word)?],
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
    if args.follow && targets.len() > args.max_log_requests {
        return Err(CliError::Usage {
            problem: format!(
                "you are attempting to follow {} log streams, but maximum allowed concurrency is {}",
                targets.len(),
                args.max_log_requests
            ),
            hint: "use --max-log-requests to increase the limit".to_owned(),
        });
    }
    let asked = targets.len();
    let wanted = Arc::new(Wanted::of(talk, args, asked));
    let all = if args.follow {
        follow(targets, wanted).await
    } else {
        one_by_one(targets, &wanted).await
    };
    let failed = all.failed.len();
    for error in all.failed {
        talk.diagnostic(&error);
    }
    Ok(match (all.exit, failed) {
        (exit, 0) | (exit @ Exit::Interrupted, _) => exit,
        (_, failed) if failed == asked => Exit::Error,
        _ => Exit::Partial,
    })
}

/// What is wanted of each container.
#[derive(Debug)]
struct Wanted {
    previous: bool,
    follow: Follow,
    times: Times,
    since: Option<Timestamp>,
    tail: Option<u64>,
    limit: Option<u64>,
    form: Form,
}

/// What lines begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Bytes are passed on as they come.
    Raw,
    /// Nothing, but lines stay whole among those of others.
    Whole,
    /// The pod and the container.
    Named(crate::render::Colour),
}

impl Wanted {
    fn of(talk: &Talk, args: &LogsArgs, targets: usize) -> Self {
        let since = args.since.and_then(|back| SystemClock.now().checked_sub(back).ok());
        let tail = args.tail.or(args.selector.as_ref().map(|_| TAIL_OF_MANY));
        let form = if args.prefix || args.all_pods {
            Form::Named(talk.colour())
        } else if args.follow && targets > 1 {
            Form::Whole
        } else {
            Form::Raw
        };
        Self {
            previous: args.previous,
            follow: if args.follow { Follow::Yes } else { Follow::No },
            times: if args.timestamps { Times::Shown } else { Times::Hidden },
            since: args.since_time.or(since),
            tail: tail.and_then(|lines| u64::try_from(lines).ok()),
            limit: args.limit_bytes,
            form,
        }
    }

    /// What to ask podman for, of a part of the log.
    fn within(&self, window: Window) -> LogsWanted {
        LogsWanted {
            follow: self.follow,
            times: self.times,
            since: window.after.max(self.since),
            until: window.until,
            tail: self.tail,
        }
    }
}

/// How it ended: the worst exit code, and what went wrong.
struct Ended {
    exit: Exit,
    failed: Vec<CliError>,
}

impl Ended {
    fn new() -> Self {
        Self { exit: Exit::Done, failed: Vec::new() }
    }

    fn add(&mut self, result: Result<i32, CliError>) {
        match result {
            Ok(0) => {}
            Ok(code) => self.exit = Exit::remote(code),
            Err(error) => self.failed.push(error),
        }
    }
}

async fn one_by_one(targets: Vec<Target>, wanted: &Wanted) -> Ended {
    let mut ended = Ended::new();
    for target in targets {
        tokio::select! {
            read = read(&target, wanted) => ended.add(read),
            _ = tokio::signal::ctrl_c() => {
                ended.exit = Exit::Interrupted;
                break;
            }
        }
    }
    ended
}

/// Follows all of them at once. Ctrl-C is how that ends, and nothing to complain about.
async fn follow(targets: Vec<Target>, wanted: Arc<Wanted>) -> Ended {
    let mut all = JoinSet::new();
    for target in targets {
        let wanted = Arc::clone(&wanted);
        all.spawn(async move { read(&target, &wanted).await });
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

async fn read(target: &Target, wanted: &Wanted) -> Result<i32, CliError> {
    let runs = runs(target, if wanted.previous { WhichRuns::All } else { WhichRuns::Last }).await?;
    let window = if wanted.previous {
        runs.previous().ok_or_else(|| CliError::NotThere {
            problem: format!(
                "previous terminated container \"{}\" in pod \"{}\" not found",
                target.container, target.pod
            ),
            hint: "the container has been started only once, as far as its host remembers"
                .to_owned(),
        })?
    } else {
        runs.last()
    };
    let argv = logs_argv(&target.on_host, &wanted.within(window));
    let call = Call { argv, effect: Effect::Reads, terminal: None };
    let start = match wanted.form {
        Form::Raw | Form::Whole => String::new(),
        Form::Named(colour) => prefix(colour, &target.pod, &target.container),
    };
    let measure = Measure::of(wanted.limit);
    let stdout: Box<dyn tokio::io::AsyncWrite + Send + Unpin> = match wanted.form {
        Form::Raw => Box::new(measure.of_bytes(tokio::io::stdout())),
        Form::Whole | Form::Named(_) => Box::new(Lines::new(start, measure.clone())),
    };
    let streams =
        Streams { stdin: None, stdout, stderr: Box::new(tokio::io::stderr()), resizes: None };
    let host = || target.host.to_string();
    match target.node.stream(call, streams).await {
        // Enough was heard: it was us who hung up.
        Ok(BROKEN_PIPE_EXIT) if measure.is_full() => Ok(0),
        Ok(code) => Ok(code),
        Err(error) => Err(CliError::Node { host: host(), error }),
    }
}

/// A container's runs. One that is not there yet has none.
async fn runs(target: &Target, which: WhichRuns) -> Result<Runs, CliError> {
    let heard = hear(target, runs_argv(&target.on_host, which)).await?;
    if heard.exit == 0
        && let Ok(runs) = parse_runs(&heard.stdout)
    {
        return Ok(runs);
    }
    Err(CliError::NotThere {
        problem: format!(
            "container \"{}\" in pod \"{}\" is waiting to start: it is not on {}",
            target.container, target.pod, target.host
        ),
        hint: format!("see why with: bowline describe pod {}", target.pod),
    })
}
