//! Fields of objects by their kinds and paths, as kustomize names them: `spec/template/metadata/labels`.

use crate::document::{Place, Placed, PlacedValue};

use super::resource::{Id, Resource};

/// A field of the objects of some kinds; what is empty matters not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'f> {
    pub(super) group: &'f str,
    pub(super) version: &'f str,
    pub(super) kind: &'f str,
    /// Keys, separated by `/`; lists on the way are gone through. One that ends in `[]` is not made where it is missing.
    pub(super) path: &'f str,
    pub(super) absent: Absent,
}

/// What becomes of a field that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absent {
    /// It is left out.
    Left,
    /// It is made, and what it stands in.
    Made,
}

impl Field<'_> {
    /// Whether objects of this id have it.
    pub(super) fn is_of(&self, id: &Id) -> bool {
        id.is_of(self.group, self.version, self.kind)
    }

    /// Does something with every value of the field in an object; `made` is what is made of one that is absent.
    pub(super) fn visit(
        &self,
        resource: &mut Resource,
        made: &Placed,
        set: &mut dyn FnMut(&mut Placed),
    ) {
        if self.is_of(&resource.id()) {
            let steps = steps(self.path);
            let made = (self.absent == Absent::Made).then_some(made);
            visit(&mut resource.value, &steps, made, set);
        }
    }
}

/// Does something with every value at the end of some keys.
pub(super) fn visit(
    value: &mut Placed,
    steps: &[String],
    made: Option<&Placed>,
    set: &mut dyn FnMut(&mut Placed),
) {
    let Some((step, rest)) = steps.split_first() else {
        set(value);
        return;
    };
    match &mut value.value {
        PlacedValue::Scalar(..) => {}
        PlacedValue::Sequence(elements) => {
            for element in elements {
                visit(element, steps, made, set);
            }
        }
        PlacedValue::Mapping(_) => {
            let key = step.strip_suffix("[]").unwrap_or(step);
            let absent = value.get(key).is_none_or(Placed::is_null);
            match made {
                Some(made) if absent && key == step => {
                    let new = if rest.is_empty() {
                        made.clone()
                    } else {
                        Placed::mapping(made.place.clone())
                    };
                    value.set(key, made.place.clone(), new);
                }
                Some(_) | None if absent => return,
                Some(_) | None => {}
            }
            if let Some(inner) = value.get_mut(key) {
                visit(inner, rest, made, set);
            }
        }
    }
}

/// The keys of a path; `\/` is a slash within a key.
pub(super) fn steps(path: &str) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    let mut joins = false;
    for part in path.split('/') {
        let (text, continues) = part.strip_suffix('\\').map_or((part, false), |text| (text, true));
        match steps.last_mut() {
            Some(last) if joins => {
                last.push('/');
                last.push_str(text);
            }
            Some(_) | None => steps.push(text.to_owned()),
        }
        joins = continues;
    }
    steps
}

/// A value that is written somewhere as a text.
pub(super) fn text_at(text: &str, place: &Place) -> Placed {
    Placed::text(text, Some(place.clone()))
}
