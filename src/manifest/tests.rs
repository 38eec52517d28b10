//! Whole manifests, and what people see of what is wrong with them.

mod messages;
mod meaning;

use super::*;

/// Reads one manifest.
fn read_text(text: &str) -> Reading {
    read(&[Source::new("web.yaml", text)], &ReadOptions::default())
}

/// What a person sees of all findings.
fn shown(text: &str) -> String {
    render(read_text(text).findings)
}

fn render(findings: Vec<Finding>) -> String {
    let mut out = String::new();
    miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none())
        .with_width(100)
        .render_report(&mut out, &Report { findings })
        .unwrap();
    out
}
