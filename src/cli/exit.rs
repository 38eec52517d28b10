//! Exit codes: the one table of what a run says to the program that started it.

use crate::converge::{Ending, Lasting};
use crate::observed::{Observed, UnreachableCause};

/// How a run ended, for the program that started it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, and nothing is wrong.
    Done,
    /// An error.
    Error,
    /// `plan --detailed-exitcode`: there are changes. Also clap's code for wrong usage.
    Changes,
    /// Some hosts did not answer or some steps failed; the rest was done.
    Partial,
    /// Refused: a stale plan, a fleet that somebody else holds, a host key that is not the expected one.
    Refused,
    /// Something named has still to happen.
    Waiting,
    /// Interrupted; the state is consistent.
    Interrupted,
    /// The exit code of a command that was run on a host.
    Remote(u8),
}

impl Exit {
    /// The exit code of a command that ran somewhere else; what is no code of a process is an error.
    pub fn remote(code: i32) -> Self {
        match u8::try_from(code) {
            Ok(0) => Self::Done,
            Ok(code) => Self::Remote(code),
            Err(_) => Self::Error,
        }
    }

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Error => 1,
            Self::Changes => 2,
            Self::Partial => 3,
            Self::Refused => 4,
            Self::Waiting => 5,
            Self::Interrupted => 130,
            Self::Remote(code) => code,
        }
    }

    /// How carrying out a plan ended: what failed goes before what is still to come.
    pub fn of(ending: &Ending) -> Self {
        let causes = ending.unreachable.values().map(|(_, cause)| *cause);
        match by_hosts(causes) {
            Self::Done if !ending.failures.is_empty() => Self::Partial,
            Self::Done => match ending.lasting {
                Lasting::Converged => Self::Done,
                Lasting::Waiting(_) | Lasting::Retargeted(_) => Self::Waiting,
            },
            other => other,
        }
    }

    /// How looking at the hosts ended.
    pub fn of_look(observed: &Observed) -> Self {
        by_hosts(observed.unreachable().map(|(_, why)| why.cause))
    }
}

fn by_hosts(causes: impl Iterator<Item = UnreachableCause>) -> Exit {
    let mut exit = Exit::Done;
    for cause in causes {
        match cause {
            UnreachableCause::HostKey => return Exit::Refused,
            UnreachableCause::Connection => exit = Exit::Partial,
        }
    }
    exit
}
