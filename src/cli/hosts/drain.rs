//! `bowline drain`: moves pods away from hosts, as their budgets let them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use clap::Args;

use super::{HostArgs, HostChange, Which, words, write};
use crate::cli::apply::changes_anything;
use crate::cli::carry::{Ask, converge, looked, now, or_interrupted, say_ending, show_plan};
use crate::cli::change::DryRun;
use crate::cli::choose::NOTHING;
use crate::cli::global::Global;
use crate::cli::{CliError, Exit, Talk};
use crate::converge::{Aim, Committed, Converge, ConvergeError, Moves, Round};
use crate::driver::Takeover;
use crate::inventory::{Admission, Host};
use crate::model::{NodeName, PodKey, Selector};
use crate::plan::{DrainOrder, Stay};
use crate::render::{cordoned_text, pending_text, staying_text};
use crate::state::StateError;

/// Move pods away from hosts
///
/// Shows which pods move where and which stay, asks for a `yes`, cordons the hosts, and moves the pods as their
/// disruption budgets and Deployments let them: what takes a pod's place comes up before the next one goes. Pods whose budgets let
/// none go are tried again until `--timeout`. A drain that is cut off leaves the hosts cordoned; the next one goes on.
#[derive(Debug, Args)]
pub(in crate::cli) struct DrainArgs {
    /// Hosts
    #[arg(value_name = "NODE")]
    nodes: Vec<String>,

    /// Leave the pods of daemon sets where they are
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    ignore_daemonsets: bool,

    /// Move pods with emptyDir volumes too: what those hold is lost
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    delete_emptydir_data: bool,

    /// Move pods that no controller made too: they are down while they move
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    force: bool,

    /// How long each pod may take to end, in seconds; -1 for what it says itself
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "-1",
        allow_negative_numbers = true,
        hide_default_value = true
    )]
    grace_period: i64,

    /// Move only pods with these labels
    #[arg(long, value_name = "SELECTOR")]
    pod_selector: Option<String>,

    #[command(flatten)]
    args: HostArgs,
}

/// How long it is waited after a round that let nobody go, as kubectl does before it asks a budget again.
const PAUSE: Duration = Duration::from_secs(5);

pub(in crate::cli) async fn run(
    global: &Global,
    talk: &Talk,
    args: &DrainArgs,
) -> Result<Exit, CliError> {
    let HostArgs { choosing, dry_run, approval } = &args.args;
    let which =
        Which::of(Which::hosts_named(&args.nodes), choosing.selector.as_deref(), choosing.all)?;
    let change = HostChange::open(global, talk)?;
    let mut hosts = change.hosts(&which)?;
    if hosts.is_empty() {
        talk.say(NOTHING);
        return Ok(Exit::Done);
    }
    let already: Vec<bool> =
        hosts.iter().map(|host| host.admission == Admission::Cordoned).collect();
    for host in &mut hosts {
        host.admission = Admission::Cordoned;
    }
    let order = args.order(&hosts)?;
    let command = words("drain", &args.nodes, choosing);
    let HostChange { context, before, .. } = change;
    let converge = converge(global, &context, talk, command.clone(), Takeover::Refuse);
    let (desired, object_changes) = before.desired.with_hosts(&context.inventory, &hosts);
    let aim = Aim {
        before: before.clone(),
        desired: desired.clone(),
        object_changes: object_changes.clone(),
        now: now(),
        moves: Moves::Drain(order.clone()),
    };
    let round = looked(talk, converge.look_for(aim)).await?;
    let refused = refusals(&round, &order, *dry_run);
    if refused.is_none() {
        show_plan(talk, &round);
    }
    talk.data(&staying_text(&round.drain, talk.colour()));
    let suffix = dry_run.suffix().unwrap_or_default();
    let drained = || {
        let line = |host: &Host| format!("node/{} drained{suffix}", host.name);
        hosts.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    let cordoned = || {
        let word = |already: &bool| if *already { "already cordoned" } else { "cordoned" };
        let words = already.iter().map(word).zip(&hosts);
        words.map(|(word, host)| format!("node/{} {word}{suffix}", host.name)).collect::<Vec<_>>()
    };
    if *dry_run != DryRun::None {
        talk.data(&cordoned().join("\n"));
        let exit = refused.map_or_else(|| Ok(would_end(&round)), Err)?;
        match exit {
            Exit::Done => talk.data(&drained()),
            _ if round.drain.kept().is_empty() => {}
            _ => talk.warn(&pending_text(&round.drain.kept(), STUCK)),
        }
        return Ok(exit);
    }
    if let Some(refused) = refused {
        if desired != before.desired {
            write(&context, &before, (&desired, &object_changes), command)?;
        }
        talk.data(&cordoned().join("\n"));
        return Err(refused);
    }
    let ask = if changes_anything(&round) {
        approval.ask("Cordon the hosts, and move these pods?")
    } else {
        Ask::Nothing
    };
    if let Ask::First(question) = ask {
        talk.confirm(question).await?;
    }
    let committed = converge.commit(&round).map_err(|error| match error {
        ConvergeError::State(StateError::Stale { .. }) => CliError::Overtaken {
            what: "no host was cordoned and no pod was moved".to_owned(),
            hint: "look again and go on from there: drain again".to_owned(),
        },
        error => error.into(),
    })?;
    talk.data(&cordoned().join("\n"));
    let draining = Draining { converge: &converge, talk, order, patience: global.timeout };
    let exit = draining.go(round, committed).await?;
    if exit == Exit::Done {
        talk.data(&drained());
    }
    Ok(exit)
}

impl DrainArgs {
    fn order(&self, hosts: &[Host]) -> Result<DrainOrder, CliError> {
        Ok(DrainOrder {
            hosts: hosts.iter().map(|host| host.name.clone()).collect::<BTreeSet<_>>(),
            selector: Selector::parse(self.pod_selector.as_deref().unwrap_or_default())?,
            ignore_daemon_sets: self.ignore_daemonsets,
            delete_empty_dirs: self.delete_emptydir_data,
            force: self.force,
            grace_seconds: u32::try_from(self.grace_period).ok(),
        })
    }
}

/// Why pods are left where the time is not over.
const STUCK: &str = "not every pod can go now";

/// How a drain would end, as far as can be said before it.
fn would_end(round: &Round) -> Exit {
    match Exit::of_look(&round.observed) {
        Exit::Done if round.drain.kept().is_empty() => Exit::Done,
        Exit::Done => Exit::Waiting,
        other => other,
    }
}

/// What kubectl says where pods must be agreed to first.
fn refusals(round: &Round, order: &DrainOrder, dry_run: DryRun) -> Option<CliError> {
    let mut told: Vec<String> = Vec::new();
    for lacking in [Stay::DaemonSet, Stay::EmptyDir, Stay::NoController] {
        let mine = round.drain.staying.iter().filter(|(_, (_, why))| *why == lacking);
        let names: Vec<String> = mine.map(|(pod, _)| pod.to_string()).collect();
        if let (Some(words), false) = (lacking.refusal(), names.is_empty()) {
            told.push(format!("{words}: {}", names.join(", ")));
        }
    }
    (!told.is_empty()).then(|| CliError::Usage {
        problem: format!("unable to drain: {}", told.join("; ")),
        hint: match dry_run {
            DryRun::None => format!("{FLAGS}; or type: bowline uncordon {}", named(order)),
            DryRun::Client | DryRun::Server => FLAGS.to_owned(),
        },
    })
}

/// What can be done for pods to be moved.
const FLAGS: &str = "nothing was moved; add the flag, or leave these pods out with --pod-selector";

/// The hosts of a drain, as they are typed.
fn named(order: &DrainOrder) -> String {
    order.hosts.iter().map(NodeName::as_str).collect::<Vec<_>>().join(" ")
}

/// A drain that was agreed to.
struct Draining<'a> {
    converge: &'a Converge<'a>,
    talk: &'a Talk,
    order: DrainOrder,
    /// How long budgets are asked again that let nobody go.
    patience: Duration,
}

impl Draining<'_> {
    /// Moves the pods of a round, then those that their budgets held back, until none is left or the time is over.
    async fn go(&self, first: Round, committed: Committed) -> Result<Exit, CliError> {
        let begun = Instant::now();
        let (mut round, mut committed) = (first, committed);
        let mut told: BTreeSet<PodKey> = BTreeSet::new();
        loop {
            let ending = or_interrupted(self.converge.carry_on(round, committed)).await?;
            let nobody_went = ending.done == 0;
            let exit = say_ending(self.talk, &ending);
            round = self.look().await?;
            let held = self.held(&round, &mut told);
            match exit {
                // What others wait for is no concern of the hosts that are empty.
                Exit::Done | Exit::Waiting if self.is_done(&round) => return Ok(Exit::Done),
                Exit::Done | Exit::Waiting if held || !round.drain.going.is_empty() => {}
                Exit::Done => return Ok(self.leaves(&round, STUCK, Exit::Waiting)),
                other => return Ok(self.leaves(&round, STUCK, other)),
            }
            if begun.elapsed() >= self.patience {
                let why = format!("global timeout reached: {}s", self.patience.as_secs());
                return Ok(self.leaves(&round, &why, Exit::Waiting));
            }
            if nobody_went || round.drain.going.is_empty() {
                let pause = PAUSE.min(self.patience.saturating_sub(begun.elapsed()));
                let slept = async {
                    tokio::time::sleep(pause).await;
                    Ok::<_, CliError>(())
                };
                or_interrupted(slept).await?;
                round = self.look().await?;
            }
            committed = self.converge.commit(&round)?;
        }
    }

    /// Whether all pods have gone from the hosts but those that may stay.
    fn is_done(&self, round: &Round) -> bool {
        round.drain.left(&round.plan.target, &self.order).is_empty()
    }

    /// Says which pods are left and what can be done about it.
    fn leaves(&self, round: &Round, why: &str, exit: Exit) -> Exit {
        let left = round.drain.left(&round.plan.target, &self.order);
        if !left.is_empty() {
            self.talk.warn(&pending_text(&left, why));
            let hosts = left.values().map(|(host, _)| host.clone()).collect();
            self.talk.warn(&cordoned_text(&hosts));
        }
        exit
    }

    async fn look(&self) -> Result<Round, CliError> {
        let before = self.converge.state.load().map_err(ConvergeError::from)?;
        let desired = before.desired.clone();
        let moves = Moves::Drain(self.order.clone());
        let aim = Aim { before, desired, object_changes: Vec::new(), now: now(), moves };
        or_interrupted(self.converge.look_for(aim)).await
    }

    /// Whether budgets hold pods back, which is said once of each.
    fn held(&self, round: &Round, told: &mut BTreeSet<PodKey>) -> bool {
        let mut held = false;
        for (pod, (_, why)) in &round.drain.staying {
            if !matches!(why, Stay::Budget(_)) {
                continue;
            }
            held = true;
            if told.insert(pod.clone()) {
                self.talk.warn(&format!(
                    "error when evicting pods/{:?} -n {:?} (will retry until --timeout): Cannot evict pod as it would violate the pod's disruption budget.",
                    pod.name, pod.namespace
                ));
            }
        }
        held
    }
}
