//! Everything that a command can fail with, its hint, and its exit code.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use super::exit::Exit;
use crate::converge::ConvergeError;
use crate::document::Report;
use crate::inventory::SelectError;
use crate::lab::LabError;
use crate::model::SelectorError;
use crate::node::NodeError;
use crate::secrets::SealError;
use crate::state::StateError;

/// Everything that a command can fail with.
#[derive(Debug, Error, Diagnostic)]
pub enum CliError {
    /// A round could not be made.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Converge(#[from] ConvergeError),
    /// The state cannot be read or written.
    #[error(transparent)]
    #[diagnostic(transparent)]
    State(#[from] StateError),
    /// A Secret cannot be sealed or opened.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Sealed(#[from] SealError),
    /// The inventory or the manifests are not right.
    #[error("{what} cannot be used: {report}")]
    Findings {
        /// What was read.
        what: String,
        /// What was found.
        #[related]
        report: Report,
    },
    /// A host could not be reached, or did not finish.
    #[error("{host} did not do what it was asked")]
    Node {
        /// The host.
        host: String,
        /// What went wrong.
        #[diagnostic_source]
        error: NodeError,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    #[diagnostic(help("{hint}"))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: String,
        /// What to do.
        hint: String,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {cause}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// The lab could not be raised, looked at or taken down.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Lab(#[from] LabError),
    /// The `--limit` names no host.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// The `-l` is no selector.
    #[error(transparent)]
    Selector(#[from] SelectorError),
    /// Something that was asked for does not exist.
    #[error("{what} \"{name}\" not found")]
    NotFound {
        /// Its kind, as kubectl words it.
        what: String,
        /// Its name.
        name: String,
    },
    /// Something that is to be made is there already.
    #[error("{what} \"{name}\" already exists")]
    #[diagnostic(help(
        "change it with `bowline apply`, or put another in its place with `bowline replace`"
    ))]
    Exists {
        /// Its kind, as kubectl words it.
        what: String,
        /// Its name.
        name: String,
    },
    /// What is stored and what manifests state could not be compared.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Comparing(Box<Self>),
    /// The arguments do not go together.
    #[error("{problem}")]
    #[diagnostic(help("{hint}"))]
    Usage {
        /// What is wrong.
        problem: String,
        /// What to type.
        hint: String,
    },
    /// What a command needs of a pod is not there, or not now.
    #[error("{problem}")]
    #[diagnostic(help("{hint}"))]
    NotThere {
        /// What is not there.
        problem: String,
        /// What to do.
        hint: String,
    },
    /// A saved plan does not fit any more.
    #[error("the saved plan is stale: {why}")]
    #[diagnostic(help("make a new one with `bowline plan --out FILE`, look at it, then apply it"))]
    StalePlan {
        /// What moved.
        why: String,
    },
    /// Somebody else changed what is stored since it was looked at.
    #[error("another run has changed what is stored meanwhile: {what}")]
    #[diagnostic(help("{hint}"))]
    Overtaken {
        /// What was not done.
        what: String,
        /// What to do.
        hint: String,
    },
    /// Nobody is there to say yes.
    #[error("the plan needs somebody's `yes`, and there is no terminal to ask")]
    #[diagnostic(help("add --auto-approve"))]
    NotAsked,
    /// The user said no.
    #[error("not approved: nothing was changed")]
    NotApproved,
    /// Ctrl-C.
    #[error("interrupted; the state is consistent, and the next apply goes on from here")]
    Interrupted,
    /// Ctrl-C in place of an answer.
    #[error("interrupted: nothing was changed")]
    CalledOff,
    /// The system refused something.
    #[error("{what}: {cause}")]
    System {
        /// What was tried.
        what: String,
        /// What the system said.
        cause: String,
    },
}

impl CliError {
    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Converge(error) => match error {
                ConvergeError::State(error) => of_state(error),
                ConvergeError::Held { .. }
                | ConvergeError::Superseded { .. }
                | ConvergeError::Moving { .. } => Exit::Refused,
                ConvergeError::Unsound { .. } => Exit::Error,
            },
            Self::State(error) => of_state(error),
            Self::Node { error, .. } => match error {
                NodeError::HostKeyUnknown { .. } | NodeError::HostKeyChanged { .. } => {
                    Exit::Refused
                }
                _ => Exit::Error,
            },
            Self::StalePlan { .. } | Self::Overtaken { .. } => Exit::Refused,
            Self::Interrupted | Self::CalledOff => Exit::Interrupted,
            // An exit code of 1 means here that something differs.
            Self::Comparing(error) => match error.exit() {
                Exit::Error => Exit::Changes,
                other => other,
            },
            Self::Usage { .. } | Self::Selector(_) => Exit::Changes,
            Self::Lab(_)
            | Self::Findings { .. }
            | Self::Read { .. }
            | Self::Write { .. }
            | Self::Select(_)
            | Self::NotFound { .. }
            | Self::Exists { .. }
            | Self::NotThere { .. }
            | Self::NotAsked
            | Self::NotApproved
            | Self::Sealed(_)
            | Self::System { .. } => Exit::Error,
        }
    }
}

fn of_state(error: &StateError) -> Exit {
    match error {
        StateError::Stale { .. } => Exit::Refused,
        StateError::Damaged { .. }
        | StateError::Schema { .. }
        | StateError::Busy { .. }
        | StateError::Sealed(_)
        | StateError::Unwritable { .. } => Exit::Error,
    }
}
