//! The objects of one run, and what can be asked of all of them together.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::annotation::ignored;
use super::pods::{Template, Workload};
use crate::desired::Desired;
use crate::document::Finding;
use crate::manifest::{ReadObject, Reading};
use crate::model::{Kind, Labels, Object, ObjectKey, Selector};

/// The objects of one run: those of the manifests, and those that are stored.
pub(super) struct Set<'a> {
    read: &'a [ReadObject],
    all: BTreeMap<ObjectKey, &'a Object>,
    pods: Vec<Pods<'a>>,
    by_label: BTreeMap<(&'a str, &'a str, &'a str), Vec<usize>>,
    by_namespace: BTreeMap<&'a str, Vec<usize>>,
    silenced: BTreeMap<ObjectKey, BTreeSet<&'a str>>,
    unread: Unread,
}

/// Pods that some object asks for.
#[derive(Clone, Copy)]
pub(super) struct Pods<'a> {
    pub(super) object: &'a Object,
    pub(super) template: Template<'a>,
}

/// Labels that controllers give their pods, which no template states: whether one fits is not known here.
const GIVEN: [&str; 9] = [
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/job-name",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
];

/// The labels that a template can state.
fn stated(labels: &Labels) -> Labels {
    let stated = labels.iter().filter(|(key, _)| !GIVEN.contains(&key.as_str()));
    stated.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// What the manifests hold beyond the objects that could be read.
#[derive(Default)]
struct Unread {
    /// The objects with a fault.
    faulty: BTreeSet<ObjectKey>,
    /// Whether there is text of which not even that is known.
    text: bool,
}

impl<'a> Set<'a> {
    pub(super) fn new(reading: &'a Reading, stored: &'a Desired) -> Self {
        let mut all: BTreeMap<ObjectKey, &Object> =
            stored.objects.iter().map(|(key, stored)| (key.clone(), &stored.object)).collect();
        all.extend(reading.objects.iter().map(|read| (read.object.key(), &read.object)));
        let of = |object: &&'a Object| Some(Pods { object, template: Template::of(object)? });
        let pods: Vec<Pods<'a>> = all.values().filter_map(of).collect();
        let mut by_label: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        let mut by_namespace: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, pods) in pods.iter().enumerate() {
            let namespace = pods.object.namespace();
            by_namespace.entry(namespace).or_default().push(at);
            for (key, value) in pods.template.labels {
                by_label.entry((namespace, key.as_str(), value.as_str())).or_default().push(at);
            }
        }
        let silenced = reading.objects.iter().map(|read| &read.object);
        let silenced = silenced.map(|object| (object.key(), ignored(object).collect()));
        let silenced = silenced.filter(|(_, rules): &(_, BTreeSet<_>)| !rules.is_empty()).collect();
        let unread = unread(&reading.findings);
        Self { read: &reading.objects, all, pods, by_label, by_namespace, silenced, unread }
    }

    /// The objects of the manifests.
    pub(super) fn read(&self) -> &'a [ReadObject] {
        self.read
    }

    /// The objects of the manifests that ask for pods.
    pub(super) fn workloads(&'a self) -> impl Iterator<Item = Workload<'a>> {
        self.read.iter().filter_map(|read| {
            Some(Workload { set: self, read, template: Template::of(&read.object)? })
        })
    }

    /// Every object, those that are stored included.
    pub(super) fn objects(&self) -> impl Iterator<Item = &'a Object> {
        self.all.values().copied()
    }

    /// The object of this kind and name.
    pub(super) fn object(&self, kind: &str, namespace: &str, name: &str) -> Option<&'a Object> {
        self.all.get(&ObjectKey::new(kind, namespace, name)).copied()
    }

    /// All pods of a namespace.
    pub(super) fn pods_in(&self, namespace: &str) -> Vec<Pods<'a>> {
        self.with_labels(namespace, &Labels::new())
    }

    /// The pods of a namespace that have all of these labels.
    pub(super) fn with_labels(&self, namespace: &str, labels: &Labels) -> Vec<Pods<'a>> {
        let labels = stated(labels);
        self.narrowed(namespace, &labels, &Selector::equal(&labels))
    }

    /// The pods of a namespace that a selector chooses; none for one that cannot be read.
    pub(super) fn selected(&self, namespace: &str, selector: &LabelSelector) -> Vec<Pods<'a>> {
        let mut selector = selector.clone();
        let equal = selector.match_labels.as_ref().map(stated).unwrap_or_default();
        selector.match_labels = Some(equal.clone());
        let asked = selector.match_expressions.iter_mut();
        asked.for_each(|all| all.retain(|one| !GIVEN.contains(&one.key.as_str())));
        match Selector::from_object(&selector) {
            Ok(whole) => self.narrowed(namespace, &equal, &whole),
            Err(_) => Vec::new(),
        }
    }

    /// Looks only at the pods that have the rarest of the labels.
    fn narrowed(&self, namespace: &str, equal: &Labels, whole: &Selector) -> Vec<Pods<'a>> {
        let here = self.by_namespace.get(namespace).map_or(&[][..], Vec::as_slice);
        let rarest = equal.iter().map(|(key, value)| {
            let found = self.by_label.get(&(namespace, key.as_str(), value.as_str()));
            found.map_or(&[][..], Vec::as_slice)
        });
        let rarest = rarest.min_by_key(|found| found.len()).unwrap_or(here);
        let chosen = rarest.iter().map(|at| self.pods[*at]);
        chosen.filter(|pods| whole.matches(pods.template.labels)).collect()
    }

    /// Whether nothing in the set asks for pods: probably a part of what belongs together.
    pub(super) fn is_partial(&self) -> bool {
        self.pods.is_empty()
    }

    /// How sure it is that there are no more pods in a namespace than those that are known.
    pub(super) fn doubt_of_pods(&self, namespace: &str) -> Doubt {
        let hides = |key: &ObjectKey| {
            let kind = Kind::named(&key.kind);
            key.namespace == namespace && kind.is_some_and(asks_for_pods)
        };
        let foreign = |key: &ObjectKey| Kind::named(&key.kind).is_none();
        if self.unread.text || self.unread.faulty.iter().any(hides) {
            Doubt::Open
        } else if self.is_partial() || self.unread.faulty.iter().any(foreign) {
            Doubt::Some
        } else {
            Doubt::None
        }
    }

    /// How sure it is that there is no object of this name.
    pub(super) fn doubt_of(&self, key: &ObjectKey) -> Doubt {
        if self.unread.text || self.unread.faulty.contains(key) {
            Doubt::Open
        } else if self.is_partial() {
            Doubt::Some
        } else {
            Doubt::None
        }
    }

    /// Whether the object of a finding says that it wants to hear nothing of it. A fault is never silenced.
    pub(super) fn silences(&self, finding: &Finding) -> bool {
        let fault = finding.is_error() && super::rule(finding.code).is_none();
        !fault && finding.object.as_ref().is_some_and(|key| self.is_silenced(key, finding.code))
    }

    /// Whether an object silences a rule.
    pub(super) fn is_silenced(&self, key: &ObjectKey, rule: &str) -> bool {
        self.silenced.get(key).is_some_and(|rules| rules.contains(rule))
    }
}

/// How sure it is that something is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It is.
    None,
    /// It may be made by what is not known here: objects of other kinds, or manifests that are not of this run.
    Some,
    /// An object that could not be read may be just that.
    Open,
}

fn asks_for_pods(kind: Kind) -> bool {
    Kind::WORKLOADS.contains(&kind) && kind != Kind::Service
}

fn unread(findings: &[Finding]) -> Unread {
    let mut unread = Unread::default();
    for finding in findings {
        match &finding.object {
            Some(key) if finding.is_error() || finding.code == "unknown-kind" => {
                unread.faulty.insert(key.clone());
            }
            None if finding.is_error() => unread.text = true,
            Some(_) | None => {}
        }
    }
    unread
}

/// Whether the text of an object says something of a field, be it what would be filled in anyway.
pub(super) fn is_written(read: &ReadObject, path: &str) -> bool {
    read.document.span_of(path).is_some()
}
