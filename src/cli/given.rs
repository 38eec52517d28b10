//! `-f`, `-k` and `-R`: manifests from files, directories, kustomizations and standard input.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};

use super::CliError;
use super::global::Global;
use super::kustomize::built;
use super::reading::ReadingArgs;
use crate::document::{MAX_BYTES, Source};
use crate::manifest::{Reading, is_manifest_name, read, read_documents};

/// Where manifests come from: one of both. A command says by the group `given` when they must be there.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("given").args(["filename", "kustomize"])))]
pub(super) struct Given {
    /// A manifest file, a directory of them, or - for standard input
    #[arg(short, long = "filename", value_name = "PATH")]
    filename: Vec<PathBuf>,

    /// A directory with a kustomization.yaml
    #[arg(short = 'k', long, value_name = "DIR")]
    kustomize: Option<PathBuf>,

    /// Read directories within directories too
    #[arg(short = 'R', long, requires = "filename", num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    recursive: bool,
}

impl Given {
    /// Whether any were named.
    pub(super) fn is_some(&self) -> bool {
        !self.filename.is_empty() || self.kustomize.is_some()
    }

    /// Reads them for themselves, without regard to what is stored, with all that is to be said of them.
    pub(super) fn read(&self, how: &ReadingArgs, global: &Global) -> Result<Reading, CliError> {
        match &self.kustomize {
            Some(directory) => read_kustomization(directory, how, global),
            None => {
                let depth = if self.recursive { Depth::All } else { Depth::One };
                read_paths(&self.filename, depth, how, global)
            }
        }
    }

    /// The flag that names them, for the history.
    pub(super) fn flag(&self) -> &'static str {
        if self.kustomize.is_some() { "-k" } else { "-f" }
    }

    /// The flags that name them, with what they name, for the history.
    pub(super) fn words(&self) -> String {
        self.paths()
            .map(|path| format!("{} {}", self.flag(), path.display()))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Whether the same can be read again: what comes by a pipe is another thing each time.
    pub(super) fn can_be_read_again(&self) -> bool {
        self.paths().all(|path| path != Path::new("-"))
    }

    /// Their paths as they are seen from a directory, in order, so that it does not matter from where the command is called, and
    /// how they are read.
    pub(super) fn name(&self, seen_from: &Path) -> String {
        let name = |path: &PathBuf| {
            let full = path.canonicalize().unwrap_or_else(|_| path.clone());
            full.strip_prefix(seen_from).unwrap_or(&full).display().to_string()
        };
        let mut names: Vec<String> = self.paths().map(name).collect();
        names.sort();
        // What -R reads of a directory is another source than what is read without it.
        let depth = match (self.recursive, &self.kustomize) {
            (_, Some(_)) => "/kustomization",
            (true, None) => "/**",
            (false, None) => "",
        };
        names.join(",") + depth
    }

    fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.filename.iter().chain(&self.kustomize)
    }
}

/// How far directories are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// The files of a directory.
    One,
    /// Those of the directories within as well.
    All,
}

fn read_kustomization(
    directory: &Path,
    how: &ReadingArgs,
    global: &Global,
) -> Result<Reading, CliError> {
    let built = built(directory)?;
    Ok(read_documents(built.documents(), &how.options(global)))
}

/// Reads manifests with all that is to be said of them.
fn read_paths(
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
