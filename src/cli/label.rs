//! `bowline label` and `bowline annotate`: metadata of stored objects.

use clap::Args;
use serde_json::{Map, Value};

use super::change::{Change, ChangeArgs, Changed, Words};
use super::choose::{Choosing, NOTHING, stored};
use super::global::Global;
use super::hosts::Which;
use super::hosts::marks::{Marking, Marks, mark};
use super::manifests::shown;
use super::pairs::Pairs;
use super::{CliError, Exit, Talk};
use crate::model::Kind;

/// Change labels of stored objects and of hosts
///
/// `bowline label deploy web tier=front`, `bowline label pods --all tier-`, `bowline label svc -l app=web team=a --overwrite`,
/// `bowline label node web-1 disk=ssd`. What a manifest says of a label, the next `apply` says again. What is said of a host stands
/// over the inventory, until the inventory says something else of the same label.
#[derive(Debug, Args)]
pub(super) struct LabelArgs {
    #[command(flatten)]
    pairs: PairArgs,
}

/// Change annotations of stored objects and of hosts
///
/// `bowline annotate deploy web owner=anna`, `bowline annotate deploy/web svc/web owner-`.
#[derive(Debug, Args)]
pub(super) struct AnnotateArgs {
    #[command(flatten)]
    pairs: PairArgs,
}

#[derive(Debug, Args)]
struct PairArgs {
    /// A kind and names, or KIND/NAME; then KEY=VALUE to set, KEY- to remove
    #[arg(required = true, value_name = "KIND NAME... KEY=VALUE|KEY-")]
    words: Vec<String>,

    #[command(flatten)]
    choosing: Choosing,

    /// Give another value to what has one already
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    overwrite: bool,

    #[command(flatten)]
    change: ChangeArgs,
}

/// What is changed.
struct Field {
    command: &'static str,
    name: &'static str,
    done: &'static str,
    same: &'static str,
    marks: Marks,
}

pub(super) async fn label(
    global: &Global,
    talk: &Talk,
    args: &LabelArgs,
) -> Result<Exit, CliError> {
    let (name, done, same) = ("labels", "labeled", "not labeled");
    let marks = Marks::Labels;
    run(global, talk, &args.pairs, Field { command: "label", name, done, same, marks }).await
}

pub(super) async fn annotate(
    global: &Global,
    talk: &Talk,
    args: &AnnotateArgs,
) -> Result<Exit, CliError> {
    let (name, done, same) = ("annotations", "annotated", "not annotated");
    let marks = Marks::Annotations;
    run(global, talk, &args.pairs, Field { command: "annotate", name, done, same, marks }).await
}

async fn run(
    global: &Global,
    talk: &Talk,
    args: &PairArgs,
    field: Field,
) -> Result<Exit, CliError> {
    let (words, pairs) = Pairs::split(&args.words);
    let pairs = Pairs::parse(pairs)?;
    if names_hosts(words) {
        let (selector, all) = args.choosing.labels();
        let which = Which::of(Which::names(words)?, selector, all)?;
        let (marks, overwrite) = (field.marks, args.overwrite);
        let command = typed(args, &field);
        let marking = Marking { marks, which, pairs: &pairs, overwrite, command };
        return mark(global, talk, &args.change, marking).await;
    }
    let change = Change::open(global, talk, &args.change)?;
    let mut changed = Vec::new();
    for key in args.choosing.keys(global, words, change.stored())? {
        let mut one = Changed::of(&key, stored(&change.before, &key)?);
        let map = mapping(&mut one.json, field.name);
        if let (Some((name, value)), false) = (pairs.conflict(map), args.overwrite) {
            return Err(CliError::Usage {
                problem: format!("{}: `{name}` already has a value ({value})", shown(&key)),
                hint: "add --overwrite to give it another".to_owned(),
            });
        }
        pairs.change(map);
        changed.push(one);
    }
    if changed.is_empty() {
        talk.say(NOTHING);
        return Ok(Exit::Done);
    }
    let only_removes = field.marks == Marks::Labels && pairs.set.is_empty();
    let done = if only_removes { "unlabeled" } else { field.done };
    let words = Words { command: typed(args, &field), done, same: field.same };
    change.carry_out(&changed, &words).await
}

/// The command as it was typed, for the history.
fn typed(args: &PairArgs, field: &Field) -> String {
    let mut command = vec![field.command.to_owned()];
    command.extend(args.words.iter().cloned());
    command.extend(args.choosing.words());
    command.join(" ")
}

/// Whether the first of these words says that hosts are meant.
fn names_hosts(words: &[String]) -> bool {
    let first =
        words.first().map(|word| word.split_once('/').map_or(word.as_str(), |(kind, _)| kind));
    first.is_some_and(|word| Kind::parse(word) == Ok(Kind::Node))
}

/// The labels or annotations of an object.
fn mapping<'j>(object: &'j mut Value, name: &str) -> &'j mut Map<String, Value> {
    let field = &mut object["metadata"][name];
    if !field.is_object() {
        *field = Value::Object(Map::new());
    }
    field.as_object_mut().expect("it was made an object above")
}
