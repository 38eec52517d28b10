//! `-f`: manifests from files, directories and standard input, and the name of the source that they are.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use jiff::Timestamp;
use serde_json::Value;

use super::context::Context;
use super::global::Global;
use super::kustomize::built;
use super::reading::ReadingArgs;
use super::{CliError, Talk};
use crate::converge::Aim;
use crate::desired::{Application, Desired, Prune, SetName, without_stamp};
use crate::document::{Finding, MAX_BYTES, Report, Source};
use crate::immutable::check_updates;
use crate::inventory::Inventory;
use crate::manifest::{
    ReadObject, ReadOptions, Reading, Stated, is_manifest_name, read, read_documents,
};
use crate::model::{Object, ObjectKey};
use crate::references::check_references;
use crate::render::{ObjectForm, Objects, objects_text};
use crate::state::Snapshot;

/// Where manifests come from.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("manifests").args(["filename", "kustomize"])))]
pub(super) struct ManifestArgs {
    /// A manifest file, a directory of them, or - for standard input
    #[arg(short, long = "filename", value_name = "PATH")]
    filename: Vec<PathBuf>,

    /// A directory with a kustomization.yaml
    #[arg(short = 'k', long, value_name = "DIR")]
    kustomize: Option<PathBuf>,

    /// Read directories within directories too
    #[arg(short = 'R', long, requires = "filename", num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    recursive: bool,

    #[command(flatten)]
    reading: ReadingArgs,

    /// Name this set of objects; what leaves the set is pruned. Without a name, the path given by -f is the name
    #[arg(long, value_name = "NAME", requires = "manifests")]
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

impl ManifestArgs {
    /// Whether any were named.
    pub(super) fn given(&self) -> bool {
        !self.filename.is_empty() || self.kustomize.is_some()
    }

    /// The flag that names them, for the history.
    pub(super) fn flag(&self) -> &'static str {
        if self.kustomize.is_some() { "-k" } else { "-f" }
    }

    /// Reads them; errors in any of them are an error, notices are said.
    pub(super) fn read(
        &self,
        global: &Global,
        context: &Context,
        stored: &Desired,
        talk: &Talk,
    ) -> Result<Manifests, CliError> {
        let mut reading = match &self.kustomize {
            Some(directory) => read_kustomization(directory, &self.reading, global)?,
            None => read_paths(&self.filename, self.depth(), &self.reading, global)?,
        };
        merge(&mut reading, stored);
        fit(&mut reading, stored, &context.inventory);
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

    /// Whether the same source can be told again: what comes by a pipe is another thing each time, unless it is named.
    fn is_one_source(&self) -> bool {
        self.set.is_some() || self.filename.iter().all(|path| path != Path::new("-"))
    }

    fn depth(&self) -> Depth {
        if self.recursive { Depth::All } else { Depth::One }
    }

    /// The name of the source: the one given, or the paths, as they are seen from the directory that the state belongs to,
    /// so that it does not matter from where the command is called; with it the namespace that is given.
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
        let name = |path: &PathBuf| {
            let full = path.canonicalize().unwrap_or_else(|_| path.clone());
            full.strip_prefix(&fleet).unwrap_or(&full).display().to_string()
        };
        let mut names: Vec<String> =
            self.filename.iter().chain(&self.kustomize).map(name).collect();
        names.sort();
        // What -R reads of a directory is another source than what is read without it.
        let depth = match (self.recursive, &self.kustomize) {
            (_, Some(_)) => "/kustomization",
            (true, None) => "/**",
            (false, None) => "",
        };
        names.join(",") + depth + &namespace
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

/// How far directories are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// The files of a directory.
    One,
    /// Those of the directories within as well.
    All,
}

/// Reads manifests for themselves, without regard to what is stored.
pub(super) fn read_objects(
    paths: &[PathBuf],
    depth: Depth,
    how: &ReadingArgs,
    global: &Global,
    talk: &Talk,
) -> Result<Vec<Object>, CliError> {
    let objects = without_errors(read_paths(paths, depth, how, global)?, talk)?;
    Ok(objects.into_iter().map(|read| read.object).collect())
}

/// Reads the objects that a kustomization comes to, without regard to what is stored.
pub(super) fn kustomized_objects(
    directory: &Path,
    how: &ReadingArgs,
    global: &Global,
    talk: &Talk,
) -> Result<Vec<Object>, CliError> {
    let objects = without_errors(read_kustomization(directory, how, global)?, talk)?;
    Ok(objects.into_iter().map(|read| read.object).collect())
}

pub(super) fn read_kustomization(
    directory: &Path,
    how: &ReadingArgs,
    global: &Global,
) -> Result<Reading, CliError> {
    let built = built(directory)?;
    Ok(read_documents(built.documents(), &how.options(global)))
}

/// Reads manifests with all that is to be said of them.
pub(super) fn read_paths(
    paths: &[PathBuf],
    depth: Depth,
    how: &ReadingArgs,
    global: &Global,
) -> Result<Reading, CliError> {
    let mut sources = Vec::new();
    for path in paths {
        gather(path, depth, &mut sources)?;
    }
    if sources.is_empty() {
        let paths: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
        return Err(CliError::Usage {
            problem: format!("no .yaml, .yml or .json file in {}", paths.join(", ")),
            hint: "name a file, or add -R to read the directories within".to_owned(),
        });
    }
    Ok(read(&how.rendered(sources)?, &how.options(global)))
}

fn gather(path: &Path, depth: Depth, sources: &mut Vec<Source>) -> Result<(), CliError> {
    let unreadable = |path: &Path, error: &std::io::Error| CliError::Read {
        path: path.to_owned(),
        cause: error.to_string(),
        hint: "-f names a file, a directory, or - for standard input".to_owned(),
    };
    if path == Path::new("-") {
        let text = bounded(std::io::stdin().lock()).map_err(|error| unreadable(path, &error))?;
        sources.push(Source::new("-", text));
        return Ok(());
    }
    if !path.is_dir() {
        let text = std::fs::File::open(path).and_then(bounded);
        let text = text.map_err(|error| unreadable(path, &error))?;
        sources.push(Source::new(path.display().to_string(), text));
        return Ok(());
    }
    let entries = std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    // A file that is passed over is a file whose objects are pruned: what cannot be read is an error.
    let paths: std::io::Result<Vec<PathBuf>> = entries.map(|e| e.map(|e| e.path())).collect();
    let mut paths = paths.map_err(|error| unreadable(path, &error))?;
    paths.sort();
    for inner in paths {
        let name = inner.file_name().map(|name| name.to_string_lossy().into_owned());
        let named = name.is_some_and(|name| is_manifest_name(&name));
        if inner.is_dir() && depth == Depth::All || !inner.is_dir() && named {
            gather(&inner, depth, sources)?;
        }
    }
    Ok(())
}

/// The whole of a text, if it is no longer than what is read of one: a device or a pipe may have no end.
fn bounded(from: impl std::io::Read) -> std::io::Result<String> {
    let mut text = String::new();
    from.take(MAX_BYTES as u64 + 1).read_to_string(&mut text)?;
    if text.len() > MAX_BYTES {
        let mib = MAX_BYTES >> 20;
        return Err(std::io::Error::other(format!(
            "it has more than {mib} MiB, the most that is read"
        )));
    }
    Ok(text)
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
    Aim { before, desired, object_changes, now }
}
