//! Volumes that outlive pods: what claims get, what is made and taken away for them on hosts, and what is said of it.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::PersistentVolume;

use super::PlanInput;
use super::capacity::{candidates, labels};
use super::pods::{Standing, Turn};
use super::report::{Change, ChangeAction, Pending, Waiting};
use super::step::{Action, Data};
use super::target::Target;
use super::volume::mark_of;
use crate::controller::{
    Conflict, Found, Ground, Phase, Storage, Takes, claim_phase, claims, file_system_bytes,
    made_path, reclaims, volume_phase, volumes, waits_for_nobody, why_pending,
};
use crate::desired::{Desired, Pen, Writes};
use crate::inventory::TaintEffect;
use crate::model::{NodeName, Object, ObjectKey, PodKey, chooses_node};
use crate::observed::MadeVolume;
use crate::schedule::{Readiness, Rejection};

/// What the file of a file system is called besides the directory that it is mounted on.
const FILE: &str = ".img";

/// What is to be done on hosts for volumes that outlive pods.
#[derive(Clone, Debug, Default)]
pub(super) struct VolumePlan {
    /// Volumes to make, by name, each before the pods that use it.
    pub(super) make: BTreeMap<String, (NodeName, Action)>,
    /// Volumes that grow, whoever uses them meanwhile.
    pub(super) grow: Vec<(NodeName, Action)>,
    /// Volumes to take away or to let go, with the pods on their hosts that go before.
    pub(super) release: Vec<(NodeName, Action, BTreeSet<String>)>,
    /// What is said of it.
    pub(super) changes: Vec<Change>,
    /// What waits.
    pub(super) pending: Vec<Pending>,
}

/// Brings together what needs no pod.
pub(super) fn begin<'a>(input: &PlanInput<'a>) -> Storage<'a> {
    let pen = Pen { fleet: &input.inventory.fleet, now: input.now };
    let mut storage = Storage::new(input.desired, pen, grounds(input), found(input));
    storage.settle();
    storage
}

/// Takes away what pods and volumes have left that are no more.
pub(super) fn end(input: &PlanInput<'_>, storage: &mut Storage<'_>, target: &Target) {
    let is_there = |key: &PodKey, uid: &str| {
        let bound = [&target.bindings.pods, &target.bindings.leaving];
        let mut pods = bound.into_iter().filter_map(|pods| Some(&pods.get(key)?.pod.metadata));
        let stored = || {
            let key = key.object();
            Some(input.desired.objects.get(&key)?.object.metadata())
        };
        let is_it = |uid_of: Option<&String>| uid_of.is_some_and(|of| of == uid);
        pods.any(|pod| is_it(pod.uid.as_ref())) || is_it(stored().and_then(|m| m.uid.as_ref()))
    };
    storage.forget_pods(&is_there);
    let is_gone = |volume: &&PersistentVolume| {
        made_path(volume).is_some()
            && volume_phase(storage.desired(), volume) == Phase::Released
            && reclaims(volume)
            && match host_of(input, volume) {
                None => true,
                Some(node) => input
                    .observed
                    .report(&node)
                    .is_some_and(|report| !report.made_volumes.contains_key(name_of(volume))),
            }
    };
    let gone = volumes(storage.desired()).filter(is_gone);
    let gone: Vec<String> = gone.map(|volume| name_of(volume).to_owned()).collect();
    for name in gone {
        storage.forget_volume(&name);
    }
}

/// Words a pod's conflicts as the scheduler's.
pub(super) fn rejections(conflicts: BTreeMap<NodeName, Conflict>) -> BTreeMap<NodeName, Rejection> {
    let word = |conflict| match conflict {
        Conflict::Affinity => Rejection::VolumeAffinity,
        Conflict::Zone => Rejection::VolumeZone,
        Conflict::NothingToBind => Rejection::NoVolume,
        Conflict::InUse => Rejection::ClaimInUse,
    };
    conflicts.into_iter().map(|(node, conflict)| (node, word(conflict))).collect()
}

/// What is to be done on hosts, everything being bound.
pub(super) fn volume_plan(
    input: &PlanInput<'_>,
    writes: &Writes,
    standing: &Standing,
) -> VolumePlan {
    let mut plan = VolumePlan::default();
    for volume in volumes(input.desired) {
        let phase = volume_phase(input.desired, volume);
        let (Some(path), Some(node)) = (made_path(volume), host_of(input, volume)) else {
            continue;
        };
        let Some(report) = input.observed.report(&node) else {
            if phase == Phase::Released && reclaims(volume) {
                plan.wait(volume, Waiting::Unreachable { node });
            }
            continue;
        };
        let there = report.made_volumes.get(name_of(volume));
        match (phase, there) {
            (Phase::Bound, None) => plan.make(volume, &node, path),
            (Phase::Bound, Some(there)) => plan.grow(volume, &node, there),
            (Phase::Released, Some(there)) if there.path == path => {
                plan.release(input, volume, (&node, path), standing);
            }
            _ => {}
        }
    }
    plan.tell_of_writes(input, writes);
    for (key, claim) in claims(input.desired) {
        let is_stuck = matches!(claim_phase(input.desired, claim), Phase::Bound | Phase::Lost)
            || waits_for_nobody(input.desired, claim);
        if let (true, Some(what)) = (is_stuck, why_pending(input.desired, claim)) {
            plan.pending.push(Pending { object: key.clone(), waiting: Waiting::Mended { what } });
        }
    }
    plan
}

impl VolumePlan {
    fn make(&mut self, volume: &PersistentVolume, node: &NodeName, path: &str) {
        let (name, claim) = (name_of(volume).to_owned(), claim_of(volume));
        let size_bytes = file_system_bytes(volume);
        let reason = match size_bytes {
            None => format!("a directory for {claim}: {path}"),
            Some(_) => format!("a file system of {} for {claim}: {path}", capacity_of(volume)),
        };
        let path = path.to_owned();
        let action = Action::MakeVolume { name: name.clone(), claim, path, size_bytes };
        self.changes.push(change(ChangeAction::Create, volume, reason).on(node));
        self.make.insert(name, (node.clone(), action));
    }

    /// Lets a file system grow that is smaller on its host than it should be.
    fn grow(&mut self, volume: &PersistentVolume, node: &NodeName, there: &MadeVolume) {
        let (Some(size_bytes), Some(has)) = (file_system_bytes(volume), there.size_bytes) else {
            return;
        };
        if size_bytes <= has {
            return;
        }
        let claim = claim_of(volume);
        let reason = format!("the file system of {claim} grows to {}", capacity_of(volume));
        self.changes.push(change(ChangeAction::Update, volume, reason).on(node));
        let (name, path) = (name_of(volume).to_owned(), there.path.clone());
        self.grow.push((node.clone(), Action::GrowVolume { name, claim, path, size_bytes }));
    }

    /// Lets a volume go whose claim is gone, once no pod is there any more that has it.
    fn release(
        &mut self,
        input: &PlanInput<'_>,
        volume: &PersistentVolume,
        (node, path): (&NodeName, &str),
        standing: &Standing,
    ) {
        let users = users(input, volume, node);
        let goes = |user: &String| {
            let mut leaving = standing.leaving.iter();
            leaving.any(|pod| pod.sandbox == *user && pod.node == *node && pod.turn == Turn::Now)
        };
        if let Some(user) = users.iter().find(|user| !goes(user)) {
            let what = format!("it is let go when pod {user} no longer uses it");
            return self.wait(volume, Waiting::Mended { what });
        }
        let claim = claim_of(volume);
        let (data, change) = if reclaims(volume) {
            let why = format!("{claim} is gone: all data in {path} are deleted");
            (Data::Deleted, change(ChangeAction::Delete, volume, why))
        } else {
            let file = file_system_bytes(volume).map_or("", |_| FILE);
            let why = format!("{claim} is gone: the data stay in {path}{file}");
            (Data::Kept, change(ChangeAction::Update, volume, why))
        };
        self.changes.push(change.on(node));
        let (name, path) = (name_of(volume).to_owned(), path.to_owned());
        self.release.push((node.clone(), Action::ReleaseVolume { name, path, data }, users));
    }

    fn wait(&mut self, volume: &PersistentVolume, waiting: Waiting) {
        self.pending.push(Pending { object: key_of(volume), waiting });
    }

    /// Tells of volumes that people made and that get a claim, and of claims that come and go with pods.
    fn tell_of_writes(&mut self, input: &PlanInput<'_>, writes: &Writes) {
        for (key, object) in &writes.objects {
            let is_told = self.changes.iter().any(|change| change.object == *key)
                || input.object_changes.iter().any(|change| change.key == *key);
            match object {
                Some(Object::PersistentVolume(volume)) if !is_told => {
                    let reason = format!("is given to {}", claim_of(volume));
                    self.changes.push(change(ChangeAction::Update, volume, reason));
                }
                Some(Object::PersistentVolumeClaim(claim)) if !is_told => {
                    let volume = claim.spec.as_ref().and_then(|spec| spec.volume_name.clone());
                    let reason = match volume {
                        Some(volume) => format!("gets volume {volume}"),
                        None => "gets the default class".to_owned(),
                    };
                    let action = match claim.metadata.uid {
                        Some(_) => ChangeAction::Update,
                        None => ChangeAction::Create,
                    };
                    self.changes.push(Change::new(action, key.clone(), reason));
                }
                None if key.kind == "PersistentVolumeClaim" => {
                    let reason = "its pod is gone".to_owned();
                    self.changes.push(Change::new(ChangeAction::Delete, key.clone(), reason));
                }
                // What a host no longer has was told when it was taken away there.
                Some(_) | None => {}
            }
        }
    }
}

fn change(action: ChangeAction, volume: &PersistentVolume, reason: String) -> Change {
    Change::new(action, key_of(volume), reason)
}

fn key_of(volume: &PersistentVolume) -> ObjectKey {
    ObjectKey::new("PersistentVolume", "", name_of(volume))
}

/// What a volume holds, as it is written.
fn capacity_of(volume: &PersistentVolume) -> &str {
    let capacity = volume.spec.as_ref().and_then(|spec| spec.capacity.as_ref());
    capacity.and_then(|all| all.get("storage")).map_or("", |size| size.0.as_str())
}

fn name_of(volume: &PersistentVolume) -> &str {
    volume.metadata.name.as_deref().unwrap_or_default()
}

/// The claim that has or had a volume.
fn claim_of(volume: &PersistentVolume) -> ObjectKey {
    let reference =
        volume.spec.as_ref().and_then(|spec| spec.claim_ref.clone()).unwrap_or_default();
    let (namespace, name) = (reference.namespace, reference.name);
    let (namespace, name) = (namespace.unwrap_or_default(), name.unwrap_or_default());
    ObjectKey::new("PersistentVolumeClaim", namespace, name)
}

/// The pods on a host that have a volume, by their names there.
fn users(input: &PlanInput<'_>, volume: &PersistentVolume, node: &NodeName) -> BTreeSet<String> {
    let Some(report) = input.observed.report(node) else { return BTreeSet::new() };
    let mark = mark_of(name_of(volume));
    let marked =
        report.volumes.iter().filter(|(_, marks)| marks.values().any(|seen| *seen == mark));
    let there = marked.filter(|(sandbox, _)| report.pods.contains_key(*sandbox));
    there.map(|(sandbox, _)| sandbox.clone()).collect()
}

/// The host that a volume is on, if it is in the inventory.
fn host_of(input: &PlanInput<'_>, volume: &PersistentVolume) -> Option<NodeName> {
    let terms = volume.spec.as_ref()?.node_affinity.as_ref()?.required.as_ref()?;
    let mut hosts = input.inventory.hosts.values();
    let labels = |host| labels(host, input.observed.report(&host.name));
    let host = hosts.find(|host| chooses_node(terms, &host.name, &labels(host)))?;
    Some(host.name.clone())
}

fn grounds(input: &PlanInput<'_>) -> Vec<Ground> {
    let ground = |host: crate::schedule::Candidate| {
        let repels = host.taints.iter().any(|taint| taint.effect != TaintEffect::PreferNoSchedule);
        let takes = match host.readiness {
            Readiness::Ready if !repels => Takes::Volumes,
            Readiness::Ready | Readiness::Unreachable => Takes::Nothing,
        };
        Ground { name: host.name, labels: host.labels, takes }
    };
    candidates(input).into_iter().map(ground).collect()
}

/// Volumes that hosts have for claims, of which nothing stored knows.
fn found(input: &PlanInput<'_>) -> BTreeMap<ObjectKey, Found> {
    let mut all = BTreeMap::new();
    for (node, report) in input.observed.reachable() {
        for (name, made) in &report.made_volumes {
            if !is_stored(input.desired, name) {
                let (volume, path) = (name.clone(), made.path.clone());
                let size_bytes = made.size_bytes;
                let found = Found { volume, node: node.clone(), path, size_bytes };
                all.insert(made.claim.clone(), found);
            }
        }
    }
    all
}

fn is_stored(desired: &Desired, name: &str) -> bool {
    desired.objects.contains_key(&ObjectKey::new("PersistentVolume", "", name))
}
