//! What one rule finds.

use super::rule::Rule;
use super::set::Doubt;
use crate::document::{Finding, Severity};
use crate::manifest::ReadObject;

/// The most findings of one rule in one run: a set of hostile size would only drown the others.
const MAX_OF_A_RULE: usize = 5000;

/// Collects what one rule finds, with the rule's name and severity on everything.
#[derive(Debug)]
pub(super) struct Found {
    rule: &'static Rule,
    severity: Severity,
    findings: Vec<Finding>,
}

impl Found {
    pub(super) fn new(rule: &'static Rule, severity: Severity) -> Self {
        Self { rule, severity, findings: Vec::new() }
    }

    /// A finding at a field, with the rule's own fix; what is missing is shown at the nearest thing above it.
    pub(super) fn at(&self, read: &ReadObject, path: &str, message: &str) -> Finding {
        read.finding(self.severity, self.rule.id, path, message).with_help(self.rule.fix)
    }

    /// Keeps a finding.
    pub(super) fn push(&mut self, finding: Finding) {
        if self.findings.len() < MAX_OF_A_RULE {
            self.findings.push(finding);
        }
    }

    /// Keeps a finding at a field, with a label and the rule's own fix.
    pub(super) fn say(&mut self, read: &ReadObject, path: &str, label: &str, message: &str) {
        self.push(self.at(read, path, message).with_label(label));
    }

    /// Keeps a finding about something that is missing, as loud as that is sure.
    pub(super) fn push_doubted(&mut self, mut finding: Finding, doubt: Doubt) {
        match doubt {
            Doubt::None => self.push(finding),
            Doubt::Some => {
                finding.severity = lowered(finding.severity);
                self.push(finding);
            }
            Doubt::Open => {}
        }
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}

/// One step down, but not from what somebody has made an error.
fn lowered(severity: Severity) -> Severity {
    match severity {
        Severity::Error => Severity::Error,
        Severity::Warning | Severity::Notice => Severity::Notice,
    }
}
