//! What became of the documents, a row a kind.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::documents::{Document, Outcome};

#[derive(Default)]
struct Row {
    accepted: usize,
    notices: usize,
    refused: usize,
}

/// The table, with the kinds that are not read in one row.
pub(crate) fn by_kind(documents: &[Document]) -> String {
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    let mut total = Row::default();
    for document in documents {
        let kind = if document.is_unlisted() { "(not read)" } else { &document.kind };
        for row in [rows.entry(kind).or_default(), &mut total] {
            match document.outcome {
                Outcome::Accepted => row.accepted += 1,
                Outcome::WithNotices => row.notices += 1,
                Outcome::Refused(_) => row.refused += 1,
                Outcome::Empty => {}
            }
        }
    }
    let mut out = format!("{:34}{:>9}{:>14}{:>9}\n", "kind", "accepted", "with notices", "refused");
    for (kind, Row { accepted, notices, refused }) in rows.iter().chain([(&"all", &total)]) {
        let _ = writeln!(out, "{kind:34}{accepted:>9}{notices:>14}{refused:>9}");
    }
    out
}
