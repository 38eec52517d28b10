//! What `apply`, `reconcile`, `delete` and `destroy` share: rounds with progress, Ctrl-C, and the lines at the end.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::context::Context;
use super::global::Global;
use super::progress::listener;
use super::{CliError, Exit, Talk};
use crate::clock::{Clock as _, SystemClock};
use crate::converge::{Converge, Ending, Lasting, Round, Settings, Tags, Wait};
use crate::driver::Takeover;
use crate::model::NodeName;
use crate::observed::UnreachableCause;
use crate::render::{Paint, plan_text};

/// The clock of every command.
const CLOCK: SystemClock = SystemClock;

/// The loop for a command, with the settings of the command line.
pub(super) fn converge<'a>(
    global: &Global,
    context: &'a Context,
    talk: &Talk,
    command: String,
    takeover: Takeover,
) -> Converge<'a> {
    Converge {
        inventory: &context.inventory,
        nodes: &context.nodes,
        state: &context.state,
        clock: &CLOCK,
        listener: listener(talk),
        settings: Settings {
            parallel: global.parallel,
            takeover,
            who: context.who.clone(),
            command,
            timeout: global.timeout,
            wait: Wait::Converged,
            tags: Tags::Left,
            limit: context.limit.clone(),
        },
        asked: OnceCell::new(),
    }
}

/// Carries a round out until nothing is left, or until Ctrl-C.
///
/// Dropping the work closes the connections; what runs on a host then ends with the command that it is at.
pub(super) async fn carry_out(converge: &Converge<'_>, round: Round) -> Result<Ending, CliError> {
    tokio::select! {
        ending = converge.carry_out(round) => Ok(ending?),
        _ = tokio::signal::ctrl_c() => Err(CliError::Interrupted),
    }
}

/// Whether somebody has to say `yes` first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ask {
    /// To this question.
    First(&'static str),
    /// No.
    Nothing,
}

/// Shows a plan, asks, and carries it out.
pub(super) async fn carry_out_if_agreed(
    converge: &Converge<'_>,
    talk: &Talk,
    round: Round,
    ask: Ask,
) -> Result<Exit, CliError> {
    show_plan(talk, &round);
    if let Ask::First(question) = ask {
        talk.confirm(question).await?;
    }
    let ending = carry_out(converge, round).await?;
    show_retarget(converge, talk, &ending).await?;
    Ok(say_ending(talk, &ending))
}

/// The time now.
pub(super) fn now() -> Timestamp {
    CLOCK.now()
}

/// Does something that may be interrupted.
pub(super) async fn or_interrupted<T, E: Into<CliError>>(
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, CliError> {
    tokio::select! {
        done = work => done.map_err(Into::into),
        _ = tokio::signal::ctrl_c() => Err(CliError::Interrupted),
    }
}

/// How long a look may last before a person is told what it may be waiting for.
const SILENCE: Duration = Duration::from_secs(3);

/// Looks at the hosts, which may be interrupted. A host that another run is changing answers when its lock is free.
pub(super) async fn looked<T, E: Into<CliError>>(
    talk: &Talk,
    look: impl Future<Output = Result<T, E>>,
) -> Result<T, CliError> {
    let told = async {
        tokio::time::sleep(SILENCE).await;
        talk.say("Still waiting for hosts: another run may be at work there, or they are slow to answer.");
        std::future::pending().await
    };
    or_interrupted(async {
        tokio::select! {
            done = look => done,
            never = told => never,
        }
    })
    .await
}

/// Says how it ended, a line for everything that is not as it should be.
pub(super) fn say_ending(talk: &Talk, ending: &Ending) -> Exit {
    for failure in &ending.failures {
        let mark = talk.aside().paint(Paint::Bad, "failed");
        talk.warn(&format!("{mark} {}: {}: {}", failure.node, failure.step, failure.why));
    }
    say_unreachable(talk, &ending.unreachable);
    match &ending.lasting {
        Lasting::Converged => {}
        Lasting::Waiting(pending) => {
            for pending in pending {
                let mark = talk.aside().paint(Paint::Change, "waiting");
                talk.warn(&format!("{mark} {}: {}", pending.object, pending.why()));
            }
        }
        Lasting::Retargeted(why) => {
            let mark = talk.aside().paint(Paint::Bad, "stopped");
            talk.warn(&format!("{mark} what was agreed to cannot be had any more: {why}"));
        }
    }
    let exit = Exit::of(ending);
    let steps = if ending.done == 1 { "step" } else { "steps" };
    let word = match exit {
        Exit::Done => talk.aside().paint(Paint::Good, "Done"),
        _ => talk.aside().paint(Paint::Bad, "Not all done"),
    };
    talk.say(&format!("{word}: {} {steps} carried out.", ending.done));
    exit
}

fn say_unreachable(talk: &Talk, unreachable: &BTreeMap<NodeName, (String, UnreachableCause)>) {
    for (node, (error, _)) in unreachable {
        let mark = talk.aside().paint(Paint::Bad, "unreachable");
        talk.warn(&format!("{mark} {node}: {error}"));
    }
}

/// Shows a plan on stdout. Who has nothing stored and named no manifests is told where plans begin.
pub(super) fn show_plan(talk: &Talk, round: &Round) {
    talk.data(&plan_text(&round.plan.report, talk.colour()));
    if round.desired.objects.is_empty() && round.before.desired.objects.is_empty() {
        talk.say("No manifests have been applied yet. Name some with: -f PATH");
    }
}

/// Says for which tags no registry answered, so that silence is not taken for sameness.
pub(super) fn say_silent(talk: &Talk, converge: &Converge<'_>) {
    for (node, image) in converge.asked.get().into_iter().flat_map(|asked| &asked.silent) {
        talk.warn(&format!(
            "{node}: no registry said what {image} is now; its pods stay as they are"
        ));
    }
}

/// When what was agreed to cannot be had any more, the new plan is shown for the user to decide on.
pub(super) async fn show_retarget(
    converge: &Converge<'_>,
    talk: &Talk,
    ending: &Ending,
) -> Result<(), CliError> {
    if let Lasting::Retargeted(_) = ending.lasting {
        let round = converge.look(|stored, _| (stored.clone(), Vec::new())).await?;
        show_plan(talk, &round);
        talk.say("Carry this plan out with: bowline apply");
    }
    Ok(())
}
