//! How many findings are kept: each severity has room of its own, so that no number of notices hides an error.

use super::finding::{Finding, Severity};

/// What room is left for findings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    errors: usize,
    warnings: usize,
    notices: usize,
}

impl Room {
    /// Room for so many findings of each severity.
    pub(crate) fn of(each: usize) -> Self {
        Self { errors: each, warnings: each, notices: each }
    }

    /// Whether no more of a severity are kept.
    pub(crate) fn is_full(self, severity: Severity) -> bool {
        let left = match severity {
            Severity::Error => self.errors,
            Severity::Warning => self.warnings,
            Severity::Notice => self.notices,
        };
        left == 0
    }

    /// Takes the room that a finding needs; tells whether there was any.
    pub(crate) fn takes(&mut self, finding: &Finding) -> bool {
        let left = match finding.severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
            Severity::Notice => &mut self.notices,
        };
        let taken = left.checked_sub(1);
        *left = taken.unwrap_or_default();
        taken.is_some()
    }
}
