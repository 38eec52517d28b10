//! What the fields of each kind are: names, types and descriptions, as `k8s-openapi` holds them.
//!
//! A schema is built when somebody asks for one, never at start. What Kubernetes says of a field is `k8s-openapi`'s text and
//! is copied nowhere; the values and defaults that it lacks are in `values` and `defaults`. What bowline does with a field
//! is not known here (`manifest::support`).

use k8s_openapi::schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};

use crate::model::{Kind, each_kind};

mod defaults;
mod field;
mod values;

#[cfg(test)]
mod tests;

pub use field::{Field, NoField, Place, Presence, Shape, Type};

/// What the JSON schema of another type is named by.
const REFERENCE: &str = "#/$defs/";

/// The types that objects of one kind are made of.
#[derive(Clone, Debug)]
pub struct Schema {
    root: String,
    types: Map<String, Value>,
}

macro_rules! schema_of {
    ($($kind:ident: $($part:ident)::+, $scope:ident, $effect:ident, $short:tt;)+) => {
        impl Schema {
            /// Builds the schema of a kind.
            pub fn of(kind: Kind) -> Self {
                match kind {
                    $(Kind::$kind => Self::build::<k8s_openapi::$($part)::+::$kind>(),)+
                    Kind::Node => Self::build::<k8s_openapi::api::core::v1::Node>(),
                }
            }
        }
    };
}
each_kind!(schema_of);

impl Schema {
    fn build<T: JsonSchema>() -> Self {
        let mut generator = SchemaGenerator::default();
        generator.subschema_for::<T>();
        Self { root: T::schema_name().into_owned(), types: generator.take_definitions(false) }
    }

    /// The type of the objects themselves.
    pub fn root(&self) -> Type<'_> {
        self.named(&self.root)
    }

    /// Follows the names of fields down from the object; lists and maps are passed through, as `kubectl explain` does.
    pub fn place(&self, names: &[&str]) -> Result<Place<'_>, NoField> {
        let mut place = Place { path: String::new(), field: None, content: self.root() };
        for (depth, name) in names.iter().enumerate() {
            let fields = place.content.element().fields();
            let Some(field) = fields.iter().find(|field| field.name == *name) else {
                return Err(NoField {
                    name: (*name).to_owned(),
                    parent: names[..depth].join("."),
                    known: fields.iter().map(|field| field.name.to_owned()).collect(),
                });
            };
            place = place.below(field);
        }
        Ok(place)
    }

    /// A type by its full name; an empty one for a name that the schema does not define, which cannot be.
    fn named(&self, name: &str) -> Type<'_> {
        static EMPTY: Value = Value::Null;
        let (name, json) = match self.types.get_key_value(name) {
            Some((name, json)) => (Some(name.as_str()), json),
            None => (None, &EMPTY),
        };
        Type { schema: self, name, json }
    }
}
