//! Rules of placing, one case each.

mod fixtures;
mod oracle;
mod preempting;
mod properties;
mod rebalancing;
mod rules;
