//! Types and their fields, read from JSON schemas.

use serde_json::Value;

use super::{REFERENCE, Schema, defaults, values};

/// A type: of an object, of a field, or of what a list or a map holds.
#[derive(Clone, Debug)]
pub struct Type<'s> {
    pub(super) schema: &'s Schema,
    /// The full name, for one that has a name of its own.
    pub(super) name: Option<&'s str>,
    pub(super) json: &'s Value,
}

/// What a value of a type looks like.
#[derive(Clone, Debug)]
pub enum Shape<'s> {
    /// A list of these.
    List(Type<'s>),
    /// A mapping from keys that anybody may choose to these.
    Map(Type<'s>),
    /// Named fields, or a single value.
    Single,
}

/// A field of a type.
#[derive(Clone, Debug)]
pub struct Field<'s> {
    /// The name.
    pub name: &'s str,
    /// Whether it must be there.
    pub presence: Presence,
    /// What it holds.
    pub content: Type<'s>,
    /// What Kubernetes says of it.
    pub description: &'s str,
    /// The short name of the type whose field it is, such as `core.v1.PodSpec`.
    owner: &'s str,
}

/// Whether a field must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
}

/// A field where it stands in an object.
#[derive(Clone, Debug)]
pub struct Place<'s> {
    /// The path from the object, with `[]` for the elements of a list: `spec.containers[].image`; empty for the object.
    pub path: String,
    /// The field; `None` for the object.
    pub field: Option<Field<'s>>,
    /// What it holds.
    pub content: Type<'s>,
}

impl<'s> Place<'s> {
    /// The place of a field of what this one holds.
    #[must_use]
    pub fn below(&self, field: &Field<'s>) -> Self {
        let mut path = self.path.clone();
        let mut holds = self.content.clone();
        loop {
            holds = match holds.shape() {
                Shape::List(inner) => {
                    path.push_str("[]");
                    inner
                }
                // Any key will do: no rule of a kind speaks of fields below a certain key.
                Shape::Map(inner) => {
                    path.push_str(".*");
                    inner
                }
                Shape::Single => break,
            };
        }
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(field.name);
        Self { path, field: Some(field.clone()), content: field.content.clone() }
    }
}

/// A path names a field that there is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoField {
    /// The name that is no field.
    pub name: String,
    /// The path of what should have it; empty for the object itself.
    pub parent: String,
    /// The fields that there are.
    pub known: Vec<String>,
}

impl<'s> Type<'s> {
    /// The type that a JSON schema describes, by way of its reference if it has one.
    fn of(schema: &'s Schema, json: &'s Value) -> Self {
        match json["$ref"].as_str().and_then(|path| path.strip_prefix(REFERENCE)) {
            Some(name) => schema.named(name),
            None => Self { schema, name: None, json },
        }
    }

    /// The name without its API group, such as `PodSpec`; `None` for a type that has no name.
    pub fn name(&self) -> Option<&'s str> {
        self.name.map(|name| name.rsplit_once('.').map_or(name, |(_, last)| last))
    }

    /// The name within the API, such as `core.v1.PodSpec`; empty for a type that has no name.
    pub fn short_name(&self) -> &'s str {
        let name = self.name.unwrap_or_default();
        let dot = name.rmatch_indices('.').nth(2);
        dot.map_or(name, |(at, _)| &name[at + 1..])
    }

    /// What Kubernetes says of it; empty when it says nothing.
    pub fn description(&self) -> &'s str {
        self.json["description"].as_str().unwrap_or_default()
    }

    /// What a value of it looks like.
    pub fn shape(&self) -> Shape<'s> {
        if self.json["items"].is_object() {
            Shape::List(Self::of(self.schema, &self.json["items"]))
        } else if self.json["additionalProperties"].is_object() {
            Shape::Map(Self::of(self.schema, &self.json["additionalProperties"]))
        } else {
            Shape::Single
        }
    }

    /// What a list or a map holds, however deep; the type itself for any other.
    #[must_use]
    pub fn element(&self) -> Self {
        match self.shape() {
            Shape::List(inner) | Shape::Map(inner) => inner.element(),
            Shape::Single => self.clone(),
        }
    }

    /// Its fields, in order of their names.
    pub fn fields(&self) -> Vec<Field<'s>> {
        let Some(properties) = self.json["properties"].as_object() else { return Vec::new() };
        let required = self.json["required"].as_array();
        let is_required = |name: &str| required.into_iter().flatten().any(|field| field == name);
        let field = |(name, json): (&'s String, &'s Value)| Field {
            name,
            presence: if is_required(name) { Presence::Required } else { Presence::Optional },
            content: Self::of(self.schema, json),
            description: json["description"].as_str().unwrap_or_default(),
            owner: self.short_name(),
        };
        properties.iter().map(field).collect()
    }

    /// The type in few words, as `kubectl explain` prints it: `string`, `[]Container`, `map[string]string`.
    pub fn label(&self) -> String {
        match (self.shape(), self.json["type"].as_str(), self.name()) {
            (Shape::List(inner), ..) => format!("[]{}", inner.label()),
            (Shape::Map(inner), ..) => format!("map[string]{}", inner.label()),
            (Shape::Single, None | Some("object"), name) => name.unwrap_or("Object").to_owned(),
            (Shape::Single, Some(single), _) => single.to_owned(),
        }
    }
}

impl Field<'_> {
    /// The values that it may have, where there are only these; empty where there are others.
    pub fn values(&self) -> &'static [&'static str] {
        values::of(self.owner, self.name)
    }

    /// What holds when it is left out, where that is more than nothing.
    pub fn default(&self) -> Option<&'static str> {
        defaults::of(self.owner, self.name)
    }
}
