//! Objects that a command makes or changes, one by one.

use jiff::Timestamp;

use super::application::remembered;
use super::stamp::Stamp;
use super::{Desired, ObjectChange, Stored};
use crate::model::{FleetName, Object};

/// An object that takes the place of the one that is stored, or is new.
#[derive(Clone, Debug)]
pub struct Put {
    /// The object as it should be from now on, complete.
    pub object: Object,
    /// The manifest that states all of it, which counts as applied; `None` when only some fields were changed, and what was
    /// applied before still is.
    pub manifest: Option<Object>,
}

/// Objects that a command puts.
#[derive(Clone, Debug)]
pub struct Putting<'a> {
    /// The fleet, for uids.
    pub fleet: &'a FleetName,
    /// The objects.
    pub objects: &'a [Put],
    /// When this is.
    pub now: Timestamp,
}

impl Desired {
    /// Puts objects where those of their names were. They stay with the source that they came from.
    #[must_use]
    pub fn put(&self, putting: &Putting<'_>) -> (Self, Vec<ObjectChange>) {
        let mut next = self.clone();
        let mut changes = Vec::new();
        let stamp = Stamp { fleet: putting.fleet, now: putting.now };
        for Put { object, manifest } in putting.objects {
            let before = self.objects.get(&object.key());
            let applied = match manifest {
                Some(stated) => Some(remembered(stated)),
                None => before.and_then(|stored| stored.applied.clone()),
            };
            let set = before.and_then(|stored| stored.set.clone());
            let object = stamp.stamped(object, before.map(|stored| &stored.object));
            changes.extend(next.keep(Stored { object, set, applied }));
        }
        changes.sort_by(|a, b| a.key.cmp(&b.key));
        (next, changes)
    }
}
