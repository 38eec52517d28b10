//! A digest of a value's canonical JSON: how change is recognised.

use std::fmt;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Identifies the content of a value: equal digests mean the same canonical JSON.
///
/// Sixteen hex digits of SHA-256: short enough for a label or an nftables chain name, long enough that two specs of one
/// fleet do not meet by accident (2^32 specs for an even chance).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// Digests a value by its canonical JSON: keys sorted, nulls left out.
    ///
    /// # Panics
    /// When the value cannot be JSON (a map with keys that are no strings), which no type of this crate has.
    pub fn of<T: Serialize>(value: &T) -> Self {
        let mut json = serde_json::to_value(value).expect("values of this crate are JSON");
        drop_nulls(&mut json);
        Self::of_text(&json.to_string())
    }

    /// Digests plain text.
    pub fn of_text(text: &str) -> Self {
        let hash = Sha256::digest(text.as_bytes());
        let mut hex = String::with_capacity(16);
        for byte in hash.iter().take(8) {
            let _ = write!(hex, "{byte:02x}");
        }
        Self(hex)
    }

    /// Wraps a digest that was read back from a label or from the state.
    pub fn from_label(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The digest of a text as registries have it: `sha256:` and all of its hex digits.
///
/// Source: <https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests>
pub fn content_digest(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().fold("sha256:".to_owned(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn drop_nulls(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            map.retain(|_, v| !v.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn key_order_and_nulls_do_not_count() {
        let one = Digest::of(&json!({"a": 1, "b": {"c": null, "d": 2}}));
        let two = Digest::of(&json!({"b": {"d": 2}, "a": 1}));
        assert_eq!(one, two);
        assert_eq!(one.as_str().len(), 16);
    }

    #[test]
    fn a_changed_value_is_another_digest() {
        assert_ne!(Digest::of(&json!({"a": 1})), Digest::of(&json!({"a": 2})));
    }
}
