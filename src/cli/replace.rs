//! `bowline replace`: stored objects give way to what manifests state, whoever set their fields.

use clap::{ArgGroup, Args};

use super::change::{Change, ChangeArgs, Extent, Words};
use super::choose::stored;
use super::given::Given;
use super::global::Global;
use super::reading::ReadingArgs;
use super::{CliError, Exit, Talk};

/// Replace stored objects by what manifests state
///
/// Unlike `apply`, this keeps nothing that others have set. The objects must be there.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("needed").args(["filename", "kustomize"]).required(true)))]
pub(super) struct ReplaceArgs {
    #[command(flatten)]
    given: Given,

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
    let mut reading = args.given.read(&args.reading, global)?;
    change.check(&mut reading);
    for read in reading.objects.iter().filter(|_| !reading.has_errors()) {
        stored(&change.before, &read.object.key())?;
    }
    let command = format!("replace {}", args.given.words());
    let words = Words { command, done: "replaced", same: "replaced (no change)" };
    change.carry_out_reading(reading, Extent::Whole, &words).await
}
