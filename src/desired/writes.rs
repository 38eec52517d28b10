//! Objects that planning itself makes, changes and takes away, as controllers do in a cluster: volumes, and what binds claims to
//! them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::stamp::Stamp;
use super::{Desired, Stored};
use crate::model::{FleetName, Object, ObjectKey};

/// Objects as they should be from now on; `None` for one that goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Writes {
    /// The objects by their keys.
    pub objects: BTreeMap<ObjectKey, Option<Object>>,
}

/// What objects are stamped with that planning makes.
#[derive(Clone, Copy, Debug)]
pub struct Pen<'a> {
    /// The fleet, for uids.
    pub fleet: &'a FleetName,
    /// When this is.
    pub now: Timestamp,
}

impl Writes {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

impl Desired {
    /// What should be once this is written. What was there before stays with its source.
    #[must_use]
    pub fn written(&self, writes: &Writes, pen: Pen<'_>) -> Self {
        let mut next = self.clone();
        for (key, object) in &writes.objects {
            match object {
                Some(object) => next.write(object, pen),
                None => {
                    next.objects.remove(key);
                }
            }
        }
        next
    }

    /// Writes one object, new or in the place of the one that was there.
    pub fn write(&mut self, object: &Object, pen: Pen<'_>) {
        let stamp = Stamp { fleet: pen.fleet, now: pen.now };
        let key = object.key();
        let stored = match self.objects.get(&key) {
            Some(before) => {
                let object = stamp.stamped(object, Some(&before.object));
                Stored { object, ..before.clone() }
            }
            None => Stored::new(stamp.stamped(object, None)),
        };
        self.objects.insert(key, stored);
    }
}
