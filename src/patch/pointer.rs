//! JSON pointers, and the places that they lead to.
//!
//! Source: [RFC 6901](https://www.rfc-editor.org/rfc/rfc6901). An index may count from the end (`-1` is the last), as
//! the library that the API server and kustomize use has it: <https://github.com/evanphx/json-patch>.

use super::error::Problem;
use crate::document::{Placed, PlacedEntry, PlacedValue};

/// A path, step by step; none for the whole value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pointer {
    text: String,
    steps: Vec<String>,
}

impl Pointer {
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let mut parts = text.split('/');
        if parts.next() != Some("") {
            return Err(Problem::Pointer(text.to_owned()));
        }
        let steps = parts.map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
        Ok(Self { text: text.to_owned(), steps })
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the other path leads to somewhere within this one.
    pub(super) fn contains(&self, other: &Self) -> bool {
        other.steps.len() > self.steps.len() && other.steps.starts_with(&self.steps)
    }

    /// The value that it leads to.
    pub(super) fn find<'v>(&self, value: &'v Placed) -> Result<&'v Placed, Problem> {
        let mut at = value;
        for step in &self.steps {
            at = match &at.value {
                PlacedValue::Sequence(elements) => &elements[self.index(step, elements.len())?],
                PlacedValue::Mapping(_) => at.get(step).ok_or_else(|| self.missing())?,
                PlacedValue::Scalar(..) => return Err(self.missing()),
            };
        }
        Ok(at)
    }

    /// The value that it leads to, to be changed.
    pub(super) fn find_mut<'v>(&self, value: &'v mut Placed) -> Result<&'v mut Placed, Problem> {
        self.walk(&self.steps, value)
    }

    fn walk<'v>(&self, steps: &[String], value: &'v mut Placed) -> Result<&'v mut Placed, Problem> {
        let mut at = value;
        for step in steps {
            at = match &mut at.value {
                PlacedValue::Sequence(elements) => {
                    let index = self.index(step, elements.len())?;
                    &mut elements[index]
                }
                PlacedValue::Mapping(entries) => {
                    let entry = entries.iter_mut().find(|entry| entry.key == *step);
                    &mut entry.ok_or_else(|| self.missing())?.value
                }
                PlacedValue::Scalar(..) => return Err(self.missing()),
            };
        }
        Ok(at)
    }

    /// Puts a value there: beside the elements of a list, in the place of what a mapping has.
    pub(super) fn add(&self, value: &mut Placed, new: PlacedEntry) -> Result<(), Problem> {
        let Some((last, above)) = self.steps.split_last() else {
            *value = new.value;
            return Ok(());
        };
        let parent = self.walk(above, value)?;
        match &mut parent.value {
            PlacedValue::Sequence(elements) => {
                let at = match last.as_str() {
                    "-" => elements.len(),
                    _ => self.index(last, elements.len() + 1)?,
                };
                elements.insert(at, new.value);
            }
            PlacedValue::Mapping(_) => parent.set(last, new.key_place, new.value),
            PlacedValue::Scalar(..) => return Err(self.missing()),
        }
        Ok(())
    }

    /// Takes out what is there.
    pub(super) fn remove(&self, value: &mut Placed) -> Result<Placed, Problem> {
        let Some((last, above)) = self.steps.split_last() else {
            return Ok(std::mem::replace(value, Placed::mapping(None)));
        };
        let parent = self.walk(above, value)?;
        if let Some(elements) = parent.elements_mut() {
            let at = self.index(last, elements.len())?;
            return Ok(elements.remove(at));
        }
        parent.remove(last).map(|entry| entry.value).ok_or_else(|| self.missing())
    }

    /// An index below `count`.
    fn index(&self, step: &str, count: usize) -> Result<usize, Problem> {
        let wrong = || Problem::Index(self.text.clone());
        let digits = step.strip_prefix('-').unwrap_or(step);
        let plain = digits.bytes().all(|b| b.is_ascii_digit())
            && !(digits.len() > 1 && digits.starts_with('0'));
        let number: usize = digits.parse().ok().filter(|_| plain).ok_or_else(wrong)?;
        let index =
            if digits.len() == step.len() { Some(number) } else { count.checked_sub(number) };
        index.filter(|index| *index < count).ok_or_else(wrong)
    }

    pub(super) fn missing(&self) -> Problem {
        Problem::Missing(self.text.clone())
    }
}
