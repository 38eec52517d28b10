//! Stories of planning: one rule, one case, without any host.

mod amounts;
mod claims;
mod fixtures;
mod lifecycle;
mod placing;
mod readiness;
mod revisions;
mod tags;
mod volumes;
