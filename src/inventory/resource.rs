//! The resources that hosts offer, by their names.

use crate::document::closest;
use crate::model::{Amount, GPU};

/// Those that have a name without a `/`.
pub(super) const OFFERED: [&str; 4] = ["cpu", "memory", "pods", "ephemeral-storage"];

/// The resource that was meant by a name which is none.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    let is_gpu = ["gpu", "gpus"].contains(&name.to_ascii_lowercase().as_str());
    if is_gpu { Some(GPU) } else { closest(name, OFFERED) }
}

/// Whether an amount is a part of something that is had in whole ones only.
pub(super) fn is_in_parts(name: &str, amount: &str) -> bool {
    let has_parts = OFFERED.contains(&name) && name != "pods";
    !has_parts && Amount::parse(amount).is_ok_and(|amount| !amount.is_whole())
}
