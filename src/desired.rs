//! What should be: the stored objects, and how a new set of manifests changes them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde::{Deserialize, Serialize};

use crate::model::{Digest, FleetName, Kind, Object, ObjectKey};

/// The objects that a fleet should carry out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desired {
    /// Every object by its key.
    pub objects: BTreeMap<ObjectKey, Stored>,
}

/// An object as it is kept: with uid, generation and creation time in its metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// The object.
    pub object: Object,
    /// The source that it was last applied from.
    pub set: SetName,
}

/// Names the source that objects came from: what leaves its source is pruned.
///
/// Either a name given by `--set` or the path given by `-f`, as kubectl's `ApplySet` groups objects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SetName(pub String);

/// What applying a source does to one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectChange {
    /// The object.
    pub key: ObjectKey,
    /// What happens to it.
    pub action: ObjectAction,
}

/// What happens to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectAction {
    /// It is new.
    Create,
    /// It changes, in these fields.
    Update(Vec<FieldChange>),
    /// It goes, for this reason.
    Delete(String),
}

/// One field of an object before and after; `None` where the field is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Where in the object, such as `spec.template.spec.containers[0].image`.
    pub path: String,
    /// The value before, as short JSON.
    pub before: Option<String>,
    /// The value after, as short JSON.
    pub after: Option<String>,
}

impl Desired {
    /// Applies a source: what it holds is created or changed, what has left it is pruned.
    ///
    /// An object that another source held before belongs to this one from now on.
    #[must_use]
    pub fn apply(&self, source: &Application<'_>) -> (Self, Vec<ObjectChange>) {
        let mut next = self.clone();
        let mut changes = Vec::new();
        let mut present = BTreeSet::new();
        for object in source.objects {
            let key = object.key();
            present.insert(key.clone());
            let before = self.objects.get(&key);
            let stored = stamp(object.clone(), before, source);
            match before {
                None => {
                    let action = ObjectAction::Create;
                    changes.push(ObjectChange { key: key.clone(), action });
                }
                Some(old) => {
                    let fields = field_changes(&old.object, &stored.object);
                    if !fields.is_empty() {
                        let action = ObjectAction::Update(fields);
                        changes.push(ObjectChange { key: key.clone(), action });
                    }
                }
            }
            next.objects.insert(key, stored);
        }
        for (key, stored) in &self.objects {
            let left = stored.set == source.set && !present.contains(key);
            if left && source.prune == Prune::Left {
                next.objects.remove(key);
                let action = ObjectAction::Delete(format!("no longer in {}", source.set.0));
                changes.push(ObjectChange { key: key.clone(), action });
            }
        }
        changes.sort_by(|a, b| a.key.cmp(&b.key));
        (next, changes)
    }

    /// Removes objects, and with a namespace everything in it.
    #[must_use]
    pub fn delete(&self, keys: &BTreeSet<ObjectKey>, reason: &str) -> (Self, Vec<ObjectChange>) {
        let namespaces: BTreeSet<&str> =
            keys.iter().filter(|k| k.kind == "Namespace").map(|k| k.name.as_str()).collect();
        let mut next = self.clone();
        let mut changes = Vec::new();
        next.objects.retain(|key, _| {
            let goes = keys.contains(key) || namespaces.contains(key.namespace.as_str());
            if goes {
                let action = ObjectAction::Delete(reason.to_owned());
                changes.push(ObjectChange { key: key.clone(), action });
            }
            !goes
        });
        (next, changes)
    }

    /// The Services.
    pub fn services(&self) -> impl Iterator<Item = (&ObjectKey, &Service)> {
        self.objects.iter().filter_map(|(key, stored)| match &stored.object {
            Object::Service(service) => Some((key, &**service)),
            _ => None,
        })
    }
}

/// A source that is being applied.
#[derive(Clone, Debug)]
pub struct Application<'a> {
    /// The fleet, for uids.
    pub fleet: &'a FleetName,
    /// The source's name.
    pub set: SetName,
    /// The objects that it holds now.
    pub objects: &'a [Object],
    /// Whether what has left it is deleted.
    pub prune: Prune,
    /// When this is.
    pub now: Timestamp,
}

/// Whether objects that have left their source are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prune {
    /// They are.
    Left,
    /// They stay.
    Nothing,
}

/// Gives an object what the API server would: uid, creation time, and a generation that counts changes of its spec.
fn stamp(mut object: Object, before: Option<&Stored>, source: &Application<'_>) -> Stored {
    let key = object.key();
    let spec_changed = before.is_some_and(|old| spec_fields(&old.object) != spec_fields(&object));
    let metadata = object.metadata_mut();
    match before.map(|old| old.object.metadata()) {
        Some(old) => {
            metadata.uid.clone_from(&old.uid);
            metadata.creation_timestamp.clone_from(&old.creation_timestamp);
            metadata.generation = old.generation.map(|g| g + i64::from(spec_changed));
        }
        None => {
            metadata.uid = Some(uid(source.fleet, &key, source.now));
            metadata.creation_timestamp = Some(Time(source.now));
            metadata.generation = Some(1);
        }
    }
    Stored { object, set: source.set.clone() }
}

/// A uid in the form of RFC 9562, version 8: derived, so that planning twice gives the same one.
fn uid(fleet: &FleetName, key: &ObjectKey, now: Timestamp) -> String {
    let one = Digest::of_text(&format!("{fleet} {key} {now}"));
    let two = Digest::of_text(&format!("{now} {key} {fleet}"));
    let (a, b) = (one.as_str(), two.as_str());
    format!("{}-{}-8{}-8{}-{}{}", &a[..8], &a[8..12], &a[13..16], &b[1..4], &b[4..12], &b[12..])
}

/// The object without what the store itself adds.
fn spec_fields(object: &Object) -> serde_json::Value {
    let mut json = object.to_json();
    if let Some(metadata) = json.get_mut("metadata").and_then(serde_json::Value::as_object_mut) {
        for added in ["uid", "creationTimestamp", "generation", "resourceVersion", "managedFields"]
        {
            metadata.remove(added);
        }
    }
    if let Some(object) = json.as_object_mut() {
        object.remove("status");
    }
    json
}

/// The fields in which two versions of an object differ, leaving out what the store itself adds.
pub fn field_changes(before: &Object, after: &Object) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    differences("", &spec_fields(before), &spec_fields(after), &mut changes);
    if after.kind() == Kind::Secret {
        changes.iter_mut().for_each(hide);
    }
    changes
}

/// Takes the values of a Secret out of a change; that it changes is no secret.
fn hide(change: &mut FieldChange) {
    if change.path.starts_with("data") || change.path.starts_with("stringData") {
        let hidden = |value: &mut Option<String>| {
            if let Some(value) = value {
                "(sensitive)".clone_into(value);
            }
        };
        hidden(&mut change.before);
        hidden(&mut change.after);
    }
}

fn differences(
    path: &str,
    before: &serde_json::Value,
    after: &serde_json::Value,
    changes: &mut Vec<FieldChange>,
) {
    use serde_json::Value;
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for key in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let (old, new) = (old.get(key), new.get(key));
                differences(
                    &path,
                    old.unwrap_or(&Value::Null),
                    new.unwrap_or(&Value::Null),
                    changes,
                );
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (at, (old, new)) in old.iter().zip(new).enumerate() {
                differences(&format!("{path}[{at}]"), old, new, changes);
            }
        }
        _ if before == after => {}
        _ => changes.push(FieldChange {
            path: path.to_owned(),
            before: short(before),
            after: short(after),
        }),
    }
}

/// The longest value that is shown in full, in characters: a line of a plan should stay a line.
const SHOWN: usize = 60;

fn short(value: &serde_json::Value) -> Option<String> {
    let text = match value {
        serde_json::Value::Null => return None,
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if clean.chars().count() <= SHOWN {
        return Some(clean);
    }
    Some(clean.chars().take(SHOWN - 1).chain(['…']).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn config(name: &str, value: &str) -> Object {
        let json = json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": "default"}, "data": {"key": value}});
        Object::try_from(json).unwrap()
    }

    fn applied(to: &Desired, set: &str, objects: &[Object]) -> (Desired, Vec<ObjectChange>) {
        let fleet = FleetName::from("test");
        let set = SetName(set.into());
        let (prune, now) = (Prune::Left, Timestamp::UNIX_EPOCH);
        to.apply(&Application { fleet: &fleet, set, objects, prune, now })
    }

    #[test]
    fn a_second_apply_changes_nothing() {
        let (first, changes) = applied(&Desired::default(), "a", &[config("one", "1")]);
        assert_eq!(changes.len(), 1);
        let (second, changes) = applied(&first, "a", &[config("one", "1")]);
        assert_eq!(changes, []);
        assert_eq!(first, second);
    }

    #[test]
    fn a_change_is_named_by_its_field_and_keeps_the_uid() {
        let (first, _) = applied(&Desired::default(), "a", &[config("one", "1")]);
        let (second, changes) = applied(&first, "a", &[config("one", "2")]);
        let ObjectAction::Update(fields) = &changes[0].action else { panic!("{changes:?}") };
        assert_eq!(fields[0].path, "data.key");
        let key = config("one", "").key();
        let (old, new) = (&first.objects[&key].object, &second.objects[&key].object);
        assert_eq!(old.metadata().uid, new.metadata().uid);
        assert_eq!(new.metadata().generation, Some(2));
    }

    #[test]
    fn a_change_of_a_secret_shows_no_value() {
        let secret = |value: &str| {
            let json = json!({"apiVersion": "v1", "kind": "Secret", "data": {"key": value},
                "metadata": {"name": "one", "namespace": "default"}});
            Object::try_from(json).unwrap()
        };
        let (first, _) = applied(&Desired::default(), "a", &[secret("b25l")]);
        let (_, changes) = applied(&first, "a", &[secret("dHdv")]);
        let ObjectAction::Update(fields) = &changes[0].action else { panic!("{changes:?}") };
        let shown = Some("(sensitive)".to_owned());
        assert_eq!((&fields[0].before, &fields[0].after), (&shown, &shown));
    }

    #[test]
    fn what_left_its_source_is_pruned_and_other_sources_stay() {
        let (state, _) =
            applied(&Desired::default(), "a", &[config("one", "1"), config("two", "2")]);
        let (state, _) = applied(&state, "b", &[config("three", "3")]);
        let (state, changes) = applied(&state, "a", &[config("two", "2")]);
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].key.name, "one");
        let names: Vec<_> = state.objects.keys().map(|k| k.name.as_str()).collect();
        assert_eq!(names, ["three", "two"]);
    }

    #[test]
    fn a_namespace_takes_what_is_in_it_along() {
        let (state, _) = applied(&Desired::default(), "a", &[config("one", "1")]);
        let keys = BTreeSet::from([ObjectKey::new("Namespace", "", "default")]);
        let (state, changes) = state.delete(&keys, "deleted");
        assert!(state.objects.is_empty());
        assert_eq!(changes.len(), 1);
    }
}
