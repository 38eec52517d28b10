//! What can go wrong with one command on a host.

/// What goes wrong, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trap {
    /// The moment, counted from one: every observation and every command of every step is one.
    pub(crate) at: u64,
    /// What happens then.
    pub(crate) fault: Fault,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The command does nothing and fails, saying this on standard error.
    Fails(&'static str),
    /// The host's power is cut within the command, and comes back.
    PowerCut,
    /// The connection is lost before the command runs.
    LostBefore,
    /// The command runs, and the connection is lost before anybody hears of it.
    LostAfter,
    /// The connection is lost, and the rest of the script runs on the host all the same.
    LostGoesOn,
    /// Our own process dies before the command runs.
    KilledBefore,
    /// Our own process dies after the command ran.
    KilledAfter,
    /// The whole script is run a second time, and its second answer is what comes back.
    Twice,
}

/// What podman says when a disk is full.
pub(crate) const DISK_FULL: &str =
    "Error: writing blob: storing blob to file: write /var/tmp/storage1/1: no space left on device";

impl Fault {
    /// Every kind of fault.
    pub(crate) const ALL: [Self; 8] = [
        Self::Fails(DISK_FULL),
        Self::PowerCut,
        Self::LostBefore,
        Self::LostAfter,
        Self::LostGoesOn,
        Self::KilledBefore,
        Self::KilledAfter,
        Self::Twice,
    ];
}
