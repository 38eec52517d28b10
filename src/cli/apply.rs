//! `bowline apply`: plan, ask, carry out.

use std::path::PathBuf;

use clap::Args;

use super::carry::{Ask, carry_out_if_agreed, converge, looked, now, say_silent, show_plan};
use super::context::Context;
use super::global::Global;
use super::manifests::{ManifestArgs, Manifests, aim};
use super::planfile::PlanFile;
use super::{CliError, Exit, Talk};
use crate::converge::{Moves, Round, Tags, Wait};
use crate::driver::Takeover;
use crate::plan::Bound;

/// Carry out manifests, a saved plan, or the stored desired state
///
/// Shows the plan and asks for a `yes` before it changes anything. What has left the source (the -f path, or the --set) is
/// deleted, and the plan shows that first.
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// A plan that `bowline plan --out` saved
    #[arg(value_name = "PLANFILE", conflicts_with = "given")]
    plan: Option<PathBuf>,

    #[command(flatten)]
    manifests: ManifestArgs,

    #[command(flatten)]
    approval: Approval,

    /// Whether to wait until all pods have come up
    #[arg(long, value_name = "WHETHER", default_value = "true", num_args = 0..=1, default_missing_value = "true", action = clap::ArgAction::Set)]
    wait: bool,

    /// Ask the registries whether tags have moved that are pulled every time, and replace the pods that run another image
    #[arg(long, conflicts_with = "plan")]
    check_images: bool,

    /// Move pods too, until what is asked for of the hosts' CPU and memory differs by no more than this
    ///
    /// As few as it takes, as their budgets and Deployments let them, and only pods that something makes anew and that lose no data.
    #[arg(long, value_name = "PERCENT", num_args = 0..=1, require_equals = true, default_missing_value = "10%", conflicts_with = "plan")]
    rebalance: Option<Bound>,

    /// Take the fleet over from the state file that holds it
    #[arg(long)]
    take_over: bool,
}

/// Whether the user is asked.
#[derive(Debug, Args)]
pub(super) struct Approval {
    /// Do not ask
    #[arg(long)]
    pub(super) auto_approve: bool,
}

impl Approval {
    /// Whether this question has to be asked.
    pub(super) fn ask(&self, question: &'static str) -> Ask {
        if self.auto_approve { Ask::Nothing } else { Ask::First(question) }
    }
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &ApplyArgs) -> Result<Exit, CliError> {
    let context = Context::open(global, talk)?;
    let saved = args.plan.as_deref().map(saved_plan).transpose()?;
    let before = context.state.load()?;
    let manifests = match &saved {
        Some(plan) => Some(plan.manifests(&context.state.key())?),
        None => args.manifests.read(global, &context, &before.desired, talk)?,
    };
    let takeover = if args.take_over { Takeover::Take } else { Takeover::Refuse };
    let command = command(args, manifests.as_ref());
    let mut converge = converge(global, &context, talk, command, takeover);
    converge.settings.wait = if args.wait { Wait::Converged } else { Wait::No };
    converge.settings.tags = if args.check_images { Tags::Asked } else { Tags::Left };
    let stamp = saved.as_ref().map_or_else(now, PlanFile::at);
    let mut aim = aim(manifests.as_ref(), &context, before, stamp);
    aim.moves = args.rebalance.map_or(Moves::None, Moves::Rebalance);
    let round = looked(talk, converge.look_for(aim)).await?;
    say_silent(talk, &converge);
    if let Some(plan) = &saved {
        plan.still_holds(&round)?;
    }
    if !changes_anything(&round)
        && round.plan.report.pending.is_empty()
        && round.desired == round.before.desired
        && round.plan.target.nodes == round.before.bindings.nodes
    {
        show_plan(talk, &round);
        return Ok(Exit::of_look(&round.observed));
    }
    // A saved plan has been looked at: that is what it was saved for.
    let ask = if changes_anything(&round) && saved.is_none() {
        args.approval.ask("Carry out this plan?")
    } else {
        Ask::Nothing
    };
    carry_out_if_agreed(&converge, talk, round, ask).await
}

/// Whether there is anything to agree to: something to do now, or something that is wanted from now on. That a manifest
/// states what already is so is only remembered.
pub(super) fn changes_anything(round: &Round) -> bool {
    !round.plan.report.changes.is_empty() || !round.object_changes.is_empty()
}

fn saved_plan(path: &std::path::Path) -> Result<PlanFile, CliError> {
    PlanFile::read(path)?.ok_or_else(|| CliError::Usage {
        problem: format!("{} is not a saved plan", path.display()),
        hint: format!("to apply manifests, type: bowline apply -f {}", path.display()),
    })
}

fn command(args: &ApplyArgs, manifests: Option<&Manifests>) -> String {
    let rebalance = args.rebalance.map(|bound| format!(" --rebalance={bound}")).unwrap_or_default();
    let what = match (&args.plan, manifests) {
        (Some(path), _) => format!("apply {}", path.display()),
        (None, Some(manifests)) => format!("apply {} {}", args.manifests.flag(), manifests.set.0),
        (None, None) => "apply".to_owned(),
    };
    what + &rebalance
}
