//! `bowline taint`: what keeps pods away from hosts.

use clap::Args;

use super::{HostArgs, HostChange, Reach, Said, Which, words};
use crate::cli::global::Global;
use crate::cli::{CliError, Exit, Talk};
use crate::document::closest;
use crate::inventory::{Host, Taint, TaintEffect};
use crate::model::Kind;
use crate::model::names::label_key;

/// Set and remove taints of hosts
///
/// `bowline taint node web-1 dedicated=db:NoSchedule`, `bowline taint node -l tier=front gpu-`, `bowline taint node --all
/// old:NoExecute-`. What is said here is stored and stands over the inventory, until the inventory says something else of the same
/// taint.
#[derive(Debug, Args)]
pub(in crate::cli) struct TaintArgs {
    /// `node` and names; then KEY=VALUE:EFFECT or KEY:EFFECT to set, KEY- or KEY:EFFECT- to remove
    #[arg(required = true, value_name = "node NAME... KEY[=VALUE]:EFFECT|KEY[:EFFECT]-")]
    words: Vec<String>,

    /// Give another value to a taint of the same key and effect
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    overwrite: bool,

    #[command(flatten)]
    args: HostArgs,
}

/// What happens to taints.
#[derive(Debug, Default, PartialEq, Eq)]
struct Taints {
    set: Vec<Taint>,
    /// By key, and by effect where one is named.
    remove: Vec<(String, Option<TaintEffect>)>,
}

pub(in crate::cli) async fn run(
    global: &Global,
    talk: &Talk,
    args: &TaintArgs,
) -> Result<Exit, CliError> {
    let is_taint = |word: &String| word.contains(['=', ':']) || word.ends_with('-');
    let at = args.words.iter().position(is_taint).unwrap_or(args.words.len());
    let (chosen, taints) = args.words.split_at(at);
    let taints = Taints::parse(taints)?;
    let HostArgs { choosing, dry_run, approval } = &args.args;
    if let Some(first) = chosen.first().filter(|word| names_no_kind(word)) {
        return Err(CliError::Usage {
            problem: format!("`{first}` is no kind of objects"),
            hint: format!("write: bowline taint node {}", nodes_first(chosen, &args.words[at..])),
        });
    }
    let which = Which::of(Which::names(chosen)?, choosing.selector.as_deref(), choosing.all)?;
    let change = HostChange::open(global, talk)?;
    let mut hosts = change.hosts(&which)?;
    let mut lines = Vec::new();
    for host in &mut hosts {
        if let Some(taint) = taints.conflict(host).filter(|_| !args.overwrite) {
            return Err(CliError::Usage {
                problem: format!(
                    "node {} already has {} taint(s) with same effect(s) and --overwrite is false",
                    host.name, taint.key
                ),
                hint: "add --overwrite to give it another value".to_owned(),
            });
        }
        let (added, removed) = taints.change(host)?;
        let word = match (added, removed) {
            _ if args.overwrite => "modified",
            (true, true) => "modified",
            (true, false) => "tainted",
            (false, _) => "untainted",
        };
        lines.push(format!("node/{} {word}", host.name));
    }
    let command = words("taint", &args.words, choosing);
    let said = Said { hosts, lines, command, reach: Reach::CarriedOut };
    change.carry_out(said, *dry_run, approval).await
}

/// The words of a command that taints hosts by their names: what was to be a kind is one of them, unless it is a misspelt one.
fn nodes_first(chosen: &[String], taints: &[String]) -> String {
    let mut names: Vec<&str> = chosen.iter().flat_map(|word| word.split(',')).collect();
    if names.len() > 1 && closest(names[0], ["node", "nodes", "no"]).is_some() {
        names.remove(0);
    }
    names.into_iter().chain(taints.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
}

/// Whether a word that should begin with a kind does not, as the name of a host that the word `node` is missing before.
fn names_no_kind(word: &str) -> bool {
    !word.contains('/') && word.split(',').any(|kind| kind != "all" && Kind::parse(kind).is_err())
}

impl Taints {
    fn parse(words: &[String]) -> Result<Self, CliError> {
        let mut taints = Self::default();
        for word in words {
            match word.strip_suffix('-') {
                Some(place) => taints.remove.push(removed(place).ok_or_else(|| wrong(word))?),
                None => taints.set.push(word.parse().map_err(|_| wrong(word))?),
            }
        }
        if taints.set.is_empty() && taints.remove.is_empty() {
            return Err(CliError::Usage {
                problem: "at least one taint update is required".to_owned(),
                hint: "write KEY=VALUE:NoSchedule to set, KEY- to remove".to_owned(),
            });
        }
        for (at, taint) in taints.set.iter().enumerate() {
            let place = |other: &Taint| other.key == taint.key && other.effect == taint.effect;
            let gone = |(key, effect): &(String, Option<TaintEffect>)| {
                *key == taint.key && effect.is_none_or(|effect| effect == taint.effect)
            };
            if taints.set[..at].iter().any(place) || taints.remove.iter().any(gone) {
                return Err(CliError::Usage {
                    problem: format!("`{}` is said of twice", taint.key),
                    hint: "say of a taint once what becomes of it".to_owned(),
                });
            }
        }
        Ok(taints)
    }

    /// The taint that another one of the same key and effect is in the way of.
    fn conflict(&self, host: &Host) -> Option<&Taint> {
        self.set.iter().find(|taint| {
            host.taints.iter().any(|old| old.key == taint.key && old.effect == taint.effect)
        })
    }

    /// Changes the taints of a host; says whether some came that were not there, and whether some went.
    fn change(&self, host: &mut Host) -> Result<(bool, bool), CliError> {
        let before = host.taints.len();
        for taint in &self.set {
            host.taints.retain(|old| old.key != taint.key || old.effect != taint.effect);
            host.taints.push(taint.clone());
        }
        let added = host.taints.len() > before;
        for (key, effect) in &self.remove {
            let with = host.taints.len();
            let goes =
                |taint: &Taint| taint.key == *key && effect.is_none_or(|one| one == taint.effect);
            host.taints.retain(|taint| !goes(taint));
            if host.taints.len() == with {
                let effect = effect.map(|effect| format!(":{effect}")).unwrap_or_default();
                return Err(CliError::Usage {
                    problem: format!("taint \"{key}{effect}\" not found on node {}", host.name),
                    hint: format!("see its taints with: bowline describe node {}", host.name),
                });
            }
        }
        Ok((added, !self.remove.is_empty()))
    }
}

/// What a text such as `key`, `key:NoSchedule` or `key=value:NoSchedule` takes away.
fn removed(text: &str) -> Option<(String, Option<TaintEffect>)> {
    match text.parse::<Taint>() {
        Ok(taint) => Some((taint.key, Some(taint.effect))),
        Err(_) => label_key(text).is_ok().then(|| (text.to_owned(), None)),
    }
}

fn wrong(word: &str) -> CliError {
    CliError::Usage {
        problem: format!("`{word}` is no taint"),
        hint: "write KEY=VALUE:EFFECT or KEY:EFFECT, where EFFECT is NoSchedule, PreferNoSchedule or NoExecute; or KEY- to remove"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taints(text: &str) -> Result<Taints, CliError> {
        Taints::parse(&text.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn the_forms_of_kubectl_are_read() {
        let read = taints("a=b:NoSchedule c:NoExecute d- e:NoSchedule- f=g:PreferNoSchedule-");
        let read = read.unwrap();
        let set: Vec<String> = read.set.iter().map(ToString::to_string).collect();
        assert_eq!(set, ["a=b:NoSchedule", "c:NoExecute"]);
        let removed = [
            ("d".to_owned(), None),
            ("e".to_owned(), Some(TaintEffect::NoSchedule)),
            ("f".to_owned(), Some(TaintEffect::PreferNoSchedule)),
        ];
        assert_eq!(read.remove, removed);
        for wrong in ["a=b", "a=b:No", "-", "a=b-", "a:NoExecute a-", "a:NoExecute a=b:NoExecute"] {
            assert!(taints(wrong).is_err(), "{wrong}");
        }
    }
}
