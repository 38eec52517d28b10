//! Where pods go: filter the hosts, score what is left, pick with a total order.
//!
//! It knows hosts, capacities, labels and taints; neither what is running nor why a pod is needed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{PodSpec, Toleration};

use crate::inventory::{Taint, TaintEffect};
use crate::model::{HostPort, Labels, NodeName, ObjectKey, Resources};

mod affinity;
mod filter;
mod request;

pub use filter::{Rejection, describe_rejections};
pub use request::{Request, pod_resources};

/// A host as the scheduler sees it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The host.
    pub name: NodeName,
    /// Its labels.
    pub labels: Labels,
    /// Its taints.
    pub taints: Vec<Taint>,
    /// What pods may use in all.
    pub allocatable: Resources,
    /// What bound pods ask for.
    pub used: Resources,
    /// Ports of it that bound pods have.
    pub ports: BTreeSet<HostPort>,
    /// How many pods of each owner are bound to it.
    pub owners: BTreeMap<ObjectKey, u64>,
    /// Whether new pods may be sent there now.
    pub readiness: Readiness,
}

/// Whether a host takes new pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It answered.
    Ready,
    /// It did not answer.
    Unreachable,
}

/// Where a pod goes, or why it goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// To this host.
    Place(NodeName),
    /// Nowhere now: every host with the reason.
    Pending(BTreeMap<NodeName, Rejection>),
}

/// Decides for one pod, and counts it on the host that it goes to.
///
/// The order among hosts that fit is total, so equal input gives equal output: fewest pods of the same owner first, then
/// the least loaded, then the fewest pods, then the name.
pub fn place(hosts: &mut [Candidate], request: &Request) -> Decision {
    let mut rejections = BTreeMap::new();
    let mut best: Option<(usize, Score)> = None;
    for (at, host) in hosts.iter().enumerate() {
        if let Some(rejection) = filter::reject(host, request) {
            rejections.insert(host.name.clone(), rejection);
            continue;
        }
        let score = score(host, request);
        if best.as_ref().is_none_or(|(_, least)| score < *least) {
            best = Some((at, score));
        }
    }
    match best {
        None => Decision::Pending(rejections),
        Some((at, _)) => {
            count(&mut hosts[at], request);
            Decision::Place(hosts[at].name.clone())
        }
    }
}

/// Whether a pod that is bound to this host may stay: its host's labels and taints still allow it. Not all labels are known of a
/// host that does not answer.
pub fn may_stay(host: &Candidate, spec: &PodSpec) -> bool {
    (host.readiness == Readiness::Unreachable || filter::selects(host, spec))
        && host
            .taints
            .iter()
            .filter(|taint| taint.effect == TaintEffect::NoExecute)
            .all(|taint| tolerated(taint, spec.tolerations.as_deref().unwrap_or_default()))
}

/// Counts a pod on the host that it is bound to.
pub fn count(host: &mut Candidate, request: &Request) {
    host.used = host.used.plus(request.resources);
    host.ports.extend(&request.ports);
    if let Some(owner) = &request.owner {
        *host.owners.entry(owner.clone()).or_default() += 1;
    }
}

/// Lower is better; compared part by part.
type Score = (u64, Reverse<u64>, u64, u64, u64, NodeName);

fn score(host: &Candidate, request: &Request) -> Score {
    let same_owner = request.owner.as_ref().and_then(|o| host.owners.get(o)).copied().unwrap_or(0);
    let avoided = host
        .taints
        .iter()
        .filter(|t| t.effect == TaintEffect::PreferNoSchedule && !tolerated(t, request.tolerations))
        .count() as u64;
    let after = host.used.plus(request.resources);
    let load = share(after.cpu_milli, host.allocatable.cpu_milli)
        + share(after.memory_bytes, host.allocatable.memory_bytes);
    let preferred = Reverse(affinity::preference(host, request.spec));
    (avoided, preferred, same_owner, load, after.pods, host.name.clone())
}

/// A part of a whole in thousandths.
fn share(part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(part) * 1000 / u128::from(whole.max(1))).unwrap_or(u64::MAX)
}

/// Whether one of the tolerations matches the taint.
///
/// Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
fn tolerated(taint: &Taint, tolerations: &[Toleration]) -> bool {
    let effect = match taint.effect {
        TaintEffect::NoSchedule => "NoSchedule",
        TaintEffect::PreferNoSchedule => "PreferNoSchedule",
        TaintEffect::NoExecute => "NoExecute",
    };
    tolerations.iter().any(|toleration| {
        let key = toleration.key.as_deref().unwrap_or_default();
        let exists = toleration.operator.as_deref() == Some("Exists");
        let same_key = key == taint.key || (key.is_empty() && exists);
        let same_value = exists || toleration.value.as_deref().unwrap_or_default() == taint.value;
        let same_effect = toleration.effect.as_deref().is_none_or(|e| e.is_empty() || e == effect);
        same_key && same_value && same_effect
    })
}

#[cfg(test)]
mod tests;
