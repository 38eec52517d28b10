//! Why the state cannot be read or written.

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use crate::model::Generation;
use crate::secrets::SealError;

/// Why the state cannot be read or written.
#[derive(Debug, Error, Diagnostic)]
pub enum StateError {
    /// The file is no state, or was cut short.
    #[error("the state file {} is damaged: {cause}", path.display())]
    #[diagnostic(help(
        "put a backup in its place; or move it away and run `bowline apply -f ... --take-over`: what runs on the hosts is \
         found by its labels and stays"
    ))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What redb or the reader said.
        cause: String,
    },
    /// The file was written by another version of bowline.
    #[error("the state file {} has form {found}, this bowline reads form {known}", path.display())]
    #[diagnostic(help("use the version of bowline that wrote it"))]
    Schema {
        /// The file.
        path: PathBuf,
        /// The form in the file.
        found: u32,
        /// The form that is read.
        known: u32,
    },
    /// Somebody else committed since the plan was made.
    #[error("the plan is stale: it was made from generation {parent}, and the state is at {found}")]
    #[diagnostic(help("look at what changed with `bowline plan`, then apply again"))]
    Stale {
        /// The generation that the plan was made from.
        parent: Generation,
        /// The generation in the file.
        found: Generation,
    },
    /// Another process keeps the file open.
    #[error("another process keeps the state file {} open", path.display())]
    #[diagnostic(help("wait for it, or find it with: fuser -v {}", path.display()))]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A Secret cannot be sealed or opened.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Sealed(SealError),
    /// The directory cannot be made.
    #[error("cannot write {}: {cause}", path.display())]
    Unwritable {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
}

/// A fault in a table, before it is known which file it is of.
#[derive(Debug)]
pub(super) enum TableError {
    Damaged(String),
    Schema(u32),
    Stale { parent: Generation, found: Generation },
    Sealed(SealError),
}

impl TableError {
    pub(super) fn at(self, path: &Path) -> StateError {
        let path = path.to_owned();
        match self {
            Self::Damaged(cause) => StateError::Damaged { path, cause },
            Self::Schema(found) => StateError::Schema { path, found, known: super::SCHEMA },
            Self::Sealed(error) => StateError::Sealed(error),
            Self::Stale { parent, found } => StateError::Stale { parent, found },
        }
    }
}

macro_rules! damaged {
    ($($error:ty),*) => {
        $(impl From<$error> for TableError {
            fn from(error: $error) -> Self {
                Self::Damaged(error.to_string())
            }
        })*
    };
}

damaged!(redb::TableError, redb::StorageError, serde_json::Error);

impl From<SealError> for TableError {
    fn from(error: SealError) -> Self {
        Self::Sealed(error)
    }
}
