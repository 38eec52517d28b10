//! Where pods go: filter the hosts, score what is left, pick with a total order.
//!
//! It knows hosts, capacities, labels, taints and pods; neither what is running nor why a pod is needed. `docs/scheduler.md` says what
//! each part costs.

mod candidate;
mod census;
mod class;
mod company;
mod counter;
mod decide;
mod demand;
mod devices;
mod filling;
mod fleet;
mod glance;
mod guard;
mod host_rules;
mod images;
mod index;
mod interned;
mod layout;
mod load;
mod machines;
mod offers;
mod pod_set;
mod preempt;
mod rebalance;
mod rejection;
mod request;
mod score;
mod scores;
mod search;
mod spread;
mod taint;
mod topology;

#[cfg(test)]
mod tests;

pub use candidate::{Candidate, Readiness};
pub use decide::Decision;
pub use devices::Held;
pub use fleet::{ClassId, Fleet, HostId, PodId};
pub use guard::Guard;
pub use preempt::Preemption;
pub use rebalance::Move;
pub use rejection::{Rejection, describe_rejections};
pub use request::{Pin, Request, further_resources, pod_resources};
pub use scores::Score;
pub use taint::{Bearing, bearing, may_stay, unreachable};
