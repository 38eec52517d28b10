//! What a script is for, as a type.

/// What a script does, in terms of the design; the seam at which the simulated fleet works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Answer, to show that the host is reachable.
    Ping,
}

impl Operation {
    /// A word for traces and messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ping => "ping",
        }
    }
}
