//! What should be: the stored objects, and how manifests and commands change them.
//!
//! `application` is a source of manifests that is applied, `put` is a command that changes single objects; both end in
//! `stamp`, which counts as the API server does. Whether a changed object is right is asked before, by `manifest`.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Service;
use serde::{Deserialize, Serialize};

use crate::inventory::HostRecord;
use crate::model::{NodeName, Object, ObjectKey};

mod application;
mod difference;
mod hosts;
mod lists;
mod merge;
mod put;
mod stamp;
mod writes;

#[cfg(test)]
mod tests;

pub use application::{Application, Prune};
pub use difference::{FieldChange, field_changes};
pub use put::{Put, Putting};
pub use stamp::{lifted_stamp, without_stamp};
pub use writes::{Pen, Writes};

/// The objects that a fleet should carry out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desired {
    /// Every object by its key.
    pub objects: BTreeMap<ObjectKey, Stored>,
    /// What people said of hosts by command.
    pub hosts: BTreeMap<NodeName, HostRecord>,
}

/// An object as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// The object, complete, with uid, counts and creation time in its metadata.
    pub object: Object,
    /// The source that it was last applied from; `None` for what a command made, which no source prunes.
    pub set: Option<SetName>,
    /// What its manifest stated when it was last applied, without defaults: a field in here that leaves the manifest is
    /// taken away, and every other field is somebody else's. `None` when no manifest ever stated it.
    ///
    /// kubectl keeps this in an annotation, since a cluster has no other place for it. Here there is one, so values of
    /// Secrets are not in the metadata a second time, a large `ConfigMap` meets no limit of annotations, and what `get -o yaml`
    /// gives carries nothing that means something else in another fleet.
    pub applied: Option<Object>,
}

impl Stored {
    /// An object that stands for itself: no source, and no manifest that stated it.
    pub fn new(object: Object) -> Self {
        Self { object, set: None, applied: None }
    }
}

/// Names the source that objects came from: what leaves its source is pruned.
///
/// Either a name given by `--set` or the path given by `-f`, as kubectl's `ApplySet` groups objects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SetName(pub String);

/// What becomes of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectChange {
    /// The object.
    pub key: ObjectKey,
    /// What happens to it.
    pub action: ObjectAction,
}

/// What happens to an object.
#[derive(Clone, Debug, PartialEq)]
pub enum ObjectAction {
    /// It is new.
    Create,
    /// It changes, in these fields.
    Update(Vec<FieldChange>),
    /// It goes, for this reason.
    Delete(String),
}

impl Desired {
    /// The same with these objects, each in the place of the one of its key: what would be, had they been stored.
    #[must_use]
    pub fn with(mut self, objects: impl IntoIterator<Item = Object>) -> Self {
        let entry = |object: Object| (object.key(), Stored::new(object));
        self.objects.extend(objects.into_iter().map(entry));
        self
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

    /// Keeps an object, and says how it differs from what was kept before; nothing when it does not.
    fn keep(&mut self, stored: Stored) -> Option<ObjectChange> {
        let key = stored.object.key();
        let action = match self.objects.get(&key) {
            None => Some(ObjectAction::Create),
            Some(before) => {
                let fields = field_changes(&before.object, &stored.object);
                (!fields.is_empty()).then_some(ObjectAction::Update(fields))
            }
        };
        self.objects.insert(key.clone(), stored);
        action.map(|action| ObjectChange { key, action })
    }
}
