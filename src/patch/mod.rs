//! The three ways of Kubernetes to change an object by a patch: strategic merge, JSON merge and JSON patch.
//!
//! They work on [`Placed`] values, so that what comes of a patch still points into the patch's own text; [`json`] is the
//! same for values without a place. Whether the outcome is an object that can be used is not asked here.

pub mod json;

mod error;
mod list;
mod merge;
mod operations;
mod pointer;
mod shape;
mod strategic;

#[cfg(test)]
mod tests;

pub use error::{PatchError, Problem};
pub use merge::merge;
pub use operations::operations;
pub(crate) use shape::{List, Type};
pub use strategic::{Rules, strategic};

/// How deep a value may become by patches: as deep as a manifest may be, twice over.
const MAX_DEPTH: usize = 200;
