//! What stands behind `!!binary`: base64 of a text.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

/// As lenient as Go's: bits that are left over may be anything.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The text that base64 stands for; `None` for what is no base64. Line breaks in it are passed over, and bytes that are
/// no UTF-8 become U+FFFD on their way through JSON, as in Kubernetes.
pub(super) fn decode(text: &str) -> Option<String> {
    let bytes = ENGINE.decode(text.replace(['\n', '\r'], "")).ok()?;
    let mut decoded = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        decoded.push_str(chunk.valid());
        decoded.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_decodes_it() {
        for (text, decoded) in [
            ("aGVsbG8=", Some("hello")),
            ("aGVs\nbG8=\n", Some("hello")),
            ("aGVsbG9=", Some("hello")),
            ("", Some("")),
            ("/w//", Some("\u{fffd}\u{f}\u{fffd}")),
            ("aGVsbG8", None),
            ("a b", None),
        ] {
            assert_eq!(decode(text).as_deref(), decoded, "{text}");
        }
    }
}
