//! Rules, each on a set that it minds and on one that it does not.

mod meaning;
mod messages;
mod samples;
mod together;
mod whole;

use super::*;
use crate::document::{Severity, Source};
use crate::manifest::{ReadOptions, read};

/// Lints one text as it is when nobody says anything but which rule to turn on.
fn linted(text: &str, turned_on: &str) -> Linted {
    let mut levels = Levels::default();
    if let Some(rule) = rule(turned_on)
        && let Usual::Off(_) = rule.usual
    {
        levels.set(rule.id, Level::Report(Severity::Warning)).unwrap();
    }
    linted_at(text, &levels)
}

fn linted_at(text: &str, levels: &Levels) -> Linted {
    let reading = read(&[Source::new("shop.yaml", text)], &ReadOptions::default());
    lint(&reading, &Desired::default(), levels)
}

/// The findings of the rules, without what the reader itself says.
fn found(linted: &Linted) -> Vec<&Finding> {
    linted.report.iter().filter(|finding| rule(finding.code).is_some()).collect()
}

/// The names of the rules that have something to say, each once.
fn codes(text: &str, turned_on: &str) -> Vec<&'static str> {
    let linted = linted(text, turned_on);
    let errors: Vec<_> = linted.report.iter().filter(|finding| finding.is_error()).collect();
    assert!(errors.is_empty(), "the sample is not right: {errors:?}");
    let mut codes: Vec<&str> = found(&linted).iter().map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}
