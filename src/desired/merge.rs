//! The merge of what was last applied, what is stored now and what a manifest states: as `kubectl apply` does it.
//!
//! A field that the manifest states is as it states it. A field that it stated last time and no longer does goes. Every other
//! field is somebody else's and stays; a null is a field that is to be nobody's. Lists whose type has a merge key are merged element by element, in the order of the manifest.
//! Source: <https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/#how-apply-calculates-differences-and-merges-changes>
//!
//! One thing is better than there: a default that nobody set is no field of somebody else's. It is left out before the merge and
//! filled in again after it, so a manifest that nobody meddled with gives what it would give if it were new.

use serde_json::{Map, Value};

use super::lists::{Elements, Trail};
use crate::model::Kind;

/// Merges; `last` is what was applied last, as it was stated and with the defaults that it had.
pub(super) fn three_way(
    kind: Kind,
    last: Option<(&Value, &Value)>,
    live: &Value,
    new: &Value,
) -> Value {
    let trail = Trail::of(kind);
    match last {
        Some((last, full)) => {
            let set = undefaulted(trail, Some(last), full, live).unwrap_or(Value::Null);
            merged(trail, Some(last), &set, new)
        }
        None => merged(trail, None, live, new),
    }
}

/// The live value without what is nothing but a default of what was applied last.
fn undefaulted(trail: Trail, last: Option<&Value>, full: &Value, live: &Value) -> Option<Value> {
    if last.is_none() && live == full {
        return None;
    }
    match (live, full) {
        // Which choice is made is asked later: it has to stand there, also when it was made by default.
        (Value::Object(_), _) if trail.is_choice() => Some(live.clone()),
        (Value::Object(live), Value::Object(full)) => {
            let kept = live.iter().filter_map(|(name, value)| {
                let last = last.and_then(|last| last.get(name));
                let kept = match full.get(name) {
                    Some(full) => undefaulted(trail.field(name), last, full, value)?,
                    None => value.clone(),
                };
                Some((name.clone(), kept))
            });
            Some(Value::Object(kept.collect()))
        }
        (Value::Array(live), Value::Array(full)) => {
            Some(Value::Array(undefaulted_list(trail, last, full, live)))
        }
        _ => Some(live.clone()),
    }
}

fn undefaulted_list(
    trail: Trail,
    last: Option<&Value>,
    full: &[Value],
    live: &[Value],
) -> Vec<Value> {
    let last = last.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let elements = trail.merge_keys().and_then(|keys| {
        Some((Elements::of(last, keys)?, Elements::of(full, keys)?, Elements::of(live, keys)?))
    });
    let Some((last, full, live)) = elements else { return live.to_vec() };
    let kept = live.iter().filter_map(|(name, value)| match full.get(name) {
        Some(full) => undefaulted(trail, last.get(name), full, value),
        None => Some(value.clone()),
    });
    kept.collect()
}

fn merged(trail: Trail, last: Option<&Value>, live: &Value, new: &Value) -> Value {
    match (live, new) {
        (Value::Object(live), Value::Object(new)) => {
            let last = last.and_then(Value::as_object);
            Value::Object(merged_fields(trail, last, live, new))
        }
        (Value::Array(live), Value::Array(new)) => {
            let last = last.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            Value::Array(merged_list(trail, last, live, new))
        }
        _ => without_nulls(new),
    }
}

/// What a manifest states where there is nothing to merge it with.
fn without_nulls(new: &Value) -> Value {
    match new {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                fields.map(|(name, value)| (name.clone(), without_nulls(value))).collect(),
            )
        }
        Value::Array(elements) => elements.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

fn merged_fields(
    trail: Trail,
    last: Option<&Map<String, Value>>,
    live: &Map<String, Value>,
    new: &Map<String, Value>,
) -> Map<String, Value> {
    let last = |name: &str| last.and_then(|last| last.get(name));
    let mut all = Map::new();
    for (name, value) in new.iter().filter(|(_, value)| !value.is_null()) {
        let value = match live.get(name) {
            Some(live) => merged(trail.field(name), last(name), live, value),
            None => without_nulls(value),
        };
        all.insert(name.clone(), value);
    }
    // Of an either-or, such as the source of a volume, the manifest's choice ends every other one.
    let chosen = all.iter().any(|(name, value)| live.get(name) != Some(value));
    if trail.is_choice() && chosen {
        return all;
    }
    for (name, value) in live {
        if !new.contains_key(name) && last(name).is_none() {
            all.insert(name.clone(), value.clone());
        }
    }
    all
}

fn merged_list(trail: Trail, last: &[Value], live: &[Value], new: &[Value]) -> Vec<Value> {
    if trail.is_set() {
        let others = live.iter().filter(|value| !new.contains(value) && !last.contains(value));
        return new.iter().chain(others).cloned().collect();
    }
    let elements = trail.merge_keys().and_then(|keys| {
        Some((Elements::of(last, keys)?, Elements::of(live, keys)?, Elements::of(new, keys)?))
    });
    let Some((last, live, new)) = elements else {
        return new.iter().map(without_nulls).collect();
    };
    let mut all: Vec<(&str, Value)> = Vec::new();
    for (name, value) in new.iter() {
        let value = match live.get(name) {
            Some(live) => merged(trail, last.get(name), live, value),
            None => without_nulls(value),
        };
        all.push((name, value));
    }
    // What others added stands behind what it stood behind before.
    let mut before: Option<&str> = None;
    for (name, value) in live.iter() {
        if new.get(name).is_none() && last.get(name).is_none() {
            let at = before.and_then(|before| all.iter().position(|(name, _)| *name == before));
            all.insert(at.map_or(0, |at| at + 1), (name, value.clone()));
        }
        if all.iter().any(|(there, _)| *there == name) {
            before = Some(name);
        }
    }
    all.into_iter().map(|(_, value)| value).collect()
}
