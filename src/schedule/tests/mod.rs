//! Rules of placing, one case each.

mod any;
mod fixtures;
mod gpus;
mod images;
mod oracle;
mod preempting;
mod properties;
mod rebalancing;
mod rules;
