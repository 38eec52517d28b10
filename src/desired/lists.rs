//! Which elements of two lists are the same one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::model::Kind;
use crate::patch::{List, Type};

/// How a value is merged, from where it stands in its object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trail {
    of: Type,
    list: List,
    choice: Choice,
}

/// Whether the fields of an object are kinds of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    /// They are not: each stands for itself.
    Any,
    /// A manifest's choice among them ends every other one: the strategy `retainKeys`.
    One,
}

impl Trail {
    /// Where an object of a kind begins.
    pub(super) fn of(kind: Kind) -> Self {
        let of = Type::of(kind.api_version(), kind.object());
        Self { of, list: List::Whole, choice: Choice::Any }
    }

    /// A field of the object here, or of each element of the list here.
    pub(super) fn field(self, name: &str) -> Self {
        let (of, list, _) = self.of.field(name);
        // Variables do not retain keys; there kubectl's merge of `value` and `valueFrom` gives what no API server takes.
        let one = self.of.retains_keys(name) || (self.of, name) == (Type::Container, "env");
        let choice = if one { Choice::One } else { Choice::Any };
        Self { of, list, choice }
    }

    /// The fields that tell the elements of the list here apart.
    pub(super) fn merge_keys(self) -> Option<&'static [&'static str]> {
        match self.list {
            List::Keyed(keys) => Some(keys),
            List::Whole | List::Set => None,
        }
    }

    /// Whether the list here is a set of plain values.
    pub(super) fn is_set(self) -> bool {
        self.list == List::Set
    }

    /// Whether a manifest's choice among the fields here ends every other one.
    pub(super) fn is_choice(self) -> bool {
        self.choice == Choice::One
    }
}

/// The elements of a list by what tells them apart, in the list's order.
pub(super) struct Elements<'v> {
    order: Vec<(String, &'v Value)>,
    by_name: BTreeMap<String, &'v Value>,
}

impl<'v> Elements<'v> {
    /// The elements of a list whose type has a merge key; `None` when two of them have the same, or one has none: such a list
    /// can only be taken as a whole.
    pub(super) fn of(list: &'v [Value], keys: &[&str]) -> Option<Self> {
        let mut order = Vec::with_capacity(list.len());
        let mut by_name = BTreeMap::new();
        for element in list {
            let name = identity(element, keys)?;
            if by_name.insert(name.clone(), element).is_some() {
                return None;
            }
            order.push((name, element));
        }
        Some(Self { order, by_name })
    }

    pub(super) fn get(&self, name: &str) -> Option<&'v Value> {
        self.by_name.get(name).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &'v Value)> {
        self.order.iter().map(|(name, element)| (name.as_str(), *element))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(|(name, _)| name.as_str())
    }
}

/// What tells an element from the others, such as `name=main`.
///
/// Where a type has more than one key, all count: a port may be open for TCP and for UDP, which is how the API server has
/// told ports apart since server-side apply (`x-kubernetes-list-map-keys`).
fn identity(element: &Value, keys: &[&str]) -> Option<String> {
    let mut name = String::new();
    for (at, key) in keys.iter().enumerate() {
        let value = match element.get(*key) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ if at > 0 => continue,
            _ => return None,
        };
        if *key == "protocol" && value == "TCP" {
            continue;
        }
        let comma = if at > 0 { "," } else { "" };
        let _ = write!(name, "{comma}{key}={value}");
    }
    Some(name)
}
