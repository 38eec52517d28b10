//! `bowline label node` and `bowline annotate node`.

use serde_json::{Map, Value};

use super::{HostChange, Reach, Said, Which};
use crate::cli::change::ChangeArgs;
use crate::cli::global::Global;
use crate::cli::pairs::Pairs;
use crate::cli::{CliError, Exit, Talk};
use crate::inventory::Host;
use crate::model::Labels;
use crate::model::names::{label_key, label_value};

/// What is changed of hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Marks {
    Labels,
    Annotations,
}

/// How hosts are marked.
pub(in crate::cli) struct Marking<'a> {
    pub(in crate::cli) marks: Marks,
    pub(in crate::cli) which: Which,
    pub(in crate::cli) pairs: &'a Pairs,
    /// Whether a key that has another value gets this one.
    pub(in crate::cli) overwrite: bool,
    /// The command, for the history.
    pub(in crate::cli) command: String,
}

pub(in crate::cli) async fn mark(
    global: &Global,
    talk: &Talk,
    args: &ChangeArgs,
    marking: Marking<'_>,
) -> Result<Exit, CliError> {
    let Marking { marks, which, pairs, overwrite, command } = marking;
    check(marks, pairs)?;
    args.prints_names("bowline get node NAME -o yaml")?;
    let change = HostChange::open(global, talk)?;
    let mut hosts = change.hosts(&which)?;
    let mut lines = Vec::new();
    for host in &mut hosts {
        let before = of(marks, host).clone();
        let map: Map<String, Value> =
            before.iter().map(|(k, v)| (k.clone(), Value::from(v.as_str()))).collect();
        if let (Some((key, value)), false) = (pairs.conflict(&map), overwrite) {
            return Err(CliError::Usage {
                problem: format!("node/{}: `{key}` already has a value ({value})", host.name),
                hint: "add --overwrite to give it another".to_owned(),
            });
        }
        let after = of(marks, host);
        after.extend(pairs.set.iter().cloned());
        after.retain(|key, _| !pairs.remove.contains(key));
        let (done, same) = match marks {
            Marks::Labels if pairs.set.is_empty() => ("unlabeled", "not labeled"),
            Marks::Labels => ("labeled", "not labeled"),
            Marks::Annotations => ("annotated", "not annotated"),
        };
        let word = if *after == before { same } else { done };
        let word = if args.is_names() { String::new() } else { format!(" {word}") };
        lines.push(format!("node/{}{word}", host.name));
    }
    let reach = match marks {
        Marks::Labels => Reach::CarriedOut,
        Marks::Annotations => Reach::Written,
    };
    let said = Said { hosts, lines, command, reach };
    change.carry_out(said, args.dry_run, &args.approval).await
}

fn of(marks: Marks, host: &mut Host) -> &mut Labels {
    match marks {
        Marks::Labels => &mut host.labels,
        Marks::Annotations => &mut host.annotations,
    }
}

fn check(marks: Marks, pairs: &Pairs) -> Result<(), CliError> {
    let wrong = |what: &str, why: String| CliError::Usage {
        problem: format!("`{what}` {why}"),
        hint: "write KEY=VALUE to set, KEY- to remove".to_owned(),
    };
    for (key, value) in &pairs.set {
        label_key(key).map_err(|why| wrong(key, why))?;
        if marks == Marks::Labels {
            label_value(value).map_err(|why| wrong(value, why))?;
        }
    }
    Ok(())
}
