//! Stories of planning: one rule, one case, without any host.

mod admitting;
mod amounts;
mod claims;
mod explaining;
mod fixtures;
mod journeys;
mod lifecycle;
mod moving;
mod placing;
mod preempting;
mod readiness;
mod revisions;
mod simulating;
mod tags;
mod vacancy;
mod volumes;
