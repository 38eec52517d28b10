//! How the probes of containers stand, as their host tells it.
//!
//! Source: <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes>

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a probe is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ProbeKind {
    /// Whether the container has come up; until then the others are not asked.
    Startup,
    /// Whether it is to go on.
    Liveness,
    /// Whether it takes calls.
    Readiness,
}

impl ProbeKind {
    /// The word by which hosts know it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Startup => "startup",
            Self::Liveness => "liveness",
            Self::Readiness => "readiness",
        }
    }

    /// The kind that hosts know by a word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Startup, Self::Liveness, Self::Readiness]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// How a probe stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedProbe {
    /// What its answers came to.
    pub verdict: Verdict,
    /// When the run of the container began that this was said of; another run begins anew.
    pub run: Timestamp,
    /// Since when the verdict holds.
    pub since: Timestamp,
    /// Answers that were not good, in all runs.
    pub unwell: Option<Unwell>,
    /// How often the container was ended for it, in all runs.
    pub killed: Option<Times>,
}

/// What the answers to a probe came to, by its thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Nothing yet.
    Unknown,
    /// Well.
    Success,
    /// Not well.
    Failure,
}

/// Answers to a probe that were not good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unwell {
    /// How often.
    pub times: Times,
    /// What became of the last one.
    pub last: Asked,
    /// Why, in the kubelet's words.
    pub message: String,
}

impl Unwell {
    /// What the kubelet tells of it.
    pub fn complaint(&self, kind: ProbeKind) -> String {
        let kind = match kind {
            ProbeKind::Startup => "Startup",
            ProbeKind::Liveness => "Liveness",
            ProbeKind::Readiness => "Readiness",
        };
        let became = match self.last {
            Asked::Failed => "failed",
            Asked::Errored => "errored",
        };
        format!("{kind} probe {became}: {}", self.message)
    }
}

/// What becomes of a question that has no good answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asked {
    /// The answer was bad, or there was none in time.
    Failed,
    /// It could not be asked, which counts for nothing.
    Errored,
}

/// How often something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// How often.
    pub count: u32,
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
}
