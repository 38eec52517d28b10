//! Commands that say something of hosts: it is stored, laid over the inventory, and carried out.

use clap::Args;

use super::apply::Approval;
use super::carry::{carry_out, carry_out_if_agreed, converge, looked, now, say_ending};
use super::change::DryRun;
use super::choose::NOTHING;
use super::context::Context;
use super::global::Global;
use super::what::What;
use super::{CliError, Exit, Talk};
use crate::converge::{Aim, Moves, Round, Wait};
use crate::desired::{Desired, ObjectChange};
use crate::driver::Takeover;
use crate::inventory::{Host, Inventory};
use crate::model::{Kind, NodeName, Selector};
use crate::plan::labels;
use crate::state::{Commit, Entry, Snapshot};

pub(super) mod cordon;
pub(super) mod drain;
pub(super) mod marks;
pub(super) mod taint;

/// Flags that choose hosts.
#[derive(Debug, Args)]
pub(super) struct HostChoosing {
    /// Hosts with these labels
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub(super) selector: Option<String>,

    /// All hosts
    #[arg(long, conflicts_with = "selector", num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    pub(super) all: bool,
}

/// Flags of commands that say something of hosts.
#[derive(Debug, Args)]
pub(super) struct HostArgs {
    #[command(flatten)]
    pub(super) choosing: HostChoosing,

    /// Say what would come of it and change nothing
    #[arg(long, value_name = "WHERE", value_enum, num_args = 0..=1, require_equals = true, default_value = "none", default_missing_value = "client")]
    pub(super) dry_run: DryRun,

    #[command(flatten)]
    pub(super) approval: Approval,
}

/// Which hosts a command is about.
#[derive(Clone, Debug)]
pub(super) enum Which {
    Named(Vec<String>),
    Selected(Selector),
    All,
}

impl Which {
    /// Reads names and flags; exactly one of both chooses.
    pub(super) fn of(
        names: Vec<String>,
        selector: Option<&str>,
        all: bool,
    ) -> Result<Self, CliError> {
        let usage = |problem: &str| {
            let hint = "name hosts, or choose them with -l SELECTOR, or all with --all".to_owned();
            Err(CliError::Usage { problem: problem.to_owned(), hint })
        };
        match (names.is_empty(), selector) {
            (false, Some(_)) => usage("hosts are chosen either by name or by -l"),
            (false, None) if all => usage("hosts are chosen either by name or by --all"),
            (false, None) => Ok(Self::Named(names)),
            (true, Some(selector)) => Ok(Self::Selected(Selector::parse(selector)?)),
            (true, None) if all => Ok(Self::All),
            (true, None) => usage("no host is named"),
        }
    }

    /// The names of hosts among words such as `node web-1 web-2` or `node/web-1`.
    pub(super) fn names(words: &[String]) -> Result<Vec<String>, CliError> {
        let other = |kind: Kind| CliError::Usage {
            problem: format!("{} are no hosts", kind.plural()),
            hint: "write `node NAME`, as in: bowline taint node web-1 dedicated=db:NoSchedule"
                .to_owned(),
        };
        match What::parse(words)? {
            What::Kinds(kinds) => kinds
                .into_iter()
                .find(|kind| *kind != Kind::Node)
                .map_or(Ok(Vec::new()), |kind| Err(other(kind))),
            What::Named(named) => named
                .into_iter()
                .map(|(kind, name)| if kind == Kind::Node { Ok(name) } else { Err(other(kind)) })
                .collect(),
        }
    }

    /// The names of hosts where nothing else can be meant: `web-1`, `node/web-1`, `nodes/web-1`.
    pub(super) fn hosts_named(words: &[String]) -> Vec<String> {
        let name = |word: &String| match word.split_once('/') {
            Some((kind, name)) if Kind::parse(kind) == Ok(Kind::Node) => name.to_owned(),
            Some(_) | None => word.clone(),
        };
        words.iter().map(name).collect()
    }

    fn hosts(&self, inventory: &Inventory) -> Result<Vec<Host>, CliError> {
        let all = inventory.hosts.values().cloned();
        match self {
            Self::All => Ok(all.collect()),
            Self::Selected(selector) => {
                Ok(all.filter(|host| selector.matches(&labels(host, None))).collect())
            }
            Self::Named(names) => {
                let found = |name: &String| {
                    let missing =
                        || CliError::NotFound { what: Kind::Node.plural(), name: name.clone() };
                    inventory.hosts.get(&NodeName::new(name)).cloned().ok_or_else(missing)
                };
                names.iter().map(found).collect()
            }
        }
    }
}

/// Something that is said of hosts.
pub(super) struct HostChange<'a> {
    pub(super) global: &'a Global,
    pub(super) talk: &'a Talk,
    pub(super) context: Context,
    pub(super) before: Snapshot,
}

/// How far what is said reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Nothing that is there minds: it is written down, and no host is asked.
    Written,
    /// Pods may have to go or may come: it is planned and carried out.
    CarriedOut,
}

/// What a command says of hosts, and how.
pub(super) struct Said {
    /// The hosts as they are to be.
    pub(super) hosts: Vec<Host>,
    /// A line for each.
    pub(super) lines: Vec<String>,
    /// The command, for the history.
    pub(super) command: String,
    pub(super) reach: Reach,
}

impl<'a> HostChange<'a> {
    /// Reads what is stored.
    pub(super) fn open(global: &'a Global, talk: &'a Talk) -> Result<Self, CliError> {
        let context = Context::open(global, talk)?;
        let before = context.state.load()?;
        Ok(Self { global, talk, context, before })
    }

    /// The hosts that are meant, as they are now.
    pub(super) fn hosts(&self, which: &Which) -> Result<Vec<Host>, CliError> {
        which.hosts(&self.context.inventory.with_records(&self.before.desired.hosts))
    }

    /// Stores what is said of hosts and carries it out.
    pub(super) async fn carry_out(
        self,
        said: Said,
        dry_run: DryRun,
        approval: &Approval,
    ) -> Result<Exit, CliError> {
        let Self { global, talk, context, before } = self;
        if said.hosts.is_empty() {
            talk.say(NOTHING);
            return Ok(Exit::Done);
        }
        let suffix = dry_run.suffix().unwrap_or_default();
        let lines: Vec<String> = said.lines.iter().map(|line| format!("{line}{suffix}")).collect();
        let (desired, changes) = before.desired.with_hosts(&context.inventory, &said.hosts);
        let mut exit = Exit::Done;
        if dry_run == DryRun::None && desired != before.desired {
            match said.reach {
                Reach::Written => write(&context, &before, (&desired, &changes), said.command)?,
                Reach::CarriedOut => {
                    let mut converge =
                        converge(global, &context, talk, said.command, Takeover::Refuse);
                    let now = now();
                    let aim =
                        Aim { before, desired, object_changes: changes, now, moves: Moves::None };
                    let round = looked(talk, converge.look_for(aim)).await?;
                    exit = if minds(&round) {
                        let ask = approval.ask("Carry out this plan?");
                        carry_out_if_agreed(&converge, talk, round, ask).await?
                    } else {
                        // What others wait for is no concern of this.
                        converge.settings.wait = Wait::No;
                        settled(&carry_out(&converge, round).await?, talk)
                    };
                }
            }
        }
        talk.data(&lines.join("\n"));
        Ok(exit)
    }
}

/// Whether anything but what is said of hosts changes.
fn minds(round: &Round) -> bool {
    let mut changes = round.plan.report.changes.iter();
    changes.any(|change| change.object.kind != "Node" || change.host.is_some())
}

/// Says how it ended where nothing was to be done, if that is worth a word.
fn settled(ending: &crate::converge::Ending, talk: &Talk) -> Exit {
    match Exit::of(ending) {
        Exit::Done | Exit::Waiting => Exit::Done,
        _ => say_ending(talk, ending),
    }
}

/// Stores what is said where nothing that is there minds.
fn write(
    context: &Context,
    before: &Snapshot,
    (desired, changes): (&Desired, &[ObjectChange]),
    command: String,
) -> Result<(), CliError> {
    let summary = format!("{} to update", changes.len());
    let entry = Entry { at: now(), who: context.who.clone(), command, summary };
    context.state.commit(&Commit {
        parent: before.generation,
        generation: before.generation.next(),
        desired,
        bindings: &before.bindings,
        entry: Some(&entry),
    })?;
    Ok(())
}

/// The words that chose hosts, for the history.
pub(super) fn words(command: &str, typed: &[String], choosing: &HostChoosing) -> String {
    let mut words = vec![command.to_owned()];
    words.extend(typed.iter().cloned());
    words.extend(choosing.selector.iter().map(|selector| format!("-l {selector}")));
    words.extend(choosing.all.then(|| "--all".to_owned()));
    words.join(" ")
}
