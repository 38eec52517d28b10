//! How good a host is for a pod: kube-scheduler's scores, each from 0 to 100 points, weighed and added up.
//!
//! Points are counted in thousandths, so that hosts that Kubernetes would draw lots among are told apart by how full they are.
//! Source: <https://kubernetes.io/docs/reference/scheduling/config/#scheduling-plugins>

use super::interned::at;
use super::layout::View;
use super::load::WHOLE;
use crate::inventory::{Packing, Weights};

/// What of a host's score follows from nothing but how full it is.
pub(super) fn own(view: View<'_>, host: u32) -> u64 {
    let weights = &view.profile.weights;
    let Own { resources, balance, gpus } = Own::of(view, host);
    weights.resources * resources + weights.balance * balance + weights.gpus * gpus
}

/// Points for how full a host is, before they are weighed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own {
    /// How full it is.
    pub(super) resources: u64,
    /// How much more evenly CPU and memory are asked for with the pod than without: three quarters where it changes nothing, and
    /// from half of all to all of it.
    ///
    /// Source: `balancedResourceScorer` of kube-scheduler, since Kubernetes 1.36.
    pub(super) balance: u64,
    /// How little the GPUs that are left lose of what they are worth; half where it is nothing.
    pub(super) gpus: u64,
}

impl Own {
    /// The points of a host for a pod of a class.
    pub(super) fn of(view: View<'_>, host: u32) -> Self {
        let (load, share) = (&view.loads[at(host)], &view.class.share);
        let full = load.with(share);
        let (cpu, memory) = full.taken;
        let resources = match view.profile.packing {
            Packing::Least => (2 * WHOLE - cpu - memory) / 2,
            Packing::Most => u64::midpoint(cpu, memory),
        };
        let gpus = load.gpu_points(host, share, view.mix);
        let balance = WHOLE / 2 + (WHOLE / 2 + full.even - full.even_without) / 2;
        Self { resources, balance, gpus }
    }
}

/// What is to be compared between hosts before it is a score.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Raw {
    /// The weights of the preferences that choose the host.
    pub(super) preferred: u64,
    /// How many of its taints would rather have the pod elsewhere.
    pub(super) avoided: u64,
    /// Points for images that are there; they are no comparison.
    pub(super) images: u64,
    /// The weights of the company that the pod would have.
    pub(super) company: i64,
    /// How many like pods it would be among, weighed; `None` where they are not counted.
    pub(super) crowd: Option<u64>,
}

/// The least and the most of each among the hosts that a pod can go to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bounds {
    any: bool,
    preferred: u64,
    avoided: u64,
    company: (i64, i64),
    crowd: Option<(u64, u64)>,
}

impl Bounds {
    /// Takes in one more host, or many that are alike.
    pub(super) fn widen(&mut self, raw: &Raw) {
        self.preferred = self.preferred.max(raw.preferred);
        self.avoided = self.avoided.max(raw.avoided);
        let (least, most) = self.company;
        self.company = if self.any {
            (least.min(raw.company), most.max(raw.company))
        } else {
            (raw.company, raw.company)
        };
        if let Some(crowd) = raw.crowd {
            let (least, most) = self.crowd.unwrap_or((crowd, crowd));
            self.crowd = Some((least.min(crowd), most.max(crowd)));
        }
        self.any = true;
    }

    /// The points of what was compared, before they are weighed.
    pub(super) fn points(&self, raw: &Raw) -> Compared {
        let (least, most) = self.company;
        Compared {
            images: raw.images,
            node_affinity: scaled(raw.preferred, self.preferred).unwrap_or(0),
            taints: WHOLE - scaled(raw.avoided, self.avoided).unwrap_or(0),
            pod_affinity: scaled(raw.company.abs_diff(least), most.abs_diff(least)).unwrap_or(0),
            spread: match (raw.crowd, self.crowd) {
                (Some(crowd), Some((least, most))) => {
                    scaled((most + least).saturating_sub(crowd), most).unwrap_or(WHOLE)
                }
                (None, Some(_)) => 0,
                (_, None) => WHOLE,
            },
        }
    }
}

/// Points of what was compared between hosts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compared {
    pub(super) images: u64,
    pub(super) node_affinity: u64,
    pub(super) taints: u64,
    pub(super) pod_affinity: u64,
    pub(super) spread: u64,
}

impl Compared {
    /// All of them, weighed.
    pub(super) fn sum(&self, weights: &Weights) -> u64 {
        weights.images * self.images
            + weights.node_affinity * self.node_affinity
            + weights.taints * self.taints
            + weights.pod_affinity * self.pod_affinity
            + weights.spread * self.spread
    }
}

/// A part of a whole in the unit of scores; `None` when there is no whole.
fn scaled(part: u64, whole: u64) -> Option<u64> {
    (whole > 0).then(|| {
        let scaled = u128::from(part) * u128::from(WHOLE) / u128::from(whole);
        u64::try_from(scaled).unwrap_or(WHOLE).min(WHOLE)
    })
}
