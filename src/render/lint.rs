//! The rules of `lint`, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::table::table;
use crate::document::Severity;
use crate::lint::{ANNOTATION, Fault, Rule, Usual, rules};

fn level(usual: Usual) -> String {
    match usual {
        Usual::On(severity) => severity.to_string(),
        Usual::Off(_) => "off".to_owned(),
    }
}

/// All rules with their usual levels, in the order of their names.
pub fn rule_table() -> String {
    let mut rows: Vec<Vec<String>> = rules()
        .map(|rule| vec![rule.id.to_owned(), level(rule.usual), rule.finds.to_owned()])
        .collect();
    rows.sort();
    table(&["RULE", "LEVEL", "FINDS"], &rows)
}

/// All rules with all that is said of them.
pub fn rules_json() -> Value {
    let rules = rules().map(|rule| {
        let off = match rule.usual {
            Usual::On(_) => None,
            Usual::Off(because) => Some(because),
        };
        json!({
            "id": rule.id,
            "level": level(rule.usual),
            "offBecause": off,
            "finds": rule.finds,
            "why": rule.why,
            "fix": rule.fix,
        })
    });
    json!({ "rules": rules.collect::<Vec<_>>() })
}

/// Something that a finding's code stands for.
#[derive(Clone, Copy, Debug)]
pub enum Explained {
    /// A rule of good practice.
    Rule(&'static Rule),
    /// A finding of the reader.
    Fault(&'static Fault),
}

/// What `lint --explain` says of a rule, or of a finding of the reader.
pub fn explanation(explained: Explained) -> String {
    let rule = match explained {
        Explained::Rule(rule) => rule,
        Explained::Fault(fault) => return of_fault(fault),
    };
    let Rule { id, usual, finds, why, fix, .. } = rule;
    let mut text = format!("{id} ({}): {finds}\n\n", level(*usual));
    let _ = writeln!(text, "Why:      {why}");
    let _ = writeln!(text, "Fix:      {fix}");
    match usual {
        Usual::On(_) => {
            let _ = writeln!(text, "Silence:  metadata: {{annotations: {{{ANNOTATION}: {id}}}}}");
            let _ = writeln!(text, "          or for all objects: --ignore {id}");
        }
        Usual::Off(because) => {
            let _ = writeln!(text, "Off:      {because}");
            let _ = writeln!(text, "Turn on:  --rule {id}=warning");
        }
    }
    text
}

fn of_fault(fault: &Fault) -> String {
    let Fault { code, severity, means } = fault;
    let how = match severity {
        Severity::Error => "It cannot be silenced: `apply` refuses it.".to_owned(),
        Severity::Warning | Severity::Notice => format!("For all objects: --ignore {code}"),
    };
    format!("{code} ({severity}): {means}\n\n{how}\n")
}
