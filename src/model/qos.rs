//! The quality of service class of a pod.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::api::core::v1::{PodSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::{parse_quantity_milli, whole_resources};

/// How much a pod can rely on what it asks for; who goes first when memory runs out follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QosClass {
    /// Every container asks for as much CPU and memory as it may use.
    Guaranteed,
    /// Some container asks for something.
    Burstable,
    /// None does.
    BestEffort,
}

impl fmt::Display for QosClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Guaranteed => "Guaranteed",
            Self::Burstable => "Burstable",
            Self::BestEffort => "BestEffort",
        })
    }
}

/// The class of a pod: by what it asks for as a whole where it does, else by every container, those that prepare it too. An
/// amount of nothing asks for nothing, and is not as much as a limit.
///
/// Source: `ComputePodQOS` of Kubernetes' `pkg/apis/core/v1/helper/qos/qos.go`.
pub fn qos_class(spec: &PodSpec) -> QosClass {
    let whole = whole_resources(spec);
    let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    let each: Vec<Option<&ResourceRequirements>> = match whole {
        Some(whole) => vec![Some(whole)],
        None => containers.map(|container| container.resources.as_ref()).collect(),
    };
    let (mut guaranteed, mut nothing) = (!each.is_empty(), true);
    for resources in each {
        for name in ["cpu", "memory"] {
            let limit = amount(resources.and_then(|r| r.limits.as_ref()), name);
            let requests = resources.and_then(|r| r.requests.as_ref());
            // A request that is not given is the limit.
            let request = match requests {
                Some(requests) if requests.contains_key(name) => amount(Some(requests), name),
                Some(_) | None => limit,
            };
            nothing &= request.is_none() && limit.is_none();
            guaranteed &= limit.is_some() && request == limit;
        }
    }
    match (nothing, guaranteed) {
        (true, _) => QosClass::BestEffort,
        (false, true) => QosClass::Guaranteed,
        (false, false) => QosClass::Burstable,
    }
}

fn amount(amounts: Option<&BTreeMap<String, Quantity>>, name: &str) -> Option<u64> {
    let milli = parse_quantity_milli(&amounts?.get(name)?.0).ok()?;
    (milli > 0).then_some(milli)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn classes_of_pods() {
        let both = json!({"cpu": "1", "memory": "1Gi"});
        let limited = json!({"resources": {"limits": both}});
        for (spec, class) in [
            (json!({"containers": [{}]}), QosClass::BestEffort),
            (
                json!({"containers": [{"resources": {"requests": {"cpu": "0"}}}]}),
                QosClass::BestEffort,
            ),
            (
                json!({"containers": [{"resources": {"requests": {"ephemeral-storage": "1Gi"}}}]}),
                QosClass::BestEffort,
            ),
            (json!({"containers": [limited]}), QosClass::Guaranteed),
            (json!({"containers": [limited, {}]}), QosClass::Burstable),
            (json!({"containers": [limited], "initContainers": [{}]}), QosClass::Burstable),
            (json!({"containers": [{"resources": {"limits": {"cpu": "1"}}}]}), QosClass::Burstable),
            (json!({"containers": [{}], "resources": {"limits": both}}), QosClass::Guaranteed),
            (json!({"containers": [limited], "resources": {}}), QosClass::Guaranteed),
            (json!({"containers": [limited], "resources": {"limits": {}}}), QosClass::Guaranteed),
            (
                json!({"containers": [{"resources": {"limits": both, "requests": {"cpu": "0"}}}]}),
                QosClass::Burstable,
            ),
        ] {
            let mut spec = spec;
            for list in ["containers", "initContainers"] {
                for container in
                    spec.get_mut(list).and_then(|l| l.as_array_mut()).into_iter().flatten()
                {
                    container["name"] = json!("c");
                }
            }
            let spec: PodSpec = serde_json::from_value(spec).unwrap();
            assert_eq!(qos_class(&spec), class, "{spec:?}");
        }
    }
}
