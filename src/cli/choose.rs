//! Which stored objects a command is about: named, or chosen by kind and labels.

use clap::Args;

use super::CliError;
use super::global::Global;
use super::look::namespace;
use super::what::What;
use crate::desired::{Desired, Stored};
use crate::model::{Kind, ObjectKey, Selector};
use crate::state::Snapshot;

/// What is said where nothing was chosen.
pub(super) const NOTHING: &str = "No resources found";

/// Flags that choose objects of a kind.
#[derive(Debug, Args)]
pub(super) struct Choosing {
    /// Objects of the kind with these labels
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// All objects of the kind
    #[arg(long, conflicts_with = "selector", num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    all: bool,

    /// In all namespaces
    #[arg(short = 'A', long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    all_namespaces: bool,
}

impl Choosing {
    /// The objects that these words name, or that these flags choose of the kinds that they name.
    pub(super) fn keys(
        &self,
        global: &Global,
        words: &[String],
        stored: &Desired,
    ) -> Result<Vec<ObjectKey>, CliError> {
        match What::parse(words)? {
            What::Kinds(kinds) => self.chosen(global, stored, &kinds),
            What::Named(_) if self.selector.is_some() || self.all || self.all_namespaces => {
                Err(CliError::Usage {
                    problem: "objects are chosen either by name or by -l, --all and -A".to_owned(),
                    hint: "leave the names out, or name the namespace with -n".to_owned(),
                })
            }
            What::Named(named) => {
                named.iter().map(|(kind, name)| key(global, *kind, name)).collect()
            }
        }
    }

    /// The objects of some kinds by their labels, or all of them if that was said.
    fn chosen(
        &self,
        global: &Global,
        stored: &Desired,
        kinds: &[Kind],
    ) -> Result<Vec<ObjectKey>, CliError> {
        if self.selector.is_none() && !self.all {
            return Err(CliError::Usage {
                problem: "no object is named".to_owned(),
                hint:
                    "name objects, or choose them with -l SELECTOR, or all of the kind with --all"
                        .to_owned(),
            });
        }
        let selector = Selector::parse(self.selector.as_deref().unwrap_or_default())?;
        let namespace = namespace(global);
        let meant = stored.objects.iter().filter(|(key, stored)| {
            let labels = stored.object.metadata().labels.clone().unwrap_or_default();
            kinds.iter().any(|kind| kind.object() == key.kind)
                && (self.all_namespaces || key.namespace.is_empty() || key.namespace == namespace)
                && selector.matches(&labels)
        });
        Ok(meant.map(|(key, _)| key.clone()).collect())
    }

    /// The labels that are chosen by, and whether all are meant.
    pub(super) fn labels(&self) -> (Option<&str>, bool) {
        (self.selector.as_deref(), self.all)
    }

    /// The flags as they were typed, for the history.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        words.extend(self.selector.iter().map(|selector| format!("-l {selector}")));
        words.extend(self.all.then(|| "--all".to_owned()));
        words.extend(self.all_namespaces.then(|| "-A".to_owned()));
        words
    }
}

/// The key of an object of this kind and name in the namespace that the command works in.
fn key(global: &Global, kind: Kind, name: &str) -> Result<ObjectKey, CliError> {
    if kind == Kind::Node {
        return Err(CliError::Usage {
            problem: "hosts are not objects that can be changed or deleted".to_owned(),
            hint: format!("change or take out {name} in {} and apply", global.inventory.display()),
        });
    }
    let namespace = if kind.is_namespaced() { namespace(global) } else { String::new() };
    Ok(ObjectKey::new(kind.object(), namespace, name))
}

/// A stored object, or why there is none of this name.
pub(super) fn stored<'s>(snapshot: &'s Snapshot, key: &ObjectKey) -> Result<&'s Stored, CliError> {
    snapshot.desired.objects.get(key).ok_or_else(|| match maker(snapshot, key) {
        Some(maker) => CliError::Usage {
            problem: format!("pod {} is made by {maker}, which states what it is", key.name),
            hint: format!("change {maker} instead"),
        },
        None => not_found(key),
    })
}

/// That an object is not there.
pub(super) fn not_found(key: &ObjectKey) -> CliError {
    let what = Kind::named(&key.kind).map_or_else(|| key.kind.clone(), Kind::plural);
    CliError::NotFound { what, name: key.name.clone() }
}

/// The object that makes a pod of this name, if one does.
pub(super) fn maker(snapshot: &Snapshot, key: &ObjectKey) -> Option<ObjectKey> {
    let is_pod = key.kind == Kind::Pod.object();
    let mut bound = snapshot.bindings.pods.iter().filter(|_| is_pod);
    bound.find_map(|(pod, binding)| {
        let same = pod.namespace == key.namespace && pod.name == key.name;
        binding.owner.clone().filter(|_| same)
    })
}

/// The one object that a command is about.
pub(super) fn one_key(
    global: &Global,
    words: &[String],
    verb: &str,
) -> Result<ObjectKey, CliError> {
    match What::parse(words)? {
        What::Named(named) if named.len() == 1 => key(global, named[0].0, &named[0].1),
        What::Named(_) | What::Kinds(_) => Err(CliError::Usage {
            problem: "one object has to be named".to_owned(),
            hint: format!("for instance: bowline {verb} deployment/web"),
        }),
    }
}
