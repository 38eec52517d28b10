//! The values of templates: from YAML files, one upon the other, and from the command line on top.

use serde_json::{Map, Value as Json};

use super::set::{self, SetError, Typing};
use crate::document::{self, Finding, Place, Placed, Severity, Source};

/// What names stand for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values(Map<String, Json>);

impl Values {
    /// Adds a file of values: mappings are merged, everything else takes the place of what was there, null removes it.
    pub fn add_file(&mut self, source: &Source) -> Result<(), Vec<Finding>> {
        let parsed = document::parse(source);
        if !parsed.findings.is_empty() {
            return Err(parsed.findings);
        }
        for document in &parsed.documents {
            if document.tree.is_null(document.root) {
                continue;
            }
            match Placed::of(document).to_json() {
                Json::Object(values) => merge(&mut self.0, values),
                _ => {
                    let place = Place {
                        source: parsed.source.clone(),
                        span: document.tree.showing(document.root),
                    };
                    let message = "a file of values is a mapping of names to values";
                    return Err(vec![Finding::new(Severity::Error, "wrong-type", message, place)]);
                }
            }
        }
        Ok(())
    }

    /// Adds `a.b=1,c[0]=x`: `true`, `false`, `null` and whole numbers are what they look like, the rest is text.
    pub fn set(&mut self, text: &str) -> Result<(), SetError> {
        set::apply(&mut self.0, text, Typing::Guessed)
    }

    /// Adds `a.b=1` as text, whatever it looks like.
    pub fn set_string(&mut self, text: &str) -> Result<(), SetError> {
        set::apply(&mut self.0, text, Typing::Text)
    }

    /// The values in the form that the engine takes.
    pub(super) fn context(&self) -> minijinja::Value {
        minijinja::Value::from(minijinja::value::Serde(&self.0))
    }

    /// The paths of all values in mappings, for suggestions; at most so many as can be compared at once.
    pub(super) fn names(&self) -> Vec<String> {
        const MOST: usize = 1000;
        let mut names = Vec::new();
        gather("", &self.0, &mut names, MOST);
        names
    }
}

fn gather(above: &str, values: &Map<String, Json>, names: &mut Vec<String>, most: usize) {
    for (key, value) in values {
        if names.len() >= most {
            return;
        }
        let name = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
        names.push(name.clone());
        if let Json::Object(inner) = value {
            gather(&name, inner, names, most);
        }
    }
}

fn merge(into: &mut Map<String, Json>, values: Map<String, Json>) {
    for (key, value) in values {
        match (into.get_mut(&key), value) {
            (_, Json::Null) => {
                into.remove(&key);
            }
            (Some(Json::Object(old)), Json::Object(new)) => merge(old, new),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}
