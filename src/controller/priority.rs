//! The priority that a pod's class gives it, as Kubernetes' admission fills it in when a pod is made.
//!
//! Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/>

use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::api::scheduling::v1::PriorityClass;

use crate::desired::Desired;
use crate::model::{Object, ObjectKey};

/// The classes that are there without anyone having made them, and what they are worth.
const SYSTEM: [(&str, i32); 2] =
    [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];

/// Fills in what a pod's class says, or the class that holds for pods without one; the error says which class is missing.
pub fn fill_priority(desired: &Desired, spec: &mut PodSpec) -> Result<(), String> {
    let named = spec.priority_class_name.as_deref().filter(|name| !name.is_empty());
    let (value, policy) = match named {
        Some(name) => match SYSTEM.iter().find(|(system, _)| *system == name) {
            Some((_, value)) => (*value, None),
            None => {
                let key = ObjectKey::new("PriorityClass", "", name);
                match desired.objects.get(&key).map(|stored| &stored.object) {
                    Some(Object::PriorityClass(class)) => worth(class),
                    _ => return Err(format!("no PriorityClass with name {name} was found")),
                }
            }
        },
        None => match default_class(desired) {
            Some(class) => {
                spec.priority_class_name.clone_from(&class.metadata.name);
                worth(class)
            }
            // A number without a class is refused when a manifest is read, unless it is 0.
            None => return Ok(()),
        },
    };
    spec.priority = Some(value);
    if let Some(policy) = policy {
        spec.preemption_policy.get_or_insert(policy);
    }
    Ok(())
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
        fill_priority(&Desired::default().with(classes), &mut spec)?;
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
}
