//! One manifest, however it is spelt: what YAML, JSON and editors allow comes to the same object.

use insta::assert_snapshot;

use super::*;

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: v\n";

/// The names and first values of the objects, and the lines on which they begin.
fn objects(text: &str) -> Vec<String> {
    let reading = read_text(text);
    assert_eq!(lines(text), "", "{text}");
    let shown = |read: &ReadObject| {
        let json = read.object.to_json();
        format!("{} {} {}", read.origin().line, json["metadata"]["name"], json["data"])
    };
    reading.objects.iter().map(shown).collect()
}

#[test]
fn whatever_an_editor_makes_of_it() {
    let one = [r#"1 "a" {"k":"v"}"#];
    assert_eq!(objects(MAP), one);
    assert_eq!(objects(&MAP.replace('\n', "\r\n")), one);
    assert_eq!(objects(&format!("\u{feff}{MAP}")), one);
    assert_eq!(objects(MAP.trim_end()), one);
    assert_eq!(objects(&MAP.replace("v1\n", "v1 \t\n")), one);
    assert_eq!(objects(&MAP.replace("v1\n", "v1\t# a comment\n")), one);
}

#[test]
fn documents_without_an_object_are_none() {
    let one = |line: usize| vec![format!(r#"{line} "a" {{"k":"v"}}"#)];
    assert_eq!(objects(""), [""; 0]);
    assert_eq!(objects("# nothing\n---\n# nothing\n---\n\n"), [""; 0]);
    assert_eq!(objects("---\nnull\n---\n~\n"), [""; 0]);
    assert_eq!(objects(&format!("---\n---\n# first\n{MAP}---\n# last\n")), one(4));
    assert_eq!(objects(&format!("---\n{MAP}...\n")), one(2));
    assert_eq!(objects(&format!("{MAP}...\n---\n...\n")), one(1));
    assert_eq!(objects(&format!("%YAML 1.1\n---\n{MAP}")), one(3));
    assert_eq!(objects(&format!("%YAML 1.1\n# x\n---\n{MAP}")), one(4));
}

#[test]
fn json_is_read_as_json_is() {
    let json = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v"}}"#;
    let one = r#"1 "a" {"k":"v"}"#;
    assert_eq!(objects(json), [one]);
    assert_eq!(objects(&format!("---\n{json}\n")), [r#"2 "a" {"k":"v"}"#]);
    // As kubectl get -o json and its likes write it, one after the other.
    let other = json.replace(r#""a""#, r#""b""#);
    let two = [one, r#"2 "b" {"k":"v"}"#];
    assert_eq!(objects(&format!("{json}\n{other}\n")), two);
    let tabs = "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"ConfigMap\",\n\t\"metadata\": {\n\t\t\"name\": \"a\"\n\t},\n\t\"data\": {\n\t\t\"k\": \"v\"\n\t}\n}\n";
    assert_eq!(objects(tabs), [r#"2 "a" {"k":"v"}"#]);
    // Slashes may be escaped, and characters beyond 16 bits are written as two.
    let escapes = json.replace(r#""v"}"#, r#""\/\ud83e\udd80\u00e9"}"#);
    assert_eq!(objects(&escapes), ["1 \"a\" {\"k\":\"/\u{1f980}\u{e9}\"}"]);
}

#[test]
fn anchors_and_merge_keys() {
    let text = "apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: &meta {name: a, labels: &labels {app: web}}
  data: &data {k: v}
- apiVersion: v1
  kind: ConfigMap
  metadata:
    <<: *meta
    name: b
  data:
    k: own
    <<: *data
";
    assert_eq!(objects(text), [r#"4 "a" {"k":"v"}"#, r#"8 "b" {"k":"own"}"#]);
}

#[test]
fn lists_of_any_depth_and_kind() {
    let list = |items: &str| {
        format!("apiVersion: v1\nkind: List\nmetadata: {{resourceVersion: ''}}\nitems: {items}\n")
    };
    let map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: v}}";
    assert_eq!(objects(&list("[]")), [""; 0]);
    assert_eq!(objects(&list(&format!("[{map}]"))), [r#"4 "a" {"k":"v"}"#]);
    let inner = format!("{{apiVersion: v1, kind: ConfigMapList, items: [{map}]}}");
    assert_eq!(objects(&list(&format!("[{inner}]"))), [r#"4 "a" {"k":"v"}"#]);
    assert_snapshot!(lines(&list("[5]")), @"4:9 wrong-type: a manifest is an object with apiVersion and kind");
    assert_snapshot!(lines(&list("{a: b}")), @"4:9 wrong-type: items: expected a list");
}

#[test]
fn modes_in_every_base() {
    let volume = |mode: &str| {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers: [{{name: a, image: a:1}}]\n  volumes: [{{name: v, configMap: {{name: m, defaultMode: {mode}}}}}]\n"
        );
        let reading = read_text(&text);
        let json = reading.objects.first().map(|read| read.object.to_json());
        json.map(|json| json["spec"]["volumes"][0]["configMap"]["defaultMode"].as_i64().unwrap())
    };
    for mode in ["0644", "0o644", "420", "0x1a4", "0b110100100", "+420", "4_20", "420.0"] {
        assert_eq!(volume(mode), Some(420), "{mode}");
    }
    for mode in ["'0644'", "0688x", "420.5", "yes"] {
        assert_eq!(volume(mode), None, "{mode}");
    }
}

#[test]
fn what_yaml_1_1_takes_for_something_else_is_said_where_text_is_wanted() {
    assert_snapshot!(lines(&MAP.replace("k: v", "a: yes\n  b: 0755\n  c: 1.10\n  d: 2020-01-01\n  e: 12:30\n  f: y\n  yes: x")), @r#"
        6:6 wrong-type: data.a: expected a string, found `yes`, which YAML takes for true (quote it: "yes")
        7:6 wrong-type: data.b: expected a string, found the number 0755 (quote it: "0755")
        8:6 wrong-type: data.c: expected a string, found the number 1.10 (quote it: "1.10")
        11:6 wrong-type: data.f: expected a string, found `y`, which YAML takes for true (quote it: "y")
        "#);
}

#[test]
fn keys_that_json_takes_for_one_are_one() {
    assert_snapshot!(lines(&MAP.replace("k: v", "1: a\n  '1': b\n  yes: c\n  'true': d")), @r"
        7:3 duplicate-key: the key `1` is there twice (keep one of them)
        9:3 duplicate-key: the key `true` is there twice (keep one of them)
        ");
}

#[test]
fn base64_may_stand_on_several_lines() {
    let data = |data: &str| {
        let text = format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\ndata:\n{data}");
        let reading = read_text(&text);
        reading.objects.first().map(|read| read.object.to_json()["data"].to_string())
    };
    let two = "  a: |\n    aGVs\n    bG8=\n  b: |\r\n    aGVs\r\n    bG8=\r\n  c: aGVsbG8=\n";
    let read = r#"{"a":"aGVsbG8=","b":"aGVsbG8=","c":"aGVsbG8="}"#;
    assert_eq!(data(two).as_deref(), Some(read));
    assert_eq!(data("  a: |\n    aGVs\n    b*8=\n"), None);
    // However many there are, each is read or said to be wrong.
    let many: Vec<String> = (0..200).map(|n| format!("  k{n}: |\n    aGVs\n    bG8=\n")).collect();
    assert!(data(&many.concat()).is_some());
}
