//! What is said of one source: its errors until they are too many, and of the rest no more than anybody reads.

use crate::document::{Document, Finding, Room, Severity};

/// How many errors of one source are collected before the rest of its documents are left unread, and how many warnings
/// and notices each before further ones are only counted.
const MAX_OF_A_SOURCE: usize = 1000;

/// What was found in a source so far.
#[derive(Debug)]
pub(super) struct Told {
    findings: Vec<Finding>,
    room: Room,
    /// The first of those that are only counted, and how many there are.
    folded: Option<(Finding, usize)>,
}

impl Told {
    /// Begins with what was found in the text.
    pub(super) fn new(findings: Vec<Finding>) -> Self {
        let mut told = Self { findings: Vec::new(), room: Room::of(MAX_OF_A_SOURCE), folded: None };
        told.extend(findings);
        told
    }

    /// Adds what was found.
    pub(super) fn extend(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            // The errors of the last object are all kept: each of its checks has a limit of its own.
            if self.room.takes(&finding) || finding.is_error() {
                self.findings.push(finding);
            } else if let Some((_, count)) = &mut self.folded {
                *count += 1;
            } else {
                self.folded = Some((finding, 1));
            }
        }
    }

    /// Whether there are so many errors that a document is to be left unread, which is then said.
    pub(super) fn is_enough(&mut self, document: &Document) -> bool {
        let full = self.room.is_full(Severity::Error);
        if full {
            let message =
                format!("{MAX_OF_A_SOURCE} errors and more: the rest of this source is not read");
            self.findings.push(document.finding(Severity::Error, "too-many", "", message));
        }
        full
    }

    /// Everything that is to be said.
    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        if let Some((mut first, count)) = self.folded {
            first.severity = Severity::Notice;
            first.code = "folded";
            first.message = match count {
                1 => "1 more warning or notice of this source is not shown".to_owned(),
                more => format!("{more} more warnings and notices of this source are not shown"),
            };
            first.path.clear();
            (first.object, first.also) = (None, None);
            let first = first.with_label("the first of them is about this");
            self.findings.push(first.with_help("give fewer files or objects at once to see them"));
        }
        self.findings
    }
}
