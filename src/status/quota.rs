//! Quotas: how much of each bounded thing there is, and how much there may be.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Pod, ResourceQuotaStatus};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::pod::REFUSED;
use super::{Fleet, Resource};
use crate::admission::{Life, Quotas};
use crate::controller::default_class_name;
use crate::model::{Kind, Object};

impl Fleet<'_> {
    /// The quotas with their status.
    pub(super) fn quotas(&self) -> Vec<Resource> {
        let mut quotas = Quotas::of(self.desired, default_class_name(self.desired));
        for pod in self.pods().iter().filter(|pod| is_taken_in(pod)) {
            let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
            let spec = pod.spec.clone().unwrap_or_default();
            quotas.charge(namespace, &spec, life(pod));
        }
        let mut all = self.stored(Kind::ResourceQuota);
        for resource in &mut all {
            let Resource::Stored(object) = resource else { continue };
            let standing = quotas.standing(&object.key());
            let Object::ResourceQuota(quota) = object else { continue };
            let of = |which: fn(&(_, _)) -> _| -> BTreeMap<String, Quantity> {
                let amounts = standing.iter();
                amounts.map(|(name, both)| (name.clone(), Quantity(text(which(both))))).collect()
            };
            let hard = Some(of(|(_, hard)| *hard));
            quota.status = Some(ResourceQuotaStatus { hard, used: Some(of(|(used, _)| *used)) });
        }
        all
    }
}

fn text(amount: crate::model::Amount) -> String {
    amount.to_string()
}

/// Whether a pod counts: it was taken in, and its host can still be asked to end it.
fn is_taken_in(pod: &Pod) -> bool {
    let mut conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let refused = conditions.any(|condition| condition.reason.as_deref() == Some(REFUSED));
    !refused && pod.metadata.deletion_timestamp.is_none()
}

fn life(pod: &Pod) -> Life {
    match pod.status.as_ref().and_then(|status| status.phase.as_deref()) {
        Some("Succeeded" | "Failed") => Life::Over,
        _ => Life::Lasting,
    }
}
