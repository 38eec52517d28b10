//! The heart: desired and observed in, one complete plan out.
//!
//! A plan is computed from values alone, always answers, and leaves nothing to decide: every step names its host, its names, its
//! addresses. What cannot be done is part of the report.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use jiff::Timestamp;

use crate::bindings::Bindings;
use crate::controller::wanted;
use crate::desired::{Desired, ObjectChange, Writes};
use crate::inventory::Inventory;
use crate::model::ObjectKey;
use crate::observed::Observed;

mod admission;
mod amounts;
mod budget;
mod capacity;
mod check;
mod classify;
mod compose;
mod drain;
mod evict;
mod explain;
mod fault;
mod network;
mod place;
mod placing;
mod pods;
mod privileges;
mod probe;
mod readiness;
mod realise;
mod rebalance;
mod remedy;
mod renewal;
mod report;
mod rollout;
mod room;
mod sandbox;
mod simulate;
mod simulation;
mod staying;
mod step;
mod storage;
mod tags;
mod takeover;
mod target;
mod to_run;
mod upkeep;
mod vacancy;
mod volume;
mod waits;

#[cfg(test)]
mod tests;

pub use amounts::other_capacity;
pub use budget::{Budget, Unhealthy, budgets};
pub use capacity::{allocatable, capacity, labels, usable};
pub use check::{Violation, check};
pub use drain::{Drain, DrainOrder, Left, Stay, drain};
pub use fault::{AtContainer, Fault, Moment};
pub use placing::{Placing, Subject, Verdict, placing};
pub use privileges::{Escalation, KernelFiles, Privileges, Profile, Reach, Root};
pub use probe::{Ask, HttpVersion, ProbeToRun};
pub use readiness::{Unready, ready, ready_since, started, unmet_gates};
pub use realise::{forbidden_sysctl, init_role, invalid_image_name, sandbox_name};
pub use rebalance::{Bound, BoundError, rebalance};
pub use remedy::Remedy;
pub use report::{Change, ChangeAction, Pending, Report, Summary, Waiting, leave_out};
pub use sandbox::{Ipc, PodLimits, PodNetwork, Processes, Sandbox, Users};
pub use simulate::{empty_report, simulate};
pub use simulation::{Cause, Fate, Fit, HostUse, Simulation, Standing, Unfit, Uprooted};
pub use step::{
    Action, Bridge, BridgeFilter, Data, HostNetwork, KEEPING, Keeping, Pinned, PullPolicy, Step,
    StepId,
};
pub use tags::{TagToAsk, TagsToAsk, moved, tags_to_ask};
pub use takeover::take_over;
pub use to_run::{
    Clear, ContainerToRun, DeviceToGive, Hook, Input, MessageToKeep, Otherwise, PodToRun,
    ResourcesToSet, Restart, SecretsToBring, Start, secret_mark,
};
pub use volume::{
    Access, Content, Expected, FileToWrite, FilesToWrite, Grant, LastingPlace, Medium, MountSource,
    MountToMake, Propagation, Refresh, STAGED, StagedMount, VolumeToMake, VolumesToFill, made,
    mark_of,
};

/// Everything that a plan is made from.
#[derive(Clone, Debug)]
pub struct PlanInput<'a> {
    /// The hosts.
    pub inventory: &'a Inventory,
    /// What should be.
    pub desired: &'a Desired,
    /// How what should be differs from what was stored before; only for the report.
    pub object_changes: &'a [ObjectChange],
    /// What is.
    pub observed: &'a Observed,
    /// What was chosen before.
    pub bindings: &'a Bindings,
    /// When this is.
    pub now: Timestamp,
}

/// What is to be done, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Every choice; committed before the first step.
    pub target: Bindings,
    /// Objects that planning makes and changes: volumes and claims that find one another. Committed with the target.
    pub writes: Writes,
    /// What can be done now, in an order that respects what needs what.
    pub steps: Vec<Step>,
    /// What the plan says about itself.
    pub report: Report,
}

/// Makes a plan.
pub fn plan(input: &PlanInput<'_>) -> Plan {
    let wanted = wanted(input.desired);
    let mut storage = storage::begin(input);
    let mut target = target::target(input, &wanted, &mut storage);
    amounts::hand_out(input, &mut target.bindings, &target.held);
    storage::end(input, &mut storage, &target);
    let (desired, writes) = storage.done();
    let input = &PlanInput { desired: &desired, ..input.clone() };
    let mut standing = pods::standing(input, &wanted, &target);
    evict::hold_back(input, &wanted, &mut target, &mut standing);
    vacancy::make(input, &mut target, &mut standing);
    let network = network::network(input, &target.bindings, &standing);
    let volumes = storage::volume_plan(input, &writes, &standing);
    let composed = compose::steps(input, &target.bindings, &standing, (&network, &volumes));
    let others = (&network, &volumes, &composed.unmade);
    let report = explain::report(input, &target, &standing, others);
    Plan { target: target.bindings, writes, steps: composed.steps, report }
}

impl PlanInput<'_> {
    /// The Services that get an address, each with the one that it asks for.
    fn asked_service_addresses(&self) -> BTreeMap<ObjectKey, Option<Ipv4Addr>> {
        let services = self.desired.services();
        services
            .filter_map(|(key, service)| {
                let spec = service.spec.as_ref()?;
                if spec.type_.as_deref() == Some("ExternalName") {
                    return None;
                }
                match spec.cluster_ip.as_deref() {
                    Some("None") => None,
                    Some(text) if !text.is_empty() => Some((key.clone(), text.parse().ok())),
                    _ => Some((key.clone(), None)),
                }
            })
            .collect()
    }
}
