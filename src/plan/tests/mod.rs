//! Stories of planning: one rule, one case, without any host.

mod fixtures;
mod lifecycle;
mod placing;
mod revisions;
mod volumes;
