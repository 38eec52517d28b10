//! What an object says that it is.

use super::lift::is_old;
use crate::document::{Document, Finding, NodeId, Severity, Value};
use crate::model::Kind;

/// The `apiVersion` and `kind` of an object, or what is wrong with them.
pub(super) fn type_of(document: &Document) -> Result<(String, String), Vec<Finding>> {
    let mut findings = Vec::new();
    let mut text = |field: &str| {
        let entry = document.tree.entry(document.root, field);
        let text = entry.and_then(|entry| document.tree.text(entry.value));
        if text.is_none_or(str::is_empty) {
            let (code, wrong) = match entry {
                None => ("required", "is required"),
                Some(_) => ("wrong-type", "must be a string"),
            };
            let finding =
                document.finding(Severity::Error, code, field, format!("`{field}` {wrong}"));
            findings.push(
                finding.with_help("for instance `apiVersion: apps/v1` and `kind: Deployment`"),
            );
        }
        text.unwrap_or_default().to_owned()
    };
    let types = (text("apiVersion"), text("kind"));
    if findings.is_empty() { Ok(types) } else { Err(findings) }
}

/// The items of a list of objects (`v1 List`, `v1 ConfigMapList`), or `None` when it is none.
pub(super) fn items_of<'d>(
    document: &'d Document,
    api_version: &str,
    name: &str,
) -> Option<Result<&'d [NodeId], Finding>> {
    let item = name.strip_suffix("List")?;
    let is_list = (api_version == "v1" && item.is_empty())
        || Kind::of(api_version, item).is_some()
        || is_old(api_version, item);
    if !is_list {
        return None;
    }
    let Some(items) = document.tree.entry(document.root, "items") else { return Some(Ok(&[])) };
    Some(match &document.tree.node(items.value).value {
        Value::Sequence(elements) => Ok(elements),
        Value::Scalar(..) | Value::Mapping(_) => {
            let message = "items: expected a list";
            Err(document.finding(Severity::Error, "wrong-type", "items", message))
        }
    })
}
