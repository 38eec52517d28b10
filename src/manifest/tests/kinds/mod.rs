//! The rules of the kinds that make no pods: for each a row, what is written and what is refused.

mod access;
mod configuration;
mod metadata;
mod network;
mod scaling;
mod service;
mod sources;
mod storage;

use super::*;

/// The errors of a manifest: the code and the path of each.
fn errors(text: &str) -> String {
    let findings = read_text(text).findings;
    let errors = findings.iter().filter(|finding| finding.is_error());
    errors.map(|one| format!("{} {}", one.code, one.path)).collect::<Vec<_>>().join(", ")
}

/// Asks of each row whether just these errors are found; none says that the API server takes it.
fn table(head: &str, rows: &[(&str, &str)]) {
    for (body, expected) in rows {
        let text = format!("{head}{body}\n");
        assert_eq!(errors(&text), *expected, "\n{}", lines(&text));
    }
}
