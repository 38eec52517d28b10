//! The lists of a strategic merge patch: which elements are one, and in which order they end up.

use super::error::{PatchError, Problem};
use super::shape::List;
use super::strategic::{Directive, Field, Merger, Rules};
use crate::document::{Path, Placed, PlacedValue};

/// What tells an element of a list apart: the values of its keys, or its own. One that an element lacks is `None`.
type Name = Vec<Option<String>>;

impl Merger {
    /// Merges a list of a patch into one of the object; `None` when the patch takes it away.
    pub(super) fn list(
        &self,
        field: Field,
        path: &Path<'_>,
        base: Placed,
        mut patch: Placed,
    ) -> Result<Option<Placed>, PatchError> {
        match take_directive(&mut patch)? {
            Some(Directive::Delete) => return Ok(None),
            Some(Directive::Replace) => {
                let none = Placed { value: PlacedValue::Sequence(Vec::new()), place: None };
                return self.list(field, path, none, patch);
            }
            Some(Directive::Merge) | None => {}
        }
        let place = base.place.clone().or_else(|| patch.place.clone());
        let merged = match self.keys(field) {
            None if field.list == List::Whole => return Ok(Some(patch)),
            None => self.set(base, patch),
            Some(keys) => self.keyed(field, keys, path, (base, patch))?,
        };
        Ok(Some(Placed { value: PlacedValue::Sequence(merged), place }))
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

    fn keyed(
        &self,
        field: Field,
        keys: &[&str],
        path: &Path<'_>,
        (mut base, mut patch): (Placed, Placed),
    ) -> Result<Vec<Placed>, PatchError> {
        let server: Vec<Name> = base.elements().iter().map(|element| name(element, keys)).collect();
        let mut merged = take_elements(&mut base);
        if self.rules == Rules::Kustomize {
            last_of_each(&mut merged, keys);
        }
        // Where any element has more than the first key, kustomize leaves the object's elements in their order.
        let several = self.rules == Rules::Kustomize
            && merged
                .iter()
                .chain(patch.elements())
                .any(|element| name(element, keys).iter().skip(1).any(Option::is_some));
        let mut order = Vec::new();
        for (index, mut element) in take_elements(&mut patch).into_iter().enumerate() {
            let below = path.index(index);
            let own = name(&element, keys);
            if own.first().is_none_or(Option::is_none) {
                let problem =
                    Problem::NoMergeKey { path: path.to_string(), key: keys[0].to_owned() };
                return Err(PatchError::new(problem, element.place.as_ref()));
            }
            let directive =
                element.remove("$patch").map(|d| Directive::of(&d.value)).transpose()?;
            let there = merged.iter().position(|other| is_same(&name(other, keys), &own));
            let inner = Field { list: List::Whole, ..field };
            match (directive, there) {
                (Some(Directive::Delete), _) => {
                    merged.retain(|other| !is_same(&name(other, keys), &own));
                    continue;
                }
                // Kustomize puts the object's own element back in the end, and so it does where only one of the two has
                // another key.
                (Some(Directive::Replace), Some(_)) if self.rules == Rules::Kustomize => {}
                (_, Some(at)) if name(&merged[at], keys) != own => {}
                (Some(Directive::Replace), Some(at)) => {
                    if let Some(fresh) = self.fresh(inner, &below, element)? {
                        merged[at] = fresh;
                    }
                }
                (Some(Directive::Merge) | None, Some(at)) => {
                    let old = std::mem::replace(&mut merged[at], Placed::mapping(None));
                    match self.merge(inner, &below, old, element)? {
                        Some(new) => merged[at] = new,
                        None => {
                            merged.remove(at);
                        }
                    }
                }
                (Some(Directive::Replace | Directive::Merge) | None, None) => {
                    merged.extend(self.fresh(inner, &below, element)?);
                }
            }
            if !several || there.is_none() {
                order.push(own);
            }
        }
        Ok(self.arrange(merged, keys, &order, &server))
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
    /// the patch where the object had them so.
    fn arrange(
        &self,
        merged: Vec<Placed>,
        keys: &[&str],
        order: &[Name],
        server: &[Name],
    ) -> Vec<Placed> {
        let rank = |names: &[Name], own: &Name| names.iter().position(|n| is_same(n, own));
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

/// Leaves of elements with one name the last, in the place of the first, as kustomize does.
fn last_of_each(elements: &mut Vec<Placed>, keys: &[&str]) {
    let mut kept: Vec<(Name, Placed)> = Vec::new();
    for element in std::mem::take(elements) {
        let own = name(&element, keys);
        match kept.iter_mut().find(|(name, _)| *name == own && own.iter().any(Option::is_some)) {
            Some((_, there)) => *there = element,
            None => kept.push((own, element)),
        }
    }
    *elements = kept.into_iter().map(|(_, element)| element).collect();
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

/// Whether two names are one: the first keys are equal, and of the others those that both have.
fn is_same(one: &Name, other: &Name) -> bool {
    let agrees = |(a, b): (&Option<String>, &Option<String>)| a.is_none() || b.is_none() || a == b;
    one.first() == other.first() && one.iter().zip(other).skip(1).all(agrees)
}
