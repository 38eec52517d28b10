//! Manifests that are a source: a set of objects with a name, merged into what is stored; what leaves the set is pruned.

use std::path::Path;

use clap::Args;
use jiff::Timestamp;
use serde_json::Value;

use super::context::Context;
use super::given::Given;
use super::global::Global;
use super::reading::ReadingArgs;
use super::{CliError, Talk};
use crate::converge::{Aim, Moves};
use crate::desired::{Application, Desired, Prune, SetName, without_stamp};
use crate::document::{Finding, Report, Source};
use crate::immutable::check_updates;
use crate::inventory::Inventory;
use crate::manifest::{ReadObject, ReadOptions, Reading, Stated, read};
use crate::model::{FleetName, ObjectKey};
use crate::references::check_references;
use crate::render::{ObjectForm, Objects, objects_text};
use crate::state::Snapshot;

/// Manifests, and the source that they are.
#[derive(Debug, Args)]
pub(super) struct ManifestArgs {
    #[command(flatten)]
    given: Given,

    #[command(flatten)]
    reading: ReadingArgs,

    /// Name this set of objects; what leaves the set is pruned. Without a name, the path given by -f is the name
    #[arg(long, value_name = "NAME", requires = "given")]
    set: Option<String>,

    /// Whether objects that have left the set are deleted
    #[arg(long, value_name = "WHETHER", default_value = "true", num_args = 0..=1, default_missing_value = "true", action = clap::ArgAction::Set)]
    prune: bool,
}

/// Manifests that were read and are free of errors.
#[derive(Clone, Debug)]
pub(super) struct Manifests {
    /// The source's name.
    pub(super) set: SetName,
    /// The objects as the manifests state them.
    pub(super) objects: Vec<Stated>,
    /// Whether what has left the set is deleted.
    pub(super) prune: bool,
}

impl Manifests {
    /// What should be if there is nothing else.
    pub(super) fn desired(&self, fleet: &FleetName, now: Timestamp) -> Desired {
        let (set, objects, prune) = (self.set.clone(), self.objects.as_slice(), Prune::Nothing);
        Desired::default().apply(&Application { fleet, set, objects, prune, now }).0
    }
}

impl ManifestArgs {
    /// Whether any were named.
    pub(super) fn given(&self) -> bool {
        self.given.is_some()
    }

    /// The flag that names them, for the history.
    pub(super) fn flag(&self) -> &'static str {
        self.given.flag()
    }

    /// Reads them if any were named; errors in any of them are an error, notices are said.
    pub(super) fn read(
        &self,
        global: &Global,
        context: &Context,
        stored: &Desired,
        talk: &Talk,
    ) -> Result<Option<Manifests>, CliError> {
        if !self.given() {
            return Ok(None);
        }
        let mut reading = self.given.read(&self.reading, global)?;
        merge(&mut reading, stored);
        fit(&mut reading, stored, &context.inventory);
        self.source(reading, global, talk).map(Some)
    }

    /// Reads them as if nothing else were anywhere: what they name may be stored in a fleet that nobody looks at.
    pub(super) fn read_apart(&self, global: &Global, talk: &Talk) -> Result<Manifests, CliError> {
        let reading = self.given.read(&self.reading, global)?;
        self.source(reading, global, talk)
    }

    fn source(
        &self,
        reading: Reading,
        global: &Global,
        talk: &Talk,
    ) -> Result<Manifests, CliError> {
        let objects = without_errors(reading, talk)?;
        if objects.is_empty() {
            // An empty source would prune everything that it held: more likely the command before the pipe has failed.
            return Err(CliError::Usage {
                problem: "no objects passed: the manifests are empty".to_owned(),
                hint: "to delete what a source held, type: bowline delete -f PATH".to_owned(),
            });
        }
        Ok(Manifests {
            set: SetName(self.set_name(global)),
            objects: objects.into_iter().map(|read| read.stated).collect(),
            prune: self.prune && self.is_one_source(),
        })
    }

    /// Whether the same source can be told again.
    fn is_one_source(&self) -> bool {
        self.set.is_some() || self.given.can_be_read_again()
    }

    /// The name of the source: the one given, or the paths, as they are seen from the directory that the state belongs to;
    /// with it the namespace that is given.
    fn set_name(&self, global: &Global) -> String {
        // Two namespaces are two sources, as they are two ApplySets: what is in the one has not left the other.
        let namespace = global.namespace.as_ref().map(|name| format!(" -n {name}"));
        let namespace = namespace.unwrap_or_default();
        if let Some(name) = &self.set {
            return name.clone() + &namespace;
        }
        let fleet = global.state.parent().and_then(Path::parent).unwrap_or_else(|| Path::new(""));
        let fleet = if fleet.as_os_str().is_empty() { Path::new(".") } else { fleet };
        let fleet = fleet.canonicalize().unwrap_or_else(|_| fleet.to_owned());
        self.given.name(&fleet) + &namespace
    }
}

/// Replaces each object by what it becomes when it is applied to what is stored. Where others have set fields that the manifest
/// does not speak of, the outcome is another object than the one that was checked, and is checked as well.
fn merge(reading: &mut Reading, stored: &Desired) {
    for read in &mut reading.objects {
        let merged = stored.merged(&read.stated);
        if merged != read.object {
            let (name, json) = (shown(&merged.key()), without_stamp(&merged).to_json());
            let whole = rendered([(name, json)]);
            reading.findings.extend(whole.findings.into_iter().filter(Finding::is_error));
            read.object = merged;
        }
    }
}

/// Objects as if they were read from manifests that state all of them, each under a name.
pub(super) fn rendered(objects: impl IntoIterator<Item = (String, Value)>) -> Reading {
    let sources = objects
        .into_iter()
        .map(|(name, json)| Source::new(name, objects_text(ObjectForm::Yaml, Objects::One(json))));
    read(&sources.collect::<Vec<_>>(), &ReadOptions::default())
}

/// An object as a person names it on the command line: `deployment/web`.
pub(super) fn shown(key: &ObjectKey) -> String {
    format!("{}/{}", key.kind.to_lowercase(), key.name)
}

/// Asks whether objects fit to each other, to what is stored and to the hosts.
pub(super) fn fit(reading: &mut Reading, stored: &Desired, inventory: &Inventory) {
    reading.findings.extend(check_references(&reading.objects, stored, Some(inventory)));
    reading.findings.extend(check_updates(&reading.objects, stored));
}

/// The objects, if there is no error among the findings; what is not an error is said.
pub(super) fn without_errors(reading: Reading, talk: &Talk) -> Result<Vec<ReadObject>, CliError> {
    let failed = reading.has_errors();
    let report = Report { findings: reading.findings };
    if failed {
        let what = "the manifests".to_owned();
        return Err(CliError::Findings { what, report });
    }
    for finding in &report.findings {
        let (line, _) = finding.source.position(finding.span.start);
        let place = format!("{}:{line}", finding.source.name());
        talk.say(&format!("{}: {place}: {}", finding.severity, finding.message));
    }
    Ok(reading.objects)
}

/// What should be, after manifests have been applied to what is stored; without any, what is stored.
pub(super) fn aim(
    manifests: Option<&Manifests>,
    context: &Context,
    before: Snapshot,
    now: Timestamp,
) -> Aim {
    let (desired, object_changes) = match manifests {
        None => (before.desired.clone(), Vec::new()),
        Some(manifests) => before.desired.apply(&Application {
            fleet: &context.inventory.fleet,
            set: manifests.set.clone(),
            objects: &manifests.objects,
            prune: if manifests.prune { Prune::Left } else { Prune::Nothing },
            now,
        }),
    };
    Aim { before, desired, object_changes, now, moves: Moves::None }
}
