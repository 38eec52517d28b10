//! Where a pod can go for the sake of its claims, and what becomes of them once it has gone there.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};

use super::bind::{SELECTED_NODE, best};
use super::class::{allows, class_of};
use super::fit::size;
use super::ground::{Ground, is_in_zone, reaches};
use super::make::obstacle;
use super::phase::{Phase, bound_volume, claim_phase, place, source_of};
use super::uses::{Use, claim_for, owner, uses};
use super::{Storage, claim_key, claim_of};
use crate::model::{Amount, NodeName, Object, PodKey};

/// The access mode of a volume that one pod alone may use.
const ALONE: &str = "ReadWriteOncePod";

/// The access modes of a volume that pods of several hosts may use.
const MANY: [&str; 2] = ["ReadOnlyMany", "ReadWriteMany"];

/// Why a pod can go nowhere, in kube-scheduler's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// There is no such claim.
    #[error("persistentvolumeclaim \"{0}\" not found")]
    Missing(String),
    /// A claim has no volume, and waits for no pod.
    #[error("pod has unbound immediate PersistentVolumeClaims")]
    Unbound,
    /// A claim's volume is gone.
    #[error("persistentvolumeclaim \"{0}\" bound to non-existent persistentvolume \"{1}\"")]
    Lost(String, String),
    /// A claim of the name that a pod's own would have is somebody else's.
    #[error("PVC {0} was not created for pod {1} (pod is not owner)")]
    Another(String, String),
    /// No volume is made for a claim.
    #[error("persistentvolumeclaim \"{0}\": {1}")]
    Unmade(String, String),
    /// A volume is of a source that is not carried out.
    #[error("persistentvolume \"{0}\": a volume of {1} is not mounted here")]
    Source(String, String),
}

/// Why a pod cannot go to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// A volume of it is elsewhere.
    Affinity,
    /// A volume of it is in another zone.
    Zone,
    /// No volume is there for a claim, and none is made there.
    NothingToBind,
    /// Another pod has a claim that is for one pod alone.
    InUse,
}

/// How a claim of a pod stands.
enum Standing {
    Bound(Box<PersistentVolumeClaim>, Box<PersistentVolume>),
    /// It is bound where the pod goes.
    First(Box<PersistentVolumeClaim>),
}

impl Standing {
    /// What is still to be found for it; `None` where it has its volume.
    fn wants(&self) -> Option<Amount> {
        match self {
            Self::Bound(..) => None,
            Self::First(claim) => Some(claim.spec.as_ref().map_or(Amount::ZERO, size)),
        }
    }
}

impl Storage<'_> {
    /// Counts a pod that has its host as a user of its claims.
    pub fn occupy(&mut self, key: &PodKey, pod: &Pod, node: &NodeName) {
        let Some(spec) = &pod.spec else { return };
        for one in uses(&key.name, spec) {
            let users = self.users.entry(claim_key(&key.namespace, &one.claim)).or_default();
            users.insert(key.clone(), node.clone());
        }
    }

    /// The hosts that a pod cannot go to because of its claims.
    pub fn conflicts(
        &self,
        key: &PodKey,
        pod: &Pod,
    ) -> Result<BTreeMap<NodeName, Conflict>, ClaimError> {
        let mut all = BTreeMap::new();
        let Some(spec) = &pod.spec else { return Ok(all) };
        let mut claims = Vec::new();
        for one in uses(&key.name, spec) {
            let standing = self.stands(key, pod, &one)?;
            claims.push((self.is_taken(key, &one, &standing), standing));
        }
        // As they are bound: the smallest first, and no volume twice.
        claims.sort_by_key(|(_, standing)| standing.wants());
        for host in &self.hosts {
            let mut chosen = BTreeSet::new();
            for (is_taken, standing) in &claims {
                let conflict = if *is_taken {
                    Some(Conflict::InUse)
                } else {
                    self.conflict(standing, host, &mut chosen)
                };
                if let Some(conflict) = conflict {
                    all.entry(host.name.clone()).or_insert(conflict);
                }
            }
        }
        Ok(all)
    }

    /// The claims that come about with a pod: those of its own that nobody has made yet.
    pub fn claims_to_make(&self, key: &PodKey, pod: &Pod) -> Vec<PersistentVolumeClaim> {
        let Some(spec) = &pod.spec else { return Vec::new() };
        let made = uses(&key.name, spec).into_iter().filter_map(|one| {
            let is_there = claim_of(&self.current, &key.namespace, &one.claim).is_some();
            let template = one.template.filter(|_| !is_there)?;
            Some(claim_for(pod, &one.claim, template))
        });
        made.collect()
    }

    /// Binds the claims of a pod that waited for its host, and makes those that are its own.
    pub fn placed(&mut self, key: &PodKey, pod: &Pod, node: &NodeName) {
        let Some(spec) = &pod.spec else { return };
        let mut claims = uses(&key.name, spec);
        // As kube-scheduler does it, so that the smallest volumes go to the smallest claims.
        claims.sort_by_cached_key(|one| self.stands(key, pod, one).ok().map(|it| it.wants()));
        for one in claims {
            let Ok(standing) = self.stands(key, pod, &one) else { continue };
            match standing {
                Standing::First(claim) => {
                    // It is given its uid here, by which its volume is named.
                    self.write(Object::PersistentVolumeClaim(claim));
                    let claim = claim_of(&self.current, &key.namespace, &one.claim).cloned();
                    if let Some(claim) = claim {
                        self.bind_on(claim, node);
                    }
                }
                Standing::Bound(claim, volume) if is_single_path(&volume) => self.pin(*claim, node),
                Standing::Bound(..) => {}
            }
        }
        self.occupy(key, pod, node);
    }

    fn stands(&self, key: &PodKey, pod: &Pod, one: &Use<'_>) -> Result<Standing, ClaimError> {
        let stored = claim_of(&self.current, &key.namespace, &one.claim);
        let claim = match (stored, one.template) {
            (Some(claim), None) => claim.clone(),
            (None, None) => return Err(ClaimError::Missing(one.claim.clone())),
            (Some(claim), Some(_)) => {
                let uid = owner(claim).map(|owner| owner.uid.as_str());
                if uid != pod.metadata.uid.as_deref() {
                    return Err(ClaimError::Another(one.claim.clone(), key.to_string()));
                }
                claim.clone()
            }
            (None, Some(template)) => claim_for(pod, &one.claim, template),
        };
        if let Some(volume) = bound_volume(&self.current, &claim) {
            return match place(volume) {
                Some(_) => Ok(Standing::Bound(Box::new(claim), Box::new(volume.clone()))),
                None => {
                    let name = volume.metadata.name.clone().unwrap_or_default();
                    Err(ClaimError::Source(name, source_of(volume)))
                }
            };
        }
        let named = claim.spec.as_ref().and_then(|spec| spec.volume_name.clone());
        if claim_phase(&self.current, &claim) == Phase::Lost {
            return Err(ClaimError::Lost(one.claim.clone(), named.unwrap_or_default()));
        }
        let class = class_of(&self.current, &claim);
        let is_free = named.is_none_or(|name| name.is_empty());
        // A claim of a pod's own comes about when the pod has its host, so it always waits for it.
        if !is_free || !(class.waits() || one.template.is_some()) {
            return Err(ClaimError::Unbound);
        }
        if let Some(why) = class.made_here().and_then(|class| obstacle(class, &claim))
            && best(&self.current, &claim, class.name(), None, &BTreeSet::new()).is_none()
        {
            return Err(ClaimError::Unmade(one.claim.clone(), why));
        }
        Ok(Standing::First(Box::new(claim)))
    }

    fn is_taken(&self, key: &PodKey, one: &Use<'_>, standing: &Standing) -> bool {
        let (Standing::Bound(claim, _) | Standing::First(claim)) = standing;
        let modes = claim.spec.as_ref().and_then(|spec| spec.access_modes.as_deref());
        let is_alone = modes.is_some_and(|modes| modes.iter().any(|mode| mode == ALONE));
        let users = self.users.get(&claim_key(&key.namespace, &one.claim));
        is_alone && users.is_some_and(|users| users.keys().any(|user| user != key))
    }

    /// What keeps a pod from a host for the sake of one claim; `chosen` are the volumes that its other claims get there.
    fn conflict(
        &self,
        standing: &Standing,
        host: &Ground,
        chosen: &mut BTreeSet<String>,
    ) -> Option<Conflict> {
        match standing {
            Standing::Bound(claim, volume) => {
                let marks = claim.metadata.annotations.as_ref();
                let first = marks.and_then(|all| all.get(SELECTED_NODE));
                let is_there = first.is_none_or(|first| first == host.name.as_str());
                let is_near = reaches(volume, host) && (is_there || !is_single_path(volume));
                if is_near {
                    (!is_in_zone(volume, host)).then_some(Conflict::Zone)
                } else {
                    Some(Conflict::Affinity)
                }
            }
            Standing::First(claim) => {
                let class = class_of(&self.current, claim);
                let is_made = class
                    .made_here()
                    .is_some_and(|class| allows(class, host) && obstacle(class, claim).is_none());
                let there = best(&self.current, claim, class.name(), Some(host), chosen);
                let is_there = there.is_some();
                chosen.extend(there.and_then(|volume| volume.metadata.name));
                (!is_made && !is_there).then_some(Conflict::NothingToBind)
            }
        }
    }
}

/// Whether a volume is a path that every host has one of, of which one host alone may use its own.
fn is_single_path(volume: &PersistentVolume) -> bool {
    let spec = volume.spec.as_ref();
    let modes = spec.and_then(|spec| spec.access_modes.as_deref()).unwrap_or_default();
    spec.is_some_and(|spec| spec.host_path.is_some())
        && !modes.iter().any(|mode| MANY.contains(&mode.as_str()))
}
