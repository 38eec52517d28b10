//! JSON patch: operations, one after the other; all of them or none.
//!
//! Source: [RFC 6902](https://www.rfc-editor.org/rfc/rfc6902).

use super::MAX_DEPTH;
use super::error::{PatchError, Problem};
use super::pointer::Pointer;
use crate::document::{Placed, PlacedEntry};

/// How many values `copy` may add: a few operations could double a value again and again.
const MAX_COPIED: usize = 1_000_000;

/// Applies a list of operations to a value.
pub fn operations(mut value: Placed, operations: &Placed) -> Result<Placed, PatchError> {
    if !operations.is_sequence() {
        return Err(PatchError::new(Problem::NotOperations, operations.place.as_ref()));
    }
    let mut copied = 0;
    for operation in operations.elements() {
        let operation = Operation { of: operation };
        copied += operation.apply(&mut value)?;
        if copied > MAX_COPIED || value.depth() > MAX_DEPTH {
            return Err(operation.wrong(Problem::TooLarge));
        }
    }
    Ok(value)
}

struct Operation<'p> {
    of: &'p Placed,
}

impl<'p> Operation<'p> {
    fn wrong(&self, problem: Problem) -> PatchError {
        PatchError::new(problem, self.of.place.as_ref())
    }

    /// What is wrong with a field of the operation.
    fn wrong_in(&self, field: &str, problem: Problem) -> PatchError {
        let place = self.of.get(field).and_then(|value| value.place.as_ref());
        PatchError::new(problem, place.or(self.of.place.as_ref()))
    }

    fn text(&self, field: &'static str) -> Result<&'p str, PatchError> {
        let text = self.of.get(field).and_then(Placed::as_text);
        text.ok_or_else(|| self.wrong_in(field, Problem::Lacks(field)))
    }

    fn pointer(&self, field: &'static str) -> Result<Pointer, PatchError> {
        Pointer::parse(self.text(field)?).map_err(|problem| self.wrong_in(field, problem))
    }

    /// The value as a new entry; its key was written in the path.
    fn value(&self) -> Result<PlacedEntry, PatchError> {
        let value = self.of.get("value").ok_or_else(|| self.wrong(Problem::Lacks("value")))?;
        Ok(self.entry(value.clone()))
    }

    fn entry(&self, value: Placed) -> PlacedEntry {
        let key_place = self.of.get("path").and_then(|path| path.place.clone());
        PlacedEntry { key: String::new(), key_place, value }
    }

    /// Does it, and says how many values were copied.
    fn apply(&self, value: &mut Placed) -> Result<usize, PatchError> {
        let word = self.text("op")?;
        let path = self.pointer("path")?;
        let at_path = |problem| self.wrong_in("path", problem);
        match word {
            "add" => path.add(value, self.value()?).map_err(at_path)?,
            "remove" => {
                path.remove(value).map_err(at_path)?;
            }
            "replace" => {
                *path.find_mut(value).map_err(at_path)? = self.value()?.value;
            }
            "test" => self.test(&path, value)?,
            "move" => {
                let from = self.pointer("from")?;
                if from.contains(&path) {
                    return Err(at_path(Problem::IntoItself(from.text().to_owned())));
                }
                let moved = from.remove(value).map_err(|wrong| self.wrong_in("from", wrong))?;
                path.add(value, self.entry(moved)).map_err(at_path)?;
            }
            "copy" => {
                let from = self.pointer("from")?;
                let copy = from.find(value).map_err(|wrong| self.wrong_in("from", wrong))?;
                let size = copy.size();
                if size > MAX_COPIED {
                    return Err(self.wrong(Problem::TooLarge));
                }
                let copy = copy.clone();
                path.add(value, self.entry(copy)).map_err(at_path)?;
                return Ok(size);
            }
            other => return Err(self.wrong_in("op", Problem::Operation(other.to_owned()))),
        }
        Ok(0)
    }

    fn test(&self, path: &Pointer, value: &Placed) -> Result<(), PatchError> {
        let wanted = self.value()?.value;
        let found = match path.find(value) {
            Ok(found) => found.to_json(),
            // What is not there is as good as null.
            Err(_) if wanted.is_null() => return Ok(()),
            Err(problem) => return Err(self.wrong_in("path", problem)),
        };
        if found == wanted.to_json() {
            return Ok(());
        }
        // Not what is there: it may be a part of a Secret.
        Err(self.wrong_in("value", Problem::Test { path: path.text().to_owned() }))
    }
}
