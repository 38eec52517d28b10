//! Names that are made for objects that ask for one.

use crate::document::Document;

/// What becomes of an object that has a `generateName` in place of a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GeneratedNames {
    /// It is refused: the same manifest must mean the same object each time that it is applied.
    #[default]
    Refused,
    /// It gets a name that ends in letters made of this number, which should be another one each time.
    Made(u64),
}

/// The letters that Kubernetes uses in generated names: no vowels, so that no word comes about.
///
/// Source: k8s.io/apimachinery/pkg/util/rand
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// How many letters a generated name ends in, and how long it is at most.
///
/// Source: k8s.io/apiserver/pkg/storage/names
const RANDOM: usize = 5;
const NAME_MAX: usize = 63;

impl GeneratedNames {
    /// The name of the n-th object, if it asks for one.
    pub(super) fn name_of(self, document: &Document, nth: usize) -> Option<String> {
        let Self::Made(seed) = self else { return None };
        let tree = &document.tree;
        let metadata = tree.entry(document.root, "metadata")?.value;
        let text =
            |field: &str| tree.entry(metadata, field).and_then(|entry| tree.text(entry.value));
        let base = text("generateName").filter(|base| !base.is_empty())?;
        if text("name").is_some_and(|name| !name.is_empty()) {
            return None;
        }
        let mut name: String = base.chars().take(NAME_MAX - RANDOM).collect();
        let mut number = seed.wrapping_add(nth as u64);
        for _ in 0..RANDOM {
            name.push(char::from(LETTERS[usize::try_from(number % 27).unwrap_or_default()]));
            number /= 27;
        }
        Some(name)
    }
}
