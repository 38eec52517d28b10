//! What a Pod has that the template it was made from may leave out.
//!
//! The API server fills these in for a Pod only, never in a template: a controller's pods get them when they are made.
//! Source: `SetDefaults_Pod` of Kubernetes' `pkg/apis/core/v1/defaults.go`.

use k8s_openapi::api::core::v1::{Container, PodSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::Amount;

/// The resources that can be asked for by a pod as a whole and be given to more than one.
const SHARED: [&str; 2] = ["cpu", "memory"];

/// Fills in what every Pod has: requests for all that it limits, host ports on the host's network, Service variables.
pub fn complete_pod(spec: &mut PodSpec) {
    for container in spec.containers.iter_mut().chain(spec.init_containers.iter_mut().flatten()) {
        if let Some(resources) = &mut container.resources {
            request_limits(resources);
        }
    }
    complete_whole(spec);
    spec.enable_service_links.get_or_insert(true);
    if spec.host_network == Some(true) {
        let containers =
            spec.containers.iter_mut().chain(spec.init_containers.iter_mut().flatten());
        for port in containers.flat_map(|container| container.ports.iter_mut().flatten()) {
            if port.host_port.is_none_or(|port| port == 0) {
                port.host_port = Some(port.container_port);
            }
        }
    }
}

/// What is limited and not requested is requested up to the limit.
fn request_limits(resources: &mut ResourceRequirements) {
    let Some(limits) = resources.limits.as_ref().filter(|limits| !limits.is_empty()) else {
        return;
    };
    let requests = resources.requests.get_or_insert_default();
    for (name, limit) in limits {
        requests.entry(name.clone()).or_insert_with(|| limit.clone());
    }
}

/// A pod with limits as a whole requests what its containers do, and else its limits.
fn complete_whole(spec: &mut PodSpec) {
    let whole = spec.resources.as_ref().and_then(|resources| resources.limits.clone());
    let Some(limits) = whole.filter(|limits| !limits.is_empty()) else { return };
    let asked: Vec<(&str, Option<Amount>)> =
        SHARED.iter().map(|name| (*name, container_request(spec, name))).collect();
    let Some(resources) = &mut spec.resources else { return };
    let requests = resources.requests.get_or_insert_default();
    for (name, amount) in asked {
        if let Some(amount) = amount {
            requests.entry(name.to_owned()).or_insert_with(|| Quantity(amount.to_string()));
        }
    }
    for (name, limit) in limits {
        requests.entry(name).or_insert(limit);
    }
}

/// What a pod asks for as a whole, where it asks for anything that way: an empty block says nothing.
///
/// Source: `IsPodLevelResourcesSet` of k8s.io/component-helpers/resource.
pub fn whole_resources(spec: &PodSpec) -> Option<&ResourceRequirements> {
    let is_of_pods =
        |name: &String| SHARED.contains(&name.as_str()) || name.starts_with("hugepages-");
    spec.resources.as_ref().filter(|whole| {
        let mut names = whole.requests.iter().chain(&whole.limits).flatten();
        names.any(|(name, _)| is_of_pods(name))
    })
}

/// Whether a resource is Kubernetes' own.
pub fn is_native(resource: &str) -> bool {
    !resource.contains('/') || resource.contains("kubernetes.io/")
}

/// Whether pods may request less of a resource than they are limited to.
///
/// Source: `IsOvercommitAllowed` of Kubernetes' `pkg/apis/core/v1/helper`.
pub fn is_shared(resource: &str) -> bool {
    is_native(resource) && !resource.starts_with("hugepages-")
}

/// Whether an init container is a sidecar: it runs on beside the main containers.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/>
pub fn is_sidecar(init: &Container) -> bool {
    init.restart_policy.as_deref() == Some("Always")
}

/// What the containers of a pod request of a resource together; `None` when none requests any.
///
/// Containers and sidecars run at once; a container that only prepares runs beside the sidecars that were started before it.
/// Source: <https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers>
pub fn container_request(spec: &PodSpec, name: &str) -> Option<Amount> {
    together(spec, |resources| resources.requests.as_ref()?.get(name))
}

/// What the containers of a pod may use of a resource together, those counted that have a limit; `None` when none has.
pub fn container_limit(spec: &PodSpec, name: &str) -> Option<Amount> {
    together(spec, |resources| resources.limits.as_ref()?.get(name))
}

fn together(
    spec: &PodSpec,
    amount: impl Fn(&ResourceRequirements) -> Option<&Quantity>,
) -> Option<Amount> {
    let of = |container: &Container| Amount::parse(&amount(container.resources.as_ref()?)?.0).ok();
    let add = |sum: Option<Amount>, more: Option<Amount>| match (sum, more) {
        (Some(sum), Some(more)) => Some(sum.plus(more)),
        (one, other) => one.or(other),
    };
    let running = spec.containers.iter().map(of).fold(None, add);
    let (mut sidecars, mut preparing) = (None, None);
    for container in spec.init_containers.iter().flatten() {
        if is_sidecar(container) {
            sidecars = add(sidecars, of(container));
            preparing = preparing.max(sidecars);
        } else {
            preparing = preparing.max(add(sidecars, of(container)));
        }
    }
    add(running, sidecars).max(preparing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn completed(spec: serde_json::Value) -> serde_json::Value {
        let mut spec: PodSpec = serde_json::from_value(spec).unwrap();
        complete_pod(&mut spec);
        let once = spec.clone();
        complete_pod(&mut spec);
        assert_eq!(spec, once, "twice is as once");
        serde_json::to_value(spec).unwrap()
    }

    #[test]
    fn requests_follow_limits() {
        let pod = completed(json!({"containers": [
            {"name": "a", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "100m"}}},
            {"name": "b", "resources": {"requests": {"cpu": "1"}}},
        ]}));
        assert_eq!(
            pod["containers"][0]["resources"]["requests"],
            json!({"cpu": "100m", "memory": "1Gi"})
        );
        assert_eq!(pod["containers"][1]["resources"], json!({"requests": {"cpu": "1"}}));
        assert_eq!(pod["enableServiceLinks"], true);
    }

    #[test]
    fn ports_on_the_hosts_network_are_the_hosts() {
        let ports = json!([{"containerPort": 80}, {"containerPort": 81, "hostPort": 81}]);
        let pod =
            completed(json!({"hostNetwork": true, "containers": [{"name": "a", "ports": ports}]}));
        assert_eq!(
            pod["containers"][0]["ports"],
            json!([{"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 81}])
        );
    }

    #[test]
    fn a_pod_as_a_whole_requests_what_its_containers_do() {
        let asks = |cpu: &str| json!({"requests": {"cpu": cpu}});
        let pod = completed(json!({
            "resources": {"limits": {"cpu": "4", "memory": "1Gi"}},
            "containers": [{"name": "a", "resources": asks("1")}, {"name": "b", "resources": asks("500m")}],
            "initContainers": [
                {"name": "c", "resources": asks("2")},
                {"name": "d", "restartPolicy": "Always", "resources": asks("250m")},
            ],
        }));
        assert_eq!(pod["resources"]["requests"], json!({"cpu": "2", "memory": "1Gi"}));
    }
}
