//! References between objects: what a manifest names must be in the same source or in what is stored.
//!
//! A reference is an error where Kubernetes' API server or its admission would refuse the object for it, and a warning
//! where the object is taken and waits, or does nothing, until the other one is there.

mod admission;
mod autoscaler;
mod network;
mod pod;
mod storage;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::admission::Quotas;
use crate::controller::default_class_name;
use crate::desired::Desired;
use crate::document::{Finding, Room, Severity, closest};
use crate::inventory::Inventory;
use crate::manifest::ReadObject;
use crate::model::{Kind, Object, ObjectKey};

/// How many errors of a run are kept, and how many warnings: more are no help, and each costs a search.
const MAX_OF_A_RUN: usize = 1000;

/// Namespaces that are there without anyone having made them.
const NAMESPACES: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// Finds references that lead nowhere, each labelled in the text that it stands in. Without an inventory, what depends on
/// the fleet's own ranges is not asked.
pub fn check_references(
    read: &[ReadObject],
    stored: &Desired,
    inventory: Option<&Inventory>,
) -> Vec<Finding> {
    let all = stored.clone().with(read.iter().map(|read| read.object.clone()));
    let mut findings = Vec::new();
    let mut room = Room::of(MAX_OF_A_RUN);
    let mut addresses = BTreeSet::new();
    let objects = all.objects.values().map(|stored| &stored.object);
    let mut quotas = Quotas::among(objects, default_class_name(&all));
    quotas.charge_objects(stored.objects.values().map(|stored| &stored.object));
    for read in read {
        let mut subject = Subject { read, all: &all, room: &mut room, findings: Vec::new() };
        namespace(&mut subject);
        pod::check(&mut subject);
        storage::check(&mut subject);
        network::check(&mut subject);
        autoscaler::check(&mut subject);
        admission::check(&mut subject, stored, &mut quotas);
        subject.findings.sort_by_key(|finding| finding.span);
        findings.append(&mut subject.findings);
        let outside = |inventory| network::cluster_ip(read, inventory, &mut addresses);
        findings.extend(inventory.and_then(outside).filter(|finding| room.takes(finding)));
    }
    findings
}

/// An object that was read, and all that it may refer to.
struct Subject<'a> {
    read: &'a ReadObject,
    all: &'a Desired,
    room: &'a mut Room,
    findings: Vec<Finding>,
}

/// A place that names another object.
struct Reference<'r> {
    kind: Kind,
    name: &'r str,
    path: &'r str,
}

impl<'a> Subject<'a> {
    fn object(&self) -> &'a Object {
        &self.read.object
    }

    /// The object of a kind and name that stands where the subject can refer to it.
    fn find(&self, kind: Kind, name: &str) -> Option<&'a Object> {
        let namespace = if kind.is_namespaced() { self.object().namespace() } else { "" };
        let key = ObjectKey::new(kind.object(), namespace, name);
        self.all.objects.get(&key).map(|stored| &stored.object)
    }

    /// All objects beside the subject: of its namespace, or of none.
    fn beside(&self) -> impl Iterator<Item = &'a Object> {
        let namespace = self.object().namespace();
        let objects = self.all.objects.values().map(|stored| &stored.object);
        objects.filter(move |object| object.namespace() == namespace)
    }

    /// Says that a reference leads nowhere, and what may have been meant.
    fn missing(&mut self, severity: Severity, reference: &Reference<'_>, otherwise: &str) {
        if self.room.is_full(severity) {
            return;
        }
        let Reference { kind, name, path } = *reference;
        let message = format!("{} \"{name}\" not found", kind.object().to_lowercase());
        let namespace = if kind.is_namespaced() { self.object().namespace() } else { "" };
        let first = ObjectKey::new(kind.object(), namespace, "");
        let is_beside =
            |key: &&ObjectKey| key.kind == first.kind && key.namespace == first.namespace;
        let known = self.all.objects.range(&first..).map(|(key, _)| key).take_while(is_beside);
        let meant = closest(name, known.map(|key| key.name.as_str()));
        let help = meant.map(|meant| format!("did you mean `{meant}`?"));
        let finding = self
            .read
            .finding(severity, code(kind), path, message)
            .with_label(format!("no such {kind}"))
            .with_help(help.as_deref().unwrap_or(otherwise));
        self.push(finding);
    }

    /// Keeps a finding, as long as there is room for more of its severity.
    fn push(&mut self, finding: Finding) {
        if self.room.takes(&finding) {
            self.findings.push(finding);
        }
    }
}

/// Some names in a sentence.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    match names.get(..SHOWN) {
        Some(first) if names.len() > SHOWN => {
            format!("{} and {} more", first.join(", "), names.len() - SHOWN)
        }
        Some(_) | None => names.join(", "),
    }
}

/// The code of a reference to an object of this kind that is not there.
fn code(kind: Kind) -> &'static str {
    match kind {
        Kind::ConfigMap => "configmap-missing",
        Kind::Deployment | Kind::ReplicaSet | Kind::ReplicationController | Kind::StatefulSet => {
            "hpa-target-missing"
        }
        Kind::IngressClass => "ingressclass-missing",
        Kind::Namespace => "namespace-missing",
        Kind::PersistentVolumeClaim => "claim-missing",
        Kind::PriorityClass => "priorityclass-missing",
        Kind::RuntimeClass => "runtimeclass-missing",
        Kind::Secret => "secret-missing",
        Kind::Service => "service-missing",
        Kind::ServiceAccount => "serviceaccount-missing",
        Kind::StorageClass => "storageclass-missing",
        _ => "reference-missing",
    }
}

/// A namespace must exist before anything is in it.
fn namespace(subject: &mut Subject<'_>) {
    let name = subject.object().namespace();
    let there = subject.all.objects.contains_key(&ObjectKey::new("Namespace", "", name));
    if name.is_empty() || there || NAMESPACES.contains(&name) {
        return;
    }
    let message = format!("namespaces \"{name}\" not found");
    let code = code(Kind::Namespace);
    let help =
        format!("add a manifest: {{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}");
    let finding = subject.read.finding(Severity::Error, code, "metadata.namespace", message);
    subject.push(finding.with_label("no such namespace").with_help(help));
}
