//! `bowline delete`: objects go, and what was made of them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::apply::Approval;
use super::carry::{carry_out, converge, or_interrupted, say_ending, show_plan, show_retarget};
use super::context::Context;
use super::global::Global;
use super::look::namespace;
use super::manifests::{Depth, kustomized_objects, read_objects};
use super::reading::ReadingArgs;
use super::what::{KindWords, What};
use super::{CliError, Exit, Talk};
use crate::desired::Desired;
use crate::driver::Takeover;
use crate::model::Kind;
use crate::model::{Object, ObjectKey, Selector};
use crate::state::Snapshot;
use crate::status::DEFAULT_NAMESPACE;

/// Delete objects, and what was made of them
///
/// `bowline delete deploy web`, `bowline delete pod/a svc/b`, `bowline delete -f web.yaml`, `bowline delete pods -l app=web`.
/// Shows the plan and asks for a `yes` before it changes anything.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct DeleteArgs {
    /// A kind and names, or KIND/NAME
    #[arg(value_name = "KIND", value_parser = KindWords, hide_possible_values = true, required_unless_present_any = ["filename", "kustomize"], conflicts_with_all = ["filename", "kustomize"])]
    what: Vec<String>,

    /// The objects in these manifests: a file, a directory, or - for standard input
    #[arg(short, long = "filename", value_name = "PATH")]
    filename: Vec<PathBuf>,

    /// The objects of a kustomization: a directory with a kustomization.yaml
    #[arg(short = 'k', long, value_name = "DIR", conflicts_with = "filename")]
    kustomize: Option<PathBuf>,

    /// Read directories within directories too
    #[arg(short = 'R', long, requires = "filename")]
    recursive: bool,

    #[command(flatten)]
    reading: ReadingArgs,

    /// Objects of the kind with these labels
    #[arg(short = 'l', long, value_name = "SELECTOR", conflicts_with_all = ["filename", "kustomize"])]
    selector: Option<String>,

    /// All objects of the kind
    #[arg(long, conflicts_with_all = ["filename", "kustomize", "selector"])]
    all: bool,

    /// In all namespaces
    #[arg(short = 'A', long, conflicts_with_all = ["filename", "kustomize"])]
    all_namespaces: bool,

    /// It is no error when an object is not there
    #[arg(long)]
    ignore_not_found: bool,

    #[command(flatten)]
    approval: Approval,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &DeleteArgs) -> Result<Exit, CliError> {
    let context = Context::open(global, talk)?;
    let snapshot = context.state.load()?;
    let keys = keys(global, talk, args, &snapshot)?;
    if keys.is_empty() {
        talk.say("No resources found");
        return Ok(Exit::Done);
    }
    let command = command(args);
    let converge = converge(global, &context, talk, command, Takeover::Refuse);
    let round = or_interrupted(converge.look(|stored, _| stored.delete(&keys, "deleted"))).await?;
    show_plan(talk, &round);
    if !args.approval.auto_approve {
        talk.confirm("Delete this?")?;
    }
    let ending = carry_out(&converge, round).await?;
    show_retarget(&converge, talk, &ending).await?;
    Ok(say_ending(talk, &ending))
}

/// The command, for the history.
fn command(args: &DeleteArgs) -> String {
    let mut words = vec!["delete".to_owned()];
    words.extend(args.what.iter().cloned());
    words.extend(args.filename.iter().map(|path| format!("-f {}", path.display())));
    words.extend(args.kustomize.iter().map(|path| format!("-k {}", path.display())));
    words.extend(args.selector.iter().map(|selector| format!("-l {selector}")));
    words.extend(args.all.then(|| "--all".to_owned()));
    words.extend(args.all_namespaces.then(|| "-A".to_owned()));
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
    if let Some(directory) = &args.kustomize {
        let objects = kustomized_objects(directory, &args.reading, global, talk)?;
        keys.extend(objects.iter().map(Object::key));
    } else if args.filename.is_empty() {
        keys.extend(asked_for(global, args, stored)?);
    } else {
        let depth = if args.recursive { Depth::All } else { Depth::One };
        let objects = read_objects(&args.filename, depth, &args.reading, global, talk)?;
        keys.extend(objects.iter().map(Object::key));
    }
    for key in &keys {
        deletable(key, snapshot)?;
    }
    let missing: Vec<ObjectKey> = keys.iter().filter(|key| !exists(stored, key)).cloned().collect();
    if let (Some(key), false) = (missing.first(), args.ignore_not_found) {
        let what = Kind::named(&key.kind).map_or_else(|| key.kind.clone(), Kind::plural);
        return Err(CliError::NotFound { what, name: key.name.clone() });
    }
    keys.retain(|key| exists(stored, key));
    Ok(keys)
}

/// The objects that the words of the command line name or choose.
fn asked_for(
    global: &Global,
    args: &DeleteArgs,
    stored: &Desired,
) -> Result<Vec<ObjectKey>, CliError> {
    match What::parse(&args.what)? {
        What::Kinds(kinds) => chosen(global, args, stored, &kinds),
        What::Named(_) if args.selector.is_some() || args.all || args.all_namespaces => {
            Err(CliError::Usage {
                problem: "objects are chosen either by name or by -l, --all and -A".to_owned(),
                hint: "leave the names out, or name the namespace with -n".to_owned(),
            })
        }
        What::Named(named) => named.iter().map(|(kind, name)| key(global, *kind, name)).collect(),
    }
}

/// The objects of some kinds by their labels, or all of them if that was said.
fn chosen(
    global: &Global,
    args: &DeleteArgs,
    stored: &Desired,
    kinds: &[Kind],
) -> Result<Vec<ObjectKey>, CliError> {
    if args.selector.is_none() && !args.all {
        return Err(CliError::Usage {
            problem: "no object is named".to_owned(),
            hint: "name objects, or choose them with -l SELECTOR, or all of the kind with --all"
                .to_owned(),
        });
    }
    let selector = Selector::parse(args.selector.as_deref().unwrap_or_default())?;
    let namespace = namespace(global);
    let meant = stored.objects.iter().filter(|(key, stored)| {
        let labels = stored.object.metadata().labels.clone().unwrap_or_default();
        kinds.iter().any(|kind| kind.object() == key.kind)
            && (args.all_namespaces || key.namespace.is_empty() || key.namespace == namespace)
            && selector.matches(&labels)
    });
    Ok(meant.map(|(key, _)| key.clone()).collect())
}

fn key(global: &Global, kind: Kind, name: &str) -> Result<ObjectKey, CliError> {
    if kind == Kind::Node {
        return Err(CliError::Usage {
            problem: "hosts are not objects that can be deleted".to_owned(),
            hint: format!("take {name} out of {} and apply", global.inventory.display()),
        });
    }
    let namespace = if kind.is_namespaced() { namespace(global) } else { String::new() };
    Ok(ObjectKey::new(kind.object(), namespace, name))
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
    let mut bound = snapshot.bindings.pods.iter();
    let owner = bound.find_map(|(pod, binding)| {
        let same = pod.namespace == key.namespace && pod.name == key.name;
        binding.owner.clone().filter(|_| same)
    });
    match owner {
        Some(owner) => Err(CliError::Usage {
            problem: format!("pod {} is made by {owner}, which would make it again", key.name),
            hint: format!("delete or change {owner} instead"),
        }),
        None => Ok(()),
    }
}
