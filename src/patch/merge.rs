//! JSON merge patch: a null takes away, a mapping goes into a mapping, anything else takes the place of what was there.
//!
//! Source: [RFC 7386](https://www.rfc-editor.org/rfc/rfc7386).

use crate::document::Placed;

/// Merges a patch into a value.
#[must_use]
pub fn merge(base: Placed, mut patch: Placed) -> Placed {
    let place = patch.place.clone();
    let Some(changes) = patch.entries_mut() else { return patch };
    let mut merged = if base.is_mapping() { base } else { Placed::mapping(place) };
    for change in std::mem::take(changes) {
        if change.value.is_null() {
            merged.remove(&change.key);
            continue;
        }
        let nested = change.value.is_mapping();
        match merged.get_mut(&change.key) {
            Some(there) if nested => {
                let old = std::mem::replace(there, Placed::mapping(None));
                *there = merge(old, change.value);
            }
            Some(_) => merged.set(&change.key, change.key_place, change.value),
            None => {
                // Merged into nothing, so that its nulls go.
                let value = merge(Placed::mapping(None), change.value);
                merged.set(&change.key, change.key_place, value);
            }
        }
    }
    merged
}
