//! How every pod stands, and what may be done about it now.

use std::collections::{BTreeMap, BTreeSet};

use super::PlanInput;
use super::classify::{Condition, available, classify};
use super::readiness::{Unready, ready_since};
use super::realise::sandbox_name;
use super::rollout::{Allowed, Availability, Rollout};
use super::tags::moved_tag;
use super::target::Target;
use super::upkeep::{Upkeep, upkeep};
use super::volume::VolumesToFill;
use crate::bindings::Binding;
use crate::controller::{Wanted, WantedPods};
use crate::model::{NodeName, ObjectKey, PodKey};
use crate::observed::ObservedPod;

/// How every pod stands, and what may be done about it now.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    /// How the pods of the target stand; nothing of those of which nobody knows what they are as long as they are not made anew.
    pub(super) conditions: BTreeMap<PodKey, Condition>,
    /// Pods to make, by object, as far as their objects' rules let them.
    pub(super) making: Vec<Making>,
    /// Pods to make now.
    pub(super) create: BTreeSet<PodKey>,
    /// Pods that are there and are made anew now as others, which take something else of their hosts.
    pub(super) renewed: BTreeSet<PodKey>,
    /// Those of both that have room only once those are gone from their hosts that go now, and others are renewed.
    pub(super) after: BTreeSet<PodKey>,
    /// Pods that are there whose volumes are filled now, before anything else is done to them.
    pub(super) fill: BTreeMap<PodKey, VolumesToFill>,
    /// Pods that are not there and are not made now: their turn comes later.
    pub(super) later: BTreeSet<PodKey>,
    /// Pods that are not there or not yet what they are to be, and whose room others have who go later.
    pub(super) crowded: BTreeSet<PodKey>,
    /// Pods on hosts that answer which are no part of the target.
    pub(super) leaving: Vec<Leaving>,
    /// Owners of like pods that have pods which run and are not available yet.
    pub(super) coming_up: BTreeMap<ObjectKey, ComingUp>,
}

/// Pods of one object that are not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Making {
    /// The pods.
    pub(super) absent: Vec<PodKey>,
    /// How many of them may be made now.
    pub(super) most: u64,
}

/// Pods that run and do not count as available yet: nothing is to be done but to wait.
#[derive(Clone, Debug)]
pub(super) struct ComingUp {
    /// How many pods of the owner are available.
    pub(super) ready: u64,
    /// How many are asked for.
    pub(super) wanted: u64,
    /// One that is not, and what it is waited for.
    pub(super) example: String,
}

/// A pod that is on a host and no part of the target.
#[derive(Clone, Debug)]
pub(super) struct Leaving {
    /// The pod.
    pub(super) key: PodKey,
    /// The host.
    pub(super) node: NodeName,
    /// Its name there.
    pub(super) sandbox: String,
    /// What it was made for.
    pub(super) owner: Option<ObjectKey>,
    /// What is known of it, when it was bound here.
    pub(super) binding: Option<Binding>,
    /// Whether every container runs and is ready.
    pub(super) health: Health,
    /// Whether it goes now.
    pub(super) turn: Turn,
}

/// Whether a pod takes calls that is no part of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// It does.
    Ready,
    /// Every container runs, and something is not ready.
    Unready,
    /// Something does not run.
    Down,
}

/// Whether something is done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Now.
    Now,
    /// When other pods have come up.
    Later,
}

/// Says how every pod stands.
pub(super) fn standing(input: &PlanInput<'_>, wanted: &[Wanted], target: &Target) -> Standing {
    let mut standing = Standing { leaving: leaving(input, target), ..Standing::default() };
    for (key, binding) in &target.bindings.pods {
        let sandbox = sandbox_name(&input.inventory.fleet, key);
        let mut condition = classify(&sandbox, key, binding, (input.observed, input.now));
        if binding.owner.is_none()
            && condition != Condition::Finished
            && let Some(why) = moved_tag(input, key, &binding.node)
        {
            condition = Condition::Broken(why);
        }
        match upkeep(input, &target.bindings, (key, binding), &condition) {
            Upkeep::Nothing => {}
            Upkeep::Fill(volumes) => {
                standing.fill.insert(key.clone(), volumes);
            }
            Upkeep::Lost(why) => condition = Condition::Broken(why),
        }
        standing.conditions.insert(key.clone(), condition);
    }
    for pod in &mut standing.leaving {
        let yields = target.bindings.yielding.get(&pod.key) == Some(&pod.node);
        // The taint manager of Kubernetes asks neither Deployments nor budgets.
        if yields || target.repelled.contains(&pod.key) {
            pod.turn = Turn::Now;
        }
    }
    for wanted in wanted {
        by_strategy(input, wanted, target, &mut standing);
    }
    let gated: BTreeSet<&ObjectKey> = wanted
        .iter()
        .filter(|wanted| matches!(wanted.pods, WantedPods::Like { .. }))
        .map(|wanted| &wanted.source)
        .collect();
    for pod in &mut standing.leaving {
        if pod.owner.as_ref().is_none_or(|owner| !gated.contains(owner)) {
            pod.turn = Turn::Now;
        }
    }
    standing
}

/// The pods on hosts that answer which are no part of the target.
fn leaving(input: &PlanInput<'_>, target: &Target) -> Vec<Leaving> {
    let mut leaving = Vec::new();
    for (node, report) in input.observed.reachable() {
        for (sandbox, pod) in &report.pods {
            let bound = target.bindings.pods.get(&pod.key);
            if bound.is_some_and(|bound| bound.node == *node) {
                continue;
            }
            let binding = target.bindings.leaving.get(&pod.key).filter(|b| b.node == *node);
            leaving.push(Leaving {
                key: pod.key.clone(),
                node: node.clone(),
                sandbox: sandbox.clone(),
                owner: pod.owner.clone(),
                binding: binding.cloned(),
                health: health(pod, binding),
                turn: Turn::Later,
            });
        }
    }
    leaving
}

fn by_strategy(input: &PlanInput<'_>, wanted: &Wanted, target: &Target, standing: &mut Standing) {
    let WantedPods::Like { count, strategy, min_ready_seconds, .. } = &wanted.pods else {
        return by_name(wanted, target, standing);
    };
    let owner = Some(wanted.source.clone());
    let mine = target.bindings.pods.iter().filter(|(_, binding)| binding.owner == owner);
    let (mut present, mut absent, mut to_come) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (key, binding) in mine {
        let Some(condition) = standing.conditions.get(key) else { continue };
        match condition {
            Condition::Missing => {
                to_come.insert(&binding.node);
                absent.push(key.clone());
            }
            _ if available(condition, *min_ready_seconds, input.now) => {
                present.push((key.clone(), Availability::Available));
            }
            _ => present.push((key.clone(), Availability::Unavailable)),
        }
    }
    // Those that go whatever their owner says are as good as gone.
    let going = standing.leaving.iter();
    let going = going.filter(|pod| pod.owner == owner && pod.turn == Turn::Later);
    let in_the_way = going.clone().filter(|pod| to_come.contains(&pod.node));
    let in_the_way = in_the_way.map(|pod| (pod.key.clone(), pod.node.clone())).collect();
    let leaving = going.map(|pod| (pod.key.clone(), availability(pod.health))).collect();
    let (wanted_pods, strategy) = (*count, *strategy);
    let rollout = Rollout { wanted: wanted_pods, strategy, present, absent, leaving, in_the_way };
    let Allowed { create, delete } = rollout.allowed();
    let ready = rollout.present.iter().filter(|(_, a)| *a == Availability::Available).count();
    let waits = rollout.present.iter().find_map(|(key, availability)| {
        let binding = target.bindings.pods.get(key)?;
        let condition = standing.conditions.get(key)?;
        let waits = matches!(
            condition,
            Condition::Running(_)
                | Condition::Unready(Unready::Container { .. })
                | Condition::Finished
                | Condition::Starting(_)
                | Condition::BackOff { .. }
        );
        (waits && *availability == Availability::Unavailable)
            .then(|| format!("{} is {}", key.name, condition.words(&binding.node)))
    });
    if let Some(example) = waits {
        let coming_up = ComingUp { ready: ready as u64, wanted: *count, example };
        standing.coming_up.insert(wanted.source.clone(), coming_up);
    }
    standing.making.push(Making { absent: rollout.absent, most: create });
    for pod in standing.leaving.iter_mut().filter(|pod| pod.owner == owner) {
        if delete.contains(&pod.key) {
            pod.turn = Turn::Now;
        }
    }
}

/// A Pod of its own is made at once, unless one of its name is still leaving another host.
fn by_name(wanted: &Wanted, target: &Target, standing: &mut Standing) {
    let key = PodKey::new(&wanted.source.namespace, &wanted.source.name);
    if standing.conditions.get(&key) == Some(&Condition::Missing) {
        let elsewhere = standing.leaving.iter().any(|pod| pod.key == key);
        if elsewhere {
            standing.later.insert(key);
        } else {
            standing.making.push(Making { absent: vec![key], most: 1 });
        }
        return;
    }
    let condition = standing.conditions.get(&key).filter(|condition| {
        matches!(condition, Condition::Starting(_) | Condition::Unready(Unready::Container { .. }))
    });
    if let (Some(condition), Some(binding)) = (condition, target.bindings.pods.get(&key)) {
        let words = condition.words(&binding.node);
        let example = format!("{} is {words}", key.name);
        let coming_up = ComingUp { ready: 0, wanted: 1, example };
        standing.coming_up.insert(wanted.source.clone(), coming_up);
    }
}

fn availability(health: Health) -> Availability {
    match health {
        Health::Ready => Availability::Available,
        Health::Unready | Health::Down => Availability::Unavailable,
    }
}

/// How a pod stands that is no part of the target. What is not known to be asked is ready when it runs.
fn health(pod: &ObservedPod, binding: Option<&Binding>) -> Health {
    let spec = binding.and_then(|binding| binding.pod.spec.as_ref());
    match (pod.running_since(), spec) {
        (None, _) => Health::Down,
        (Some(_), Some(spec)) if ready_since(spec, pod).is_err() => Health::Unready,
        (Some(_), _) => Health::Ready,
    }
}
