//! From text to trees and values: places, meanings and the limits of hostile input.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use proptest::prelude::*;
use serde::Deserialize;

use super::compose::Parsed;
use super::*;

fn parsed(text: &str) -> Parsed {
    parse(&Source::new("x.yaml", text))
}

/// What is wrong with a text, a line for each.
fn wrong(text: &str) -> String {
    listed(&parsed(text).findings)
}

fn listed(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let (line, column) = finding.source.position(finding.span.start);
        format!("{line}:{column} {finding}\n")
    };
    findings.iter().map(line).collect()
}

/// Every key and scalar with what its place in the text holds.
fn places(text: &str) -> Vec<String> {
    let parsed = parsed(text);
    assert_eq!(wrong(text), "");
    let mut out = Vec::new();
    for document in &parsed.documents {
        walk(document, document.root, text, &mut out);
    }
    out
}

fn walk(document: &Document, id: NodeId, text: &str, out: &mut Vec<String>) {
    let slice = |span: Span| &text[span.start..span.end];
    match &document.tree.node(id).value {
        Value::Scalar(_, value) => {
            out.push(format!("{value} = {}", slice(document.tree.node(id).span)));
        }
        Value::Sequence(elements) => {
            for element in elements {
                walk(document, *element, text, out);
            }
        }
        Value::Mapping(entries) => {
            for entry in entries {
                out.push(format!("{}: {}", entry.key, slice(entry.key_span)));
                walk(document, entry.value, text, out);
            }
        }
    }
}

#[test]
fn every_key_and_scalar_knows_its_place() {
    let text = "# é\r\na: é x # c\r\n\"b\\n\":\r\n  - 'it''s'\r\n  - {c: 1, d: \"2\"}\r\n---\r\n1: yes\r\n";
    assert_eq!(
        places(text),
        [
            "a: a",
            "é x = é x",
            "b\n: \"b\\n\"",
            "it's = 'it''s'",
            "c: c",
            "1 = 1",
            "d: d",
            "2 = \"2\"",
            "1: 1",
            "yes = yes",
        ]
    );
}

#[test]
fn an_alias_is_the_node_of_its_anchor_and_merging_keeps_places() {
    let text = "a: &x {p: 1, q: 2}\nb: *x\nc: {<<: [*x, {r: 4}], q: 3}\n";
    assert_eq!(
        places(text)[4..],
        [
            "q: q", "2 = 2", "b: b", "p: p", "1 = 1", "q: q", "2 = 2", "c: c", "q: q", "3 = 3",
            "p: p", "1 = 1", "r: r", "4 = 4"
        ][1..]
    );
}

#[test]
fn what_is_not_yaml_of_kubernetes_is_refused() {
    assert_snapshot!(wrong("a: 1\nb: {c: 1, c: 2}\na: 3\n"), @"
        2:11 the key `c` is there twice
        3:1 the key `a` is there twice
        ");
    assert_snapshot!(wrong("a: !Ref x\n"), @"1:9 this tag is not read: Kubernetes knows only !!str, !!int, !!float, !!bool, !!null, !!binary, !!map and !!seq");
    assert_snapshot!(wrong("a: *nowhere\n"), @"1:4 not YAML: while parsing node, found unknown anchor");
    assert_snapshot!(wrong("a: &x [*x]\n"), @"1:8 this alias names the value that it stands in");
    assert_snapshot!(wrong("<<: 1\n"), @"1:5 `<<` takes a mapping or a list of mappings");
    assert_snapshot!(wrong("? [a, b]\n: 1\n"), @"1:3 a key must be text");
    assert_snapshot!(wrong("a: b\n c\nd\n"), @"3:1 not YAML: simple key expected ':'");
}

#[test]
fn aliases_that_unfold_without_end_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = format!("*a{}", level - 1);
        let line = format!("a{level}: &a{level} [{}]\n", vec![below; 9].join(", "));
        bomb.push_str(&line);
    }
    assert_snapshot!(wrong(&bomb), @"7:9 the aliases up to here unfold to more than 1000000 values or 16777216 bytes");
}

#[test]
fn aliases_that_unfold_to_many_bytes_are_refused() {
    let long = "x".repeat(1 << 20);
    let texts = format!("a: &a {long}\nb: [{}]\n", vec!["*a"; 17].join(", "));
    assert!(wrong(&texts).contains("16777216 bytes"), "{}", wrong(&texts));
    let keys = format!("a: &a {{? {long} : 1}}\nb: [{}]\n", vec!["{<<: *a}"; 17].join(", "));
    assert!(wrong(&keys).contains("16777216 bytes"), "{}", wrong(&keys));
    let few = format!("a: &a {long}\nb: [{}]\n", vec!["*a"; 16].join(", "));
    assert_eq!(wrong(&few), "");
}

#[test]
fn all_documents_of_a_source_unfold_within_one_limit() {
    let hundred = format!("a: &a [{}]\n", vec!["x"; 100].join(", "));
    let document = format!(
        "{hundred}b: &b [{}]\nc: [{}]\n",
        vec!["*a"; 100].join(", "),
        vec!["*b"; 20].join(", ")
    );
    assert_eq!(wrong(&document), "");
    assert!(wrong(&vec![document; 10].join("---\n")).contains("1000000 values"));
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow() {
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(wrong(&deep(100)), "");
    assert_snapshot!(wrong(&deep(101)), @"1:101 nested more than 100 levels deep");
    assert!(!wrong(&deep(100_000)).is_empty());
    let block: Vec<String> = (0..200).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    assert_snapshot!(wrong(&block.concat()), @"101:101 nested more than 100 levels deep");
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Shape {
    text: String,
    small: u8,
    number: Option<i32>,
    truth: bool,
    share: f64,
    list: Vec<String>,
    map: BTreeMap<String, String>,
    inner: Option<Box<Self>>,
}

fn shape(text: &str) -> (Option<Shape>, String) {
    let parsed = parsed(text);
    let decoded = decode::<Shape>(&parsed.documents[0], |_| false);
    (decoded.value, listed(&decoded.findings))
}

#[test]
fn null_is_absence_and_within_lists_and_maps_the_empty_value() {
    let (read, wrong) =
        shape("{text: , number: ~, list: [a, null], map: {k: }, inner: null, share: 1}");
    assert_eq!(wrong, "");
    let expected = Shape {
        list: vec!["a".into(), String::new()],
        map: BTreeMap::from([("k".into(), String::new())]),
        share: 1.0,
        ..Shape::default()
    };
    assert_eq!(read, Some(expected));
    assert_eq!(shape("{number: 8.0, small: 0x10}").0.unwrap().number, Some(8));
}

#[test]
fn every_wrong_type_is_told_in_one_go() {
    let (read, wrong) = shape(
        "
text: 1
small: 256
number: 1.5
truth: \"true\"
share: x
list: {a: b}
map: [a]
inner:
  list: [yes, [], ok]
  inner: 5
  smal: 1
",
    );
    assert_snapshot!(wrong, @"
        2:7 text: expected a string, found the number 1
        3:8 small: expected a number from 0 to 255, found the number 256
        4:9 number: expected a number, found the number 1.5
        5:8 truth: expected true or false, found the string `true`
        6:8 share: expected a number, found the string `x`
        7:8 list: expected a list, found an object
        8:7 map: expected an object, found a list
        10:10 inner.list[0]: expected a string, found `yes`, which YAML takes for true
        10:15 inner.list[1]: expected a string, found a list
        11:10 inner.inner: expected an object, found the number 5
        12:3 unknown field `smal` in inner
        ");
    assert_eq!(read.unwrap().inner.unwrap().list, ["", "", "ok"]);
}

#[test]
fn a_fault_of_a_shared_branch_is_told_once() {
    let (_, wrong) = shape("inner: &x {text: 1}\nmap: {}\nlist: []\nnumber: 1\n");
    assert_eq!(wrong.lines().count(), 1);
    let parsed = parsed("a: &x {text: 1}\nb: *x\n");
    let decoded = decode::<BTreeMap<String, Shape>>(&parsed.documents[0], |_| false);
    assert_eq!(decoded.findings.len(), 1);
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "[-a-z0-9:{}\\[\\],&*!|>'\"%#?~<. \t\r\n\u{e9}\u{1f980}]{0,60}") {
        let parsed = parsed(&text);
        for document in &parsed.documents {
            let decoded = decode::<Shape>(document, |_| false);
            for finding in parsed.findings.iter().chain(&decoded.findings) {
                prop_assert!(text.get(finding.span.start..finding.span.end).is_some(), "{finding:?}");
            }
        }
        for finding in &parsed.findings {
            prop_assert!(text.get(finding.span.start..finding.span.end).is_some(), "{finding:?}");
        }
    }
}
