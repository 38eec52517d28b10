//! A pod's own fields, and its containers' resources, as the content of a file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use k8s_openapi::api::core::v1::DownwardAPIVolumeFile;

use crate::plan::realise::Surroundings;
use crate::plan::realise::downward;

/// The content of a file; `None` where nothing is known of what it asks for.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#downwardapi-fieldRef>
pub(super) fn value(file: &DownwardAPIVolumeFile, around: &Surroundings<'_>) -> Option<String> {
    let metadata = &around.pod.metadata;
    match file.field_ref.as_ref().map(|field| field.field_path.as_str()) {
        Some("metadata.labels") => Some(lines(metadata.labels.as_ref())),
        Some("metadata.annotations") => Some(lines(metadata.annotations.as_ref())),
        Some(path) => downward::field(path, around),
        None => {
            // A file names its container; the check of manifests sees to it.
            let own = around.pod.spec.as_ref()?.containers.first()?;
            Some(downward::resource(file.resource_field_ref.as_ref()?, own, around))
        }
    }
}

/// A line a pair, in order of the keys, the value in quotes as Go writes them.
fn lines(map: Option<&BTreeMap<String, String>>) -> String {
    let mut text = String::new();
    for (key, value) in map.into_iter().flatten() {
        let _ = writeln!(text, "{key}={}", quoted(value));
    }
    text.trim_end_matches('\n').to_owned()
}

/// A text as Go's `%q` writes it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            c if c.is_ascii_control() => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_lines_in_order() {
        let map = [("b", "2"), ("a", "say \"hi\"\n")];
        let map = map.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        assert_eq!(lines(Some(&map)), "a=\"say \\\"hi\\\"\\n\"\nb=\"2\"");
        assert_eq!(lines(None), "");
    }
}
