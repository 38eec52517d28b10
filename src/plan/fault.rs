//! Why a step failed, and which container of a pod is to blame.

/// Why a step failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// In words for a person, with the command that failed.
    pub why: String,
    /// What the host said, alone.
    pub said: String,
    /// The container that it failed at, when it was one.
    pub at: Option<AtContainer>,
}

/// Where the making of a pod came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtContainer {
    /// The container's name in the pod.
    pub name: String,
    /// What was being done.
    pub moment: Moment,
}

/// What is done about a container until it runs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum Moment {
    /// Whether it may be run at all is asked.
    Checked,
    /// It is made.
    Made,
    /// It is started.
    Started,
}

impl From<&str> for Fault {
    fn from(why: &str) -> Self {
        Self { why: why.to_owned(), said: why.to_owned(), at: None }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}
