//! What is waited for, and whether an object has come to it.
//!
//! Source: <https://kubernetes.io/docs/reference/kubectl/generated/kubectl_wait/>.

use std::str::FromStr;

use serde_json::Value;

use crate::render::{OutOfBounds, Template};

/// What is waited for, as `--for` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Awaited {
    /// The object is there.
    Created,
    /// The object is gone, or has given way to another of its name.
    Deleted,
    /// A condition of its status has this value; both are compared whatever their case.
    Condition {
        /// The condition's type.
        name: String,
        /// Its status.
        value: String,
    },
    /// A template is filled in by the object with this text, or without one with anything.
    Field {
        /// The template.
        template: Template,
        /// The text.
        value: Option<String>,
    },
}

impl FromStr for Awaited {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_lowercase().as_str() {
            "create" => return Ok(Self::Created),
            "delete" => return Ok(Self::Deleted),
            _ => {}
        }
        match text.split_once('=') {
            Some(("condition", condition)) if !condition.is_empty() => {
                let (name, value) = condition.split_once('=').unwrap_or((condition, "true"));
                Ok(Self::Condition { name: name.to_owned(), value: value.to_owned() })
            }
            Some(("jsonpath", template)) => field(template),
            _ => Err("use create, delete, condition=NAME[=VALUE] or jsonpath='{PATH}'[=VALUE]"
                .to_owned()),
        }
    }
}

/// A template, and the value after it: what stands within its braces may have an `=` of its own.
fn field(text: &str) -> Result<Awaited, String> {
    let end = text.rfind('}').map_or(0, |at| at + 1);
    let (template, value) = match text[end..].split_once('=') {
        Some((rest, value)) => (&text[..end + rest.len()], Some(value.to_owned())),
        None => (text, None),
    };
    let braced = if template.contains('{') {
        template.to_owned()
    } else {
        format!("{{{}{template}}}", if template.starts_with('.') { "" } else { "." })
    };
    let template = braced.parse().map_err(|error| format!("{error}"))?;
    Ok(Awaited::Field { template, value })
}

impl Awaited {
    /// Whether an object that is there has come to it. What it says of an older form of itself does not count.
    pub(super) fn is_met_by(&self, object: &Value) -> bool {
        match self {
            Self::Created => true,
            Self::Deleted => false,
            Self::Condition { name, value } => {
                let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
                let of = |field: &'static str| move |condition: &Value| text(condition, field);
                let found = conditions
                    .into_iter()
                    .flatten()
                    .find(|condition| of("type")(condition).eq_ignore_ascii_case(name));
                found.is_some_and(|condition| {
                    is_current(object, condition)
                        && of("status")(condition).eq_ignore_ascii_case(value)
                })
            }
            Self::Field { template, value } => match (template.fill(object), value) {
                (Ok(filled), Some(value)) => filled == *value,
                (Ok(filled), None) => !filled.is_empty(),
                // A list may still get the element that is asked for.
                (Err(OutOfBounds { .. }), _) => false,
            },
        }
    }
}

fn text(value: &Value, field: &str) -> String {
    value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Whether a condition, or else the whole status, speaks of the object as it is now.
fn is_current(object: &Value, condition: &Value) -> bool {
    let generation = object.pointer("/metadata/generation").and_then(Value::as_u64);
    let of_status = object.pointer("/status/observedGeneration").and_then(Value::as_u64);
    let seen = condition.get("observedGeneration").and_then(Value::as_u64).or(of_status);
    generation.zip(seen).is_none_or(|(generation, seen)| seen >= generation)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn met(awaited: &str, object: &Value) -> bool {
        awaited.parse::<Awaited>().unwrap().is_met_by(object)
    }

    #[test]
    fn a_condition_counts_when_it_speaks_of_the_object_as_it_is() {
        let object = |generation: u64| {
            json!({"metadata": {"generation": generation}, "status": {"observedGeneration": 2,
                "conditions": [{"type": "Ready", "status": "False"}, {"type": "Available", "status": "True"}]}})
        };
        assert!(met("condition=available", &object(2)));
        assert!(met("condition=Ready=false", &object(2)));
        assert!(!met("condition=Ready", &object(2)));
        assert!(!met("condition=Other", &object(2)));
        assert!(!met("condition=Available", &object(3)));
    }

    #[test]
    fn a_field_has_a_value_or_any() {
        let pod = json!({"status": {"phase": "Running", "containerStatuses": [{"name": "a=b", "ready": true}]}});
        assert!(met("jsonpath={.status.phase}=Running", &pod));
        assert!(met("jsonpath=.status.phase=Running", &pod));
        assert!(met("jsonpath={.status.phase}", &pod));
        assert!(!met("jsonpath={.status.phase}=Failed", &pod));
        assert!(!met("jsonpath={.status.podIP}", &pod));
        assert!(!met("jsonpath={.status.containerStatuses[3].ready}=true", &pod));
        let filter = r#"jsonpath={.status.containerStatuses[?(@.name=="a=b")].ready}=true"#;
        assert!(met(filter, &pod));
    }

    #[test]
    fn what_cannot_be_waited_for_is_refused() {
        let refused = |text: &str| text.parse::<Awaited>().unwrap_err();
        let forms = "use create, delete, condition=NAME[=VALUE] or jsonpath='{PATH}'[=VALUE]";
        assert_eq!(refused("ready"), forms);
        assert_eq!(refused("condition="), forms);
        assert!(refused("jsonpath={.a").contains("character"));
    }
}
