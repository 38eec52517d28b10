//! Which namespace an object stands in.

use crate::document::{Document, Finding, Severity};
use crate::model::Kind;

/// What holds for objects that name a namespace and for those that do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamespaceRule {
    /// Objects that name none stand in this one.
    Default(String),
    /// Objects that name none stand in this one, and none may name another: kubectl's `-n`.
    Only(String),
}

impl Default for NamespaceRule {
    fn default() -> Self {
        Self::Default("default".to_owned())
    }
}

impl NamespaceRule {
    /// The namespace of an object of this kind that names the given one, if any; `None` when the kind has none.
    pub(super) fn namespace_of(&self, kind: Kind, named: Option<&str>) -> Option<String> {
        let (Self::Default(fallback) | Self::Only(fallback)) = self;
        kind.is_namespaced().then(|| named.unwrap_or(fallback).to_owned())
    }

    /// Whether the object may stand where it says.
    pub(super) fn check(&self, document: &Document, named: Option<&str>) -> Option<Finding> {
        let Self::Only(asked) = self else { return None };
        let named = named.filter(|named| named != asked)?;
        let message = format!(
            "the namespace from the provided object \"{named}\" does not match the namespace \"{asked}\""
        );
        let finding =
            document.finding(Severity::Error, "namespace-mismatch", "metadata.namespace", message);
        Some(finding.with_label("another namespace").with_help(format!("pass --namespace={named}")))
    }
}
