//! What one build may read and do: a small kustomization can ask for more than any machine has.

use std::cell::Cell;
use std::path::Path;

use crate::document::{Placed, PlacedValue};

use super::files::{Files, Found};

/// How many bytes one build may read; a file that is named twice counts twice, for it is held twice.
const MAX_BYTES: usize = 64 << 20;
/// How many steps one build may take: an object that a patch is held against, a value that is gone through.
///
/// A thousand objects of five hundred values each may all be patched forty times over; what is copied meanwhile stays
/// below a gigabyte.
pub(super) const MAX_STEPS: usize = 20_000_000;

/// The files of a build, and what is left of what it may do.
pub(super) struct Budget<'f> {
    files: &'f dyn Files,
    bytes: Cell<usize>,
    /// None when more was asked for than there was.
    steps: Cell<Option<usize>>,
}

impl<'f> Budget<'f> {
    /// A budget of so many steps.
    pub(super) fn new(files: &'f dyn Files, steps: usize) -> Self {
        Self { files, bytes: Cell::new(MAX_BYTES), steps: Cell::new(Some(steps)) }
    }

    /// Takes so many steps; else why not.
    pub(super) fn take(&self, steps: usize) -> Result<(), String> {
        let left = self.steps.get().and_then(|left| left.checked_sub(steps));
        self.steps.set(left);
        let message = "too many patches and replacements for so many objects";
        left.map(|_| ()).ok_or_else(|| message.to_owned())
    }

    /// Whether more was asked for than there was, and that was said.
    pub(super) fn is_spent(&self) -> bool {
        self.steps.get().is_none()
    }
}

impl Files for Budget<'_> {
    fn look(&self, path: &Path) -> Result<Found, String> {
        self.files.look(path)
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        let asked_for_too_much = || format!("more than {MAX_BYTES} bytes are asked for in all");
        if self.bytes.get() == 0 {
            return Err(asked_for_too_much());
        }
        let bytes = self.files.read(path)?;
        let left = self.bytes.get().checked_sub(bytes.len());
        self.bytes.set(left.unwrap_or(0));
        left.map(|_| bytes).ok_or_else(asked_for_too_much)
    }
}

/// How many steps it counts to copy a value, by the memory that it takes.
pub(super) fn weight(value: &Placed) -> usize {
    const EACH: usize = 4;
    const BYTES: usize = 32;
    let own = match &value.value {
        PlacedValue::Scalar(_, text) => EACH + text.len() / BYTES,
        PlacedValue::Sequence(_) | PlacedValue::Mapping(_) => EACH,
    };
    let children = value.entries().iter().map(|entry| &entry.value).chain(value.elements());
    own + children.map(weight).sum::<usize>()
}
