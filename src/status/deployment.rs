//! Deployments: how many of their pods there are, and how far they have come.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentCondition, DeploymentStatus};
use k8s_openapi::api::core::v1::Pod;

use super::{Fleet, Resource};
use crate::controller::{Strategy, Wanted, WantedPods, wanted};
use crate::model::{Object, ObjectKey};
use crate::plan::Waiting;

/// What a Deployment says of itself that changes and waits for nothing named.
pub const PROGRESSING: &str = "Deployment is progressing.";

/// The pods of a Deployment, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    all: usize,
    updated: usize,
    ready: usize,
    available: usize,
}

impl Fleet<'_> {
    pub(super) fn deployments(&self) -> Vec<Resource> {
        let all = wanted(self.desired);
        let mut deployments = Vec::new();
        for wanted in &all {
            let stored = self.desired.objects.get(&wanted.source).map(|stored| &stored.object);
            if let Some(Object::Deployment(deployment)) = stored {
                let status = self.status(wanted, deployment);
                let mut deployment = deployment.clone();
                deployment.status = Some(status);
                deployments.push(Resource::Deployment(deployment));
            }
        }
        deployments
    }

    fn status(&self, wanted: &Wanted, deployment: &Deployment) -> DeploymentStatus {
        let spec = &deployment.spec;
        let desired = usize::try_from(spec.replicas.unwrap_or(1)).unwrap_or(0);
        let counts = self.counts(wanted, spec.min_ready_seconds.unwrap_or(0));
        let number = |count: usize| i32::try_from(count).ok().filter(|count| *count > 0);
        let total = counts.all.max(desired);
        DeploymentStatus {
            observed_generation: deployment.metadata.generation,
            replicas: number(counts.all),
            updated_replicas: number(counts.updated),
            ready_replicas: number(counts.ready),
            available_replicas: number(counts.available),
            unavailable_replicas: number(total - counts.available.min(total)),
            conditions: Some(self.conditions(wanted, desired, counts)),
            ..DeploymentStatus::default()
        }
    }

    fn counts(&self, wanted: &Wanted, min_ready_seconds: i32) -> Counts {
        let owner = Some(wanted.source.clone());
        let mut counts = Counts::default();
        for (key, binding) in self.bindings.pods.iter().chain(&self.bindings.leaving) {
            if binding.owner != owner {
                continue;
            }
            let leaving = !self.bindings.pods.contains_key(key);
            let there = self
                .observed
                .report(&binding.node)
                .is_some_and(|report| report.pods.values().any(|pod| pod.key == *key));
            if leaving && !there {
                continue;
            }
            counts.all += 1;
            counts.updated += usize::from(!leaving && binding.digest == wanted.digest);
            if let Some(since) = ready_since(&self.bound(key, binding)) {
                counts.ready += 1;
                let long = self.now.duration_since(since).as_secs();
                counts.available += usize::from(long >= i64::from(min_ready_seconds));
            }
        }
        let unplaced = self.all_waits(&wanted.source).map(|pending| match &pending.waiting {
            Waiting::Host { pods, .. } => usize::try_from(*pods).unwrap_or(0),
            _ => 0,
        });
        let unplaced: usize = unplaced.sum();
        Counts { all: counts.all + unplaced, updated: counts.updated + unplaced, ..counts }
    }

    fn conditions(
        &self,
        wanted: &Wanted,
        desired: usize,
        counts: Counts,
    ) -> Vec<DeploymentCondition> {
        let may_lack = match &wanted.pods {
            WantedPods::Like {
                strategy: Strategy::RollingUpdate { max_unavailable, .. }, ..
            } => usize::try_from(*max_unavailable).unwrap_or(0),
            WantedPods::Like { strategy: Strategy::Recreate, .. } => desired,
            WantedPods::One(_) | WantedPods::Blocked { .. } => 0,
        };
        let available = if counts.available + may_lack >= desired {
            let words = "Deployment has minimum availability.";
            condition("Available", "True", "MinimumReplicasAvailable", words)
        } else {
            let words = "Deployment does not have minimum availability.";
            condition("Available", "False", "MinimumReplicasUnavailable", words)
        };
        let done = [counts.all, counts.updated, counts.available].map(|count| count == desired);
        let mut progressing = if done == [true; 3] {
            let words = "Deployment is as it should be.";
            condition("Progressing", "True", "NewReplicaSetAvailable", words)
        } else {
            condition("Progressing", "True", "ReplicaSetUpdated", PROGRESSING)
        };
        if let Some(why) = self.why(&wanted.source) {
            progressing.message = Some(why);
        }
        let refused = self.all_waits(&wanted.source).find_map(|pending| match &pending.waiting {
            Waiting::Refused { what, .. } => {
                Some(condition("ReplicaFailure", "True", "FailedCreate", what))
            }
            _ => None,
        });
        [available, progressing].into_iter().chain(refused).collect()
    }

    /// What a Deployment waits for, in words; that pods of it are refused is said elsewhere.
    fn why(&self, object: &ObjectKey) -> Option<String> {
        let mut waits = self.all_waits(object).map(|pending| &pending.waiting);
        let other = waits.find(|waiting| !matches!(waiting, Waiting::Refused { .. }));
        other.map(ToString::to_string)
    }
}

fn condition(type_: &str, status: &str, reason: &str, words: &str) -> DeploymentCondition {
    DeploymentCondition {
        type_: Some(type_.to_owned()),
        status: Some(status.to_owned()),
        reason: Some(reason.to_owned()),
        message: Some(words.to_owned()),
        ..DeploymentCondition::default()
    }
}

/// Since when a pod is ready; `None` when it is not.
fn ready_since(pod: &Pod) -> Option<jiff::Timestamp> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let ready = conditions.iter().find(|c| c.type_ == "Ready" && c.status == "True")?;
    ready.last_transition_time.as_ref().map(|time| time.0)
}
