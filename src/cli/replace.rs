//! `bowline replace`: stored objects give way to what manifests state, whoever set their fields.

use std::path::PathBuf;

use clap::Args;

use super::change::{Change, ChangeArgs, Extent, Words};
use super::choose::stored;
use super::global::Global;
use super::manifests::{Depth, read_paths};
use super::reading::ReadingArgs;
use super::{CliError, Exit, Talk};

/// Replace stored objects by what manifests state
///
/// Unlike `apply`, this keeps nothing that others have set. The objects must be there.
#[derive(Debug, Args)]
pub(super) struct ReplaceArgs {
    /// A manifest file, a directory of them, or - for standard input
    #[arg(short, long = "filename", value_name = "PATH", required = true)]
    filename: Vec<PathBuf>,

    /// Read directories within directories too
    #[arg(short = 'R', long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    recursive: bool,

    #[command(flatten)]
    reading: ReadingArgs,

    #[command(flatten)]
    change: ChangeArgs,
}

pub(super) async fn run(
    global: &Global,
    talk: &Talk,
    args: &ReplaceArgs,
) -> Result<Exit, CliError> {
    let change = Change::open(global, talk, &args.change)?;
    let depth = if args.recursive { Depth::All } else { Depth::One };
    let mut reading = read_paths(&args.filename, depth, &args.reading, global)?;
    change.check(&mut reading);
    for read in reading.objects.iter().filter(|_| !reading.has_errors()) {
        stored(&change.before, &read.object.key())?;
    }
    let paths: Vec<String> = args.filename.iter().map(|p| format!("-f {}", p.display())).collect();
    let command = format!("replace {}", paths.join(" "));
    let words = Words { command, done: "replaced", same: "replaced (no change)" };
    change.carry_out_reading(reading, Extent::Whole, &words).await
}
