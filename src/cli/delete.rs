//! `bowline delete`: objects go, and what was made of them.

use std::collections::BTreeSet;

use clap::{ArgGroup, Args};

use super::apply::Approval;
use super::carry::{carry_out_if_agreed, converge, looked};
use super::choose::{Choosing, NOTHING, maker, not_found};
use super::context::Context;
use super::given::Given;
use super::global::Global;
use super::manifests::without_errors;
use super::reading::ReadingArgs;
use super::what::KindWords;
use super::{CliError, Exit, Talk};
use crate::desired::Desired;
use crate::driver::Takeover;
use crate::model::ObjectKey;
use crate::state::Snapshot;
use crate::status::DEFAULT_NAMESPACE;

/// Delete objects, and what was made of them
///
/// `bowline delete deploy web`, `bowline delete pod/a svc/b`, `bowline delete -f web.yaml`, `bowline delete pods -l app=web`.
/// Shows the plan and asks for a `yes` before it changes anything.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("needed").args(["what", "filename", "kustomize"]).multiple(true).required(true)))]
#[command(group(ArgGroup::new("chosen").args(["what", "selector", "all", "all_namespaces"]).multiple(true).conflicts_with("given")))]
pub(super) struct DeleteArgs {
    /// A kind and names, or KIND/NAME
    #[arg(value_name = "KIND", value_parser = KindWords, hide_possible_values = true)]
    what: Vec<String>,

    #[command(flatten)]
    given: Given,

    #[command(flatten)]
    reading: ReadingArgs,

    #[command(flatten)]
    choosing: Choosing,

    /// It is no error when an object is not there
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    ignore_not_found: bool,

    #[command(flatten)]
    approval: Approval,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &DeleteArgs) -> Result<Exit, CliError> {
    let context = Context::open(global, talk)?;
    let snapshot = context.state.load()?;
    let keys = keys(global, talk, args, &snapshot)?;
    if keys.is_empty() {
        talk.say(NOTHING);
        return Ok(Exit::Done);
    }
    let command = command(args);
    let converge = converge(global, &context, talk, command, Takeover::Refuse);
    let round = looked(talk, converge.look(|stored, _| stored.delete(&keys, "deleted"))).await?;
    carry_out_if_agreed(&converge, talk, round, args.approval.ask("Delete this?")).await
}

/// The command, for the history.
fn command(args: &DeleteArgs) -> String {
    let mut words = vec!["delete".to_owned()];
    words.extend(args.what.iter().cloned());
    words.extend(Some(args.given.words()).filter(|_| args.given.is_some()));
    words.extend(args.choosing.words());
    words.join(" ")
}

/// What is to be deleted. Everything that was named has to be there, unless that does not matter.
fn keys(
    global: &Global,
    talk: &Talk,
    args: &DeleteArgs,
    snapshot: &Snapshot,
) -> Result<BTreeSet<ObjectKey>, CliError> {
    let stored = &snapshot.desired;
    let mut keys = BTreeSet::new();
    if args.given.is_some() {
        let objects = without_errors(args.given.read(&args.reading, global)?, talk)?;
        keys.extend(objects.iter().map(|read| read.object.key()));
    } else {
        keys.extend(args.choosing.keys(global, &args.what, stored)?);
    }
    for key in &keys {
        deletable(key, snapshot)?;
    }
    let missing: Vec<ObjectKey> = keys.iter().filter(|key| !exists(stored, key)).cloned().collect();
    if let (Some(key), false) = (missing.first(), args.ignore_not_found) {
        return Err(not_found(key));
    }
    keys.retain(|key| exists(stored, key));
    Ok(keys)
}

/// Whether an object is there: stored, or a namespace that has objects without ever having been declared.
fn exists(stored: &Desired, key: &ObjectKey) -> bool {
    stored.objects.contains_key(key)
        || key.kind == "Namespace" && stored.objects.keys().any(|other| other.namespace == key.name)
}

/// Refuses what would come back by itself, or may not go.
fn deletable(key: &ObjectKey, snapshot: &Snapshot) -> Result<(), CliError> {
    if key.kind == "Namespace" && key.name == DEFAULT_NAMESPACE {
        return Err(CliError::Usage {
            problem: "the namespace \"default\" may not be deleted".to_owned(),
            hint: "to delete everything, type: bowline destroy".to_owned(),
        });
    }
    if key.kind != "Pod" || snapshot.desired.objects.contains_key(key) {
        return Ok(());
    }
    match maker(snapshot, key) {
        Some(owner) => Err(CliError::Usage {
            problem: format!("pod {} is made by {owner}, which would make it again", key.name),
            hint: format!("delete or change {owner} instead"),
        }),
        None => Ok(()),
    }
}
