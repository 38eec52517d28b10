//! Which pods are taken in before they are given a host: quotas count those that are there, and the rest goes without.
//!
//! A pod that finds no host was taken in all the same, as in Kubernetes, and counts.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Pod, PodSpec};

use super::classify::{Condition, has_ended};
use super::remedy::Remedy;
use super::report::{Pending, Waiting};
use super::target::Choice;
use crate::admission::{FILLED, Life, claim_breaches, forbidden, words};
use crate::bindings::Binding;
use crate::controller::{Storage, Strategy, Wanted, WantedPods};
use crate::model::{Digest, Kind, NodeName, Object, ObjectKey, PodKey};
use crate::schedule::{PodId, Rejection, Request};

impl Choice<'_> {
    /// Keeps a Pod of its own. Of one that is to be another [`Self::charge`] says whether it may be made, and where.
    pub(super) fn keep_one(&mut self, wanted: &Wanted, (key, pod): (PodKey, &Pod), bound: Binding) {
        if bound.digest == wanted.digest {
            self.bind(key, kept(pod, &wanted.digest, bound));
        } else {
            self.target.bindings.pods.insert(key, bound);
        }
    }

    /// Counts the pods that are there: those that stay, and those that are leaving until they are gone. Then takes Pods in that
    /// are to be others, and returns those that need another host.
    pub(super) fn charge(&mut self, wanted: &[Wanted]) -> BTreeSet<ObjectKey> {
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
        let counted: Vec<(PodKey, PodSpec, Life)> = there
            .map(|(key, binding)| {
                let spec = binding.pod.spec.clone().unwrap_or_default();
                (key.clone(), spec, self.life(key, binding))
            })
            .collect();
        for (key, spec, life) in counted {
            self.quotas.charge(&key.namespace, &spec, life);
        }
        self.renew(wanted)
    }

    /// Takes in the Pods of their own that are made anew as others, each in place of the one that is there. Where one may not be
    /// made, the one that is there stays what it is; where its host does not take what it is to be, it goes.
    fn renew(&mut self, wanted: &[Wanted]) -> BTreeSet<ObjectKey> {
        let mut homeless = BTreeSet::new();
        let bound = &self.target.bindings.pods;
        let changed = wanted.iter().filter_map(|wanted| {
            let WantedPods::One(pod) = &wanted.pods else { return None };
            let key = PodKey::new(&wanted.source.namespace, &wanted.source.name);
            let there = bound.get(&key).filter(|there| there.digest != wanted.digest)?.clone();
            Some(Renewed { wanted, pod: pod.as_ref(), key, there, lodging: None })
        });
        let mut left: Vec<Renewed<'_>> = changed.collect();
        for one in &mut left {
            self.check_in(one);
        }
        // One that asks for less may make room for one that asks for more, whichever comes first.
        while !left.is_empty() {
            let mut kept = Vec::new();
            let tried = left.len();
            for one in left {
                self.release(&one.key, &one.there);
                match self.admit(one.wanted, &one.key, one.pod) {
                    Ok(()) => match self.replace(one) {
                        Replaced::There => {}
                        Replaced::Elsewhere(object) => {
                            homeless.insert(object);
                        }
                        Replaced::Nowhere(one, rejections) => {
                            kept.push((*one, Waiting::Host { pods: 1, rejections }));
                        }
                    },
                    Err(what) => {
                        self.charge_again(&one);
                        kept.push((one, Waiting::Refused { pods: 1, what }));
                    }
                }
            }
            if kept.len() == tried {
                for (mut one, waiting) in kept {
                    self.check_out(&mut one);
                    self.target
                        .pending
                        .push(Pending { object: one.wanted.source.clone(), waiting });
                    self.bind(one.key, one.there);
                }
                break;
            }
            left = kept.into_iter().map(|(one, _)| one).collect();
        }
        homeless
    }

    /// Makes a Pod anew as another where it is, also while nobody knows what has become of it, or has it go if another host takes what
    /// it is to be.
    fn replace<'w>(&mut self, mut one: Renewed<'w>) -> Replaced<'w> {
        self.check_out(&mut one);
        let request = Request::of(one.pod, None);
        let node = &one.there.node;
        if self.input.observed.report(node).is_none() || self.room.takes(&request, node) {
            let pod = kept(one.pod, &one.wanted.digest, one.there);
            self.bind(one.key, pod);
            return Replaced::There;
        }
        if let Some(spec) = &one.pod.spec {
            self.quotas.release(&one.key.namespace, spec, Life::Lasting);
        }
        let mut rejections = self.room.why_not(&request);
        if has_claims(one.pod) {
            for host in self.room.hosts() {
                rejections.entry(host.name.clone()).or_insert(Rejection::VolumeAffinity);
            }
        }
        let Some(elsewhere) = self.room.best(&request).filter(|_| !has_claims(one.pod)) else {
            self.charge_again(&one);
            self.check_in(&mut one);
            return Replaced::Nowhere(Box::new(one), rejections);
        };
        // The room is its own until it is placed: the next to ask for it does not go for what is taken.
        self.promised.extend(self.room.lodges(&request, &elsewhere));
        self.leaves(one.key, one.there);
        Replaced::Elsewhere(one.wanted.source.clone())
    }

    /// Counts the Pod where it is, until it is clear what becomes of it.
    fn check_in(&mut self, one: &mut Renewed<'_>) {
        let there = Request::of(&one.there.pod, one.there.owner.clone());
        one.lodging = self.room.lodges(&there, &one.there.node);
    }

    fn check_out(&mut self, one: &mut Renewed<'_>) {
        if let Some(lodging) = one.lodging.take() {
            self.room.checks_out(lodging);
        }
    }

    /// Counts the Pod again that is there.
    fn charge_again(&mut self, one: &Renewed<'_>) {
        let life = self.life(&one.key, &one.there);
        let spec = one.there.pod.spec.clone().unwrap_or_default();
        self.quotas.charge(&one.key.namespace, &spec, life);
    }

    /// Has a pod go whose host does not take what it is to be.
    fn leaves(&mut self, key: PodKey, there: Binding) {
        let why = format!("{} does not take what it is to be", there.node);
        self.target.bindings.pods.remove(&key);
        self.target.displaced.insert(key.clone(), why);
        if !matches!(self.condition(&key, &there), Condition::Missing | Condition::Homeless) {
            self.room.leaves(&there, self.held(&there));
            self.target.bindings.leaving.insert(key, there);
        }
    }

    /// Whether a pod still takes what it asks for.
    fn life(&self, key: &PodKey, binding: &Binding) -> Life {
        if has_ended(self.input, key, binding) { Life::Over } else { Life::Lasting }
    }

    /// Takes a new pod in, or says in the API server's words why not.
    pub(super) fn admit(&mut self, wanted: &Wanted, key: &PodKey, pod: &Pod) -> Result<(), String> {
        let none = PodSpec::default();
        let spec = pod.spec.as_ref().unwrap_or(&none);
        match &wanted.refused {
            Some(why) => Err(why.of_pod(&key.name)),
            None => self
                .quotas
                .admit(&key.namespace, spec)
                .map_err(|why| forbidden(Kind::Pod, &key.name, &why)),
        }
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
    pub(super) fn release(&mut self, key: &PodKey, binding: &Binding) {
        let life = self.life(key, binding);
        if let Some(spec) = &binding.pod.spec {
            self.quotas.release(&key.namespace, spec, life);
        }
    }

    /// Why a claim that would be made for a pod is not, in the API server's words.
    pub(super) fn refused_claim(
        &self,
        storage: &Storage<'_>,
        key: &PodKey,
        pod: &Pod,
    ) -> Option<String> {
        let claims = storage.claims_to_make(key, pod);
        let mut quotas = (!claims.is_empty()).then(|| self.quotas.clone())?;
        claims.into_iter().find_map(|claim| {
            let name = claim.metadata.name.clone().unwrap_or_default();
            let spec = claim.spec.clone().unwrap_or_default();
            let breaches = claim_breaches(self.input.desired, &key.namespace, &spec);
            let refused = if breaches.is_empty() {
                let claim = Object::PersistentVolumeClaim(Box::new(claim));
                quotas.admit_object(&claim, None).err()
            } else {
                Some(words(&breaches))
            };
            refused.map(|why| forbidden(Kind::PersistentVolumeClaim, &name, &why))
        })
    }

    /// Counts the claims that are made for a pod.
    pub(super) fn charge_claims(&mut self, storage: &Storage<'_>, key: &PodKey, pod: &Pod) {
        let claims = storage.claims_to_make(key, pod).into_iter();
        let claims: Vec<Object> =
            claims.map(|claim| Object::PersistentVolumeClaim(Box::new(claim))).collect();
        self.quotas.charge_objects(claims.iter());
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

/// What becomes of a Pod that is to be another.
enum Replaced<'w> {
    /// It is made anew where it is.
    There,
    /// It goes, and comes up on another host.
    Elsewhere(ObjectKey),
    /// No host takes what it is to be.
    Nowhere(Box<Renewed<'w>>, BTreeMap<NodeName, Rejection>),
}

/// A Pod of its own that is made anew where it is.
struct Renewed<'w> {
    wanted: &'w Wanted,
    pod: &'w Pod,
    key: PodKey,
    /// What is there.
    there: Binding,
    /// What is there among what hosts have, until it is clear what becomes of it.
    lodging: Option<PodId>,
}

/// Whether a pod has data that are not to be had on every host.
pub(super) fn has_claims(pod: &Pod) -> bool {
    let volumes = pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten());
    volumes
        .into_iter()
        .any(|volume| volume.persistent_volume_claim.is_some() || volume.ephemeral.is_some())
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
