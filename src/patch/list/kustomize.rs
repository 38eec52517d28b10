//! How kustomize merges a list whose elements have keys.
//!
//! Source: `kyaml/yaml/walk/associative_sequence.go` of kustomize 5.5. Where elements have only some of the keys (a port
//! without a protocol beside one with), what it makes is seldom what was meant: a patch, or an element, is lost. That is
//! kept, for what people see of `kubectl kustomize` is what they get here.

use super::super::error::PatchError;
use super::super::strategic::{Directive, Merger};
use super::{Keyed, Name, name, require_key};
use crate::document::Placed;

/// A key and the value asked for; `None` where it is enough that there is one.
type Wanted<'w> = (&'w str, Option<&'w str>);

impl Merger {
    pub(super) fn keyed_by_kustomize(
        &self,
        of: Keyed<'_>,
        base: Vec<Placed>,
        mut patch: Vec<Placed>,
    ) -> Result<Vec<Placed>, PatchError> {
        patch.iter().try_for_each(|element| require_key(element, of))?;
        let names = names(&patch, &base, of.keys);
        let is_used = |index: &usize| names.iter().any(|name| name[*index].is_some());
        let used: Vec<usize> = (0..of.keys.len()).filter(is_used).collect();
        let mut outcome =
            Outcome { standing: (0..base.len()).collect(), elements: base, list: Vec::new() };
        for name in &names {
            let wanted = |index: &usize| (of.keys[*index], name[*index].as_deref());
            let used: Vec<Wanted<'_>> = used.iter().map(wanted).collect();
            match self.element(of, &used, &mut patch, &mut outcome)? {
                Some(index) => outcome.put(index, &used),
                None => outcome.drop_standing(&used),
            }
        }
        let used: Vec<&str> = used.into_iter().map(|index| of.keys[index]).collect();
        Ok(outcome.finish(&used))
    }

    /// Merges what the patch and the object have of a name; where the outcome stands, if there is any.
    fn element(
        &self,
        of: Keyed<'_>,
        used: &[Wanted<'_>],
        patch: &mut [Placed],
        outcome: &mut Outcome,
    ) -> Result<Option<usize>, PatchError> {
        let own: Vec<_> = used.iter().copied().filter(|(_, value)| value.is_some()).collect();
        let there = outcome.standing.iter().copied();
        let there = there.into_iter().find(|at| is_wanted(&outcome.elements[*at], &own));
        let Some(index) = patch.iter().position(|element| is_wanted(element, &own)) else {
            return Ok(there);
        };
        let below = of.path.index(index);
        // A directive is carried out once: two names that agree find the same element twice, and kustomize has taken the
        // directive out of it by then.
        let directive = patch[index].remove("$patch").map(|said| Directive::of(&said.value));
        let element = patch[index].clone();
        match (directive.transpose()?, there) {
            (Some(Directive::Delete), _) => Ok(None),
            (Some(Directive::Replace), _) | (_, None) => {
                let fresh = self.fresh(of.field, &below, element)?;
                Ok(fresh.map(|element| outcome.keep(element)))
            }
            (Some(Directive::Merge) | None, Some(at)) => {
                let old = std::mem::replace(&mut outcome.elements[at], Placed::mapping(None));
                let merged = self.merge(of.field, &below, old, element)?;
                Ok(merged.map(|merged| {
                    outcome.elements[at] = merged;
                    at
                }))
            }
        }
    }
}

/// What a list is to become.
struct Outcome {
    /// All elements that there are: those of the object, then new ones.
    elements: Vec<Placed>,
    /// Which elements of the object still stand.
    standing: Vec<usize>,
    /// Which elements the list has so far, in order.
    list: Vec<usize>,
}

impl Outcome {
    fn keep(&mut self, element: Placed) -> usize {
        self.elements.push(element);
        self.elements.len() - 1
    }

    /// Puts an element in the place of each that fits, or else at the end.
    fn put(&mut self, index: usize, wanted: &[Wanted<'_>]) {
        let mut found = false;
        for there in &mut self.list {
            if is_wanted(&self.elements[*there], wanted) {
                (*there, found) = (index, true);
            }
        }
        if !found {
            self.list.push(index);
        }
    }

    fn drop_standing(&mut self, wanted: &[Wanted<'_>]) {
        let elements = &self.elements;
        self.standing.retain(|at| !is_wanted(&elements[*at], wanted));
    }

    /// Adds the object's own elements, which take the place of those that they agree with.
    fn finish(mut self, keys: &[&str]) -> Vec<Placed> {
        for index in std::mem::take(&mut self.standing) {
            let own = name(&self.elements[index], keys);
            let wanted: Vec<Wanted<'_>> =
                keys.iter().copied().zip(own.iter().map(Option::as_deref)).collect();
            // Without one of the keys it agrees with all that have the others.
            let said: Vec<_> = wanted.into_iter().filter(|(_, value)| value.is_some()).collect();
            if keys.len() > 1 && !said.is_empty() {
                let elements = &self.elements;
                self.list.retain(|there| !is_wanted(&elements[*there], &said));
                self.list.push(index);
            } else if said.is_empty() {
                self.list.push(index);
            } else {
                self.put(index, &said);
            }
        }
        self.list.iter().map(|index| self.elements[*index].clone()).collect()
    }
}

/// The names of all elements, each once, those of the patch first; of several keys, one that a name lacks is taken from
/// the names that it agrees with.
fn names(patch: &[Placed], base: &[Placed], keys: &[&str]) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    for element in patch.iter().chain(base).filter(|element| element.is_mapping()) {
        let own = name(element, keys);
        if own.first().is_some_and(Option::is_some) && !names.contains(&own) {
            names.push(own);
        }
    }
    if keys.len() > 1 {
        for index in 0..names.len() {
            let own = names[index].clone();
            for other in 0..names.len() {
                if let Some(both) = agreed(&own, &names[other]) {
                    names[index].clone_from(&both);
                    names[other] = both;
                }
            }
        }
    }
    names
}

/// What two names are together, if they have something in common and contradict each other in nothing.
fn agreed(one: &Name, other: &Name) -> Option<Name> {
    let mut pairs = one.iter().zip(other);
    let contradict = pairs.clone().any(|(a, b)| a.is_some() && b.is_some() && a != b);
    (!contradict && pairs.any(|(a, b)| a == b))
        .then(|| one.iter().zip(other).map(|(a, b)| a.clone().or_else(|| b.clone())).collect())
}

fn is_wanted(element: &Placed, wanted: &[Wanted<'_>]) -> bool {
    wanted.iter().all(|(key, value)| match value {
        Some(value) => element.get(key).and_then(Placed::as_scalar) == Some(value),
        None => element.get(key).is_some(),
    })
}
