//! `bowline history`: who did what when.

use clap::Args;

use super::global::Global;
use super::{CliError, Exit, Talk};
use crate::clock::{Clock as _, SystemClock};
use crate::render::history_table;
use crate::state::State;

/// Show who changed what should be, when and how
#[derive(Debug, Args)]
pub(super) struct HistoryArgs {
    /// Only the last lines
    #[arg(long, value_name = "LINES")]
    tail: Option<usize>,
}

pub(super) fn run(global: &Global, talk: &Talk, args: &HistoryArgs) -> Result<Exit, CliError> {
    let entries = State::at(&global.state).history()?;
    if entries.is_empty() {
        talk.say(&format!("Nothing was ever applied with {}", global.state.display()));
        return Ok(Exit::Done);
    }
    let first = entries.len() - args.tail.unwrap_or(entries.len()).min(entries.len());
    talk.data(&history_table(&entries[first..], SystemClock.now()));
    Ok(Exit::Done)
}
