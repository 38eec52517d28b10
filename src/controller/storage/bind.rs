//! Bringing a claim and a volume together.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::class::{ClassOf, allows, asked, class_of};
use super::fit::{
    amount, capacity, claimed_by, is_for, is_selected, limit, request, satisfies, size,
};
use super::ground::{Ground, Takes, reaches};
use super::make::{self, Form, obstacle, reference, volume_name};
use super::phase::{
    BIND_COMPLETED, Phase, bound_volume, claim_phase, file_system_bytes, is_made, made_path,
};
use super::{Found, Storage, claims, volume_of, volumes};
use crate::desired::Desired;
use crate::model::{NodeName, Object};

/// Says that it was a controller, not a person, who chose.
const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
/// Says who makes the volume.
const PROVISIONER: &str = "volume.kubernetes.io/storage-provisioner";
/// Says on which host the first pod is, or was.
pub(super) const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

impl Storage<'_> {
    /// Binds every claim that waits for nobody, gives classes to those that named none, and lets volumes grow.
    pub fn settle(&mut self) {
        let all: Vec<PersistentVolumeClaim> =
            claims(&self.current).map(|(_, claim)| claim.clone()).collect();
        for claim in all {
            match claim_phase(&self.current, &claim) {
                Phase::Bound => self.grow(&claim),
                _ => self.settle_one(claim),
            }
        }
    }

    fn settle_one(&mut self, mut claim: PersistentVolumeClaim) {
        let class = class_of(&self.current, &claim);
        if asked(&claim).is_none() {
            let name = class.name().to_owned();
            claim.spec.get_or_insert_default().storage_class_name = Some(name);
            self.write(Object::PersistentVolumeClaim(Box::new(claim.clone())));
        }
        if self.adopt(&claim, &class) {
            return;
        }
        if let Some(volume) = set_aside(&self.current, &claim) {
            if satisfies(&volume, &claim, class.name()) {
                self.bind(claim, volume);
            }
            return;
        }
        if class.waits() || is_named(&claim) {
            return;
        }
        if let Some(volume) = best(&self.current, &claim, class.name(), None, &BTreeSet::new()) {
            return self.bind(claim, volume);
        }
        if let Some(host) = self.first_host(&claim, &class) {
            self.make(claim, &host);
        }
    }

    /// Takes a volume back that a host has for the claim.
    fn adopt(&mut self, claim: &PersistentVolumeClaim, class: &ClassOf) -> bool {
        let key = Object::PersistentVolumeClaim(Box::new(claim.clone())).key();
        let Some(Found { volume, node, path, size_bytes }) = self.found.get(&key).cloned() else {
            return false;
        };
        let host = self.hosts.iter().find(|host| host.name == node).cloned();
        let named = claim.spec.as_ref().and_then(|spec| spec.volume_name.as_deref());
        let is_it = named.is_none_or(|named| named.is_empty() || named == volume);
        let (Some(class), Some(host), true) = (class.made_here(), host, is_it) else {
            return false;
        };
        if volume_of(&self.current, &volume).is_some() {
            return false;
        }
        let size = size_bytes.map(|bytes| Form::FileSystem(Quantity(bytes.to_string())));
        let form = size.unwrap_or(Form::Directory);
        let made = make::volume(class, claim, &host, ((volume, path), form));
        self.write(Object::PersistentVolume(Box::new(made.clone())));
        self.bind(claim.clone(), made);
        true
    }

    /// Binds a claim to a volume on the host of its first pod: one that is there, or one that is made.
    pub(super) fn bind_on(&mut self, claim: PersistentVolumeClaim, node: &NodeName) {
        let class = class_of(&self.current, &claim);
        let Some(host) = self.hosts.iter().find(|host| host.name == *node).cloned() else { return };
        match best(&self.current, &claim, class.name(), Some(&host), &BTreeSet::new()) {
            Some(volume) => self.bind(marked(claim, SELECTED_NODE, node.as_str()), volume),
            None => self.make(marked(claim, SELECTED_NODE, node.as_str()), &host),
        }
    }

    /// Makes a volume for a claim, and binds them.
    fn make(&mut self, claim: PersistentVolumeClaim, host: &Ground) {
        let class = class_of(&self.current, &claim);
        let Some(class) = class.made_here().filter(|class| obstacle(class, &claim).is_none())
        else {
            return;
        };
        let name = volume_name(&claim);
        let path = make::directory(class, &name);
        let volume = make::volume(class, &claim, host, ((name, path), Form::of(&claim)));
        self.write(Object::PersistentVolume(Box::new(volume.clone())));
        self.bind(marked(claim, PROVISIONER, super::BUILT_IN), volume);
    }

    fn bind(&mut self, claim: PersistentVolumeClaim, mut volume: PersistentVolume) {
        let mut claim = marked(claim, BIND_COMPLETED, "yes");
        let name = volume.metadata.name.clone();
        let class = volume.spec.as_ref().and_then(|spec| spec.storage_class_name.clone());
        let spec = claim.spec.get_or_insert_default();
        spec.storage_class_name.get_or_insert_with(|| class.unwrap_or_default());
        let was_named = spec.volume_name.as_ref().is_some_and(|name| !name.is_empty());
        spec.volume_name = name;
        if !was_named {
            claim = marked(claim, BOUND_BY_CONTROLLER, "yes");
        }
        if claimed_by(&volume).is_none() {
            let marks = volume.metadata.annotations.get_or_insert_default();
            marks.insert(BOUND_BY_CONTROLLER.to_owned(), "yes".to_owned());
        }
        volume.spec.get_or_insert_default().claim_ref = Some(reference(&claim));
        self.write(Object::PersistentVolume(Box::new(volume)));
        self.write(Object::PersistentVolumeClaim(Box::new(claim)));
    }

    /// Keeps in mind on which host a claim's volume was used first, where the volume itself says nothing of hosts.
    pub(super) fn pin(&mut self, claim: PersistentVolumeClaim, node: &NodeName) {
        let claim = marked(claim, SELECTED_NODE, node.as_str());
        self.write(Object::PersistentVolumeClaim(Box::new(claim)));
    }

    /// Gives a volume the size that its claim asks for by now: of a directory that is a number, a file system grows to its limit.
    fn grow(&mut self, claim: &PersistentVolumeClaim) {
        let Some(volume) = bound_volume(&self.current, claim) else { return };
        let (Some(has), Some(asks)) = (&volume.spec, &claim.spec) else { return };
        let of_file_system = limit(asks).filter(|_| file_system_bytes(volume).is_some());
        let Some(size) = of_file_system.or(request(asks)).cloned() else { return };
        if !is_made(volume)
            || amount(Some(&size)) <= capacity(has)
            || !may_grow(&self.current, claim)
        {
            return;
        }
        let mut volume = volume.clone();
        let capacity = volume.spec.get_or_insert_default().capacity.get_or_insert_default();
        capacity.insert("storage".to_owned(), size);
        self.write(Object::PersistentVolume(Box::new(volume)));
    }

    /// The host for a volume that no pod has asked for yet: the one with the fewest volumes that were made.
    fn first_host(&self, claim: &PersistentVolumeClaim, class: &ClassOf) -> Option<Ground> {
        let class = class.made_here().filter(|class| obstacle(class, claim).is_none())?;
        let there = |host: &Ground| {
            let made = volumes(&self.current).filter(|volume| made_path(volume).is_some());
            made.filter(|volume| reaches(volume, host)).count()
        };
        let fit = |host: &&Ground| host.takes == Takes::Volumes && allows(class, host);
        let hosts = self.hosts.iter().filter(fit);
        hosts.min_by_key(|host| (there(host), host.name.clone())).cloned()
    }
}

/// Why a claim has no volume yet, in Kubernetes' words.
pub fn why_pending(desired: &Desired, claim: &PersistentVolumeClaim) -> Option<String> {
    match claim_phase(desired, claim) {
        Phase::Bound => return too_small(desired, claim),
        Phase::Lost => {
            return Some(
                "Bound claim has lost its PersistentVolume. Data on the volume is lost!".to_owned(),
            );
        }
        _ => {}
    }
    let class = class_of(desired, claim);
    let name = claim.spec.as_ref().and_then(|spec| spec.volume_name.as_deref()).unwrap_or_default();
    if let Some(volume) = set_aside(desired, claim) {
        let name = volume.metadata.name.unwrap_or_default();
        return Some(format!(
            "Cannot bind to requested volume \"{name}\": it has not what the claim asks for"
        ));
    }
    if !name.is_empty() {
        return Some(match volume_of(desired, name) {
            Some(_) => format!("volume \"{name}\" already bound to a different claim."),
            None => format!("volume \"{name}\" not found"),
        });
    }
    Some(match &class {
        ClassOf::None => {
            "no persistent volumes available for this claim and no storage class is set".to_owned()
        }
        ClassOf::Missing(name) => format!("storageclass.storage.k8s.io \"{name}\" not found"),
        ClassOf::Known(known) => match class.made_here() {
            Some(known) => match obstacle(known, claim) {
                Some(why) => why,
                None if class.waits() => FIRST_CONSUMER.to_owned(),
                None => "no host takes a volume now".to_owned(),
            },
            None if class.waits() => FIRST_CONSUMER.to_owned(),
            None => format!(
                "Waiting for a volume to be created either by the external provisioner '{}' or manually by the system \
                 administrator",
                known.provisioner
            ),
        },
    })
}

/// Whether a claim has no volume although it does not wait for a pod.
pub fn waits_for_nobody(desired: &Desired, claim: &PersistentVolumeClaim) -> bool {
    claim_phase(desired, claim) != Phase::Bound
        && (is_named(claim) || !class_of(desired, claim).waits())
}

/// What a claim says that nobody uses yet.
pub(super) const FIRST_CONSUMER: &str = "waiting for first consumer to be created before binding";

fn too_small(desired: &Desired, claim: &PersistentVolumeClaim) -> Option<String> {
    let volume = bound_volume(desired, claim)?;
    let is_small = size(claim.spec.as_ref()?) > capacity(volume.spec.as_ref()?);
    (is_small && !(is_made(volume) && may_grow(desired, claim))).then(|| {
        "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
            .to_owned()
    })
}

/// Whether the class of a claim lets it ask for more than before.
pub fn allows_growth(desired: &Desired, claim: &PersistentVolumeClaim) -> bool {
    match class_of(desired, claim) {
        ClassOf::Known(class) => class.allow_volume_expansion == Some(true),
        ClassOf::None | ClassOf::Missing(_) => false,
    }
}

fn may_grow(desired: &Desired, claim: &PersistentVolumeClaim) -> bool {
    let class = class_of(desired, claim);
    class.made_here().is_some_and(|class| class.allow_volume_expansion == Some(true))
}

fn is_named(claim: &PersistentVolumeClaim) -> bool {
    let name = claim.spec.as_ref().and_then(|spec| spec.volume_name.as_ref());
    name.is_some_and(|name| !name.is_empty())
}

/// The volume that a claim names, if nobody else has it, or one that names the claim.
fn set_aside(desired: &Desired, claim: &PersistentVolumeClaim) -> Option<PersistentVolume> {
    let name = claim.spec.as_ref().and_then(|spec| spec.volume_name.as_deref()).unwrap_or_default();
    let is_own = |volume: &&PersistentVolume| {
        claimed_by(volume).is_some_and(|reference| is_for(reference, claim))
    };
    if name.is_empty() {
        return volumes(desired).find(is_own).cloned();
    }
    let volume = volume_of(desired, name)?;
    (claimed_by(volume).is_none() || is_own(&volume)).then(|| volume.clone())
}

/// The smallest volume that nobody has and that fits a claim; within reach of a host, where there is one already. None of those
/// that are `chosen` for other claims.
pub(super) fn best(
    desired: &Desired,
    claim: &PersistentVolumeClaim,
    class: &str,
    host: Option<&Ground>,
    chosen: &BTreeSet<String>,
) -> Option<PersistentVolume> {
    let asks = claim.spec.as_ref()?;
    let fits = |volume: &&PersistentVolume| {
        claimed_by(volume).is_none()
            && satisfies(volume, claim, class)
            && is_selected(volume, asks)
            && host.is_none_or(|host| reaches(volume, host))
            && volume.metadata.name.as_ref().is_none_or(|name| !chosen.contains(name))
    };
    let of_size = |volume: &&PersistentVolume| {
        let size = volume.spec.as_ref().map(|spec| capacity(spec).nano());
        (size, volume.metadata.name.clone())
    };
    volumes(desired).filter(fits).min_by_key(of_size).cloned()
}

fn marked(mut claim: PersistentVolumeClaim, mark: &str, value: &str) -> PersistentVolumeClaim {
    let marks = claim.metadata.annotations.get_or_insert_default();
    marks.insert(mark.to_owned(), value.to_owned());
    claim
}
