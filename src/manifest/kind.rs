//! Which kinds are read, and what to say of the others.

use crate::document::{Document, Finding, NodeId, Severity, closest};
use crate::model::{Effect, Kind};

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

/// The kind of an object, or that it is none of those that are read.
pub(super) fn kind_of(
    document: &Document,
    api_version: &str,
    name: &str,
) -> Result<Kind, Box<Finding>> {
    if let Some(kind) = Kind::of(api_version, name) {
        return Ok(kind);
    }
    let message = format!("{name} of {api_version} is not a kind that is read");
    let finding = |path| document.finding(Severity::Error, "unknown-kind", path, &message);
    if let Some(known) = Kind::read().find(|known| known.object() == name) {
        let finding = finding("apiVersion")
            .with_label("another API version")
            .with_help(format!("{name} is read as `apiVersion: {}`", known.api_version()));
        return Err(Box::new(finding));
    }
    let finding = finding("kind").with_label("not read");
    Err(Box::new(match closest(name, Kind::read().map(Kind::object)) {
        Some(known) => finding.with_help(format!("did you mean `{known}`?")),
        None => with_kinds(finding),
    }))
}

/// The items of a list of objects (`v1 List`, `v1 ConfigMapList`), or `None` when it is no list.
pub(super) fn items_of<'d>(
    document: &'d Document,
    api_version: &str,
    name: &str,
) -> Option<&'d [NodeId]> {
    let item = name.strip_suffix("List")?;
    let is_list = (api_version == "v1" && item.is_empty()) || Kind::of(api_version, item).is_some();
    if !is_list {
        return None;
    }
    let items = document.tree.entry(document.root, "items");
    Some(items.map_or(&[], |items| document.tree.elements(items.value)))
}

/// What to write instead: the kinds that people apply; those that only the API server minds are left out of the list.
fn with_kinds(finding: Finding) -> Finding {
    let known: Vec<&str> =
        Kind::read().filter(|k| k.effect() != Effect::NoneHere).map(Kind::object).collect();
    finding.with_help(format!("the kinds that are read are {}", known.join(", ")))
}
