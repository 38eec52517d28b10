//! Where a pod could be, host by host, with what speaks for each of them and what against: what `plan --explain` and
//! `describe pod` show.

use std::collections::BTreeMap;

use super::PlanInput;
use super::remedy::{Remedy, Unplaced};
use super::report::Waiting;
use super::storage;
use super::target::{Choice, choose};
use crate::controller::{Wanted, wanted};
use crate::model::{Kind, NodeName, ObjectKey, PodKey};
use crate::schedule::{Rejection, Request, Score};

/// Among how many waiting pods of one object a name is looked for.
const NAMES: u64 = 1000;

/// Where a pod is to be, and how every host stands to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placing {
    /// The pod; of pods without names of their own, the one whose turn is next.
    pub pod: PodKey,
    /// The profile that it asks for, where that is not the fleet's own.
    pub profile: Option<String>,
    /// The host that the plan has it on; `None` while it waits.
    pub node: Option<NodeName>,
    /// The host that it was bound to before.
    pub bound: Option<NodeName>,
    /// The pods that go from its host for it, with their priorities; none where it has room.
    pub made_way: BTreeMap<PodKey, i32>,
    /// Its own priority.
    pub priority: i32,
    /// Why it is not made at all, whatever hosts say, in the API server's words.
    pub refused: Option<String>,
    /// The smallest change that would place it, while it waits; `None` where no single one would.
    pub remedy: Option<Remedy>,
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

/// What is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its kind; `None` for a pod, and for whatever else has such a name where no pod has it.
    pub kind: Option<Kind>,
    /// Its namespace and name.
    pub name: PodKey,
}

impl Subject {
    /// Whether pods of an object are meant.
    fn is(&self, source: &ObjectKey) -> bool {
        source.namespace == self.name.namespace
            && source.name == self.name.name
            && self.kind.is_none_or(|kind| source.kind == kind.object())
    }
}

/// How every host stands to a pod, everything else being where the plan has it; `None` where no such pod is bound and none waits
/// for a host.
///
/// Of an object that makes pods this is the next one that waits, or else the first of those that are bound.
pub fn placing(input: &PlanInput<'_>, subject: &Subject) -> Option<Placing> {
    let name = &subject.name;
    let wanted = wanted(input.desired);
    let mut storage = storage::begin(input);
    let mut choice = choose(input, &wanted, &mut storage);
    let waits = || wanted.iter().find_map(|one| Some((one, waits_as(&choice, one, subject)?)));
    let pods = &choice.target.bindings.pods;
    let called_so = pods.get_key_value(name).filter(|(key, binding)| match subject.kind {
        None | Some(Kind::Pod) => true,
        Some(_) => subject.is(&binding.source(key)),
    });
    let (called_so, waiting) = match called_so {
        Some(bound) => (Some(bound), None),
        None => match waits() {
            Some(waiting) => (None, Some(waiting)),
            None => (pods.iter().find(|(key, binding)| subject.is(&binding.source(key))), None),
        },
    };
    let bound = called_so.map(|(key, binding)| (key.clone(), binding.clone()));
    let (key, pod, owner, node, refused) = match bound {
        Some((key, binding)) => (key, binding.pod, binding.owner, Some(binding.node), None),
        None => {
            let (waiting, nth) = waiting?;
            let (key, pod) = waiting.pod(nth)?;
            let refused = refusal(&choice, waiting);
            (key, pod, waiting.owner(), None, refused)
        }
    };
    let kept_from = choice.kept_from(&storage, &key, &pod);
    let request = Request::of(&pod, owner).kept_from(kept_from);
    let asked = Some(&request.scheduler).filter(|name| !name.is_empty());
    let profile = asked.filter(|name| input.inventory.scheduling.of(name).is_some()).cloned();
    let (scores, rejections) = choice.room.verdicts(&key, &request);
    let remedy = match (&node, &refused) {
        (None, Some(_)) => choice.raised_quota(&key, &pod),
        (None, None) if scores.is_empty() => {
            let waiting = Unplaced { request: &request, rejections: &rejections };
            choice.remedy(&waiting)
        }
        (Some(_), _) | (None, None) => None,
    };
    let before = input.bindings.pods.get(&key);
    let bound = before.map(|binding| binding.node.clone());
    let made_way = choice.made_way.remove(&key).unwrap_or_default();
    let priority = request.spec.priority.unwrap_or(0);
    let fits = scores.into_iter().map(|(host, score)| (host, Verdict::Fits(score)));
    let rejected = rejections.into_iter().map(|(host, why)| (host, Verdict::Rejected(why)));
    let hosts = fits.chain(rejected).collect();
    Some(Placing { pod: key, profile, node, bound, made_way, priority, refused, remedy, hosts })
}

/// Which pod of an object waits that is called so, or that is the next one of an object that is called so.
fn waits_as(choice: &Choice<'_>, wanted: &Wanted, subject: &Subject) -> Option<u64> {
    let (source, name) = (&wanted.source, &subject.name);
    if source.namespace != name.namespace {
        return None;
    }
    let pending = choice.target.pending.iter().filter(|pending| pending.object == *source);
    let mut counts = pending.filter_map(|pending| match &pending.waiting {
        Waiting::Host { pods, .. } | Waiting::Refused { pods, .. } => Some(*pods),
        Waiting::Room { .. }
        | Waiting::Unreachable { .. }
        | Waiting::Available { .. }
        | Waiting::Turn { .. }
        | Waiting::Mended { .. } => None,
    });
    let count = counts.next()?;
    let first = choice.target.bindings.named.get(source).copied().unwrap_or(0);
    if subject.is(source) {
        return Some(first);
    }
    // A pod that has no name yet is asked for by the one that it will have.
    if !matches!(subject.kind, None | Some(Kind::Pod)) {
        return None;
    }
    let is_called_so = |nth: &u64| wanted.pod(*nth).is_some_and(|(key, _)| key == *name);
    (first..first.saturating_add(count.min(NAMES))).find(is_called_so)
}

/// Why pods of an object are not made, where none of them waits for a host.
fn refusal(choice: &Choice<'_>, wanted: &Wanted) -> Option<String> {
    let pending = choice.target.pending.iter();
    let mut refused = None;
    for pending in pending.filter(|pending| pending.object == wanted.source) {
        match &pending.waiting {
            Waiting::Host { .. } => return None,
            Waiting::Refused { what, .. } => refused = Some(what.clone()),
            Waiting::Room { .. }
            | Waiting::Unreachable { .. }
            | Waiting::Available { .. }
            | Waiting::Turn { .. }
            | Waiting::Mended { .. } => {}
        }
    }
    refused
}
