//! Objects as programs read them: JSON and YAML.

use serde_json::{Value, json};

/// A form that objects are printed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectForm {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

/// Prints one object, or a `List` of them.
pub fn objects_text(form: ObjectForm, objects: Objects) -> String {
    let value = objects.value();
    match form {
        ObjectForm::Json => format!("{value:#}\n"),
        ObjectForm::Yaml => yaml(&value),
    }
}

/// Prints objects as documents of one YAML stream.
pub fn documents_text(objects: &[Value]) -> String {
    objects.iter().map(yaml).collect::<Vec<_>>().join("---\n")
}

/// What is printed.
#[derive(Clone, Debug, PartialEq)]
pub enum Objects {
    /// An object that was asked for by its name.
    One(Value),
    /// What was found.
    List(Vec<Value>),
}

impl Objects {
    /// The object, or a `List` of them.
    pub fn value(self) -> Value {
        match self {
            Self::One(object) => object,
            Self::List(items) => json!({
                "apiVersion": "v1",
                "kind": "List",
                "metadata": {"resourceVersion": ""},
                "items": items,
            }),
        }
    }
}

/// A value as YAML.
pub(super) fn yaml(value: &Value) -> String {
    // A map of strings and numbers has no fault that YAML could report.
    serde_saphyr::to_string(value).unwrap_or_else(|_| format!("{value:#}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_reads_back_as_what_it_was() {
        let tricky = json!({"a": "yes", "b": "1e3", "c": "x\u{1b}[2J", "d": "two\nlines\n",
            "e": [], "f": {}, "g": "0x10", "h": "null", "i": [{"k": "v", "l": [1, 2]}], "j": "012", "k": "on"});
        let text = objects_text(ObjectForm::Yaml, Objects::One(tricky.clone()));
        assert!(!text.contains('\u{1b}'), "{text}");
        let back: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(back, tricky, "{text}");
        // Readers of YAML 1.1 take these for something else than text.
        insta::assert_snapshot!(text, @r#"
        a: "yes"
        b: "1e3"
        c: "x\e[2J"
        d: |
          two
          lines
        e: []
        f: {}
        g: "0x10"
        h: "null"
        i:
        - k: v
          l:
          - 1
          - 2
        j: "012"
        k: "on"
        "#);
    }
}
