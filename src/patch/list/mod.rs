//! The lists of a strategic merge patch: which elements are one, and in which order they end up.
//!
//! Lists whose elements have keys are merged in [`server`] and in [`kustomize`]: the two agree on little but the plainest cases.

mod kustomize;
mod server;

use super::error::{PatchError, Problem};
use super::shape::List;
use super::strategic::{Directive, Field, Merger, Rules};
use crate::document::{Path, Placed, PlacedValue};

/// What tells an element of a list apart: the values of its keys, or its own. One that an element lacks is `None`.
type Name = Vec<Option<String>>;

/// How many elements two lists may have together: each of one is looked for in the other. Lists that are merged hold
/// containers, ports, volumes and variables; none has a tenth of this.
const MAX_ELEMENTS: usize = 4096;

/// A list whose elements have keys.
#[derive(Clone, Copy)]
struct Keyed<'k> {
    /// What an element is.
    field: Field,
    keys: &'static [&'static str],
    path: &'k Path<'k>,
}

impl Merger {
    /// Merges a list of a patch into one of the object; `None` when the patch takes it away.
    pub(super) fn list(
        &self,
        field: Field,
        path: &Path<'_>,
        mut base: Placed,
        mut patch: Placed,
    ) -> Result<Option<Placed>, PatchError> {
        let keys = self.keys(field);
        if keys.is_none() || self.rules == Rules::Kustomize {
            match take_directive(&mut patch)? {
                Some(Directive::Delete) => return Ok(None),
                Some(Directive::Replace) => return self.fresh_list(field, path, patch),
                Some(Directive::Merge) | None => {}
            }
        }
        if keys.is_none() && field.list == List::Whole {
            return Ok(Some(patch));
        }
        if base.elements().len() + patch.elements().len() > MAX_ELEMENTS {
            return Err(PatchError::new(Problem::TooLarge, patch.place.as_ref()));
        }
        let place = base.place.clone().or_else(|| patch.place.clone());
        let merged = match (keys, self.rules) {
            (None, _) => self.set(base, patch),
            (Some(keys), Rules::ApiServer) => {
                let of = Keyed { field: Field { list: List::Whole, ..field }, keys, path };
                self.keyed_by_server(of, take_elements(&mut base), take_elements(&mut patch))?
            }
            (Some(keys), Rules::Kustomize) => {
                let of = Keyed { field: Field { list: List::Whole, ..field }, keys, path };
                self.keyed_by_kustomize(of, take_elements(&mut base), take_elements(&mut patch))?
            }
        };
        Ok(Some(Placed { value: PlacedValue::Sequence(merged), place }))
    }

    /// A list of a patch where the object has none.
    ///
    /// Kustomize then merges the list with itself, which is what becomes of the object's list when a patch is empty.
    pub(super) fn fresh_list(
        &self,
        field: Field,
        path: &Path<'_>,
        mut patch: Placed,
    ) -> Result<Option<Placed>, PatchError> {
        let none = Placed { value: PlacedValue::Sequence(Vec::new()), place: None };
        let (Some(keys), Rules::Kustomize) = (self.keys(field), self.rules) else {
            return self.list(field, path, none, patch);
        };
        if take_directive(&mut patch)? == Some(Directive::Delete) {
            return Ok(None);
        }
        let inner = Field { list: List::Whole, ..field };
        let mut elements = Vec::new();
        for (index, element) in take_elements(&mut patch).into_iter().enumerate() {
            require_key(&element, Keyed { field: inner, keys, path })?;
            elements.extend(self.fresh(inner, &path.index(index), element)?);
        }
        patch.value = PlacedValue::Sequence(elements);
        self.list(field, path, patch, none)
    }

    /// The keys that a list's elements are told apart by.
    fn keys(&self, field: Field) -> Option<&'static [&'static str]> {
        match (field.list, self.rules) {
            (List::Keyed(keys), Rules::Kustomize) => Some(keys),
            (List::Keyed(keys), Rules::ApiServer) => Some(&keys[..1]),
            (List::Whole | List::Set, _) => None,
        }
    }

    fn set(&self, mut base: Placed, mut patch: Placed) -> Vec<Placed> {
        let order: Vec<Name> = patch.elements().iter().map(|element| name(element, &[])).collect();
        let server: Vec<Name> = base.elements().iter().map(|element| name(element, &[])).collect();
        let mut merged = take_elements(&mut base);
        for element in take_elements(&mut patch) {
            let own = name(&element, &[]);
            if !merged.iter().any(|there| name(there, &[]) == own) {
                merged.push(element);
            }
        }
        self.arrange(merged, &[], &order, &server)
    }

    /// Puts a list into the order that `$setElementOrder` names.
    pub(super) fn ordered(&self, field: Field, mut list: Placed, order: &Placed) -> Placed {
        let keys = self.keys(field).unwrap_or_default();
        let order: Vec<Name> = order.elements().iter().map(|element| name(element, keys)).collect();
        let server: Vec<Name> = list.elements().iter().map(|element| name(element, keys)).collect();
        if let Some(elements) = list.elements_mut() {
            *elements = self.arrange(std::mem::take(elements), keys, &order, &server);
        }
        list
    }

    /// Orders a merged list: what the patch names in the patch's order, the rest in the object's.
    ///
    /// Kustomize puts the first before the second. The API server puts an element that only the object has before one of
    /// the patch where the object had them so. Each name is looked for: callers see to the number of them.
    fn arrange(
        &self,
        merged: Vec<Placed>,
        keys: &[&str],
        order: &[Name],
        server: &[Name],
    ) -> Vec<Placed> {
        let rank = |names: &[Name], own: &Name| names.iter().position(|name| name == own);
        let mut first: Vec<(usize, Option<usize>, Placed)> = Vec::new();
        let mut second: Vec<(Option<usize>, Placed)> = Vec::new();
        for element in merged {
            let own = name(&element, keys);
            let place = rank(server, &own);
            match rank(order, &own) {
                Some(at) => first.push((at, place, element)),
                None => second.push((place, element)),
            }
        }
        first.sort_by_key(|(at, _, _)| *at);
        let mut arranged = Vec::new();
        let mut second = second.into_iter().peekable();
        for (_, place, element) in first {
            let before = |(other, _): &(Option<usize>, Placed)| {
                self.rules == Rules::ApiServer
                    && matches!((*other, place), (Some(other), Some(place)) if other < place)
            };
            while let Some((_, earlier)) = second.next_if(before) {
                arranged.push(earlier);
            }
            arranged.push(element);
        }
        arranged.extend(second.map(|(_, element)| element));
        arranged
    }
}

/// Takes an element that is nothing but a `$patch` out of a list.
fn take_directive(patch: &mut Placed) -> Result<Option<Directive>, PatchError> {
    let Some(elements) = patch.elements_mut() else { return Ok(None) };
    let directive = |element: &Placed| matches!(element.entries(), [only] if only.key == "$patch");
    let Some(at) = elements.iter().position(directive) else { return Ok(None) };
    let element = elements.remove(at);
    element.get("$patch").map(Directive::of).transpose()
}

fn take_elements(list: &mut Placed) -> Vec<Placed> {
    list.elements_mut().map(std::mem::take).unwrap_or_default()
}

/// The name of an element by these keys; without keys, the element itself.
fn name(element: &Placed, keys: &[&str]) -> Name {
    let said = |value: &Placed| value.as_scalar().map(str::to_owned);
    if keys.is_empty() || !element.is_mapping() {
        return vec![said(element)];
    }
    keys.iter().map(|key| element.get(key).and_then(said)).collect()
}

/// That an element has the key that it is told apart by.
fn require_key(element: &Placed, of: Keyed<'_>) -> Result<(), PatchError> {
    if matches!(name(element, of.keys).first(), Some(Some(_))) {
        return Ok(());
    }
    let problem = Problem::NoMergeKey { path: of.path.to_string(), key: of.keys[0].to_owned() };
    Err(PatchError::new(problem, element.place.as_ref()))
}
