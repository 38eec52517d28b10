//! Stories of planning: one rule, one case, without any host.

mod fixtures;
mod placing;
mod revisions;
mod volumes;
