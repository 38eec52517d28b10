//! Good practice: what the API server accepts and people come to regret.
//!
//! A family of rules is a file in `rules`; what they share is how pods are found (`pods`), what the set of objects
//! tells (`set`) and how loud each rule is (`level`). The faults that the API server itself refuses are `manifest`'s.

mod annotation;
mod fault;
mod found;
mod level;
mod mask;
mod pods;
mod rule;
mod rules;
mod set;

#[cfg(test)]
mod tests;

use crate::desired::Desired;
use crate::document::{Finding, Report};
use crate::manifest::Reading;

pub use annotation::ANNOTATION;
pub use fault::{Fault, fault, faults};
pub use level::{Level, LevelError, Levels};
pub use rule::{Rule, Usual};
pub use rules::{families, rule, rules};

use found::Found;
use set::Set;

/// What a set of manifests is said to be.
#[derive(Clone, Debug)]
pub struct Linted {
    /// All findings, by file and place.
    pub report: Report,
    /// How many findings annotations have silenced.
    pub silenced: usize,
}

/// Holds manifests against the rules, and lets through what was found before as far as the levels allow.
///
/// What is stored counts as part of the set, but nothing is said about it. A rule that misses something (a Service
/// without pods) says nothing where an object that could not be read may be what is missing.
pub fn lint(reading: &Reading, stored: &Desired, levels: &Levels) -> Linted {
    let set = Set::new(reading, stored);
    let mut found = Vec::new();
    for rule in rules() {
        let Level::Report(severity) = levels.of(rule) else { continue };
        let mut own = Found::new(rule, severity);
        rule.run(&set, &mut own);
        found.append(&mut own.into_findings());
    }
    let told = reading.findings.iter().cloned().filter_map(|finding| levels.applied(finding));
    found.extend(told);
    let all = found.len();
    found.retain(|finding| !set.silences(finding));
    let silenced = all - found.len();
    found.sort_by(|a, b| order(a).cmp(&order(b)));
    mask::hide(&mut found, &rules::secret_places(&set));
    Linted { report: Report { findings: found }, silenced }
}

fn order(finding: &Finding) -> impl Ord + '_ {
    (finding.source.name(), finding.span, finding.severity, finding.code, &finding.path)
}
