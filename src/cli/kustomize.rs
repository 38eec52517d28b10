//! `bowline kustomize`: print what a kustomization comes to.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{CliError, Exit, Talk};
use crate::document::{Placed, Report};
use crate::kustomize::{Built, Files, Found, build};
use crate::render::documents_text;

/// Print the objects that a kustomization comes to
///
/// As `kubectl kustomize` builds it. To carry the objects out, type: bowline apply -k DIR
#[derive(Debug, Args)]
pub(super) struct KustomizeArgs {
    /// The directory of the kustomization
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
}

pub(super) fn run(talk: &Talk, args: &KustomizeArgs) -> Result<Exit, CliError> {
    let built = built(&args.directory)?;
    let objects: Vec<_> = built.objects.iter().map(Placed::to_json).collect();
    talk.data(documents_text(&objects).trim_end());
    Ok(Exit::Done)
}

/// Builds a kustomization that has nothing wrong.
pub(super) fn built(directory: &Path) -> Result<Built, CliError> {
    let built = build(&Disk, directory);
    if built.findings.is_empty() {
        return Ok(built);
    }
    let what = "the kustomization".to_owned();
    Err(CliError::Findings { what, report: Report { findings: built.findings } })
}

/// The files of this machine.
struct Disk;

impl Files for Disk {
    fn look(&self, path: &Path) -> Result<Found, String> {
        let real = path.canonicalize().map_err(|error| error.to_string())?;
        Ok(if real.is_dir() { Found::Directory(real) } else { Found::File(real) })
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        // A device or a pipe would be read without end.
        let about = std::fs::metadata(path).map_err(|error| error.to_string())?;
        if !about.is_file() {
            return Err("it is no ordinary file".to_owned());
        }
        if about.len() > MAX_BYTES {
            return Err(format!("it has {} bytes; at most {MAX_BYTES} are read", about.len()));
        }
        std::fs::read(path).map_err(|error| error.to_string())
    }
}

/// The largest file that a kustomization may name: as the reader of manifests has it.
const MAX_BYTES: u64 = 64 << 20;
