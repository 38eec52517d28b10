//! What an update must not change: the API server refuses it, and the object has to be made anew.
//!
//! A Pod is no matter of this: here a Pod whose specification changes is replaced.

mod growth;
mod rules;

#[cfg(test)]
mod tests;

use crate::desired::Desired;
use crate::document::{Finding, Severity};
use crate::manifest::{ReadObject, complete};
use crate::model::{Object, ObjectKey};

/// A field that an update changes and must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// Where in the object, such as `spec.selector`.
    pub path: String,
    /// What the API server says of it.
    pub message: String,
    /// The value that is stored, when it is short and no secret.
    pub was: Option<String>,
}

/// The fields in which two versions of one object differ and must not; objects of two kinds have none.
///
/// Both are completed first, so that a version stored before a default was known is not taken for another one.
pub fn fixed_fields(old: &Object, new: &Object) -> Vec<Fixed> {
    let rules = rules::of(new.kind());
    if rules.is_empty() || old.kind() != new.kind() {
        return Vec::new();
    }
    let completed = |object: &Object| {
        let mut object = object.clone();
        complete(&mut object);
        object.to_json()
    };
    let (old, new) = (completed(old), completed(new));
    rules.iter().flat_map(|rule| rule.broken(&old, &new)).collect()
}

/// What a person types to have the object made anew.
pub fn remedy(key: &ObjectKey) -> String {
    let kind = key.kind.to_lowercase();
    let namespace = match key.namespace.as_str() {
        "" => String::new(),
        namespace => format!(" -n {namespace}"),
    };
    format!("delete it and apply again: bowline delete {kind} {}{namespace}", key.name)
}

/// Finds changes of fields that must not change, each in the text that asks for it.
pub fn check_updates(all: &[ReadObject], stored: &Desired) -> Vec<Finding> {
    let mut findings = Vec::new();
    for read in all {
        let key = read.object.key();
        let Some(old) = stored.objects.get(&key) else { continue };
        let grown = growth::refused((&old.object, &read.object), all, stored);
        let fixed = fixed_fields(&old.object, &read.object).into_iter().chain(grown);
        for Fixed { path, message, was } in fixed {
            let message = format!("{path}: {message}");
            let label = was.map_or("changed here".to_owned(), |was| format!("it was {was}"));
            let finding = read.finding(Severity::Error, "immutable", path, message);
            findings.push(finding.with_label(label).with_help(remedy(&key)));
        }
    }
    findings
}
