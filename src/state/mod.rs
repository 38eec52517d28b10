//! The state file: what should be, what was chosen, and who did what when, in one redb file.
//!
//! The file is open only for the moment of one transaction, so a second command can work while one is running; what keeps
//! two runs from undoing each other is the check of the parent generation at commit.

#![expect(clippy::disallowed_methods, reason = "the state is a file")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use redb::{Database, DatabaseError, ReadableDatabase as _};
use serde::{Deserialize, Serialize};

use crate::bindings::Bindings;
use crate::desired::Desired;
use crate::events::{Event, Events, Happening};
use crate::model::{Generation, NodeName};
use crate::observed::Unreachable;
use crate::secrets::KeyPlace;

mod error;
mod form1;
mod sealed;
mod tables;

#[cfg(test)]
mod tests;

pub use error::StateError;

/// The form of the tables. A file of an older form is read, and has this one after the next commit; a later one is refused.
pub const SCHEMA: u32 = 3;

/// How long another command's transaction is waited for. One takes milliseconds; a file that is not free for this long is
/// held open by something else.
const OPEN_TRIES: u32 = 200;
const OPEN_PAUSE: Duration = Duration::from_millis(50);

/// A state file, closed.
#[derive(Clone, Debug)]
pub struct State {
    path: PathBuf,
}

/// Everything that a state file holds but its history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Identifies this state file on the hosts; empty before the first commit.
    pub holder: String,
    /// The generation that was last committed.
    pub generation: Generation,
    /// What should be.
    pub desired: Desired,
    /// What was chosen.
    pub bindings: Bindings,
    /// The hosts that did not answer last time, and since when.
    pub unreachable: BTreeMap<NodeName, Unreachable>,
}

/// What a commit writes.
#[derive(Clone, Debug)]
pub struct Commit<'a> {
    /// The generation that this was made from; another one in the file means that somebody was faster.
    pub parent: Generation,
    /// The generation from now on.
    pub generation: Generation,
    /// What should be.
    pub desired: &'a Desired,
    /// What was chosen.
    pub bindings: &'a Bindings,
    /// The line for the history, when this is a new generation.
    pub entry: Option<&'a Entry>,
}

/// A line of the history: who made which generation, when and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who, such as `anna@laptop`.
    pub who: String,
    /// The command, such as `apply -f web.yaml`.
    pub command: String,
    /// What it changed, in one line.
    pub summary: String,
}

impl State {
    /// A state file at this path, which need not exist yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the key of its Secrets is.
    pub fn key(&self) -> KeyPlace {
        KeyPlace::beside(&self.path)
    }

    /// Reads everything; a file that does not exist is an empty state.
    pub fn load(&self) -> Result<Snapshot, StateError> {
        if !self.path.exists() {
            return Ok(Snapshot::default());
        }
        let database = self.open()?;
        let read = database.begin_read().map_err(|error| self.damaged(&error))?;
        tables::read(&read, &self.key()).map_err(|error| error.at(&self.path))
    }

    /// Writes a new generation (or the same one again), if the parent is still the one in the file.
    ///
    /// Returns the holder's id, which the first commit makes up.
    pub fn commit(&self, commit: &Commit<'_>) -> Result<String, StateError> {
        let database = self.open()?;
        let write = database.begin_write().map_err(|error| self.damaged(&error))?;
        let holder =
            tables::write(&write, commit, &self.key()).map_err(|error| error.at(&self.path))?;
        write.commit().map_err(|error| self.damaged(&error))?;
        Ok(holder)
    }

    /// Remembers which hosts did not answer, and since when.
    pub fn remember(
        &self,
        unreachable: &BTreeMap<NodeName, Unreachable>,
    ) -> Result<(), StateError> {
        let database = self.open()?;
        let write = database.begin_write().map_err(|error| self.damaged(&error))?;
        tables::remember(&write, unreachable).map_err(|error| error.at(&self.path))?;
        write.commit().map_err(|error| self.damaged(&error))
    }

    /// Adds what has happened now to the events, and forgets what is too old.
    pub fn tell(&self, happenings: Vec<Happening>, now: Timestamp) -> Result<(), StateError> {
        let database = self.open()?;
        let write = database.begin_write().map_err(|error| self.damaged(&error))?;
        tables::tell(&write, happenings, now).map_err(|error| error.at(&self.path))?;
        write.commit().map_err(|error| self.damaged(&error))
    }

    /// What is remembered of what happened, the latest last.
    pub fn events(&self) -> Result<Vec<Event>, StateError> {
        if !self.path.exists() {
            return Ok(Vec::new());
        }
        let database = self.open()?;
        let read = database.begin_read().map_err(|error| self.damaged(&error))?;
        tables::events(&read).map(Events::in_order).map_err(|error| error.at(&self.path))
    }

    /// The history, oldest first.
    pub fn history(&self) -> Result<Vec<(Generation, Entry)>, StateError> {
        if !self.path.exists() {
            return Ok(Vec::new());
        }
        let database = self.open()?;
        let read = database.begin_read().map_err(|error| self.damaged(&error))?;
        tables::history(&read).map_err(|error| error.at(&self.path))
    }

    fn open(&self) -> Result<Database, StateError> {
        if let Some(directory) = self.path.parent() {
            std::fs::create_dir_all(directory).map_err(|cause| StateError::Unwritable {
                path: directory.to_owned(),
                cause: cause.to_string(),
            })?;
        }
        self.not_cut_short()?;
        let new = !self.path.exists();
        for _ in 0..OPEN_TRIES {
            match Database::create(&self.path) {
                Ok(database) if new => return self.for_its_owner().map(|()| database),
                Ok(database) => return Ok(database),
                Err(DatabaseError::DatabaseAlreadyOpen) => std::thread::sleep(OPEN_PAUSE),
                Err(error) => return Err(self.damaged(&error)),
            }
        }
        Err(StateError::Busy { path: self.path.clone() })
    }

    /// Keeps others from reading the file: values that are no Secrets may still be nobody else's business.
    fn for_its_owner(&self) -> Result<(), StateError> {
        use std::os::unix::fs::PermissionsExt as _;
        let owner = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&self.path, owner).map_err(|cause| StateError::Unwritable {
            path: self.path.clone(),
            cause: cause.to_string(),
        })
    }

    /// Refuses a file that is too short for the header that redb writes first: it would be taken for a new one and the
    /// fleet for an empty one.
    fn not_cut_short(&self) -> Result<(), StateError> {
        const HEADER: u64 = 4096;
        match std::fs::metadata(&self.path) {
            Ok(found) if found.len() < HEADER => Err(StateError::Damaged {
                path: self.path.clone(),
                cause: format!("it is only {} bytes long", found.len()),
            }),
            _ => Ok(()),
        }
    }

    fn damaged(&self, cause: &dyn std::fmt::Display) -> StateError {
        StateError::Damaged { path: self.path.clone(), cause: cause.to_string() }
    }
}
