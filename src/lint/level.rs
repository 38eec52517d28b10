//! How loud each rule is.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::rule::{Rule, Usual};
use super::{fault, faults, rule, rules};
use crate::document::{Finding, Severity, closest};

/// How loud a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Not at all.
    Off,
    /// What it finds is reported with this severity.
    Report(Severity),
}

impl FromStr for Level {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Ok(match word {
            "off" => Self::Off,
            "notice" => Self::Report(Severity::Notice),
            "warning" => Self::Report(Severity::Warning),
            "error" => Self::Report(Severity::Error),
            _ => return Err(format!("`{word}` is none of off, notice, warning, error")),
        })
    }
}

/// Why a rule's level cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LevelError {
    /// No rule is called so.
    #[error("there is no rule `{id}`")]
    Unknown {
        /// The name as written.
        id: String,
        /// The rule that may be meant.
        meant: Option<&'static str>,
    },
    /// It names a fault, which `apply` refuses whatever a linter says.
    #[error("`{id}` is a fault that `apply` refuses: it has no level")]
    Fault {
        /// The fault.
        id: &'static str,
    },
}

impl LevelError {
    /// Says of a name that no rule and no finding of the reader is called so.
    pub fn unknown(id: &str) -> Self {
        let known = rules().map(|rule| rule.id).chain(faults().iter().map(|fault| fault.code));
        Self::Unknown { id: id.to_owned(), meant: closest(id, known) }
    }
}

/// The levels that somebody has asked for; all other rules have their usual ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    asked: BTreeMap<&'static str, Level>,
}

impl Levels {
    /// Sets the level of a rule, or of a warning or notice of the reader.
    pub fn set(&mut self, id: &str, level: Level) -> Result<(), LevelError> {
        self.asked.insert(adjustable(id)?, level);
        Ok(())
    }

    /// The level of a rule.
    pub fn of(&self, rule: &Rule) -> Level {
        self.asked.get(rule.id).copied().unwrap_or(match rule.usual {
            Usual::On(severity) => Level::Report(severity),
            Usual::Off(_) => Level::Off,
        })
    }

    /// A finding of the reader with the severity that was asked for; `None` if it was turned off. An error stays one.
    pub(super) fn applied(&self, mut finding: Finding) -> Option<Finding> {
        match self.asked.get(finding.code).filter(|_| !finding.is_error()) {
            None => Some(finding),
            Some(Level::Off) => None,
            Some(Level::Report(severity)) => {
                finding.severity = *severity;
                Some(finding)
            }
        }
    }
}

/// The name of a rule whose level can be set.
pub(super) fn adjustable(id: &str) -> Result<&'static str, LevelError> {
    if let Some(rule) = rule(id) {
        return Ok(rule.id);
    }
    match fault(id) {
        Some(fault) if fault.severity == Severity::Error => {
            Err(LevelError::Fault { id: fault.code })
        }
        Some(fault) => Ok(fault.code),
        None => Err(LevelError::unknown(id)),
    }
}
