//! Other ways to write the same object.

use serde_json::{Map, Value, json};

/// Its fields in the order of their names turned round, in which no library would write them.
pub(crate) fn backwards(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().rev();
            let written =
                fields.map(|(name, value)| format!("{}: {}", json!(name), backwards(value)));
            format!("{{{}}}", written.collect::<Vec<_>>().join(", "))
        }
        Value::Array(values) => {
            format!("[{}]", values.iter().map(backwards).collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

/// Its quantities in other units: `64Mi` is `65536Ki`, `100m` is `0.1`.
pub(crate) fn other_units(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| {
                let value = match name.as_str() {
                    "requests" | "limits" | "overhead" => amounts(value),
                    "sizeLimit" => amount(value),
                    _ => other_units(value),
                };
                (name.clone(), value)
            });
            Value::Object(fields.collect())
        }
        Value::Array(values) => values.iter().map(other_units).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn amounts(value: &Value) -> Value {
    let amounts = value.as_object().into_iter().flatten();
    Value::Object(amounts.map(|(name, value)| (name.clone(), amount(value))).collect::<Map<_, _>>())
}

fn amount(value: &Value) -> Value {
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let number: f64 = number.parse().unwrap();
    json!(match suffix {
        "" => format!("{}m", number * 1000.0),
        "m" => format!("{}", number / 1000.0),
        "Mi" => format!("{}Ki", number * 1024.0),
        "Gi" => format!("{}Mi", number * 1024.0),
        "Ki" => format!("{}", number * 1024.0),
        "M" => format!("{}k", number * 1000.0),
        other => panic!("no other unit is known for {other}"),
    })
}

#[test]
fn other_units_are_other_words_for_the_same() {
    let pod = json!({"resources": {"limits": {"cpu": "0.5", "memory": "0.5Gi"}}, "sizeLimit": "1Mi", "cpu": "1"});
    let other = json!({"resources": {"limits": {"cpu": "500m", "memory": "512Mi"}}, "sizeLimit": "1024Ki", "cpu": "1"});
    assert_eq!(other_units(&pod), other);
    assert_eq!(
        backwards(&json!({"a": [1, {"b": "c", "d": null}], "e": true})),
        r#"{"e": true, "a": [1, {"d": null, "b": "c"}]}"#
    );
}
