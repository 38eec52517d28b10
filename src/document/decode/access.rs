//! How serde walks through the lists and mappings of a tree.

use serde::de::{self, IntoDeserializer as _};

use super::Pass;
use super::de::NodeDeserializer;
use super::error::Refusal;
use crate::document::path::Path;
use crate::document::tree::{Entry, NodeId};

/// Gives out the elements of a list.
pub(super) struct Elements<'p> {
    pub(super) pass: &'p Pass<'p>,
    pub(super) path: &'p Path<'p>,
    pub(super) rest: std::iter::Enumerate<std::slice::Iter<'p, NodeId>>,
}

impl<'de> de::SeqAccess<'de> for Elements<'_> {
    type Error = Refusal;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Refusal> {
        for (index, node) in self.rest.by_ref() {
            if self.pass.skipped.contains(node) {
                continue;
            }
            let path = self.path.index(index);
            let element = NodeDeserializer { pass: self.pass, node: *node, path: &path };
            return seed.deserialize(element).map(Some);
        }
        Ok(None)
    }
}

/// Whether the keys of a mapping are known beforehand.
#[derive(Clone, Copy)]
pub(super) enum Keys {
    /// Field names: a null is as if the key were absent.
    Fields,
    /// The user's own.
    Free,
}

/// Gives out the keys and values of a mapping.
pub(super) struct Entries<'p> {
    pub(super) pass: &'p Pass<'p>,
    pub(super) path: &'p Path<'p>,
    pub(super) keys: Keys,
    pub(super) rest: std::slice::Iter<'p, Entry>,
    pub(super) current: Option<&'p Entry>,
}

impl<'de> de::MapAccess<'de> for Entries<'_> {
    type Error = Refusal;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refusal> {
        let (pass, path, keys) = (self.pass, self.path, self.keys);
        let absent = |entry: &Entry| {
            pass.skipped.contains(&entry.value)
                || (pass.absent)(&path.key(&entry.key))
                || (matches!(keys, Keys::Fields) && pass.tree().is_null(entry.value))
        };
        self.current = self.rest.by_ref().find(|entry| !absent(entry));
        match self.current {
            None => Ok(None),
            Some(entry) => {
                let key = entry.key.as_str();
                let read = seed.deserialize(key.into_deserializer());
                read.map(Some)
                    .map_err(|error: Refusal| error.in_node(entry.value, self.path.key(key)))
            }
        }
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Refusal> {
        let Some(entry) = self.current.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        let path = self.path.key(&entry.key);
        seed.deserialize(NodeDeserializer { pass: self.pass, node: entry.value, path: &path })
    }
}
