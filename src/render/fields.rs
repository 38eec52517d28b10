//! The fields of an object that change, under its line of a plan.

use serde_json::Value;

use super::clean::clean;
use super::lines::{Fate, hunks};
use super::style::{Colour, Paint};
use super::yaml::yaml;
use crate::desired::FieldChange;

/// The most lines that one value takes: what is longer is for `bowline diff`.
const LINES_MAX: usize = 16;

/// How far the lines stand in.
const INDENT: &str = "      ";

/// The lines of an object's changed fields; none when its own line says all of them.
pub(super) fn field_lines(fields: &[FieldChange], colour: Colour) -> Vec<String> {
    match fields {
        [] => Vec::new(),
        [field] if is_told_in_line(field) => Vec::new(),
        fields => fields.iter().flat_map(|field| lines(field, colour)).collect(),
    }
}

/// What the object's own line says in their place.
pub(super) fn fields_count(fields: &[FieldChange]) -> String {
    match fields.len() {
        1 => "1 field changes".to_owned(),
        count => format!("{count} fields change"),
    }
}

/// Whether both values are short, so that `before -> after` says it all.
fn is_told_in_line(field: &FieldChange) -> bool {
    field.before.iter().chain(&field.after).all(is_short)
}

fn is_short(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains('\n') && text.chars().count() <= 60,
        Value::Array(list) => list.iter().all(is_plain) && value.to_string().len() <= 60,
        Value::Object(map) => map.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

fn is_plain(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

fn lines(field: &FieldChange, colour: Colour) -> Vec<String> {
    let (sign, paint) = match (&field.before, &field.after) {
        (None, _) => ('+', Paint::Good),
        (_, None) => ('-', Paint::Bad),
        _ => ('~', Paint::Change),
    };
    let sign = colour.paint(paint, sign);
    let path = clean(&field.path);
    if is_told_in_line(field) {
        let said = match (&field.before, &field.after) {
            (Some(one), None) | (None, Some(one)) => format!("{path}: {}", plain(one)),
            (before, after) => {
                let text = |value: &Option<Value>| value.as_ref().map(plain).unwrap_or_default();
                format!("{path}: {} -> {}", text(before), text(after))
            }
        };
        return vec![format!("{INDENT}{sign} {said}")];
    }
    let mut lines = vec![format!("{INDENT}{sign} {path}:")];
    lines.extend(block(field, colour));
    lines
}

/// A value on a line.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() && text.trim() == text => clean(text),
        other => clean(&other.to_string()),
    }
}

/// The lines in which two values differ, as text or as YAML.
fn block(field: &FieldChange, colour: Colour) -> Vec<String> {
    let text = |value: &Option<Value>| match value {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => yaml(other),
    };
    let (before, after) = (text(&field.before), text(&field.after));
    let mut lines = Vec::new();
    for (at, hunk) in hunks(&before, &after, 1).into_iter().enumerate() {
        if at > 0 {
            lines.push(format!("{INDENT}      ..."));
        }
        lines.extend(hunk.lines.into_iter().map(|(fate, line)| {
            let sign = fate.sign();
            let line = format!("{sign} {}", cut(&clean(line)));
            let line = match fate {
                Fate::Stays => line,
                Fate::Goes => colour.paint(Paint::Bad, line),
                Fate::Comes => colour.paint(Paint::Good, line),
            };
            format!("{INDENT}    {line}")
        }));
    }
    if lines.is_empty() {
        // Texts can differ in what no line shows: how they end.
        lines.push(format!("{INDENT}      (the end of its last line changes)"));
    }
    if lines.len() > LINES_MAX {
        let left = lines.len() - LINES_MAX;
        lines.truncate(LINES_MAX);
        lines.push(format!("{INDENT}      ... and {left} more lines"));
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// The widest line that is shown of a value, in characters.
const WIDTH: usize = 120;

fn cut(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    line.chars().take(WIDTH - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn field(path: &str, before: Value, after: Value) -> FieldChange {
        let some = |value: Value| (!value.is_null()).then_some(value);
        FieldChange { path: path.to_owned(), before: some(before), after: some(after) }
    }

    #[test]
    fn changed_fields_read_like_this() {
        let long: Vec<String> = (0..40).map(|n| format!("line {n}")).collect();
        let conf = "user nginx;\nworker_processes 1;\nkeepalive 5;\n";
        let fields = [
            field("spec.replicas", json!(3), json!(5)),
            field("metadata.labels.tier", Value::Null, json!("front")),
            field("spec.paused", json!(true), Value::Null),
            field("spec.containers[name=main].args", json!(["a"]), json!(["a", "b"])),
            field("data[nginx.conf]", json!(conf), json!(conf.replace('5', "65"))),
            field(
                "spec.containers[name=side]",
                Value::Null,
                json!({"name": "side", "image": "nginx:1"}),
            ),
            field("data.text", json!("x\n"), json!(long.join("\n"))),
            field("data.key", json!("two\u{1b}[2J"), json!("")),
            field("data.end", json!("a\nb"), json!("a\nb\n")),
        ];
        insta::assert_snapshot!(field_lines(&fields, Colour::None).join("\n"), @r#"
        ~ spec.replicas: 3 -> 5
        + metadata.labels.tier: front
        - spec.paused: true
        ~ spec.containers[name=main].args: ["a"] -> ["a","b"]
        ~ data[nginx.conf]:
              worker_processes 1;
            - keepalive 5;
            + keepalive 65;
        + spec.containers[name=side]:
            + image: nginx:1
            + name: side
        ~ data.text:
            - x
            + line 0
            + line 1
            + line 2
            + line 3
            + line 4
            + line 5
            + line 6
            + line 7
            + line 8
            + line 9
            + line 10
            + line 11
            + line 12
            + line 13
            + line 14
              ... and 25 more lines
        ~ data.key: two[2J -> ""
        ~ data.end:
              (the end of its last line changes)
        "#);
        assert_eq!(field_lines(&fields[..1], Colour::None), [""; 0]);
    }
}
