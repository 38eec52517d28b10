//! `bowline set resources`.

use clap::Args;
use serde_json::{Map, Value};

use super::super::change::{Change, Words};
use super::super::global::Global;
use super::super::what::KindWords;
use super::super::{CliError, Exit, Talk};
use super::{SetFlags, change_pods, containers, matches, name, no_container};

/// Change what containers ask for and how much they may use
///
/// `bowline set resources deploy web --requests=cpu=100m,memory=64Mi --limits=memory=128Mi`. An amount of 0 takes an entry away.
#[derive(Debug, Args)]
pub(super) struct ResourcesArgs {
    /// A kind and names, or KIND/NAME
    #[arg(required = true, value_name = "KIND", value_parser = KindWords, hide_possible_values = true)]
    what: Vec<String>,

    /// Only these containers; * stands for any text
    #[arg(short, long, value_name = "NAME", default_value = "*")]
    containers: String,

    /// How much they may use, such as cpu=500m,memory=128Mi
    #[arg(long, value_name = "AMOUNTS", required_unless_present = "requests")]
    limits: Option<String>,

    /// How much they ask for
    #[arg(long, value_name = "AMOUNTS")]
    requests: Option<String>,

    #[command(flatten)]
    flags: SetFlags,
}

pub(super) async fn run(
    global: &Global,
    talk: &Talk,
    args: &ResourcesArgs,
) -> Result<Exit, CliError> {
    let amounts = [("limits", &args.limits), ("requests", &args.requests)];
    let given = amounts.iter().filter_map(|(field, text)| Some((*field, text.as_deref()?)));
    let given: Vec<(&str, Vec<(String, String)>)> = given
        .clone()
        .map(|(field, text)| Ok((field, parse(field, text)?)))
        .collect::<Result<_, CliError>>()?;
    let change = Change::open(global, talk, &args.flags.change)?;
    let keys = args.flags.choosing.keys(global, &args.what, change.stored())?;
    let mut command = vec!["set resources".to_owned()];
    command.extend(args.what.iter().cloned());
    command.extend(args.flags.choosing.words());
    for (field, text) in amounts {
        command.extend(text.iter().map(|text| format!("--{field}={text}")));
    }
    let (done, same) = ("resource requirements updated", "resource requirements unchanged");
    let said = Words { command: command.join(" "), done, same };
    change_pods(change, &keys, &said, |key, spec| {
        let mut found = false;
        for one in containers(spec).filter(|one| matches(&args.containers, name(one))) {
            found = true;
            for (field, amounts) in &given {
                set(&mut one["resources"][field], amounts);
            }
        }
        if found { Ok(()) } else { Err(no_container(key, &args.containers, spec)) }
    })
    .await
}

fn set(field: &mut Value, amounts: &[(String, String)]) {
    let mut map = field.as_object().cloned().unwrap_or_else(Map::new);
    for (name, amount) in amounts {
        if amount == "0" {
            map.remove(name);
        } else {
            map.insert(name.clone(), Value::from(amount.as_str()));
        }
    }
    *field = Value::Object(map);
}

/// Reads `cpu=500m,memory=128Mi`. Whether the amounts are any is asked with the whole object.
fn parse(flag: &str, text: &str) -> Result<Vec<(String, String)>, CliError> {
    let pair = |word: &str| {
        let (name, amount) =
            word.split_once('=').filter(|(name, amount)| !name.is_empty() && !amount.is_empty())?;
        Some((name.to_owned(), amount.to_owned()))
    };
    let pairs: Option<Vec<_>> = text.split(',').map(pair).collect();
    pairs.ok_or_else(|| CliError::Usage {
        problem: format!("`{text}` is no list of amounts"),
        hint: format!("for instance --{flag}=cpu=500m,memory=128Mi"),
    })
}
