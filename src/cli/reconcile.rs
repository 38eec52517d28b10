//! `bowline reconcile`: the same rounds on the stored desired state, over and over.

use std::time::Duration;

use clap::Args;

use super::carry::{carry_out, converge, or_interrupted, say_ending};
use super::context::Context;
use super::global::Global;
use super::{CliError, Exit, Talk};
use crate::converge::{Converge, Lasting};
use crate::driver::Takeover;
use crate::inventory::parse_duration;
use crate::render::plan_text;

/// Keep the hosts as the stored desired state says: heal, and go on healing
///
/// Nothing is asked. With --once, one healing and an exit code for CI.
#[derive(Debug, Args)]
pub(super) struct ReconcileArgs {
    /// Heal once, then exit
    #[arg(long)]
    once: bool,

    /// How long to wait between two looks
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = interval, conflicts_with = "once")]
    interval: Duration,
}

fn interval(text: &str) -> Result<Duration, String> {
    let interval = parse_duration(text).map_err(|error| error.to_string())?;
    if interval.is_zero() {
        Err("an interval is longer than nothing".to_owned())
    } else {
        Ok(interval)
    }
}

/// How often a healing may have to aim anew, because hosts come and go, before the next interval is waited for.
const AIMS_MAX: u32 = 5;

pub(super) async fn run(
    global: &Global,
    talk: &Talk,
    args: &ReconcileArgs,
) -> Result<Exit, CliError> {
    let context = Context::open(global, talk)?;
    let command = "reconcile".to_owned();
    let converge = converge(global, &context, talk, command, Takeover::Refuse);
    if args.once {
        return heal(&converge, talk).await;
    }
    loop {
        match heal(&converge, talk).await {
            Ok(_) => {}
            Err(error @ CliError::Interrupted) => return Err(error),
            // A daemon outlives what a person mends: it says so, and tries again.
            Err(error) => talk.diagnostic(&error),
        }
        or_interrupted(async {
            tokio::time::sleep(args.interval).await;
            Ok::<(), CliError>(())
        })
        .await?;
    }
}

async fn heal(converge: &Converge<'_>, talk: &Talk) -> Result<Exit, CliError> {
    let mut exit = Exit::Waiting;
    for _ in 0..AIMS_MAX {
        let look = converge.look(|stored, _| (stored.clone(), Vec::new()));
        let round = or_interrupted(look).await?;
        if round.plan.report.changes.is_empty() {
            talk.detail("Nothing to do.");
        } else {
            talk.say(&plan_text(&round.plan.report, talk.aside()));
        }
        let ending = carry_out(converge, round).await?;
        exit = Exit::of(&ending);
        if exit != Exit::Done || ending.done > 0 {
            say_ending(talk, &ending);
        }
        if !matches!(ending.lasting, Lasting::Retargeted(_)) {
            break;
        }
    }
    Ok(exit)
}
