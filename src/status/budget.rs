//! `PodDisruptionBudgets`: how many of their pods are ready, and how many may be sent away.

use k8s_openapi::api::policy::v1::PodDisruptionBudgetStatus;

use super::{Fleet, Resource};
use crate::controller::wanted;
use crate::model::Object;
use crate::plan::{Budget, PlanInput, budgets};

impl Fleet<'_> {
    pub(super) fn budgets(&self) -> Vec<Resource> {
        let input = PlanInput {
            inventory: &self.inventory,
            desired: self.desired,
            object_changes: &[],
            observed: self.observed,
            bindings: self.bindings,
            now: self.now,
        };
        let counted = budgets(&input, self.bindings, &wanted(self.desired));
        let number = |count: u64| Some(i32::try_from(count).unwrap_or(i32::MAX));
        let mut all = Vec::new();
        for (key, stored) in &self.desired.objects {
            let Object::PodDisruptionBudget(object) = &stored.object else { continue };
            let mut object = object.clone();
            let counted = counted.iter().find(|budget| budget.key == *key);
            object.status = Some(PodDisruptionBudgetStatus {
                current_healthy: number(counted.map_or(0, |budget| budget.healthy)),
                desired_healthy: number(counted.map_or(0, |budget| budget.desired)),
                disruptions_allowed: number(counted.map_or(0, Budget::allowed)),
                expected_pods: number(counted.map_or(0, |budget| budget.expected)),
                observed_generation: object.metadata.generation,
                ..PodDisruptionBudgetStatus::default()
            });
            all.push(Resource::Stored(Object::PodDisruptionBudget(object)));
        }
        all
    }
}
