//! Pods that are made anew where they are, and take something else of their hosts then.

use super::PlanInput;
use super::classify::Condition;
use super::pods::Standing;
use super::realise::sandbox_name;
use crate::bindings::{Binding, Bindings};
use crate::model::PodKey;
use crate::schedule::Request;

/// A pod that is made anew where it is, and takes something else then.
pub(super) struct Renewal {
    /// The pod.
    pub(super) key: PodKey,
    /// What it is, where that is known: after an apply that was cut off it is not.
    pub(super) was: Option<Binding>,
    /// What it is to be.
    pub(super) to: Binding,
}

impl Renewal {
    /// What it is, as far as that is known.
    pub(super) fn was(&self) -> &Binding {
        self.was.as_ref().unwrap_or(&self.to)
    }
}

/// The pods of the target that are to be made anew as others which take something else.
pub(super) fn renewals(
    input: &PlanInput<'_>,
    target: &Bindings,
    standing: &Standing,
) -> Vec<Renewal> {
    let broken = target
        .pods
        .iter()
        .filter(|(key, _)| matches!(standing.conditions.get(*key), Some(Condition::Broken(_))));
    let renewals = broken.filter_map(|(key, to)| {
        let before = input.bindings.pods.get(key).filter(|before| before.node == to.node)?;
        let (differs, was) = if before.digest == to.digest {
            (is_another(input, key, to), None)
        } else {
            (takes_otherwise(before, to), Some(before.clone()))
        };
        differs.then(|| Renewal { key: key.clone(), was, to: to.clone() })
    });
    renewals.collect()
}

/// Whether what is on the host was made from something else.
fn is_another(input: &PlanInput<'_>, key: &PodKey, to: &Binding) -> bool {
    let there = input.observed.report(&to.node);
    let there = there.and_then(|there| there.pods.get(&sandbox_name(&input.inventory.fleet, key)));
    there.is_some_and(|there| there.digest != to.digest)
}

fn takes_otherwise(before: &Binding, to: &Binding) -> bool {
    let of = |binding: &Binding| Request::of(&binding.pod, binding.owner.clone());
    let (old, new) = (of(before), of(to));
    !(covers(&old, &new) && covers(&new, &old))
}

/// Whether who has room for a pod has room for the other in its place.
pub(super) fn covers(one: &Request, other: &Request) -> bool {
    let (has, asked) = (one.resources, other.resources);
    let further = |name: &String| one.further.get(name).copied().unwrap_or(0);
    asked.cpu_milli <= has.cpu_milli
        && asked.memory_bytes <= has.memory_bytes
        && other.further.iter().all(|(name, asked)| *asked <= further(name))
        && other.ports.is_subset(&one.ports)
}
