//! What images are on which hosts, and what a host is worth for those that it has already: kube-scheduler's `ImageLocality`.
//!
//! Source: <https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/imagelocality/image_locality.go>

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodSpec;
use serde_json::json;

use super::Candidate;
use super::load::WHOLE;
use crate::model::asked_images;

/// Images that count for less than this together are pulled soon enough: no points.
const LEAST: u64 = 23 << 20;

/// All points are for so much an image.
const MOST: u64 = 1000 << 20;

/// The images of a fleet by name, each with what it counts for on a host that has it: its size in bytes, by the share of the
/// hosts that have it, so that pods do not all go to the first host that has pulled it.
#[derive(Clone, Debug, Default)]
pub(super) struct Images(BTreeMap<String, u64>);

/// What of a pod's images some host has. One that nobody has and one that is small count for nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// By name, in the order of the pod.
    counting: Vec<(String, u64)>,
    /// How many images the pod has in all.
    images: u64,
}

impl Images {
    /// What hosts have.
    pub(super) fn of(hosts: &[Candidate]) -> Self {
        let mut known: BTreeMap<&String, (u64, u64)> = BTreeMap::new();
        for (name, size) in hosts.iter().flat_map(|host| &host.images) {
            // Hosts of different machines have different images of one name.
            let (most, count) = known.entry(name).or_default();
            (*most, *count) = ((*most).max(*size), *count + 1);
        }
        let all = hosts.len().max(1) as u64;
        let counts = known.into_iter().map(|(name, (size, count))| {
            let counts = u128::from(size) * u128::from(count) / u128::from(all);
            (name.clone(), u64::try_from(counts).unwrap_or(u64::MAX))
        });
        Self(counts.collect())
    }

    /// What of them a pod asks for.
    pub(super) fn wanted(&self, spec: &PodSpec) -> Wanted {
        if self.0.is_empty() {
            return Wanted::default();
        }
        let asked = asked_images(spec);
        let images = asked.len() as u64;
        let counting = asked.into_iter().filter_map(|name| {
            let counts = *self.0.get(&name)?;
            Some((name, counts))
        });
        let wanted = Wanted { counting: counting.collect(), images };
        let sum = wanted.counting.iter().map(|(_, counts)| *counts);
        // No host can have points for them: then all hosts are alike.
        if sum.fold(0, u64::saturating_add) > LEAST { wanted } else { Wanted::default() }
    }
}

impl Wanted {
    /// One text for all pods that ask alike; empty where it does not matter which host it is.
    pub(super) fn text(&self) -> String {
        if self.counting.is_empty() {
            return String::new();
        }
        json!([self.counting, self.images]).to_string()
    }

    /// The points of a host, in the unit of scores.
    pub(super) fn points(&self, host: &Candidate) -> u64 {
        let there = self.counting.iter().filter(|(name, _)| host.images.contains_key(name));
        let sum = there.map(|(_, counts)| *counts).fold(0, u64::saturating_add);
        let most = MOST.saturating_mul(self.images.max(1));
        let above = u128::from(sum.clamp(LEAST, most) - LEAST);
        u64::try_from(u128::from(WHOLE) * above / u128::from(most - LEAST)).unwrap_or(WHOLE)
    }
}
