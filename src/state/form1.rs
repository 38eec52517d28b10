//! Objects as form 1 of the state file has them, lifted to those of today.

use std::collections::BTreeMap;

use redb::ReadTransaction;
use serde::Deserialize;

use super::error::TableError;
use super::tables::{OBJECTS, all};
use crate::desired::{Desired, SetName, Stored, lifted_stamp};
use crate::model::{Object, ObjectKey};

/// The form that this reads.
pub(super) const FORM: u32 = 1;

/// An object of form 1: whoever applied it last set all of it.
#[derive(Debug, Deserialize)]
struct Row {
    object: Object,
    set: SetName,
}

/// Reads the objects. What was applied last is the whole object: no other fields were ever kept.
pub(super) fn read(read: &ReadTransaction) -> Result<Desired, TableError> {
    let rows: BTreeMap<ObjectKey, Row> = all(read, OBJECTS)?;
    let objects = rows.into_iter().map(|(key, Row { object, set })| {
        let (object, applied) = lifted_stamp(object);
        (key, Stored { object, set: Some(set), applied: Some(applied) })
    });
    Ok(Desired { objects: objects.collect(), ..Desired::default() })
}
