//! What waits in a plan: for hosts that do not answer, for room, for the turn in a rollout, for pods that come up.

use std::collections::{BTreeMap, BTreeSet};

use super::classify::Condition;
use super::network::NetworkPlan;
use super::pods::{ComingUp, Leaving, Standing, Turn};
use super::readiness::Unready;
use super::report::{Pending, Waiting};
use super::target::Target;
use crate::model::{NodeName, ObjectKey, PodKey};

/// Everything that waits, with what for.
pub(super) fn waits(target: &Target, standing: &Standing, network: &NetworkPlan) -> Vec<Pending> {
    let mut pending = target.pending.clone();
    for (node, what) in &network.stuck {
        let object = ObjectKey::new("Node", "", node.as_str());
        pending.push(Pending { object, waiting: Waiting::Mended { what: what.clone() } });
    }
    for (key, binding) in &target.bindings.pods {
        if let Some(Condition::Unknown { .. }) = standing.conditions.get(key) {
            let object = key.object();
            let waiting = Waiting::Unreachable { node: binding.node.clone() };
            pending.push(Pending { object, waiting });
        }
        // Time alone brings no condition.
        if let Some(Condition::Unready(why @ Unready::Gates(_))) = standing.conditions.get(key) {
            let object = key.object();
            pending.push(Pending { object, waiting: Waiting::Mended { what: why.to_string() } });
        }
    }
    let (crowded, following) = crowded(target, standing);
    pending.extend(crowded);
    let mut later: BTreeMap<&ObjectKey, u64> = BTreeMap::new();
    let owners =
        standing.later.iter().chain(following).filter_map(|key| target.bindings.pods.get(key));
    for owner in owners.filter_map(|binding| binding.owner.as_ref()) {
        *later.entry(owner).or_default() += 1;
    }
    for (owner, remaining) in later {
        let waiting = Waiting::Turn { remaining };
        pending.push(Pending { object: owner.clone(), waiting });
    }
    for (owner, ComingUp { ready, wanted, example }) in &standing.coming_up {
        let detail = example.clone();
        let waiting = Waiting::Available { ready: *ready, wanted: *wanted, detail };
        pending.push(Pending { object: owner.clone(), waiting });
    }
    pending
}

/// The objects whose pods wait for room and which nothing is done for now, with why; and the waiting pods of the others, which
/// follow.
fn crowded<'a>(target: &'a Target, standing: &'a Standing) -> (Vec<Pending>, Vec<&'a PodKey>) {
    let mut of_objects: BTreeMap<ObjectKey, Vec<(&PodKey, &NodeName)>> = BTreeMap::new();
    for key in &standing.crowded {
        let Some(binding) = target.bindings.pods.get(key) else { continue };
        of_objects.entry(binding.source(key)).or_default().push((key, &binding.node));
    }
    let source = |key: &PodKey| Some(target.bindings.pods.get(key)?.source(key));
    let made: BTreeSet<ObjectKey> = if of_objects.is_empty() {
        BTreeSet::new()
    } else {
        standing.create.iter().filter_map(source).collect()
    };
    let (mut pending, mut following) = (Vec::new(), Vec::new());
    for (object, pods) in of_objects {
        let mut leaving = standing.leaving.iter();
        let goes_on = standing.coming_up.contains_key(&object)
            || made.contains(&object)
            || leaving.any(|pod| pod.turn == Turn::Now && pod.owner.as_ref() == Some(&object));
        let Some((_, node)) = pods.first().filter(|_| !goes_on) else {
            following.extend(pods.into_iter().map(|(key, _)| key));
            continue;
        };
        let there = standing.leaving.iter();
        let there = there.filter(|pod| pod.node == **node && pod.turn == Turn::Later);
        let evicted = |pod: &Leaving| {
            target.bindings.evicting.get(&pod.key).is_some_and(|eviction| eviction.from == pod.node)
        };
        // Mostly it is the older revision, and one that its owner holds says more than one that waits for its budget.
        let is_own = |pod: &Leaving| pod.owner.as_ref() == Some(&object);
        let first = there.min_by_key(|pod| (!is_own(pod), evicted(pod), pod.owner.is_none()));
        let detail = match first.map(|pod| (pod, &pod.owner)) {
            Some((pod, _)) if evicted(pod) => {
                format!(
                    "{} is there, and its PodDisruptionBudget does not let it go now",
                    pod.key.name
                )
            }
            Some((Leaving { key, .. }, Some(owner))) => {
                format!(
                    "{} is there, and {owner} lets no more pods go now (maxUnavailable)",
                    key.name
                )
            }
            Some((_, None)) | None => "others are there that are leaving".to_owned(),
        };
        let waiting = Waiting::Room { pods: pods.len() as u64, node: (*node).clone(), detail };
        pending.push(Pending { object, waiting });
    }
    (pending, following)
}
