//! The fields in which two versions of an object differ.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

use super::lists::{Elements, Trail};
use super::stamp::without_stamp;
use crate::document::join;
use crate::model::{Kind, Object};

/// One field of an object before and after; `None` where the field is absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldChange {
    /// Where in the object, such as `spec.template.spec.containers[name=main].image`: elements of a list are told by their merge key
    /// where its type has one, else by their place.
    pub path: String,
    /// The value before.
    pub before: Option<Value>,
    /// The value after.
    pub after: Option<Value>,
}

/// What stands for a value that nobody may read.
const HIDDEN: &str = "(sensitive)";

/// The longest value that stands within a line, in characters: a line of a plan should stay a line.
const SHOWN: usize = 60;

/// The fields in which two versions of an object differ, leaving out what the store itself adds. Values of a Secret are
/// never among them.
pub fn field_changes(before: &Object, after: &Object) -> Vec<FieldChange> {
    let json = |object: &Object| {
        let mut json = without_stamp(object).to_json();
        if let Some(fields) = json.as_object_mut() {
            fields.remove("status");
        }
        json
    };
    let mut changes = Vec::new();
    differences(Trail::of(after.kind()), "", (&json(before), &json(after)), &mut changes);
    if after.kind() == Kind::Secret {
        changes.iter_mut().for_each(hide);
    }
    changes
}

/// Takes the values of a Secret out of a change; that it changes is no secret.
fn hide(change: &mut FieldChange) {
    if change.path.starts_with("data") || change.path.starts_with("stringData") {
        let hidden = |_: Value| Value::from(HIDDEN);
        change.before = change.before.take().map(hidden);
        change.after = change.after.take().map(hidden);
    }
}

fn differences(
    trail: Trail,
    path: &str,
    (before, after): (&Value, &Value),
    changes: &mut Vec<FieldChange>,
) {
    match (before, after) {
        _ if before == after => {}
        // What comes or goes as a whole is told field by field.
        (Value::Null, Value::Object(new)) if !new.is_empty() => {
            differences(trail, path, (&json!({}), after), changes);
        }
        (Value::Object(old), Value::Null) if !old.is_empty() => {
            differences(trail, path, (before, &json!({})), changes);
        }
        (Value::Object(old), Value::Object(new)) => {
            let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                let pair = (old.get(name).unwrap_or(&Value::Null), new.get(name));
                let pair = (pair.0, pair.1.unwrap_or(&Value::Null));
                differences(trail.field(name), &join(path, name), pair, changes);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            let elements = trail
                .merge_keys()
                .and_then(|keys| Some((Elements::of(old, keys)?, Elements::of(new, keys)?)));
            match elements {
                Some((old, new)) => by_name(trail, path, (&old, &new), changes),
                None if old.len() == new.len() => {
                    for (at, pair) in old.iter().zip(new).enumerate() {
                        differences(trail, &format!("{path}[{at}]"), pair, changes);
                    }
                }
                None => changes.push(change(path, before, after)),
            }
        }
        _ => changes.push(change(path, before, after)),
    }
}

fn by_name(
    trail: Trail,
    path: &str,
    (old, new): (&Elements<'_>, &Elements<'_>),
    changes: &mut Vec<FieldChange>,
) {
    for (name, before) in old.iter() {
        let path = format!("{path}[{name}]");
        match new.get(name) {
            Some(after) => differences(trail, &path, (before, after), changes),
            None => changes.push(change(&path, before, &Value::Null)),
        }
    }
    for (name, after) in new.iter().filter(|(name, _)| old.get(name).is_none()) {
        changes.push(change(&format!("{path}[{name}]"), &Value::Null, after));
    }
    let both = |these: &Elements<'_>, others: &Elements<'_>| -> Vec<String> {
        these.names().filter(|name| others.get(name).is_some()).map(str::to_owned).collect()
    };
    let (before, after) = (both(old, new), both(new, old));
    if before != after {
        changes.push(change(&format!("{path}[order]"), &before.into(), &after.into()));
    }
}

fn change(path: &str, before: &Value, after: &Value) -> FieldChange {
    let value = |value: &Value| (!value.is_null()).then(|| value.clone());
    FieldChange { path: path.to_owned(), before: value(before), after: value(after) }
}

impl fmt::Display for FieldChange {
    /// On one line, long values cut short.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, before, after } = self;
        let text = |value: &Option<Value>| value.as_ref().map_or("(none)".to_owned(), short);
        let (before, after) = (text(before), text(after));
        // Two long texts can begin alike; then their beginnings say nothing.
        if before == after && before != HIDDEN {
            return write!(f, "{path}: its text changes");
        }
        write!(f, "{path}: {before} -> {after}")
    }
}

/// A value on a line: text as it is, everything else as JSON.
fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if clean.chars().count() <= SHOWN {
        return clean;
    }
    clean.chars().take(SHOWN - 1).chain(['…']).collect()
}
