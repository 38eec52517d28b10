//! The report of a plan: every change with its reason, and everything that waits with what for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use k8s_openapi::api::core::v1::PodSpec;

use super::PlanInput;
use super::classify::Condition;
use super::network::NetworkPlan;
use super::pods::{Leaving, Standing, Turn};
use super::report::{Change, ChangeAction, Pending, Report, Waiting};
use super::storage::VolumePlan;
use super::target::Target;
use super::volume::VolumesToFill;
use super::waits::waits;
use crate::bindings::Binding;
use crate::controller::{config_keys, part_sources, pod_spec, volume_sources};
use crate::desired::{FieldChange, ObjectAction};
use crate::model::{NodeName, ObjectKey, PodKey};

/// Writes the report.
pub(super) fn report(
    input: &PlanInput<'_>,
    target: &Target,
    standing: &Standing,
    (network, volumes, unmade): (&NetworkPlan, &VolumePlan, &BTreeMap<PodKey, String>),
) -> Report {
    let mut changes = object_changes(input);
    changes.extend(pod_changes(input, target, standing));
    changes.retain(|change| !is_unmade(change, unmade));
    tell_of_pods(input, target, &mut changes);
    changes.extend(host_changes(network));
    changes.extend(volumes.changes.iter().cloned());
    sort(&mut changes);
    let mut pending = waits(target, standing, network);
    pending.extend(volumes.pending.iter().cloned());
    pending.extend(unmade.iter().map(|(key, why)| Pending {
        object: key.object(),
        waiting: Waiting::Mended { what: why.clone() },
    }));
    Report {
        changes,
        pending,
        unreachable: input
            .observed
            .unreachable()
            .map(|(node, why)| (node.clone(), why.error.clone()))
            .collect(),
    }
}

/// Whether a change is that of a pod which cannot be made.
fn is_unmade(change: &Change, unmade: &BTreeMap<PodKey, String>) -> bool {
    let ObjectKey { kind, namespace, name } = &change.object;
    kind == "Pod" && unmade.contains_key(&PodKey::new(namespace, name))
}

/// Puts changes in the order in which they are shown.
pub(super) fn sort(changes: &mut [Change]) {
    let key = |change: &Change| (rank(&change.object.kind), change.object.clone());
    changes.sort_by_key(key);
}

/// The order in which kinds are shown: what others stand on comes first.
fn rank(kind: &str) -> u8 {
    match kind {
        "Node" => 0,
        "Namespace" => 1,
        "ConfigMap" | "Secret" => 2,
        "StorageClass" | "PersistentVolume" | "PersistentVolumeClaim" => 3,
        "Service" => 4,
        "Deployment" => 5,
        _ => 6,
    }
}

/// How many changed fields a reason names.
const FIELDS_SHOWN: usize = 3;

fn fields_text(fields: &[FieldChange]) -> String {
    let mut parts: Vec<String> =
        fields.iter().take(FIELDS_SHOWN).map(ToString::to_string).collect();
    if fields.len() > FIELDS_SHOWN {
        parts.push(format!("and {} more fields", fields.len() - FIELDS_SHOWN));
    }
    parts.join("; ")
}

/// Changes of stored objects. A Pod's own is told by what happens on its host, unless nothing happens there: it is deleted
/// and its host does not answer, or it never was on one.
fn object_changes(input: &PlanInput<'_>) -> Vec<Change> {
    let seen = |key: &ObjectKey| {
        let pod = PodKey::new(&key.namespace, &key.name);
        input.observed.reachable().any(|(_, report)| report.pods.values().any(|p| p.key == pod))
    };
    let told = input.object_changes.iter().filter(|change| {
        change.key.kind != "Pod"
            || (matches!(change.action, ObjectAction::Delete(_)) && !seen(&change.key))
    });
    told.map(|change| {
        let object = change.key.clone();
        let (action, reason, fields) = match &change.action {
            ObjectAction::Create => (ChangeAction::Create, "new".to_owned(), Vec::new()),
            ObjectAction::Update(fields) => {
                (ChangeAction::Update, fields_text(fields), fields.clone())
            }
            ObjectAction::Delete(why) => (ChangeAction::Delete, why.clone(), Vec::new()),
        };
        Change { fields, ..Change::new(action, object, reason) }
    })
    .collect()
}

/// Adds the fields of Pods that change to what happens on their hosts; a change that no host minds is told by itself, and so is
/// a new Pod that comes to no host yet.
fn tell_of_pods(input: &PlanInput<'_>, target: &Target, changes: &mut Vec<Change>) {
    let told: BTreeMap<ObjectKey, usize> =
        changes.iter().enumerate().map(|(at, change)| (change.object.clone(), at)).collect();
    let waits = target.pending.iter();
    let waits = waits.filter(|pending| matches!(pending.waiting, Waiting::Host { .. }));
    let waits: BTreeSet<&ObjectKey> = waits.map(|pending| &pending.object).collect();
    for change in input.object_changes.iter().filter(|change| change.key.kind == "Pod") {
        let before = told.get(&change.key);
        let fields = match &change.action {
            ObjectAction::Update(fields) => fields,
            ObjectAction::Create => {
                if before.is_none() {
                    changes.extend(created(target, &waits, &change.key));
                }
                continue;
            }
            ObjectAction::Delete(_) => continue,
        };
        match before.and_then(|at| changes.get_mut(*at)) {
            Some(told) => told.fields.clone_from(fields),
            None => {
                let (action, object) = (ChangeAction::Update, change.key.clone());
                let told = Change::new(action, object, fields_text(fields));
                changes.push(Change { fields: fields.clone(), ..told });
            }
        }
    }
}

/// The change that a Pod is stored, where nothing happens on hosts that tells of it.
fn created(target: &Target, waits: &BTreeSet<&ObjectKey>, key: &ObjectKey) -> Option<Change> {
    let is_bound = target.bindings.pods.contains_key(&PodKey::new(&key.namespace, &key.name));
    let reason = match (waits.contains(key), is_bound) {
        (true, _) => "new; waits for a host",
        (false, false) => "new; has to wait",
        (false, true) => return None,
    };
    Some(Change::new(ChangeAction::Create, key.clone(), reason.to_owned()))
}

fn host_changes(network: &NetworkPlan) -> Vec<Change> {
    let mut reasons: BTreeMap<&NodeName, Vec<&str>> = BTreeMap::new();
    for (node, (_, why)) in &network.configure {
        reasons.entry(node).or_default().push(why);
    }
    for node in network.rules.keys() {
        reasons.entry(node).or_default().push("service rules differ");
    }
    let change = |(node, why): (&NodeName, Vec<&str>)| {
        let object = ObjectKey::new("Node", "", node.as_str());
        Change::new(ChangeAction::Update, object, why.join(", ")).on(node)
    };
    reasons.into_iter().map(change).collect()
}

fn pod_change(action: ChangeAction, key: &PodKey, node: &NodeName, reason: String) -> Change {
    let object = key.object();
    Change::new(action, object, reason).on(node)
}

fn pod_changes(input: &PlanInput<'_>, target: &Target, standing: &Standing) -> Vec<Change> {
    let mut going = Going::collect(input, target, standing);
    let mut changes = Vec::new();
    for (key, binding) in &target.bindings.pods {
        let (action, reason) = match standing.conditions.get(key) {
            Some(Condition::Missing) => going.reason_to_create(input, key, binding),
            Some(Condition::Broken(why)) => (ChangeAction::Replace, broken(input, key, why)),
            Some(condition @ Condition::Stopped { .. }) => {
                (ChangeAction::Update, format!("{}: start again", condition.words(&binding.node)))
            }
            Some(Condition::Running(_) | Condition::Unready(_)) => match standing.fill.get(key) {
                Some(fill) => (ChangeAction::Update, in_place(input, binding, fill)),
                None => continue,
            },
            Some(
                Condition::Unknown { .. }
                | Condition::Homeless
                | Condition::Starting(_)
                | Condition::BackOff { .. }
                | Condition::Finished,
            )
            | None => continue,
        };
        changes.push(pod_change(action, key, &binding.node, reason));
    }
    changes.extend(going.rest(input, target));
    changes
}

fn broken(input: &PlanInput<'_>, key: &PodKey, why: &str) -> String {
    let object = key.object();
    changed_fields(input, &object).unwrap_or_else(|| why.to_owned())
}

/// Which volumes of a running pod are written anew, and what of their objects has changed.
fn in_place(input: &PlanInput<'_>, binding: &Binding, fill: &VolumesToFill) -> String {
    let none = PodSpec::default();
    let spec = binding.pod.spec.as_ref().unwrap_or(&none);
    let namespace = &fill.key.namespace;
    let words = |volume: &String| {
        let mut sources = volume_sources(spec, namespace, volume).into_iter();
        let changed = sources.find_map(|key| {
            let fields = fields_of(input, &key)?;
            Some(format!("{} {}: {fields}", key.kind, key.name))
        });
        match changed {
            Some(changed) => format!("volume {volume}, {changed}"),
            None => format!("volume {volume}"),
        }
    };
    let volumes: Vec<String> = fill.volumes.keys().map(words).collect();
    format!("update in place: {}", volumes.join("; "))
}

/// The changed fields of an object, if it changes in this plan.
fn fields_of(input: &PlanInput<'_>, key: &ObjectKey) -> Option<String> {
    let change = input.object_changes.iter().find(|change| change.key == *key)?;
    match &change.action {
        ObjectAction::Update(fields) => Some(fields_text(fields)),
        ObjectAction::Create | ObjectAction::Delete(_) => None,
    }
}

/// The changed fields of an object, if it changes in this plan, or those of what its pods have in a way that does not follow:
/// in their environment, or as parts of volumes.
fn changed_fields(input: &PlanInput<'_>, object: &ObjectKey) -> Option<String> {
    let of_sources = || {
        let spec = pod_spec(&input.desired.objects.get(object)?.object)?;
        let namespace = &object.namespace;
        let environment = config_keys(namespace, spec).into_iter();
        let environment = environment.map(|key| (key, "in the environment"));
        let parts =
            part_sources(spec, namespace).into_iter().map(|key| (key, "mounted by subPath"));
        environment.chain(parts).find_map(|(key, way)| {
            let fields = fields_of(input, &key)?;
            Some(format!("{} {}, {way}: {fields}", key.kind, key.name))
        })
    };
    fields_of(input, object).or_else(of_sources)
}

/// How many pods of an object find no host, or are not let in.
fn without_hosts(target: &Target, object: &ObjectKey) -> u64 {
    let waits = target.pending.iter().filter(|pending| pending.object == *object);
    let pods = waits.map(|pending| match pending.waiting {
        Waiting::Host { pods, .. } | Waiting::Refused { pods, .. } => pods,
        Waiting::Room { .. }
        | Waiting::Unreachable { .. }
        | Waiting::Available { .. }
        | Waiting::Turn { .. }
        | Waiting::Mended { .. } => 0,
    });
    pods.sum()
}

/// The pods that go, by what they were made for, so that each new pod can be told as the one that takes another's place.
struct Going<'a> {
    by_owner: BTreeMap<Option<ObjectKey>, VecDeque<Gone<'a>>>,
}

/// A pod that goes, or that is out of reach and replaced.
struct Gone<'a> {
    key: &'a PodKey,
    node: &'a NodeName,
    displaced: Option<&'a str>,
    /// Whether it goes now.
    turn: Turn,
}

impl<'a> Going<'a> {
    fn collect(input: &PlanInput<'a>, target: &'a Target, standing: &'a Standing) -> Self {
        let mut by_owner: BTreeMap<Option<ObjectKey>, VecDeque<Gone<'a>>> = BTreeMap::new();
        let displaced = |key: &PodKey| target.displaced.get(key).map(String::as_str);
        let mut seen = BTreeSet::new();
        for Leaving { key, node, owner, turn, .. } in &standing.leaving {
            seen.insert(key);
            let gone = Gone { key, node, displaced: displaced(key), turn: *turn };
            by_owner.entry(owner.clone()).or_default().push_back(gone);
        }
        for (key, binding) in &input.bindings.pods {
            if let Some(why) = displaced(key).filter(|_| !seen.contains(key)) {
                let (node, displaced) = (&binding.node, Some(why));
                let gone = Gone { key, node, displaced, turn: Turn::Now };
                by_owner.entry(binding.owner.clone()).or_default().push_back(gone);
            }
        }
        Self { by_owner }
    }

    fn reason_to_create(
        &mut self,
        input: &PlanInput<'_>,
        key: &PodKey,
        binding: &Binding,
    ) -> (ChangeAction, String) {
        let others = self.by_owner.get_mut(&binding.owner);
        let gone = others.and_then(|others| match &binding.owner {
            Some(_) => {
                let beside = others.iter().position(|gone| *gone.node == binding.node);
                others.remove(beside.unwrap_or(0))
            }
            None => {
                let at = others.iter().position(|gone| gone.key == key)?;
                others.remove(at)
            }
        });
        match gone {
            Some(Gone { key: old, node, displaced: Some(why), .. }) => {
                let action =
                    if *node == binding.node { ChangeAction::Replace } else { ChangeAction::Move };
                (action, format!("{why}; takes the place of {} on {node}", old.name))
            }
            Some(Gone { key: old, node, displaced: None, .. }) => {
                let place = format!("takes the place of {} on {node}", old.name);
                let fields = binding.owner.as_ref().and_then(|owner| changed_fields(input, owner));
                let why = match fields {
                    Some(fields) => format!("{fields}; {place}"),
                    None => format!("{place}, which is of an older revision"),
                };
                (ChangeAction::Replace, why)
            }
            None if input.bindings.pods.contains_key(key) => {
                (ChangeAction::Create, format!("missing on {}", binding.node))
            }
            None => (ChangeAction::Create, "new".to_owned()),
        }
    }

    /// Pods that go without another in their place. What is out of reach cannot be deleted now and is told as waiting; what stays
    /// until another has a host does not go.
    fn rest(self, input: &PlanInput<'_>, target: &Target) -> Vec<Change> {
        let mut changes = Vec::new();
        for (owner, gone) in self.by_owner {
            let mut kept = owner.as_ref().map_or(0, |owner| without_hosts(target, owner));
            let reachable = gone.iter().filter(|gone| input.observed.report(gone.node).is_some());
            for Gone { key, node, displaced, turn } in reachable {
                if *turn == Turn::Later && kept > 0 {
                    kept -= 1;
                    continue;
                }
                let object = owner.clone();
                let object = object.unwrap_or_else(|| key.object());
                let wanted = input.desired.objects.contains_key(&object);
                let why = match (&owner, wanted) {
                    (_, true) if displaced.is_some() => displaced.unwrap_or_default().to_owned(),
                    (Some(owner), true) if without_hosts(target, owner) > 0 => {
                        format!(
                            "it is of an older revision of {owner}, and others wait for its room"
                        )
                    }
                    (Some(owner), true) => format!("more pods than {owner} asks for"),
                    (_, false) => format!("{object} is gone"),
                    (None, true) => "it belongs to another host".to_owned(),
                };
                changes.push(pod_change(ChangeAction::Delete, key, node, why));
            }
        }
        changes
    }
}
