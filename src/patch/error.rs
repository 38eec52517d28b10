//! Why a patch cannot be applied.

use std::fmt;

use crate::document::{Place, quoted};

/// A patch that cannot be applied, and where in it the reason stands.
#[derive(Clone, Debug)]
pub struct PatchError {
    /// What is wrong.
    pub problem: Problem,
    /// The place in the patch, if it was written anywhere.
    pub place: Option<Place>,
}

/// What is wrong with a patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// An element of a list that is merged by a key does not have it.
    NoMergeKey {
        /// Where the list stands in the object.
        path: String,
        /// The key.
        key: String,
    },
    /// `$patch` is none of `merge`, `replace` and `delete`.
    Directive(String),
    /// `$patch: merge` stands in an element of a list.
    MergeInList,
    /// A list of `$setElementOrder`, `$retainKeys` or `$deleteFromPrimitiveList` is none, or not of names.
    DirectiveList(String),
    /// A key is set that `$retainKeys` does not name.
    NotRetained(String),
    /// The patch has another type of value than the object.
    Type {
        /// Where, in the object.
        path: String,
        /// What the object has.
        expected: &'static str,
        /// What the patch has.
        found: &'static str,
    },
    /// A JSON patch is no list of operations.
    NotOperations,
    /// An operation lacks something.
    Lacks(&'static str),
    /// An operation that there is none of.
    Operation(String),
    /// A path that is no JSON pointer.
    Pointer(String),
    /// There is nothing at a path.
    Missing(String),
    /// An index is none, or beyond the list.
    Index(String),
    /// A value is moved into itself.
    IntoItself(String),
    /// A `test` found another value.
    Test {
        /// Where.
        path: String,
    },
    /// The outcome would be too large or too deep.
    TooLarge,
}

impl PatchError {
    pub(super) fn new(problem: Problem, place: Option<&Place>) -> Self {
        Self { problem, place: place.cloned() }
    }
}

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for PatchError {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMergeKey { path, key } => {
                write!(f, "the elements of {path} are told apart by `{key}`, and this one has none")
            }
            Self::Directive(word) => {
                write!(f, "{} is none of `merge`, `replace` and `delete`", quoted(word))
            }
            Self::MergeInList => {
                f.write_str("an element of a list is merged anyway, and cannot say `$patch: merge`")
            }
            Self::DirectiveList(key) => write!(f, "{} must be a list of names", quoted(key)),
            Self::NotRetained(key) => {
                write!(f, "{} is set, and not among `$retainKeys`", quoted(key))
            }
            Self::Type { path, expected, found } => {
                write!(f, "{path} is {expected}, and the patch has {found}")
            }
            Self::NotOperations => f.write_str("a JSON patch is a list of operations"),
            Self::Lacks(field) => write!(f, "the operation has no `{field}`"),
            Self::Operation(word) => {
                write!(f, "{} is none of add, remove, replace, move, copy and test", quoted(word))
            }
            Self::Pointer(text) => {
                write!(f, "{} is no JSON pointer: it has to begin with `/`", quoted(text))
            }
            Self::Missing(path) => write!(f, "there is nothing at {}", quoted(path)),
            Self::Index(path) => write!(f, "{} is no index of the list", quoted(path)),
            Self::IntoItself(path) => write!(f, "{} cannot be moved into itself", quoted(path)),
            Self::Test { path } => {
                write!(f, "the test failed: at {} is another value", quoted(path))
            }
            Self::TooLarge => f.write_str("the patch makes the object too large"),
        }
    }
}
