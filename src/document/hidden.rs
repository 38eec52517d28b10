//! What a Secret holds, so that no report shows it: reports end up in terminals, tickets and the logs of CI.
//!
//! The one place where this module asks what an object is: the text is hidden as it is parsed, and so in every finding
//! that anybody makes of it later.

use std::collections::BTreeSet;

use super::source::Span;
use super::tree::{Document, Entry, NodeId, Tree, Value};

/// The fields of a Secret that are shown; any other holds values, or is a field of that kind misspelt.
const SHOWN: [&str; 5] = ["apiVersion", "immutable", "kind", "metadata", "type"];

/// The fields of a Secret that hold its values.
const HOLDING: [&str; 2] = ["data", "stringData"];

/// Where kubectl repeats the whole object.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The ranges of a document that hold what Secrets hold, in the order of the text.
pub(super) fn spans(document: &Document) -> Vec<Span> {
    let tree = &*document.tree;
    let mut spans = Vec::new();
    for entry in (0..tree.len()).flat_map(|id| holders(tree, id, document.root)) {
        cover(document, entry, &mut spans);
    }
    spans.sort_unstable();
    spans
}

/// The values of an object that no message repeats.
pub(super) fn nodes(tree: &Tree, root: NodeId) -> BTreeSet<NodeId> {
    let mut hidden = BTreeSet::new();
    let mut open: Vec<NodeId> = holders(tree, root, root).iter().map(|held| held.value).collect();
    while let Some(node) = open.pop() {
        if hidden.insert(node) {
            open.extend(inner(tree, node));
        }
    }
    hidden
}

/// The fields within a mapping, if it is a Secret or makes some, that hold something to be kept.
fn holders(tree: &Tree, id: NodeId, root: NodeId) -> Vec<&Entry> {
    let elements = |key: &str| {
        let list = tree.entry(id, key).map(|entry| tree.elements(entry.value));
        list.unwrap_or_default().iter()
    };
    match tree.entry(id, "kind").and_then(|kind| tree.text(kind.value)) {
        Some("SecretList") => elements("items").flat_map(|item| held(tree, *item)).collect(),
        Some(kind) if kind.eq_ignore_ascii_case("Secret") => {
            // Others merely name a Secret by its kind.
            let whole = id == root
                || ["metadata"].iter().chain(&HOLDING).any(|key| tree.entry(id, key).is_some());
            if whole { held(tree, id) } else { Vec::new() }
        }
        // What is to be merged into a Secret.
        _ if tree.entry(id, "stringData").is_some() => held(tree, id),
        _ => {
            let generators = elements("secretGenerator");
            generators.filter_map(|generator| tree.entry(*generator, "literals")).collect()
        }
    }
}

/// The fields of a Secret that hold something to be kept.
fn held(tree: &Tree, id: NodeId) -> Vec<&Entry> {
    let applied = tree
        .entry(id, "metadata")
        .and_then(|metadata| tree.entry(metadata.value, "annotations"))
        .and_then(|annotations| tree.entry(annotations.value, LAST_APPLIED));
    let rest = tree.entries(id).iter().filter(|entry| !SHOWN.contains(&entry.key.as_str()));
    rest.chain(applied).collect()
}

fn inner(tree: &Tree, id: NodeId) -> impl Iterator<Item = NodeId> {
    let values = tree.entries(id).iter().map(|entry| entry.value);
    values.chain(tree.elements(id).iter().copied())
}

/// Adds what stands at a field: all of it but the keys, also what is between them (a comment, a second value of a key).
fn cover(document: &Document, field: &Entry, spans: &mut Vec<Span>) {
    let (tree, text) = (&document.tree, document.source.text());
    // The marks before a value are none of it.
    let value_after = |mark: char, at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        let bare = rest.trim_start_matches(' ');
        if bare.starts_with(mark) { at + rest.len() - bare.len() + mark.len_utf8() } else { at }
    };
    let mut open = vec![(field.key_span.end, field.value)];
    let mut seen = BTreeSet::new();
    while let Some((key_end, id)) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let whole = tree.node(id).span;
        if matches!(tree.node(id).value, Value::Scalar(..)) {
            spans.push(whole);
            continue;
        }
        let within = |span: Span| whole.start <= span.start && span.end <= whole.end;
        // A comment may stand between the field and its first key; what an alias brings has none there.
        let mut at = value_after('{', value_after(':', key_end.min(whole.start)));
        for entry in tree.entries(id).iter().filter(|entry| within(entry.key_span)) {
            spans.push(Span::new(at, entry.key_span.start.max(at)));
            at = value_after(':', at.max(entry.key_span.end));
        }
        spans.push(Span::new(at, whole.end));
        // What an alias brings stands elsewhere.
        let elsewhere = inner(tree, id).filter(|id| !within(tree.node(*id).span));
        open.extend(elsewhere.map(|id| (usize::MAX, id)));
    }
}

/// The ranges of a text that could not be parsed, as far as it speaks of a Secret: by the indentation, and where that
/// tells nothing, all that follows.
pub(super) fn spans_of_text(text: &str, start: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    if !text.to_ascii_lowercase().contains("secret") && !text.contains("stringData") {
        return spans;
    }
    let mut at = start;
    // The indentation of the field that the lines are below, and of the keys in it.
    let mut below: Option<(usize, Option<usize>)> = None;
    for line in text.split_inclusive('\n') {
        let (bare, here) = (line.trim_end(), at);
        at += line.len();
        let words = bare.trim_start();
        let indent = bare.len() - words.len();
        let whole = Span::new(here + indent, here + bare.len());
        if let Some((field, keys)) = below {
            if words.is_empty() {
                continue;
            }
            if indent > field {
                let first = keys.unwrap_or(indent);
                below = Some((field, Some(first)));
                let key = (indent == first).then(|| words.find(':')).flatten();
                let shown = key.map_or(0, |colon| colon + 1);
                spans.push(Span::new(whole.start + shown, whole.end));
                continue;
            }
            below = None;
        }
        if let Some(after) = after_field(bare) {
            let rest = bare[after..].trim();
            if rest.is_empty() || rest.starts_with('#') {
                below = Some((indent_of_key(bare), None));
            } else {
                spans.push(Span::new(here + after, start + text.len()));
                break;
            }
        }
    }
    spans
}

/// The byte after a field's colon, where a line holds one that holds values.
fn after_field(line: &str) -> Option<usize> {
    let colons = line.match_indices(':').map(|(at, _)| at);
    let names = |at: &usize| {
        let before = line[..*at].trim_end().trim_end_matches(['"', '\'']);
        HOLDING.iter().any(|field| {
            before.strip_suffix(field).is_some_and(|rest| !rest.ends_with(char::is_alphanumeric))
        })
    };
    colons.filter(names).map(|at| at + 1).next()
}

/// Where the key of a line stands, behind the dashes of a list.
fn indent_of_key(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '-', '\t']).len()
}

#[cfg(test)]
mod tests {
    use crate::document::{Source, parse};

    fn shown(text: &str) -> String {
        parse(&Source::new("s.yaml", text)).source.text().to_owned()
    }

    #[test]
    fn what_a_secret_holds_is_hidden_and_its_keys_are_not() {
        let text = "kind: Secret\nmetadata: {name: db}\nstringData:\n  # was hunter1\n  user: joe\n  key: |\n    line: one\n    two\ndata: {a: Yg==}\n";
        insta::assert_snapshot!(shown(text), @"
        kind: Secret
        metadata: {name: db}
        stringData:
          * *** *******
          user: ***
          key: *
            ***** ***
            ***
        data: {a: *****
        ");
    }

    #[test]
    fn hidden_are_second_values_misspelt_fields_lists_and_what_aliases_bring() {
        for text in [
            "kind: Secret\nstringData:\n  a: x\n  a: hunter2\n",
            "kind: Secret\nmetadata: {name: a}\nstringdata:\n  a: hunter2\n",
            "kind: Secret\ndata: hunter2\n",
            "kind: Secret\ndata: [hunter2]\n",
            "{\"kind\":\"Secret\",\"data\":{\"a\":\"hunter2\"}}",
            "kind: List\nitems:\n- kind: Secret\n  data: {a: hunter2}\n",
            "kind: SecretList\nitems:\n- metadata: {name: a}\n  data: {a: hunter2}\n",
            "x: &a hunter2\nkind: Secret\ndata: {a: *a}\n",
            "secretGenerator:\n- name: a\n  literals: [a=hunter2]\n",
            "kind: Secret\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: hunter2\n",
            "stringData: {a: hunter2}\n",
        ] {
            assert!(!shown(text).contains("hunter2"), "{text}\n{}", shown(text));
        }
    }

    #[test]
    fn what_only_speaks_of_a_secret_is_shown() {
        for text in [
            "kind: ConfigMap\ndata: {a: b}\n",
            "target: {kind: Secret, name: db}\n",
            "kind: Pod\nspec: {volumes: [{secret: {secretName: db}}]}\n",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn a_secret_that_is_no_yaml_is_hidden_too() {
        for text in [
            "kind: Secret\nstringData:\n  a: hunter2\n b: [\n",
            "kind: Secret\nstringData:\n  a: |\n    x: hunter2\n  b: 'hunter2\n",
            "{\"kind\": \"Secret\", \"data\": {\"a\": \"hunter2\"",
            "kind: List\nitems:\n- kind: Secret\n  data:\n    a: hunter2\n  metadata: [\n",
            "kind: Secret\ndata:\n  a: hunter2\u{7}\n",
        ] {
            let shown = shown(text);
            assert!(!shown.contains("hunter2"), "{text}\n{shown}");
            assert!(shown.contains("ecret"), "{text}\n{shown}");
        }
        assert_eq!(shown("kind: ConfigMap\ndata: {a: [\n"), "kind: ConfigMap\ndata: {a: [\n");
    }
}
