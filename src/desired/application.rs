//! A source of manifests that is applied: what it states is merged into what is stored, what has left it is pruned.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::merge::three_way;
use super::stamp::{Stamp, without_stamp};
use super::{Desired, ObjectAction, ObjectChange, SetName, Stored};
use crate::manifest::{Stated, complete};
use crate::model::{FleetName, Kind, Object};

/// A source that is being applied.
#[derive(Clone, Debug)]
pub struct Application<'a> {
    /// The fleet, for uids.
    pub fleet: &'a FleetName,
    /// The source's name.
    pub set: SetName,
    /// The objects as its manifests state them now, without defaults.
    pub objects: &'a [Stated],
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

impl Desired {
    /// Applies a source: what it holds is created or merged, what has left it is pruned.
    ///
    /// An object that another source held before belongs to this one from now on.
    #[must_use]
    pub fn apply(&self, source: &Application<'_>) -> (Self, Vec<ObjectChange>) {
        let mut next = self.clone();
        let mut changes = Vec::new();
        let mut present = BTreeSet::new();
        let stamp = Stamp { fleet: source.fleet, now: source.now };
        for stated in source.objects {
            let key = stated.object.key();
            present.insert(key.clone());
            let before = self.objects.get(&key).map(|stored| &stored.object);
            let object = stamp.stamped(&self.merged(stated), before);
            let (set, applied) = (Some(source.set.clone()), Some(remembered(&stated.object)));
            changes.extend(next.keep(Stored { object, set, applied }));
        }
        for (key, stored) in &self.objects {
            let left = stored.set.as_ref() == Some(&source.set) && !present.contains(key);
            if left && source.prune == Prune::Left {
                next.objects.remove(key);
                let action = ObjectAction::Delete(format!("no longer in {}", source.set.0));
                changes.push(ObjectChange { key: key.clone(), action });
            }
        }
        changes.sort_by(|a, b| a.key.cmp(&b.key));
        (next, changes)
    }

    /// What an object becomes when a manifest states it so: complete, with what others have set.
    pub fn merged(&self, stated: &Stated) -> Object {
        let alone = completed(remembered(&stated.object));
        let Some(Stored { object: live, applied, .. }) = self.objects.get(&stated.object.key())
        else {
            return alone;
        };
        let live = without_stamp(live);
        let new = with_nulls(stated);
        let merged = match applied {
            Some(last) => {
                let full = completed(last.clone()).to_json();
                three_way(live.kind(), Some((&last.to_json(), &full)), &live.to_json(), &new)
            }
            None => three_way(live.kind(), None, &live.to_json(), &new),
        };
        // Both were read as this kind, and a merge only chooses between their fields: if that is no object of the kind, what
        // the manifest states alone is one.
        Object::try_from(merged).map_or(alone, completed)
    }
}

/// What a manifest states, with the nulls that its type has no room for: what others have set there goes.
fn with_nulls(stated: &Stated) -> Value {
    let mut json = remembered(&stated.object).to_json();
    for null in &stated.nulls {
        let Some((above, field)) = null.rsplit_once('/') else { continue };
        if let Some(Value::Object(fields)) = json.pointer_mut(above) {
            let field = field.replace("~1", "/").replace("~0", "~");
            fields.entry(field).or_insert(Value::Null);
        }
    }
    json
}

/// An object with its defaults.
fn completed(mut object: Object) -> Object {
    complete(&mut object);
    object
}

/// What is remembered of a manifest: the text of a Secret under `data`, where what is stored has it as well.
pub(super) fn remembered(stated: &Object) -> Object {
    let mut stated = without_stamp(stated);
    if stated.kind() == Kind::Secret {
        complete(&mut stated);
    }
    stated
}
