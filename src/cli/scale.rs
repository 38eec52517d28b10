//! `bowline scale`: how many pods there should be.

use clap::Args;
use serde_json::json;

use super::change::{Change, ChangeArgs, Changed, Words};
use super::choose::{Choosing, stored};
use super::global::Global;
use super::manifests::shown;
use super::what::KindWords;
use super::{CliError, Exit, Talk};
use crate::model::ObjectKey;

/// Change how many pods a Deployment or another workload has
///
/// `bowline scale deploy web --replicas=5`. A manifest that says `replicas` says it again with the next `apply`; leave the field
/// out of it where the number is set by hand.
#[derive(Debug, Args)]
pub(super) struct ScaleArgs {
    /// A kind and names, or KIND/NAME
    #[arg(required = true, value_name = "KIND", value_parser = KindWords, hide_possible_values = true)]
    what: Vec<String>,

    #[command(flatten)]
    choosing: Choosing,

    /// How many there should be
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    replicas: i32,

    /// Only if so many are asked for now
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    current_replicas: Option<i32>,

    #[command(flatten)]
    change: ChangeArgs,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &ScaleArgs) -> Result<Exit, CliError> {
    let change = Change::open(global, talk, &args.change)?;
    let mut changed = Vec::new();
    for key in args.choosing.keys(global, &args.what, change.stored())? {
        let mut one = Changed::of(&key, stored(&change.before, &key)?);
        scalable(&key)?;
        let now = one.json["spec"]["replicas"].as_i64().unwrap_or(1);
        if let Some(expected) = args.current_replicas.filter(|n| i64::from(*n) != now) {
            return Err(CliError::Usage {
                problem: format!("{} asks for {now} replicas, not {expected}", shown(&key)),
                hint: "leave --current-replicas out to scale it all the same".to_owned(),
            });
        }
        one.json["spec"]["replicas"] = json!(args.replicas);
        changed.push(one);
    }
    if changed.is_empty() {
        return Err(CliError::Usage {
            problem: "no objects passed to scale".to_owned(),
            hint: "to see what there is, type: bowline get deployments -A".to_owned(),
        });
    }
    let mut command = vec!["scale".to_owned()];
    command.extend(args.what.iter().cloned());
    command.extend(args.choosing.words());
    command.push(format!("--replicas={}", args.replicas));
    let words = Words { command: command.join(" "), done: "scaled", same: "scaled" };
    change.carry_out(&changed, &words).await
}

fn scalable(key: &ObjectKey) -> Result<(), CliError> {
    let kinds = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"];
    if kinds.contains(&key.kind.as_str()) {
        return Ok(());
    }
    Err(CliError::Usage {
        problem: format!("{} has no number of replicas", shown(key)),
        hint: format!("what can be scaled: {}", kinds.join(", ")),
    })
}
