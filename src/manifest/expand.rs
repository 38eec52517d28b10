//! A source's documents to single objects: lists are taken apart, empty documents left out.

use super::elsewhere::{UnknownKinds, by_name};
use super::kind::{items_of, type_of};
use super::lift::{Lifted, lift};
use crate::document::{Document, Finding, Severity, Value};
use crate::model::Kind;

/// An object that says what it is.
pub(super) struct Single {
    pub(super) document: Document,
    pub(super) api_version: String,
    pub(super) kind: String,
}

impl Single {
    /// The object as one of a kind that is read, with a notice when it was of an older version; `None` when it is of no
    /// such kind.
    pub(super) fn known(&self) -> Option<(Kind, Document, Option<Finding>)> {
        if let Some(kind) = Kind::of(&self.api_version, &self.kind) {
            return Some((kind, self.document.clone(), None));
        }
        let Lifted { document, kind, notice } =
            lift(&self.document, &self.api_version, &self.kind)?;
        Some((kind, document, Some(notice)))
    }
}

/// Takes a document apart; lists may hold lists, as deep as a document may nest.
pub(super) fn expand(
    document: Document,
    unknown: UnknownKinds,
    findings: &mut Vec<Finding>,
) -> Vec<Single> {
    if document.tree.is_null(document.root) {
        return Vec::new();
    }
    if !matches!(document.tree.node(document.root).value, Value::Mapping(_)) {
        let finding = document
            .finding(
                Severity::Error,
                "wrong-type",
                "",
                "a manifest is an object with apiVersion and kind",
            )
            .with_label("expected an object");
        findings.push(finding);
        return Vec::new();
    }
    let (api_version, kind) = match type_of(&document) {
        Ok(types) => types,
        Err(mut wrong) => {
            match by_name(&document, unknown) {
                Some(other) => findings.push(other),
                None => findings.append(&mut wrong),
            }
            return Vec::new();
        }
    };
    match items_of(&document, &api_version, &kind) {
        None => vec![Single { document, api_version, kind }],
        Some(Err(finding)) => {
            findings.push(finding);
            Vec::new()
        }
        Some(Ok(items)) => items
            .iter()
            .flat_map(|root| {
                expand(Document { root: *root, ..document.clone() }, unknown, findings)
            })
            .collect(),
    }
}
