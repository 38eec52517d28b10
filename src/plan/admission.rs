//! Which pods are taken in before they are given a host: quotas count those that are there, and the rest goes without.
//!
//! A pod that finds no host was taken in all the same, as in Kubernetes, and counts.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Pod, PodSpec};

use super::classify::{Condition, has_ended};
use super::remedy::Remedy;
use super::report::{Pending, Waiting};
use super::target::Choice;
use crate::admission::{FILLED, Life, forbidden};
use crate::bindings::Binding;
use crate::controller::{Strategy, Wanted, WantedPods};
use crate::model::{Digest, Kind, ObjectKey, PodKey};

impl Choice<'_> {
    /// Keeps a Pod of its own. Where the next one may not be made, the one that is there stays what it is.
    pub(super) fn keep_one(&mut self, wanted: &Wanted, (key, pod): (PodKey, &Pod), bound: Binding) {
        match &wanted.refused {
            Some(why) if bound.digest != wanted.digest => {
                self.refuse(&wanted.source, 1, forbidden(Kind::Pod, &key.name, why));
                self.bind(key, bound);
            }
            _ => self.bind(key, kept(pod, &wanted.digest, bound)),
        }
    }

    /// Counts the pods that are there: those that stay, and those that are leaving until they are gone.
    pub(super) fn charge(&mut self, wanted: &[Wanted]) {
        let (mut first_out, mut named) = (BTreeSet::new(), BTreeSet::new());
        for wanted in wanted {
            match &wanted.pods {
                WantedPods::Like { strategy: Strategy::Recreate, .. } => {
                    first_out.insert(&wanted.source);
                }
                WantedPods::One(_) => {
                    named.insert(PodKey::new(&wanted.source.namespace, &wanted.source.name));
                }
                WantedPods::Like { .. } | WantedPods::Blocked { .. } => {}
            }
        }
        // What makes way before the next is made, or comes back under its name, is never there twice.
        let makes_way = |key: &PodKey, binding: &Binding| {
            named.contains(key) || binding.owner.as_ref().is_some_and(|o| first_out.contains(o))
        };
        let bindings = &self.target.bindings;
        let leaving = bindings.leaving.iter().filter(|(key, binding)| {
            !makes_way(key, binding)
                && !matches!(self.condition(key, binding), Condition::Unknown { .. })
        });
        let there = bindings.pods.iter().chain(leaving);
        let there = there.filter(|(key, _)| self.quotas.bounds(&key.namespace));
        let counted: Vec<(&PodKey, PodSpec, Life)> = there
            .map(|(key, binding)| {
                let over = has_ended(self.input, key, binding);
                let life = if over { Life::Over } else { Life::Lasting };
                (key, binding.pod.spec.clone().unwrap_or_default(), life)
            })
            .collect();
        for (key, spec, life) in counted {
            self.quotas.charge(&key.namespace, &spec, life);
        }
    }

    /// Takes a new pod in, or says in the API server's words why not.
    pub(super) fn admit(&mut self, wanted: &Wanted, key: &PodKey, pod: &Pod) -> Result<(), String> {
        let none = PodSpec::default();
        let spec = pod.spec.as_ref().unwrap_or(&none);
        let taken = match &wanted.refused {
            Some(why) => Err(why.clone()),
            None => self.quotas.admit(&key.namespace, spec),
        };
        taken.map_err(|why| forbidden(Kind::Pod, &key.name, &why))
    }

    /// Takes in what it may of so many more pods that are like one that was taken in, and says how many those are.
    pub(super) fn admit_more(&mut self, key: &PodKey, pod: &Pod, most: u64) -> u64 {
        let none = PodSpec::default();
        let spec = pod.spec.as_ref().unwrap_or(&none);
        self.quotas.admit_more(&key.namespace, spec, most)
    }

    /// The one bound of a quota with which a refused pod would be taken in, were it higher.
    pub(super) fn raised_quota(&self, key: &PodKey, pod: &Pod) -> Option<Remedy> {
        let (quota, resource, to) = self.quotas.raised(&key.namespace, pod.spec.as_ref()?)?;
        Some(Remedy::Quota { quota, resource, to: to.to_string() })
    }

    /// Counts a pod no more that goes for another.
    pub(super) fn release(&mut self, key: &PodKey, pod: &Pod) {
        if let Some(spec) = &pod.spec {
            self.quotas.release(&key.namespace, spec);
        }
    }

    /// Says that pods are not taken in.
    pub(super) fn refuse(&mut self, object: &ObjectKey, more: u64, why: String) {
        for pending in self.target.pending.iter_mut().filter(|pending| pending.object == *object) {
            if let Waiting::Refused { pods, .. } = &mut pending.waiting {
                *pods = pods.saturating_add(more);
                return;
            }
        }
        let waiting = Waiting::Refused { pods: more, what: why };
        self.target.pending.push(Pending { object: object.clone(), waiting });
    }
}

/// A Pod that stays bound. What was filled in when it was made stays as it was, however that would be filled in now.
fn kept(pod: &Pod, digest: &Digest, mut bound: Binding) -> Binding {
    let mut pod = pod.clone();
    if bound.digest == *digest {
        pod.spec = bound.pod.spec.take();
        let filled = bound.pod.metadata.annotations.iter_mut().find_map(|all| all.remove(FILLED));
        if let Some(annotations) = &mut pod.metadata.annotations {
            annotations.remove(FILLED);
        }
        if let Some(filled) = filled {
            pod.metadata.annotations.get_or_insert_default().insert(FILLED.to_owned(), filled);
        }
    }
    Binding { pod, digest: digest.clone(), ..bound }
}
