//! Rows of Secrets: the whole row is sealed, also what was applied last, and who set which field.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::TableError;
use crate::desired::Stored;
use crate::model::{Kind, ObjectKey};
use crate::secrets::{KeyPlace, Sealed};

/// The rows to be written: those of Secrets sealed. The key is made when the first Secret comes.
pub(super) fn rows(
    objects: &BTreeMap<ObjectKey, Stored>,
    key: &KeyPlace,
) -> Result<BTreeMap<ObjectKey, Value>, TableError> {
    let mut sealer = None;
    let mut rows = BTreeMap::new();
    for (name, stored) in objects {
        let mut row = serde_json::to_value(stored)?;
        if is_secret(name) {
            let sealer = match &sealer {
                Some(sealer) => sealer,
                None => sealer.insert(key.find_or_make()?),
            };
            row = Sealed::new(sealer, &name.to_string(), &row).into_value();
        }
        rows.insert(name.clone(), row);
    }
    Ok(rows)
}

/// The objects of rows. A Secret of a file that an older form wrote is in clear.
pub(super) fn objects(
    rows: BTreeMap<ObjectKey, Value>,
    key: &KeyPlace,
) -> Result<BTreeMap<ObjectKey, Stored>, TableError> {
    let mut sealer = None;
    let mut objects = BTreeMap::new();
    for (name, mut row) in rows {
        if is_secret(&name)
            && let Some(sealed) = Sealed::of(&row)
        {
            let sealer = match &sealer {
                Some(sealer) => sealer,
                None => sealer.insert(key.find()?),
            };
            row = sealed.open(sealer, &name.to_string())?;
        }
        objects.insert(name, serde_json::from_value(row)?);
    }
    Ok(objects)
}

fn is_secret(name: &ObjectKey) -> bool {
    name.kind == Kind::Secret.object()
}
