//! What fields are made of: values that may be there, lists, objects, references.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

/// Nothing, so that the field is left out.
pub(super) const ABSENT: Value = Value::Null;

pub(super) fn sure(value: Value) -> BoxedStrategy<Value> {
    Just(value).boxed()
}

pub(super) fn maybe(value: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop_oneof![Just(ABSENT), value].boxed()
}

pub(super) fn seldom(value: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop_oneof![9 => Just(ABSENT), 1 => value].boxed()
}

pub(super) fn one_of(values: Value) -> BoxedStrategy<Value> {
    let Value::Array(values) = values else { panic!("a list") };
    select(values).boxed()
}

pub(super) fn some_of(values: Value) -> BoxedStrategy<Value> {
    let Value::Array(values) = values else { panic!("a list") };
    let most = values.len();
    subsequence(values, 1..=most).prop_map(Value::Array).boxed()
}

pub(super) fn flag() -> BoxedStrategy<Value> {
    one_of(json!([true, false]))
}

pub(super) fn mode() -> BoxedStrategy<Value> {
    one_of(json!([0o400, 0o440, 0o644, 0o755]))
}

/// An object of fields, of which those that are absent are left out.
pub(super) fn object(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    values
        .prop_map(move |values| {
            let fields = names.iter().zip(values).filter(|(_, value)| !value.is_null());
            Value::Object(fields.map(|(name, value)| ((*name).to_owned(), value)).collect())
        })
        .boxed()
}

pub(super) fn list(values: BoxedStrategy<Value>, most: usize) -> BoxedStrategy<Value> {
    prop::collection::vec(values, 1..=most).prop_map(Value::Array).boxed()
}

pub(super) fn field_ref() -> BoxedStrategy<Value> {
    let paths = json!([
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "metadata.labels['tier']",
        "metadata.annotations['example.org/note']"
    ]);
    let path = one_of(paths);
    object(vec![("apiVersion", maybe(sure(json!("v1")))), ("fieldPath", path)])
}

pub(super) fn resource_ref() -> BoxedStrategy<Value> {
    let of = |resources: Value, divisors: Value| {
        object(vec![
            ("containerName", sure(json!("main"))),
            ("resource", one_of(resources)),
            ("divisor", maybe(one_of(divisors))),
        ])
    };
    prop_oneof![
        of(json!(["limits.cpu", "requests.cpu"]), json!(["1m", "1"])),
        of(json!(["limits.memory", "requests.memory"]), json!(["1Mi", "1Ki", "1"])),
    ]
    .boxed()
}
