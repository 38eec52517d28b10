//! A JSON value, sealed, as a JSON value again: so that it stands where the clear one would.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{SealError, Sealer};

/// A sealed JSON value: `{"sealed": "…"}`, the bytes in base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    sealed: String,
}

impl Sealed {
    /// Seals a value under a name.
    pub fn new(sealer: &Sealer, what: &str, value: &Value) -> Self {
        Self { sealed: STANDARD.encode(sealer.seal(what, value.to_string().as_bytes())) }
    }

    /// Takes a value for a sealed one, if it has the form of one.
    pub fn of(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    /// The value that was sealed under this name.
    pub fn open(&self, sealer: &Sealer, what: &str) -> Result<Value, SealError> {
        let unopened = || SealError::Unopened { what: what.to_owned() };
        let sealed = STANDARD.decode(&self.sealed).map_err(|_| unopened())?;
        let text = sealer.open(what, &sealed)?;
        serde_json::from_slice(&text).map_err(|_| unopened())
    }

    /// As a value.
    pub fn into_value(self) -> Value {
        serde_json::json!({ "sealed": self.sealed })
    }
}
