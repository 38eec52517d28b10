//! Values as small numbers: equal values have one number, given in the order in which they are met.

use std::collections::BTreeMap;

/// A set of values, each with its number.
#[derive(Clone, Debug)]
pub(super) struct Interned<T> {
    numbers: BTreeMap<T, u32>,
    values: Vec<T>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self { numbers: BTreeMap::new(), values: Vec::new() }
    }
}

impl<T: Ord + Clone> Interned<T> {
    /// The number of a value, and whether it is met for the first time.
    pub(super) fn number(&mut self, value: T) -> (u32, Met) {
        if let Some(number) = self.numbers.get(&value) {
            return (*number, Met::Before);
        }
        let number = number_of(self.values.len());
        self.numbers.insert(value.clone(), number);
        self.values.push(value);
        (number, Met::Now)
    }

    /// The value of a number.
    pub(super) fn value(&self, number: u32) -> &T {
        &self.values[at(number)]
    }

    /// All values, in the order of their numbers.
    pub(super) fn values(&self) -> &[T] {
        &self.values
    }
}

/// Whether a value was met before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// It was.
    Before,
    /// It was not.
    Now,
}

/// A number as a place in a list.
pub(super) fn at(number: u32) -> usize {
    number as usize
}

/// A place in a list as a number; no list here gets near four billion entries.
pub(super) fn number_of(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
