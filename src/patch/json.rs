//! The three patches for values without a place: objects as they are stored, patches as they are typed.

use serde_json::Value;

use super::{PatchError, Rules};
use crate::document::Placed;

/// Applies a strategic merge patch as the API server does; the object's own `apiVersion` and `kind` say which lists
/// are merged. An object that deletes itself (`$patch: delete`) becomes an empty one.
pub fn strategic(base: &Value, patch: &Value) -> Result<Value, PatchError> {
    let (base, patch) = (Placed::of_json(base), Placed::of_json(patch));
    let merged = super::strategic(base, patch, Rules::ApiServer)?;
    Ok(merged.map_or_else(|| Value::Object(serde_json::Map::new()), |merged| merged.to_json()))
}

/// Applies a JSON merge patch (RFC 7386).
#[must_use]
pub fn merge(base: &Value, patch: &Value) -> Value {
    super::merge(Placed::of_json(base), Placed::of_json(patch)).to_json()
}

/// Applies a JSON patch (RFC 6902): a list of operations.
pub fn operations(base: &Value, operations: &Value) -> Result<Value, PatchError> {
    let patched = super::operations(Placed::of_json(base), &Placed::of_json(operations))?;
    Ok(patched.to_json())
}
