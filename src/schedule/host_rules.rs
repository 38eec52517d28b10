//! What keeps a pod from a host or draws it there whatever pods are on it: labels, names, taints and images. Worked out once for all
//! pods that ask alike.
//!
//! Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity>

use k8s_openapi::api::core::v1::{NodeAffinity, NodeSelector, PodSpec, Toleration};

use super::decide::Filters;
use super::images::Wanted;
use super::interned::{Interned, at};
use super::machines::Lists;
use super::taint::{avoided, expelling, repelling, selects};
use super::{Candidate, Rejection, Request};
use crate::inventory::UNSCHEDULABLE;
use crate::model::chooses_node;

/// No kind: the host is out of the question.
pub(super) const BARRED: u32 = u32::MAX;

/// How each host stands to pods that ask alike.
#[derive(Clone, Debug)]
pub(super) struct HostRules {
    tolerations: Vec<Toleration>,
    /// By host: whether its labels and its name do.
    pub(super) selected: Vec<bool>,
    /// By host: whether its taints are borne.
    pub(super) borne: Vec<bool>,
    /// By host: the number of how much it is liked, or [`BARRED`].
    pub(super) kind: Vec<u32>,
    kinds: Interned<Liking>,
    lists: Lists,
}

/// How much a host is liked, whatever pods are on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Liking {
    /// The weights of all preferences that choose it.
    pub(super) preferred: u64,
    /// How many of its taints would rather have the pod elsewhere.
    pub(super) avoided: u64,
    /// Points for the images that are there.
    pub(super) images: u64,
}

impl HostRules {
    /// Works it out for every host.
    pub(super) fn of(
        hosts: &[Candidate],
        request: &Request,
        images: &Wanted,
        lists: Lists,
    ) -> Self {
        let (spec, tolerations) = (&request.spec, request.tolerations());
        let mut rules = Self {
            tolerations: tolerations.to_vec(),
            selected: Vec::with_capacity(hosts.len()),
            borne: Vec::with_capacity(hosts.len()),
            kind: Vec::with_capacity(hosts.len()),
            kinds: Interned::default(),
            lists,
        };
        for host in hosts {
            let selected = selects(host, spec) && accepts(host, spec);
            let borne = repelling(host, tolerations).is_none();
            let liking = Liking {
                preferred: preference(host, spec),
                avoided: avoided(host, tolerations),
                images: images.points(host),
            };
            let runs = rules.lists.reject(host).is_none();
            let kind =
                if selected && borne && runs { rules.kinds.number(liking).0 } else { BARRED };
            rules.selected.push(selected);
            rules.borne.push(borne);
            rules.kind.push(kind);
        }
        rules
    }

    /// What the pods bear.
    pub(super) fn tolerations(&self) -> &[Toleration] {
        &self.tolerations
    }

    /// How much hosts of a kind are liked; not at all those that nobody would choose, which a pod can still name.
    pub(super) fn liking(&self, kind: u32) -> Liking {
        if kind == BARRED { Liking::default() } else { *self.kinds.value(kind) }
    }

    /// Why the host is out of the question.
    pub(super) fn reject(
        &self,
        number: u32,
        host: &Candidate,
        filters: Filters,
    ) -> Option<Rejection> {
        let repelling = match filters {
            Filters::All => repelling(host, &self.tolerations),
            Filters::Kubelet => expelling(host, &self.tolerations),
        };
        // The first filter of kube-scheduler, before the host's labels.
        if repelling.is_some_and(|taint| taint.key == UNSCHEDULABLE) {
            return Some(Rejection::Unschedulable);
        }
        if !self.selected[at(number)] {
            return Some(Rejection::NodeSelector);
        }
        let taint = repelling
            .map(|taint| Rejection::Taint { key: taint.key.clone(), value: taint.value.clone() });
        taint.or_else(|| self.lists.reject(host))
    }
}

/// Whether the host is one that the pod must have.
fn accepts(host: &Candidate, spec: &PodSpec) -> bool {
    let required = of(spec)
        .and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_ref());
    required.is_none_or(|terms| chooses_node(terms, &host.name, &host.labels))
}

/// How much the pod would rather have the host: the weights of all preferences that choose it.
fn preference(host: &Candidate, spec: &PodSpec) -> u64 {
    let terms = of(spec).and_then(|affinity| {
        affinity.preferred_during_scheduling_ignored_during_execution.as_deref()
    });
    let chosen = terms.unwrap_or_default().iter().filter(|term| {
        let terms = NodeSelector { node_selector_terms: vec![term.preference.clone()] };
        chooses_node(&terms, &host.name, &host.labels)
    });
    chosen.map(|term| u64::try_from(term.weight).unwrap_or(0)).sum()
}

fn of(spec: &PodSpec) -> Option<&NodeAffinity> {
    spec.affinity.as_ref()?.node_affinity.as_ref()
}
