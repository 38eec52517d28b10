//! Sets of pods that terms and constraints speak of: by namespace and labels, or by what the pods were made for.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{PodAffinityTerm, TopologySpreadConstraint};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use crate::model::{Labels, Selector};

/// What sets choose a pod by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Traits {
    /// Its namespace.
    pub(super) namespace: String,
    /// Its labels.
    pub(super) labels: Labels,
    /// The number of what it was made for.
    pub(super) owner: Option<u32>,
}

/// A set of pods.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PodSet {
    /// The pods that every one of these chooses.
    Chosen(Vec<Choice>),
    /// The pods of one owner, by its number.
    Owned(u32),
}

/// Pods by namespace and labels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Choice {
    /// These namespaces.
    names: BTreeSet<String>,
    /// And those with such labels.
    namespaces: Option<Selector>,
    /// The pods' labels; `None` chooses no pod.
    labels: Option<Selector>,
}

impl PodSet {
    /// Whether a pod is one of them; `namespaces` are the labels of every namespace.
    pub(super) fn has(&self, pod: &Traits, namespaces: &BTreeMap<String, Labels>) -> bool {
        match self {
            Self::Owned(owner) => pod.owner == Some(*owner),
            Self::Chosen(choices) => choices.iter().all(|choice| choice.has(pod, namespaces)),
        }
    }
}

impl Choice {
    /// The pods that a term of pod (anti)affinity speaks of, for a pod that asks so.
    ///
    /// Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity>
    pub(super) fn of_term(term: &PodAffinityTerm, asking: &Traits) -> Self {
        let mut names: BTreeSet<String> = term.namespaces.iter().flatten().cloned().collect();
        if names.is_empty() && term.namespace_selector.is_none() {
            names.insert(asking.namespace.clone());
        }
        let mut selector = term.label_selector.clone();
        if let Some(selector) = &mut selector {
            same_as(selector, term.match_label_keys.as_deref(), "In", asking);
            same_as(selector, term.mismatch_label_keys.as_deref(), "NotIn", asking);
        }
        let read = |selector: &LabelSelector| Selector::from_object(selector).ok();
        Self {
            names,
            namespaces: term.namespace_selector.as_ref().and_then(read),
            labels: selector.as_ref().and_then(read),
        }
    }

    /// The pods that a spread constraint counts, for a pod that asks so.
    ///
    /// Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/>
    pub(super) fn of_spread(constraint: &TopologySpreadConstraint, asking: &Traits) -> Self {
        let mut selector = constraint.label_selector.clone();
        if let Some(selector) = &mut selector {
            same_as(selector, constraint.match_label_keys.as_deref(), "In", asking);
        }
        Self {
            names: BTreeSet::from([asking.namespace.clone()]),
            namespaces: None,
            labels: selector.as_ref().and_then(|selector| Selector::from_object(selector).ok()),
        }
    }

    fn has(&self, pod: &Traits, namespaces: &BTreeMap<String, Labels>) -> bool {
        let none = Labels::new();
        let in_namespace = self.names.contains(&pod.namespace)
            || self.namespaces.as_ref().is_some_and(|selector| {
                selector.matches(namespaces.get(&pod.namespace).unwrap_or(&none))
            });
        in_namespace && self.labels.as_ref().is_some_and(|labels| labels.matches(&pod.labels))
    }
}

/// Adds that some labels are, or are not, as those of the pod that asks; a label that it lacks asks for nothing.
fn same_as(selector: &mut LabelSelector, keys: Option<&[String]>, operator: &str, asking: &Traits) {
    for key in keys.unwrap_or_default() {
        if let Some(value) = asking.labels.get(key) {
            selector.match_expressions.get_or_insert_default().push(LabelSelectorRequirement {
                key: key.clone(),
                operator: operator.to_owned(),
                values: Some(vec![value.clone()]),
            });
        }
    }
}
