//! Strategic merge patch: mappings are merged, and those lists whose elements have a name.
//!
//! Sources: <https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md>
//! and, for what it leaves open, `k8s.io/apimachinery/pkg/util/strategicpatch` and `sigs.k8s.io/kustomize/kyaml/yaml/merge2`.

use super::MAX_DEPTH;
use super::error::{PatchError, Problem};
use super::shape::{List, Since, Type};
use crate::document::{Path, Placed, PlacedEntry, PlacedValue};

/// Whose reading of a strategic merge patch is followed where they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// The API server's, which `kubectl patch` and `kubectl apply` get: a list of more keys goes by the first, another
    /// type takes the place of what was there.
    ApiServer,
    /// Kustomize's: elements of a list are told apart by all of its keys, another type is refused.
    Kustomize,
}

/// Merges a patch into an object; `None` when the patch deletes it.
pub fn strategic(base: Placed, patch: Placed, rules: Rules) -> Result<Option<Placed>, PatchError> {
    if base.depth().max(patch.depth()) > MAX_DEPTH {
        return Err(PatchError::new(Problem::TooLarge, patch.place.as_ref()));
    }
    let says = |key| [&base, &patch].into_iter().find_map(|value| value.get(key)?.as_text());
    let of = Type::of(says("apiVersion").unwrap_or_default(), says("kind").unwrap_or_default());
    let root = Field { of, list: List::Whole };
    Merger { rules }.merge(root, &Path::Root, base, patch)
}

/// What is known of the field that is being merged.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub(super) of: Type,
    pub(super) list: List,
}

/// The directives that stand among the keys of a mapping.
#[derive(Default)]
struct Directives {
    patch: Option<Directive>,
    retain: Option<Vec<String>>,
    /// By field.
    orders: Vec<(String, Placed)>,
    deletions: Vec<(String, Placed)>,
}

/// What `$patch` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directive {
    Merge,
    Replace,
    Delete,
}

impl Directive {
    pub(super) fn of(value: &Placed) -> Result<Self, PatchError> {
        match value.as_scalar() {
            Some("merge") => Ok(Self::Merge),
            Some("replace") => Ok(Self::Replace),
            Some("delete") => Ok(Self::Delete),
            other => {
                let problem = Problem::Directive(other.unwrap_or_default().to_owned());
                Err(PatchError::new(problem, value.place.as_ref()))
            }
        }
    }
}

pub(super) struct Merger {
    pub(super) rules: Rules,
}

impl Merger {
    /// Merges a patch into a value; `None` when it takes the value away.
    pub(super) fn merge(
        &self,
        field: Field,
        path: &Path<'_>,
        base: Placed,
        patch: Placed,
    ) -> Result<Option<Placed>, PatchError> {
        use PlacedValue::{Mapping, Scalar, Sequence};
        if patch.is_null() {
            return Ok(None);
        }
        match (&base.value, &patch.value) {
            (Mapping(_), Mapping(_)) => self.mapping(field, path, base, patch),
            (Sequence(_), Sequence(_)) => self.list(field, path, base, patch),
            (Scalar(..), Scalar(..)) => Ok(Some(patch)),
            _ if base.is_null() || self.rules == Rules::ApiServer => self.fresh(field, path, patch),
            (expected, found) => {
                let (expected, found) = (in_words(expected), in_words(found));
                let problem = Problem::Type { path: path.to_string(), expected, found };
                Err(PatchError::new(problem, patch.place.as_ref()))
            }
        }
    }

    fn mapping(
        &self,
        field: Field,
        path: &Path<'_>,
        mut base: Placed,
        mut patch: Placed,
    ) -> Result<Option<Placed>, PatchError> {
        let mut directives = Directives::take(&mut patch)?;
        match (directives.patch, self.rules) {
            (Some(Directive::Replace), _) => return self.fresh(field, path, patch),
            (Some(Directive::Delete), Rules::Kustomize) => return Ok(None),
            (Some(Directive::Delete), Rules::ApiServer) => {
                // The API server empties a mapping; only an element of a list goes.
                return Ok(match path {
                    Path::Root => None,
                    Path::Below(..) => Some(Placed::mapping(patch.place)),
                });
            }
            (Some(Directive::Merge) | None, _) => {}
        }
        directives.keep_retained(&mut base, &patch)?;
        for PlacedEntry { key, key_place, value } in take_entries(&mut patch) {
            let below = path.key(&key);
            let inner = self.field(field.of, &key);
            let kept = match base.get_mut(&key) {
                Some(there) if !there.is_null() => {
                    let old = std::mem::replace(there, Placed::mapping(None));
                    let scalar = matches!(old.value, PlacedValue::Scalar(..));
                    let old = directives.delete_from(&key, old);
                    let merged = self.merge(inner, &below, old, value)?;
                    merged.map(|merged| (scalar, directives.order(self, inner, &key, merged)))
                }
                Some(_) | None => self.fresh(inner, &below, value)?.map(|value| (true, value)),
            };
            match kept {
                // Where a mapping or list goes on, its key stays where it was written first.
                Some((false, value)) => {
                    if let Some(there) = base.get_mut(&key) {
                        *there = value;
                    }
                }
                Some((true, value)) => base.set(&key, key_place, value),
                None => {
                    base.remove(&key);
                }
            }
        }
        self.rest(field, directives, &mut base);
        Ok(Some(base))
    }

    /// Carries out the directives about lists that the patch has nothing else to say of.
    fn rest(&self, field: Field, mut directives: Directives, base: &mut Placed) {
        let deleted = directives.deletions.iter().map(|(key, _)| key.clone());
        let ordered = directives.orders.iter().map(|(key, _)| key.clone());
        for key in deleted.chain(ordered).collect::<Vec<_>>() {
            if let Some(there) = base.get_mut(&key) {
                let old = std::mem::replace(there, Placed::mapping(None));
                let left = directives.delete_from(&key, old);
                let inner = self.field(field.of, &key);
                *there = directives.order(self, inner, &key, left);
            }
        }
    }

    pub(super) fn field(&self, of: Type, key: &str) -> Field {
        match (of.field(key), self.rules) {
            ((of, _, Since::Later), Rules::Kustomize) => Field { of, list: List::Whole },
            ((of, list, _), _) => Field { of, list },
        }
    }

    /// A value of a patch where the object has nothing: without directives, and without what it would delete.
    pub(super) fn fresh(
        &self,
        field: Field,
        path: &Path<'_>,
        mut value: Placed,
    ) -> Result<Option<Placed>, PatchError> {
        if value.is_null() {
            return Ok(None);
        }
        if value.is_mapping() {
            let directives = Directives::take(&mut value)?;
            if directives.patch == Some(Directive::Delete) {
                return Ok(None);
            }
            let mut kept = Vec::new();
            for PlacedEntry { key, key_place, value } in take_entries(&mut value) {
                let inner = self.field(field.of, &key);
                let fresh = self.fresh(inner, &path.key(&key), value)?;
                kept.extend(fresh.map(|value| PlacedEntry { key, key_place, value }));
            }
            value.value = PlacedValue::Mapping(kept);
            return Ok(Some(value));
        }
        if value.is_sequence() {
            return self.fresh_list(field, path, value);
        }
        Ok(Some(value))
    }
}

fn take_entries(value: &mut Placed) -> Vec<PlacedEntry> {
    value.entries_mut().map(std::mem::take).unwrap_or_default()
}

fn in_words(value: &PlacedValue) -> &'static str {
    match value {
        PlacedValue::Mapping(_) => "an object",
        PlacedValue::Sequence(_) => "a list",
        PlacedValue::Scalar(..) => "a single value",
    }
}

impl Directives {
    /// Takes the directives out of a mapping.
    fn take(patch: &mut Placed) -> Result<Self, PatchError> {
        let mut taken = Self::default();
        let mut kept = Vec::new();
        for entry in take_entries(patch) {
            let key = entry.key.as_str();
            if key == "$patch" {
                taken.patch = Some(Directive::of(&entry.value)?);
            } else if key == "$retainKeys" {
                taken.retain = Some(names(key, &entry.value)?);
            } else if let Some(field) = key.strip_prefix("$setElementOrder/") {
                list_of(key, &entry.value)?;
                taken.orders.push((field.to_owned(), entry.value));
            } else if let Some(field) = key.strip_prefix("$deleteFromPrimitiveList/") {
                list_of(key, &entry.value)?;
                taken.deletions.push((field.to_owned(), entry.value));
            } else {
                kept.push(entry);
            }
        }
        patch.value = PlacedValue::Mapping(kept);
        Ok(taken)
    }

    /// Takes the keys out of the object that `$retainKeys` does not name.
    fn keep_retained(&self, base: &mut Placed, patch: &Placed) -> Result<(), PatchError> {
        let Some(retain) = &self.retain else { return Ok(()) };
        let stray = patch.entries().iter().find(|e| !e.value.is_null() && !retain.contains(&e.key));
        if let Some(stray) = stray {
            let problem = Problem::NotRetained(stray.key.clone());
            return Err(PatchError::new(problem, stray.key_place.as_ref()));
        }
        if let Some(entries) = base.entries_mut() {
            entries.retain(|entry| retain.contains(&entry.key));
        }
        Ok(())
    }

    /// Takes out of a list what `$deleteFromPrimitiveList` names for it; once.
    fn delete_from(&mut self, key: &str, mut list: Placed) -> Placed {
        let Some(at) = self.deletions.iter().position(|(field, _)| field == key) else {
            return list;
        };
        let (_, deleted) = self.deletions.remove(at);
        let deleted: Vec<_> = deleted.elements().iter().map(Placed::to_json).collect();
        if let Some(elements) = list.elements_mut() {
            elements.retain(|element| !deleted.contains(&element.to_json()));
        }
        list
    }

    /// Orders a list as `$setElementOrder` asks; once.
    fn order(&mut self, merger: &Merger, field: Field, key: &str, list: Placed) -> Placed {
        match self.orders.iter().position(|(field, _)| field == key) {
            None => list,
            Some(at) => merger.ordered(field, list, &self.orders.remove(at).1),
        }
    }
}

fn list_of<'v>(key: &str, value: &'v Placed) -> Result<&'v [Placed], PatchError> {
    if value.is_sequence() {
        return Ok(value.elements());
    }
    Err(PatchError::new(Problem::DirectiveList(key.to_owned()), value.place.as_ref()))
}

fn names(key: &str, value: &Placed) -> Result<Vec<String>, PatchError> {
    let elements = list_of(key, value)?.iter();
    let named = elements.map(|element| element.as_scalar().map(str::to_owned));
    named.collect::<Option<Vec<_>>>().ok_or_else(|| {
        PatchError::new(Problem::DirectiveList(key.to_owned()), value.place.as_ref())
    })
}
