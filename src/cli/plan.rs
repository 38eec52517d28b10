//! `bowline plan`: look and say, change nothing.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::carry::{converge, looked, now, say_silent, show_plan};
use super::context::Context;
use super::global::Global;
use super::look::namespace;
use super::manifests::{ManifestArgs, aim};
use super::planfile::PlanFile;
use super::what::unknown;
use super::{CliError, Exit, Talk};
use crate::converge::{Moves, Tags};
use crate::driver::Takeover;
use crate::model::{Kind, PodKey};
use crate::plan::{Bound, PlanInput, Subject, placing};
use crate::render::{placing_text, plan_json};

/// Show what apply would change, and change nothing
///
/// Without -f, the stored desired state is compared with the hosts.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    manifests: ManifestArgs,

    /// Exit with 0 when there is nothing to change, 2 when there is
    #[arg(long)]
    detailed_exitcode: bool,

    /// Save the plan for `bowline apply FILE`
    #[arg(long, value_name = "FILE", requires = "given")]
    out: Option<PathBuf>,

    /// How to print the plan
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,

    /// Ask the registries whether tags have moved that are pulled every time, and replace the pods that run another image
    #[arg(long, conflicts_with = "out")]
    check_images: bool,

    /// Move pods too, until what is asked for of the hosts' CPU and memory differs by no more than this
    ///
    /// As few as it takes, as their budgets and Deployments let them, and only pods that something makes anew and that lose no data.
    #[arg(long, value_name = "PERCENT", num_args = 0..=1, require_equals = true, default_missing_value = "10%", conflicts_with = "out")]
    rebalance: Option<Bound>,

    /// Say of every host why it is, or is not, one for this pod
    ///
    /// NAME, pod/NAME, or deployment/NAME for the next of its pods that waits, else the first of those that run.
    #[arg(long, value_name = "POD", conflicts_with = "output")]
    explain: Option<String>,

    /// Plan as if the fleet were taken over from the state file that holds it
    #[arg(long)]
    take_over: bool,
}

/// How to print a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// As JSON
    Json,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &PlanArgs) -> Result<Exit, CliError> {
    let context = Context::open(global, talk)?;
    let before = context.state.load()?;
    let manifests = args.manifests.read(global, &context, &before.desired, talk)?;
    let takeover = if args.take_over { Takeover::Take } else { Takeover::Refuse };
    let mut converge = converge(global, &context, talk, "plan".to_owned(), takeover);
    converge.settings.tags = if args.check_images { Tags::Asked } else { Tags::Left };
    let mut aim = aim(manifests.as_ref(), &context, before, now());
    aim.moves = args.rebalance.map_or(Moves::None, Moves::Rebalance);
    let round = looked(talk, converge.look_for(aim)).await?;
    say_silent(talk, &converge);
    if let (Some(path), Some(manifests)) = (&args.out, &manifests) {
        PlanFile::of(&round, manifests, &context.state.key())?.write(path)?;
        talk.say(&format!("Saved; carry it out with: bowline apply {}", path.display()));
    }
    if let Some(name) = &args.explain {
        let subject = subject(global, name)?;
        let inventory = context.inventory.with_records(&round.desired.hosts);
        let input = PlanInput {
            inventory: &inventory,
            desired: &round.desired,
            object_changes: &round.object_changes,
            observed: &round.observed,
            bindings: &round.before.bindings,
            now: round.now,
        };
        let missing = || {
            let what = subject.kind.unwrap_or(Kind::Pod).plural();
            CliError::NotFound { what, name: subject.name.name.clone() }
        };
        talk.data(&placing_text(&placing(&input, &subject).ok_or_else(missing)?));
        return Ok(Exit::of_look(&round.observed));
    }
    match args.output {
        Some(Format::Json) => {
            let json = plan_json(round.before.generation, &round.plan.report);
            talk.data(&format!("{json:#}"));
        }
        None => show_plan(talk, &round),
    }
    let changes = !round.plan.report.changes.is_empty();
    Ok(match Exit::of_look(&round.observed) {
        Exit::Done if args.detailed_exitcode && changes => Exit::Changes,
        exit => exit,
    })
}

/// What `NAME` or `KIND/NAME` asks about.
fn subject(global: &Global, word: &str) -> Result<Subject, CliError> {
    let (kind, name) = match word.split_once('/') {
        Some((kind, name)) => (Some(Kind::parse(kind).map_err(unknown)?), name),
        None => (None, word),
    };
    let makes_pods = matches!(kind, None | Some(Kind::Pod | Kind::Deployment));
    if name.is_empty() || !makes_pods {
        let problem = match kind.filter(|_| !makes_pods) {
            Some(kind) => format!("no pods are made of {}", kind.plural()),
            None => "--explain wants a name".to_owned(),
        };
        let hint = "write a pod's name, or deployment/NAME; names are listed by: bowline get pods";
        return Err(CliError::Usage { problem, hint: hint.to_owned() });
    }
    Ok(Subject { kind, name: PodKey::new(namespace(global), name) })
}
