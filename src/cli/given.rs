//! `-f` and `-k` of commands that read manifests once, and keep no name of where they came from.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::CliError;
use super::global::Global;
use super::manifests::{Depth, read_kustomization, read_paths};
use super::reading::ReadingArgs;
use crate::manifest::Reading;

/// Where manifests come from; one of both must be said.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("given").args(["filename", "kustomize"]).required(true)))]
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
    /// Reads them, with all that is to be said of them.
    pub(super) fn read(&self, how: &ReadingArgs, global: &Global) -> Result<Reading, CliError> {
        match &self.kustomize {
            Some(directory) => read_kustomization(directory, how, global),
            None => {
                let depth = if self.recursive { Depth::All } else { Depth::One };
                read_paths(&self.filename, depth, how, global)
            }
        }
    }

    /// The flags that name them, for the history.
    pub(super) fn words(&self) -> String {
        let files = self.filename.iter().map(|path| format!("-f {}", path.display()));
        let directory = self.kustomize.iter().map(|path| format!("-k {}", path.display()));
        files.chain(directory).collect::<Vec<_>>().join(" ")
    }
}
