//! Claims and the volumes that they get: what Kubernetes' controller of volumes, its provisioner and the binding part of its
//! scheduler do.
//!
//! Whatever is chosen is written into the objects themselves, as in a cluster: a volume names its claim, a claim its volume.

use std::borrow::Cow;
use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};

use crate::desired::{Desired, Pen, Writes};
use crate::model::{Kind, NodeName, Object, ObjectKey, PodKey};

mod bind;
mod class;
mod fit;
mod ground;
mod make;
mod needs;
mod phase;
mod uses;

#[cfg(test)]
mod tests;

pub use bind::{allows_growth, waits_for_nobody, why_pending};
pub use class::{BUILT_IN, built_in_class, default_class_name};
pub use ground::{Ground, Takes};
pub use needs::{ClaimError, Conflict};
pub use phase::{
    Phase, Place, bound_volume, claim_phase, file_system_bytes, is_made, made_path, place,
    reclaims, source_of, volume_phase,
};
pub use uses::ephemeral_claim_name;

/// A volume that a host has and nothing stored knows of: the state was lost, or another one has taken the fleet over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The volume's name.
    pub volume: String,
    /// The host.
    pub node: NodeName,
    /// Its directory there.
    pub path: String,
    /// The size in bytes of the file system that it is; `None` for a directory of the host's own.
    pub size_bytes: Option<u64>,
}

/// Claims, volumes and classes while they are brought together.
#[derive(Debug)]
pub struct Storage<'a> {
    current: Cow<'a, Desired>,
    writes: Writes,
    pen: Pen<'a>,
    hosts: Vec<Ground>,
    found: BTreeMap<ObjectKey, Found>,
    /// The pods that use a claim, of those that are bound or leaving.
    users: BTreeMap<ObjectKey, BTreeMap<PodKey, NodeName>>,
}

impl<'a> Storage<'a> {
    /// Begins with what is stored. `found` are volumes by the claims that they were made for.
    pub fn new(
        desired: &'a Desired,
        pen: Pen<'a>,
        hosts: Vec<Ground>,
        found: BTreeMap<ObjectKey, Found>,
    ) -> Self {
        let (writes, users) = (Writes::default(), BTreeMap::new());
        Self { current: Cow::Borrowed(desired), writes, pen, hosts, found, users }
    }

    /// What is stored, with all that was written since.
    pub fn desired(&self) -> &Desired {
        &self.current
    }

    /// What has come of it: what should be, and what was written.
    pub fn done(self) -> (Cow<'a, Desired>, Writes) {
        (self.current, self.writes)
    }

    /// Takes a volume away that is no more.
    pub fn forget_volume(&mut self, name: &str) {
        self.remove(&volume_key(name));
    }

    /// Takes the claims away that were made for pods which are no more. `is_there` is told a pod and its uid.
    pub fn forget_pods(&mut self, is_there: &dyn Fn(&PodKey, &str) -> bool) {
        let is_orphan = |claim: &PersistentVolumeClaim| {
            let namespace = claim.metadata.namespace.as_deref().unwrap_or_default();
            uses::owner(claim)
                .is_some_and(|owner| !is_there(&PodKey::new(namespace, &owner.name), &owner.uid))
        };
        let orphans: Vec<ObjectKey> = claims(&self.current)
            .filter(|(_, claim)| is_orphan(claim))
            .map(|(key, _)| key.clone())
            .collect();
        for key in orphans {
            self.remove(&key);
        }
    }

    fn write(&mut self, object: Object) {
        let key = object.key();
        if self.current.objects.get(&key).is_some_and(|stored| stored.object == object) {
            return;
        }
        self.current.to_mut().write(&object, self.pen);
        self.writes.objects.insert(key, Some(object));
    }

    fn remove(&mut self, key: &ObjectKey) {
        if self.current.objects.contains_key(key) {
            self.current.to_mut().objects.remove(key);
            self.writes.objects.insert(key.clone(), None);
        }
    }
}

/// The claims.
pub fn claims(desired: &Desired) -> impl Iterator<Item = (&ObjectKey, &PersistentVolumeClaim)> {
    let first = ObjectKey::new(Kind::PersistentVolumeClaim.object(), "", "");
    let of_kind = desired.objects.range(first..);
    of_kind.map_while(|(key, stored)| match &stored.object {
        Object::PersistentVolumeClaim(claim) => Some((key, &**claim)),
        _ => None,
    })
}

/// The volumes.
pub fn volumes(desired: &Desired) -> impl Iterator<Item = &PersistentVolume> {
    let of_kind = desired.objects.range(volume_key("")..).map(|(_, stored)| &stored.object);
    of_kind.map_while(|object| match object {
        Object::PersistentVolume(volume) => Some(&**volume),
        _ => None,
    })
}

fn volume_key(name: &str) -> ObjectKey {
    ObjectKey::new(Kind::PersistentVolume.object(), "", name)
}

fn claim_key(namespace: &str, name: &str) -> ObjectKey {
    ObjectKey::new(Kind::PersistentVolumeClaim.object(), namespace, name)
}

/// The claim of a name.
pub fn claim_of<'a>(
    desired: &'a Desired,
    namespace: &str,
    name: &str,
) -> Option<&'a PersistentVolumeClaim> {
    match &desired.objects.get(&claim_key(namespace, name))?.object {
        Object::PersistentVolumeClaim(claim) => Some(claim),
        _ => None,
    }
}

fn volume_of<'a>(desired: &'a Desired, name: &str) -> Option<&'a PersistentVolume> {
    match &desired.objects.get(&volume_key(name))?.object {
        Object::PersistentVolume(volume) => Some(volume),
        _ => None,
    }
}
