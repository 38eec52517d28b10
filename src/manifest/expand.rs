//! A source's documents to single objects: lists are taken apart, empty documents left out.

use super::kind::{items_of, type_of};
use crate::document::{Document, Finding, Severity, Value};

/// An object that says what it is.
pub(super) struct Single {
    pub(super) document: Document,
    pub(super) api_version: String,
    pub(super) kind: String,
}

/// Takes a document apart; lists may hold lists, as deep as a document may nest.
pub(super) fn expand(document: Document, findings: &mut Vec<Finding>) -> Vec<Single> {
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
            findings.append(&mut wrong);
            return Vec::new();
        }
    };
    match items_of(&document, &api_version, &kind) {
        None => vec![Single { document, api_version, kind }],
        Some(items) => items
            .iter()
            .flat_map(|root| expand(Document { root: *root, ..document.clone() }, findings))
            .collect(),
    }
}
