//! Findings as people read them, each in the user's own text, and as programs do.

use miette::{GraphicalReportHandler, GraphicalTheme};
use serde_json::{Value, json};

use super::style::{Colour, Paint};
use crate::document::{Finding, FindingView, Report, Severity};

/// How wide text is: that of most terminals that people read reports in.
const WIDTH: usize = 100;

/// How much is said of notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notices {
    /// A line each, after everything else.
    Brief,
    /// As much as of what is graver.
    Full,
}

/// Every finding in the text that it is about, one after the other.
pub fn findings_text(report: &Report, notices: Notices, colour: Colour) -> String {
    let theme = match colour {
        Colour::Ansi => GraphicalTheme::unicode(),
        Colour::None => GraphicalTheme::unicode_nocolor(),
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(WIDTH);
    let brief =
        |finding: &&Finding| finding.severity == Severity::Notice && notices == Notices::Brief;
    let mut text = String::new();
    for finding in report.iter().filter(|finding| !brief(finding)) {
        text.push_str(&title(finding, colour));
        // Writing to a text cannot fail; a finding that could not be drawn is still named.
        if handler.render_report(&mut text, finding).is_err() {
            text.push_str(&finding.message);
        }
        text.push('\n');
    }
    let mut lines = report.iter().filter(brief).map(|finding| line(finding, colour)).peekable();
    if lines.peek().is_some() {
        text.extend(lines);
        text.push('\n');
    }
    text
}

fn line(finding: &Finding, colour: Colour) -> String {
    let (line, column) = finding.source.position(finding.span.start);
    let name = finding.source.name();
    let word = colour.paint(Paint::Faint, "notice");
    format!("{name}:{line}:{column}: {word} {}: {}\n", finding.code, finding.message)
}

fn title(finding: &Finding, colour: Colour) -> String {
    let (word, paint) = match finding.severity {
        Severity::Error => ("Error", Paint::Bad),
        Severity::Warning => ("Warning", Paint::Change),
        Severity::Notice => ("Notice", Paint::Faint),
    };
    format!("{}: ", colour.paint(paint, word))
}

/// The findings as `lint -o json` prints them. The shape is promised: fields may be added, none changes its meaning.
pub fn findings_json(report: &Report) -> Value {
    let findings: Vec<FindingView<'_>> = report.iter().map(Finding::view).collect();
    json!({ "findings": findings })
}
