//! The priority that a pod's class gives it, as Kubernetes' admission fills it in when a pod is made.
//!
//! Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/>, and `plugin/pkg/admission/priority` of
//! Kubernetes.

use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::api::scheduling::v1::PriorityClass;

use crate::desired::Desired;
use crate::model::{Object, ObjectKey};

/// The classes that are there without anyone having made them, and what they are worth.
const SYSTEM: [(&str, i32); 2] =
    [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];

/// What a class has its pods do that says nothing of it, and what pods do that have no class.
const USUAL: &str = "PreemptLowerPriority";

/// Why a pod gets no priority, in the API server's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriorityError {
    /// There is no such class.
    #[error("no PriorityClass with name {0} was found")]
    Missing(String),
    /// The pod says another priority than its class.
    #[error(
        "the integer value of priority ({said}) must not be provided in pod spec; priority admission controller computed {given} \
         from the given PriorityClass name"
    )]
    Value {
        /// What the pod says.
        said: i32,
        /// What its class says.
        given: i32,
    },
    /// The pod says otherwise than its class whether others have to make room for it.
    #[error(
        "the string value of PreemptionPolicy ({said}) must not be provided in pod spec; priority admission controller computed \
         {given} from the given PriorityClass name"
    )]
    Policy {
        /// What the pod says.
        said: String,
        /// What its class says.
        given: String,
    },
}

/// Fills in what a pod's class says, or the class that holds for pods without one; a pod that says otherwise is refused.
pub fn fill_priority(desired: &Desired, spec: &mut PodSpec) -> Result<(), PriorityError> {
    let named = spec.priority_class_name.as_deref().filter(|name| !name.is_empty());
    let (value, policy) = match named {
        Some(name) => match SYSTEM.iter().find(|(system, _)| *system == name) {
            Some((_, value)) => (*value, None),
            None => {
                let key = ObjectKey::new("PriorityClass", "", name);
                match desired.objects.get(&key).map(|stored| &stored.object) {
                    Some(Object::PriorityClass(class)) => worth(class),
                    _ => return Err(PriorityError::Missing(name.to_owned())),
                }
            }
        },
        None => match default_class(desired) {
            Some(class) => {
                spec.priority_class_name.clone_from(&class.metadata.name);
                worth(class)
            }
            // A number without a class is refused when a manifest is read, unless it is 0.
            None => return agree(spec.preemption_policy.as_deref(), None),
        },
    };
    if let Some(said) = spec.priority.filter(|said| *said != value) {
        return Err(PriorityError::Value { said, given: value });
    }
    agree(spec.preemption_policy.as_deref(), policy.as_deref())?;
    spec.priority = Some(value);
    if let Some(policy) = policy {
        spec.preemption_policy.get_or_insert(policy);
    }
    Ok(())
}

/// Whether what a pod says of preemption is what it is given.
fn agree(said: Option<&str>, given: Option<&str>) -> Result<(), PriorityError> {
    let given = given.unwrap_or(USUAL);
    match said.filter(|said| !said.is_empty() && *said != given) {
        Some(said) => Err(PriorityError::Policy { said: said.to_owned(), given: given.to_owned() }),
        None => Ok(()),
    }
}

fn worth(class: &PriorityClass) -> (i32, Option<String>) {
    (class.value.unwrap_or(0), class.preemption_policy.clone())
}

/// The class for pods that name none; of several the one that is worth least.
fn default_class(desired: &Desired) -> Option<&PriorityClass> {
    let classes = desired.objects.values().filter_map(|stored| match &stored.object {
        Object::PriorityClass(class) if class.global_default == Some(true) => Some(&**class),
        _ => None,
    });
    classes.min_by_key(|class| class.value.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;
    use serde_json::json;

    fn class(name: &str, rest: serde_json::Value) -> Object {
        let mut class = json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
            "metadata": {"name": name}});
        if let serde_json::Value::Object(rest) = rest {
            class.as_object_mut().unwrap().extend(rest);
        }
        Object::try_from(class).unwrap()
    }

    fn filled(classes: Vec<Object>, spec: serde_json::Value) -> Result<serde_json::Value, String> {
        let mut spec: PodSpec = serde_json::from_value(spec).unwrap();
        fill_priority(&Desired::default().with(classes), &mut spec).map_err(|e| e.to_string())?;
        let mut json = serde_json::to_value(spec).unwrap();
        json.as_object_mut().unwrap().remove("containers");
        Ok(json)
    }

    #[test]
    fn a_class_says_how_much_a_pod_is_worth() {
        let classes = || {
            vec![
                class("high", json!({"value": 1000, "preemptionPolicy": "Never"})),
                class("usual", json!({"value": 7, "globalDefault": true})),
            ]
        };
        let named =
            |name: &str| filled(classes(), json!({"containers": [], "priorityClassName": name}));
        let high =
            json!({"priority": 1000, "preemptionPolicy": "Never", "priorityClassName": "high"});
        assert_eq!(named("high"), Ok(high));
        assert_eq!(named("system-node-critical").unwrap()["priority"], 2_000_001_000);
        assert_eq!(named("none"), Err("no PriorityClass with name none was found".to_owned()));
        let usual = json!({"priority": 7, "priorityClassName": "usual"});
        assert_eq!(filled(classes(), json!({"containers": []})), Ok(usual));
        assert_eq!(filled(vec![], json!({"containers": []})), Ok(json!({})));
    }

    #[test]
    fn a_pod_says_nothing_else_than_its_class() {
        let classes = || {
            vec![
                class("high", json!({"value": 1000, "preemptionPolicy": "Never"})),
                class("plain", json!({"value": 7})),
            ]
        };
        let said = |policy: &str, name: &str| {
            let spec =
                json!({"containers": [], "preemptionPolicy": policy, "priorityClassName": name});
            filled(classes(), spec).err().unwrap_or_default()
        };
        assert_eq!(said("Never", "high"), "");
        assert_eq!(said("PreemptLowerPriority", "plain"), "");
        assert_snapshot!(said("PreemptLowerPriority", "high"), @"the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name");
        let other = "the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller \
                     computed PreemptLowerPriority from the given PriorityClass name";
        for name in ["plain", "", "system-node-critical"] {
            assert_eq!(said("Never", name), other, "{name}");
        }
        let spec = json!({"containers": [], "priority": 8, "priorityClassName": "plain"});
        assert_snapshot!(filled(classes(), spec).unwrap_err(), @"the integer value of priority (8) must not be provided in pod spec; priority admission controller computed 7 from the given PriorityClass name");
    }
}
