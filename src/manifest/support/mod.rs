//! What becomes of every field of every kind, in one table, and the notices that come of it.
//!
//! The table is in `table`, a file a subject. `explain`, `docs/kubernetes-support.md` and the notices are made from it, so
//! none of them can say anything else; `tests` holds it against the schema of all kinds, so no field can be forgotten.

mod notice;
mod rule;
mod table;
mod tree;

#[cfg(test)]
mod tests;

pub(super) use notice::notices;
pub use rule::{Rule, Support, Voice};
pub use table::{Ruling, rulings, support_of};
