//! The deserializer of one node.

use serde::de::{self, IntoDeserializer as _, Visitor};

use super::Pass;
use super::access::{Elements, Entries, Keys};
use super::error::Refusal;
use crate::document::finding::Severity;
use crate::document::path::Path;
use crate::document::scalar::{Scalars, resolve};
use crate::document::source::quoted;
use crate::document::suggest::closest;
use crate::document::tree::{NodeId, Scalar, Value};

/// Gives out the value of one node.
#[derive(Clone, Copy)]
pub(super) struct NodeDeserializer<'p> {
    pub(super) pass: &'p Pass<'p>,
    pub(super) node: NodeId,
    pub(super) path: &'p Path<'p>,
}

impl<'p> NodeDeserializer<'p> {
    fn value(self) -> &'p Value {
        &self.pass.tree().node(self.node).value
    }

    fn refused(self, error: Refusal) -> Refusal {
        error.in_node(self.node, self.path)
    }

    /// Notes that the node is of another type than is needed.
    fn mismatch(self, expected: &str) {
        if self.pass.is_full() {
            return;
        }
        let document = self.pass.document;
        let (found, hint) = self.found(expected);
        let path = self.path.to_string();
        let field = if path.is_empty() { String::new() } else { format!("{path}: ") };
        let message = format!("{field}expected {expected}, found {found}");
        let mut finding = document
            .finding(Severity::Error, "wrong-type", path, message)
            .with_label(format!("expected {expected}"))
            .at(document.tree.showing(self.node));
        finding.help = hint;
        self.pass.note(self.node, finding);
    }

    /// What the node is, and what would make it what is needed.
    fn found(self, expected: &str) -> (String, Option<String>) {
        match self.value() {
            Value::Sequence(_) if expected == "an object" => {
                let hint = "write the keys without `- ` before them";
                ("a list".to_owned(), Some(hint.to_owned()))
            }
            Value::Sequence(_) => ("a list".to_owned(), None),
            Value::Mapping(_) if expected == "a list" => {
                let hint = "begin each element of a list with `- `";
                ("an object".to_owned(), Some(hint.to_owned()))
            }
            Value::Mapping(_) => ("an object".to_owned(), None),
            Value::Scalar(scalar, _) if self.pass.hidden.contains(&self.node) => {
                let wants_text = expected == "a string";
                let (found, quote) = match scalar {
                    Scalar::Null => ("nothing", false),
                    Scalar::Bool(_) => ("a boolean", wants_text),
                    Scalar::Int(_) | Scalar::Float(_) => ("a number", wants_text),
                    Scalar::Text => ("a string", false),
                };
                (found.to_owned(), quote.then(|| "put it in double quotes".to_owned()))
            }
            Value::Scalar(scalar, text) => {
                let shown = quoted(text);
                let bare = shown.trim_matches('`');
                let quote = format!("quote it: \"{bare}\"");
                let unquote = format!("write it without quotes: {bare}");
                let wants_text = expected == "a string";
                let (found, hint) = match scalar {
                    Scalar::Null => ("nothing".to_owned(), None),
                    Scalar::Bool(truth) if bare == truth.to_string() => {
                        (format!("the boolean {bare}"), wants_text.then_some(quote))
                    }
                    Scalar::Bool(truth) => {
                        let found = format!("{shown}, which YAML takes for {truth}");
                        (found, wants_text.then_some(quote))
                    }
                    Scalar::Int(_) | Scalar::Float(_) => {
                        (format!("the number {bare}"), wants_text.then_some(quote))
                    }
                    Scalar::Text => {
                        // What everybody takes for a boolean: `yes` may be none where it was read.
                        let plain = resolve(text, Scalars::Kustomize);
                        let fits = match plain {
                            Scalar::Int(_) => expected.contains("number"),
                            Scalar::Bool(_) => expected.contains("true"),
                            Scalar::Null | Scalar::Float(_) | Scalar::Text => false,
                        };
                        (format!("the string {shown}"), fits.then_some(unquote))
                    }
                };
                (found, hint)
            }
        }
    }

    /// Notes the keys that a type does not have.
    fn unknown_fields(self, fields: &'static [&'static str]) {
        let document = self.pass.document;
        let tree = self.pass.tree();
        let is_absent = |field: &&str| tree.entry(self.node, field).is_none();
        for entry in tree.entries(self.node) {
            let path = self.path.key(&entry.key);
            let skipped = self.pass.skipped.contains(&entry.value) || (self.pass.absent)(&path);
            if skipped || fields.contains(&entry.key.as_str()) {
                continue;
            }
            if self.pass.is_full() {
                return;
            }
            let message = match self.path {
                Path::Root => format!("unknown field {}", quoted(&entry.key)),
                Path::Below(..) => format!("unknown field {} in {}", quoted(&entry.key), self.path),
            };
            let mut finding = document
                .finding(Severity::Error, "unknown-field", path.to_string(), message)
                .with_label("unknown field")
                .at(entry.key_span);
            let absent = fields.iter().copied().filter(is_absent);
            finding.help = Some(match closest(&entry.key, absent) {
                Some(name) => {
                    self.pass.meant.borrow_mut().insert(self.path.key(name).to_string());
                    format!("did you mean `{name}`?")
                }
                None => known_fields(fields),
            });
            self.pass.note(entry.value, finding);
        }
    }

    fn integer(self, expected: &str) -> i128 {
        match self.value() {
            Value::Scalar(Scalar::Int(number), _) => *number,
            // 8.0 is 8 once it has been through JSON, as it has for Kubernetes.
            Value::Scalar(Scalar::Float(number), _) if whole(*number).is_some() => {
                whole(*number).unwrap_or_default()
            }
            Value::Scalar(Scalar::Null, _) => 0,
            Value::Scalar(..) | Value::Sequence(_) | Value::Mapping(_) => {
                self.mismatch(expected);
                0
            }
        }
    }

    fn entries(self, keys: Keys) -> Entries<'p> {
        let rest = self.pass.tree().entries(self.node).iter();
        Entries { pass: self.pass, path: self.path, keys, rest, current: None }
    }

    fn elements(self) -> Elements<'p> {
        let rest = self.pass.tree().elements(self.node).iter().enumerate();
        Elements { pass: self.pass, path: self.path, rest }
    }

    fn expect_mapping(self) {
        match self.value() {
            Value::Mapping(_) | Value::Scalar(Scalar::Null, _) => {}
            Value::Scalar(..) | Value::Sequence(_) => self.mismatch("an object"),
        }
    }
}

/// A number without a fraction, small enough to be exact.
fn whole(number: f64) -> Option<i128> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as i128)
}

fn known_fields(fields: &[&str]) -> String {
    const SHOWN: usize = 12;
    let names: Vec<&str> =
        fields.iter().copied().filter(|name| !matches!(*name, "apiVersion" | "kind")).collect();
    match names.len() {
        0..=SHOWN => format!("the fields here are {}", names.join(", ")),
        more => {
            format!("the fields here are {} and {} more", names[..SHOWN].join(", "), more - SHOWN)
        }
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:ident $expected:literal)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
            let number = self.integer("a number");
            let number = $type::try_from(number).unwrap_or_else(|_| {
                self.mismatch($expected);
                0
            });
            visitor.$visit(number).map_err(|error| self.refused(error))
        }
    )*};
}

impl<'de> de::Deserializer<'de> for NodeDeserializer<'_> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let read = match self.value() {
            Value::Sequence(_) => visitor.visit_seq(self.elements()),
            Value::Mapping(_) => visitor.visit_map(self.entries(Keys::Free)),
            Value::Scalar(scalar, text) => match scalar {
                Scalar::Null => visitor.visit_unit(),
                Scalar::Bool(truth) => visitor.visit_bool(*truth),
                Scalar::Int(number) => match (i64::try_from(*number), u64::try_from(*number)) {
                    (Ok(small), _) => visitor.visit_i64(small),
                    (Err(_), Ok(large)) => visitor.visit_u64(large),
                    (Err(_), Err(_)) => visitor.visit_str(text),
                },
                Scalar::Float(number) => match whole(*number).map(i64::try_from) {
                    Some(Ok(number)) => visitor.visit_i64(number),
                    Some(Err(_)) | None => visitor.visit_f64(*number),
                },
                Scalar::Text => visitor.visit_str(text),
            },
        };
        read.map_err(|error| self.refused(error))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let truth = match self.value() {
            Value::Scalar(Scalar::Bool(truth), _) => *truth,
            Value::Scalar(Scalar::Null, _) => false,
            Value::Scalar(..) | Value::Sequence(_) | Value::Mapping(_) => {
                self.mismatch("true or false");
                false
            }
        };
        visitor.visit_bool(truth).map_err(|error| self.refused(error))
    }

    integers! {
        deserialize_i8 visit_i8 i8 "a number from -128 to 127"
        deserialize_i16 visit_i16 i16 "a number of 16 bits"
        deserialize_i32 visit_i32 i32 "a number of 32 bits"
        deserialize_i64 visit_i64 i64 "a number of 64 bits"
        deserialize_u8 visit_u8 u8 "a number from 0 to 255"
        deserialize_u16 visit_u16 u16 "a number from 0 to 65535"
        deserialize_u32 visit_u32 u32 "a number from 0 to 4294967295"
        deserialize_u64 visit_u64 u64 "a number from 0"
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let number = match self.value() {
            Value::Scalar(Scalar::Float(number), _) => *number,
            #[expect(clippy::cast_precision_loss, reason = "as JSON numbers are")]
            Value::Scalar(Scalar::Int(number), _) => *number as f64,
            Value::Scalar(Scalar::Null, _) => 0.0,
            Value::Scalar(..) | Value::Sequence(_) | Value::Mapping(_) => {
                self.mismatch("a number");
                0.0
            }
        };
        visitor.visit_f64(number).map_err(|error| self.refused(error))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let read = match self.value() {
            Value::Scalar(Scalar::Text, text) if self.pass.unbroken.contains(&self.node) => {
                visitor.visit_string(text.replace(['\n', '\r'], ""))
            }
            Value::Scalar(Scalar::Text, text) => visitor.visit_str(text),
            Value::Scalar(Scalar::Null, _) => visitor.visit_str(""),
            Value::Scalar(..) | Value::Sequence(_) | Value::Mapping(_) => {
                self.mismatch("a string");
                visitor.visit_str("")
            }
        };
        read.map_err(|error| self.refused(error))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let read = match self.value() {
            Value::Scalar(Scalar::Null, _) => visitor.visit_none(),
            Value::Scalar(..) | Value::Sequence(_) | Value::Mapping(_) => visitor.visit_some(self),
        };
        read.map_err(|error| self.refused(error))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self).map_err(|error| self.refused(error))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.value() {
            Value::Sequence(_) | Value::Scalar(Scalar::Null, _) => {}
            Value::Scalar(..) | Value::Mapping(_) => self.mismatch("a list"),
        }
        visitor.visit_seq(self.elements()).map_err(|error| self.refused(error))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.expect_mapping();
        visitor.visit_map(self.entries(Keys::Free)).map_err(|error| self.refused(error))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.expect_mapping();
        self.unknown_fields(fields);
        visitor.visit_map(self.entries(Keys::Fields)).map_err(|error| self.refused(error))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let text = self.pass.tree().text(self.node).unwrap_or_default();
        visitor.visit_enum(text.into_deserializer()).map_err(|error: Refusal| self.refused(error))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}
