//! The hash of a generated object's content, which its name ends in: another content is another object.
//!
//! Source: `api/hasher/hasher.go` of kustomize, which is kubectl's `pkg/util/hash`.

use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::document::Placed;

use super::resource::Resource;

/// Adds the hash to the name of each object that is to have one.
pub(super) fn add_hashes(resources: &mut [Resource]) {
    for resource in resources.iter_mut().filter(|resource| resource.hashed) {
        let name = format!("{}-{}", resource.metadata("name"), hash(&resource.value));
        resource.remember();
        resource.set_metadata("name", &name);
    }
}

fn hash(object: &Placed) -> String {
    let field = |field: &str| object.get(field).map(Placed::to_json);
    let is_secret = object.get("kind").and_then(Placed::as_text) == Some("Secret");
    let or_empty = |value: Option<Value>| value.unwrap_or_else(|| json!(""));
    // Kustomize looks for the name where none is, so every name counts as empty.
    let mut content = json!({"data": or_empty(field("data")), "name": ""});
    let more = if is_secret {
        content["kind"] = json!("Secret");
        content["type"] = or_empty(field("type"));
        "stringData"
    } else {
        content["kind"] = json!("ConfigMap");
        "binaryData"
    };
    if let Some(value @ Value::Object(_)) = field(more) {
        content[more] = value;
    }
    encode(&go_json(&content))
}

/// JSON as Go writes it: fit to stand in HTML.
fn go_json(value: &Value) -> String {
    let mut text = String::new();
    for c in value.to_string().chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            _ => text.push(c),
        }
    }
    text
}

/// Ten digits of SHA-256, with letters that make no words.
fn encode(text: &str) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(text.as_bytes()).iter().take(5) {
        let _ = write!(hex, "{byte:02x}");
    }
    let letter = |c| match c {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    hex.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What kubectl 1.32 prints for generators of this content, and what kustomize's own tests expect.
    #[test]
    fn as_kustomize_computes_it() {
        for (object, expected) in [
            (json!({"kind": "ConfigMap"}), "6ct58987ht"),
            (json!({"kind": "ConfigMap", "data": {"one": ""}}), "9g67k2htb6"),
            (
                json!({"kind": "ConfigMap", "data": {"two": "2", "one": "", "three": "3"}}),
                "f5h7t85m9b",
            ),
            (json!({"kind": "ConfigMap", "data": {"one": "<&>"}}), "gf92h77m8k"),
            (
                json!({"kind": "Secret", "type": "my-type", "data": {"one": "", "two": "Mg=="}}),
                "8ktbbb5h9g",
            ),
        ] {
            assert_eq!(hash(&Placed::of_json(&object)), expected, "{object}");
        }
    }
}
