//! The scores of every host for a pod, part by part: what `plan --explain` shows. Picking goes another way to the same end.

use std::collections::BTreeMap;

use serde::Serialize;

use super::interned::{at, number_of};
use super::score::{Bounds, Own, Raw};
use super::{ClassId, Fleet, HostId, Request};
use crate::model::NodeName;

/// What a host scores, each part in thousandths of a point and weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// For how full it is.
    pub resources: u64,
    /// For how evenly its CPU and memory are used.
    pub balance: u64,
    /// For GPUs that stay of use to other pods.
    pub gpus: u64,
    /// For images that it has already.
    pub images: u64,
    /// For preferences of hosts.
    pub node_affinity: u64,
    /// For taints that it does not have.
    pub taints: u64,
    /// For the pods that are there.
    pub pod_affinity: u64,
    /// For like pods that are not.
    pub spread: u64,
}

impl Score {
    /// All parts together.
    pub fn total(&self) -> u64 {
        let Self { resources, balance, gpus, images, node_affinity, taints, pod_affinity, spread } =
            self;
        resources + balance + gpus + images + node_affinity + taints + pod_affinity + spread
    }
}

impl Fleet {
    /// What each host scores that could take the pod.
    pub fn scores(&self, class: ClassId, request: &Request) -> BTreeMap<NodeName, Score> {
        let hosts = (0..self.loads.len()).map(|host| HostId(number_of(host)));
        let fit = hosts.filter(|host| self.reject(class, request, *host).is_none());
        let raws: Vec<(HostId, Raw)> = fit.map(|host| (host, self.raw(class, host))).collect();
        let mut bounds = Bounds::default();
        for (_, raw) in &raws {
            bounds.widen(raw);
        }
        let view = self.view(class);
        let weights = view.profile.weights;
        let score = |(host, raw): (HostId, Raw)| {
            let Own { resources, balance, gpus } = Own::of(view, host.0);
            let compared = bounds.points(&raw);
            let score = Score {
                resources: weights.resources * resources,
                balance: weights.balance * balance,
                gpus: weights.gpus * gpus,
                images: weights.images * compared.images,
                node_affinity: weights.node_affinity * compared.node_affinity,
                taints: weights.taints * compared.taints,
                pod_affinity: weights.pod_affinity * compared.pod_affinity,
                spread: weights.spread * compared.spread,
            };
            (self.name(host).clone(), score)
        };
        raws.into_iter().map(score).collect()
    }

    fn raw(&self, class: ClassId, host: HostId) -> Raw {
        let of = &self.census.classes[at(class.0)];
        let count = |read: u32| {
            let counter = of.reads[at(read)];
            self.census.counters[at(counter)].of(self.census.domain(counter, host.0))
        };
        let liking = of.rules.liking(of.rules.kind[at(host.0)]);
        Raw {
            preferred: liking.preferred,
            avoided: liking.avoided,
            images: liking.images,
            company: of.company.worth(&count),
            crowd: of.spread.crowd(&count),
        }
    }
}
