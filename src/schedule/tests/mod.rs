//! Rules of placing, one case each.

mod fixtures;
mod gpus;
mod oracle;
mod preempting;
mod properties;
mod rebalancing;
mod rules;
