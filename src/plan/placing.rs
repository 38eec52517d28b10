//! Where a pod could be, host by host, with what speaks for each of them and what against: what `plan --explain` shows.

use std::collections::BTreeMap;

use super::PlanInput;
use super::report::Waiting;
use super::storage;
use super::target::{Choice, choose};
use crate::controller::wanted;
use crate::model::{NodeName, PodKey};
use crate::schedule::{Rejection, Request, Score};

/// Where a pod is to be, and how every host stands to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placing {
    /// The pod; of pods without names of their own, the one whose turn is next.
    pub pod: PodKey,
    /// The host that it is bound to; `None` while it waits.
    pub node: Option<NodeName>,
    /// Every host.
    pub hosts: BTreeMap<NodeName, Verdict>,
}

/// How a host stands to a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It could take it, and is worth so much.
    Fits(Score),
    /// It cannot.
    Rejected(Rejection),
}

/// How every host stands to a pod, or to the next pod of an object of this name, everything else being where the plan has it;
/// `None` where no such pod is bound and none waits for a host.
pub fn placing(input: &PlanInput<'_>, name: &PodKey) -> Option<Placing> {
    let wanted = wanted(input.desired);
    let mut storage = storage::begin(input);
    let mut choice = choose(input, &wanted, &mut storage);
    let bound = choice.target.bindings.pods.get(name).cloned();
    let (key, pod, owner, node) = match bound {
        Some(binding) => (name.clone(), binding.pod, binding.owner, Some(binding.node)),
        None => {
            let waits = |one: &&crate::controller::Wanted| {
                one.source.namespace == name.namespace && one.source.name == name.name
            };
            let waiting = wanted.iter().filter(waits).find(|one| is_waiting(&choice, one))?;
            let named = &choice.target.bindings.named;
            let nth = named.get(&waiting.source).copied().unwrap_or(0);
            let (key, pod) = waiting.pod(nth)?;
            (key, pod, waiting.owner(), None)
        }
    };
    let kept_from = choice.kept_from(&storage, &key, &pod);
    let request = Request::of(&pod, owner).kept_from(kept_from);
    let (scores, rejections) = choice.room.verdicts(&key, &request);
    let fits = scores.into_iter().map(|(host, score)| (host, Verdict::Fits(score)));
    let rejected = rejections.into_iter().map(|(host, why)| (host, Verdict::Rejected(why)));
    Some(Placing { pod: key, node, hosts: fits.chain(rejected).collect() })
}

fn is_waiting(choice: &Choice<'_>, wanted: &crate::controller::Wanted) -> bool {
    let mut pending = choice.target.pending.iter();
    pending.any(|pending| {
        pending.object == wanted.source && matches!(pending.waiting, Waiting::Host { .. })
    })
}
