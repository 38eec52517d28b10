//! How the API server merges a list whose elements have a key.
//!
//! Source: `mergeSlice`, and for what `$patch` means in an element `mergeSliceWithSpecialElements`, of
//! `k8s.io/apimachinery/pkg/util/strategicpatch/patch.go`.

use super::super::error::{PatchError, Problem};
use super::super::strategic::{Directive, Merger};
use super::{Keyed, Name, name, require_key};
use crate::document::Placed;

impl Merger {
    pub(super) fn keyed_by_server(
        &self,
        of: Keyed<'_>,
        mut merged: Vec<Placed>,
        patch: Vec<Placed>,
    ) -> Result<Vec<Placed>, PatchError> {
        let server: Vec<Name> = merged.iter().map(|element| name(element, of.keys)).collect();
        let (replaces, patch) = without_directives(of, &mut merged, patch)?;
        if replaces == Replaces::All {
            merged.clear();
        }
        let order: Vec<Name> = patch.iter().map(|element| name(element, of.keys)).collect();
        for (index, element) in patch.into_iter().enumerate() {
            require_key(&element, of)?;
            let below = of.path.index(index);
            let own = name(&element, of.keys);
            match merged.iter().position(|other| name(other, of.keys) == own) {
                None => merged.extend(self.fresh(of.field, &below, element)?),
                Some(at) => {
                    let old = std::mem::replace(&mut merged[at], Placed::mapping(None));
                    match self.merge(of.field, &below, old, element)? {
                        Some(new) => merged[at] = new,
                        None => {
                            merged.remove(at);
                        }
                    }
                }
            }
        }
        Ok(self.arrange(merged, of.keys, &order, &server))
    }
}

/// Whether a patch of a list takes the place of all that is there.
#[derive(PartialEq, Eq)]
enum Replaces {
    All,
    Nothing,
}

/// The elements of a patch that have no `$patch`, after what those that have one ask for.
///
/// `replace` in any element is for the whole list, and that element is no part of it.
fn without_directives(
    of: Keyed<'_>,
    merged: &mut Vec<Placed>,
    patch: Vec<Placed>,
) -> Result<(Replaces, Vec<Placed>), PatchError> {
    let (mut replaces, mut plain) = (Replaces::Nothing, Vec::new());
    for element in patch {
        let Some(said) = element.get("$patch") else {
            plain.push(element);
            continue;
        };
        match Directive::of(said)? {
            Directive::Delete => {
                require_key(&element, of)?;
                let own = name(&element, of.keys);
                merged.retain(|other| name(other, of.keys) != own);
            }
            Directive::Replace => replaces = Replaces::All,
            Directive::Merge => {
                return Err(PatchError::new(Problem::MergeInList, said.place.as_ref()));
            }
        }
    }
    Ok((replaces, plain))
}
