//! The example names every key that the reader knows: the keys are asked of the reader itself.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde::de::value::Error;
use serde::de::{self, Deserialize as _, IntoDeserializer as _, Visitor};

use crate::inventory::file::FleetFile;

#[test]
fn the_example_names_every_key() {
    let known = RefCell::new(BTreeSet::new());
    FleetFile::deserialize(Ask { known: &known }).unwrap();
    let example = include_str!("../../../inventory.example.yaml");
    let keys = known.into_inner();
    assert!(keys.contains("identityFiles") && keys.contains("podCIDR"), "{keys:?}");
    for key in keys {
        let written = example.lines().any(|line| {
            line.trim_start().strip_prefix(key).is_some_and(|rest| rest.starts_with(':'))
        });
        assert!(written, "`{key}` is not in the example");
    }
}

/// Answers every question with the plainest value, and takes down which fields are asked for.
#[derive(Clone, Copy)]
struct Ask<'a> {
    known: &'a RefCell<BTreeSet<&'static str>>,
}

impl<'de> de::Deserializer<'de> for Ask<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str("x")
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_u8(0)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_u16(0)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_u64(0)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(false)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Fields { ask: self, left: vec![""] })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(Fields { ask: self, left: vec!["x"] })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.known.borrow_mut().extend(fields);
        visitor.visit_map(Fields { ask: self, left: fields.to_vec() })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(variants[0].into_deserializer())
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u32 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        tuple tuple_struct identifier ignored_any
    }
}

struct Fields<'a> {
    ask: Ask<'a>,
    left: Vec<&'static str>,
}

impl<'de> de::MapAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        self.left.pop().map(|field| seed.deserialize(field.into_deserializer())).transpose()
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(self.ask)
    }
}

impl<'de> de::SeqAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        self.left.pop().map(|_| seed.deserialize(self.ask)).transpose()
    }
}
