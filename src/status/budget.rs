//! `PodDisruptionBudgets`: how many of their pods are ready, and how many may be sent away.

use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use super::{Fleet, Resource};
use crate::controller::wanted;
use crate::model::{Object, Selector};
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
            let condition = self.disruption_allowed(&object, counted);
            object.status = Some(PodDisruptionBudgetStatus {
                conditions: Some(vec![condition]),
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

    /// Whether a pod may be sent away, and why. Nobody keeps in mind since when: it holds as of this look.
    ///
    /// Source: <https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/pod-disruption-budget-v1/#PodDisruptionBudgetStatus>
    fn disruption_allowed(
        &self,
        object: &PodDisruptionBudget,
        counted: Option<&Budget>,
    ) -> Condition {
        let selector = object.spec.as_ref().and_then(|spec| spec.selector.as_ref());
        let unread = selector.and_then(|selector| Selector::from_object(selector).err());
        let (status, reason) = match (&unread, counted.map_or(0, Budget::allowed)) {
            (Some(_), _) => ("False", "SyncFailed"),
            (None, 0) => ("False", "InsufficientPods"),
            (None, _) => ("True", "SufficientPods"),
        };
        Condition {
            type_: "DisruptionAllowed".to_owned(),
            status: status.to_owned(),
            reason: reason.to_owned(),
            message: unread.map(|error| error.to_string()).unwrap_or_default(),
            observed_generation: object.metadata.generation,
            last_transition_time: Time(self.now),
        }
    }
}
