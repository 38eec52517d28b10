//! Stories of planning: one rule, one case, without any host.

mod admitting;
mod amounts;
mod claims;
mod company;
mod explaining;
mod fixtures;
mod journeys;
mod lifecycle;
mod moving;
mod placing;
mod preempting;
mod readiness;
mod remedies;
mod renewal;
mod revisions;
mod simulating;
mod tags;
mod vacancy;
mod volumes;
