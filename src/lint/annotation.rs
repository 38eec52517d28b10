//! The annotation by which an object silences rules.

use super::found::Found;
use super::level::{LevelError, adjustable};
use crate::manifest::ReadObject;
use crate::model::Object;

/// The annotation that names the rules that say nothing about an object, separated by commas or blanks.
pub const ANNOTATION: &str = "bowline.dev/lint-ignore";

/// The rules that an object silences, as written.
pub(super) fn ignored(object: &Object) -> impl Iterator<Item = &str> {
    let annotations = object.metadata().annotations.as_ref();
    let value = annotations.and_then(|all| all.get(ANNOTATION)).map_or("", String::as_str);
    value.split([',', ' ', '\t', '\n']).filter(|word| !word.is_empty())
}

/// Says of names in the annotation that they silence nothing.
pub(super) fn check(read: &ReadObject, found: &mut Found) {
    let path = format!("metadata.annotations[{ANNOTATION}]");
    for word in ignored(&read.object) {
        let Err(error) = adjustable(word) else { continue };
        let finding = found.at(read, &path, &error.to_string()).with_label("silences nothing");
        found.push(match error {
            LevelError::Unknown { meant: Some(meant), .. } => {
                finding.with_help(format!("did you mean `{meant}`?"))
            }
            LevelError::Unknown { meant: None, .. } => finding,
            LevelError::Fault { .. } => {
                finding.with_help("take it out: a fault must be put right, it cannot be silenced")
            }
        });
    }
}
