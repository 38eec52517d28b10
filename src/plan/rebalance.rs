//! Rebalancing: which pods move so that hosts are used about evenly, and whither.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::admission::has_claims;
use super::budget::{Readied, budgets};
use super::classify::{Condition, condition};
use super::drain::has_empty_dir;
use super::storage;
use super::target::choose;
use super::{PlanInput, plan};
use crate::bindings::{Binding, Eviction, EvictionCause};
use crate::controller::wanted;
use crate::model::{Kind, NodeName, ObjectKey, PodKey};
use crate::schedule::Request;

/// By how much the shares of CPU and memory that are asked for of the hosts may differ, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound(u8);

/// Why a text is no bound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a percentage from 0% to 100%, such as 10%")]
pub struct BoundError;

impl FromStr for Bound {
    type Err = BoundError;

    fn from_str(text: &str) -> Result<Self, BoundError> {
        let number = text.strip_suffix('%').unwrap_or(text).parse().map_err(|_| BoundError)?;
        if number > 100 { Err(BoundError) } else { Ok(Self(number)) }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

/// Hundred-thousandths in a hundredth.
const PERCENT: u64 = 1000;

/// The pods that move, and whither. Only those move that run, that something makes anew, that lose no data, and that their budgets let go.
pub fn rebalance(input: &PlanInput<'_>, bound: Bound) -> BTreeMap<PodKey, Eviction> {
    let wanted = wanted(input.desired);
    let budgets = budgets(input, input.bindings, &wanted);
    let mut storage = storage::begin(input);
    let mut choice = choose(input, &wanted, &mut storage);
    let may = |key: &PodKey, binding: &Binding| {
        let stays = input.bindings.pods.get(key).is_some_and(|b| b.node == binding.node);
        let mut mine = budgets.iter().filter(|budget| budget.covers(key, &binding.pod));
        let lets = match (mine.next(), mine.next()) {
            (None, _) => true,
            (Some(budget), None) => budget.lets(Readied::Ready),
            (Some(_), Some(_)) => false,
        };
        let runs = matches!(condition(input, key, binding), Condition::Running(_));
        stays && runs && lets && is_free(binding)
    };
    let bound_pods = choice.target.bindings.pods.iter();
    let movable = bound_pods.filter(|(key, binding)| may(key, binding)).map(|(key, _)| key);
    let movable = movable.cloned().collect();
    let moves = choice.room.rebalance(&movable, u64::from(bound.0) * PERCENT);
    let evictions = moves.into_iter().filter_map(|(key, to)| {
        let from = choice.target.bindings.pods.get(&key)?.node.clone();
        let cause = EvictionCause::Rebalance;
        Some((key, Eviction { from, to: Some(to), cause, grace_seconds: None }))
    });
    let mut evictions: BTreeMap<PodKey, Eviction> = evictions.collect();
    loop {
        let idle = idle(input, &evictions);
        if idle.is_empty() {
            return evictions;
        }
        evictions.retain(|key, _| !idle.contains(key));
    }
}

/// The pods in whose places none would come up where it should: a quota has no room for it, or its host has not, as somebody stays
/// there who was to go.
fn idle(input: &PlanInput<'_>, evictions: &BTreeMap<PodKey, Eviction>) -> BTreeSet<PodKey> {
    let mut bindings = input.bindings.clone();
    bindings.evicting.extend(evictions.clone());
    let plan = plan(&PlanInput { bindings: &bindings, ..input.clone() });
    let mut new: BTreeMap<(Option<ObjectKey>, NodeName), usize> = BTreeMap::new();
    for (key, binding) in &plan.target.pods {
        if input.bindings.pods.get(key).is_none_or(|before| before.node != binding.node) {
            *new.entry((binding.owner.clone(), binding.node.clone())).or_default() += 1;
        }
    }
    let mut idle = BTreeSet::new();
    for (key, eviction) in evictions {
        let owner = input.bindings.pods.get(key).and_then(|binding| binding.owner.clone());
        let left = eviction.to.clone().and_then(|to| new.get_mut(&(owner, to)));
        match left.filter(|left| **left > 0) {
            Some(left) => *left -= 1,
            None => {
                idle.insert(key.clone());
            }
        }
    }
    idle
}

/// Whether a pod is bound to its host by nothing but a choice.
fn is_free(binding: &Binding) -> bool {
    let Some(owner) = &binding.owner else { return false };
    let volumes = binding.pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten());
    let is_of_the_host = volumes.into_iter().any(|volume| volume.host_path.is_some());
    let keeps = is_of_the_host || has_empty_dir(&binding.pod) || has_claims(&binding.pod);
    let request = Request::of(&binding.pod, binding.owner.clone());
    owner.kind != Kind::DaemonSet.object() && !keeps && request.pin.host().is_none()
}
