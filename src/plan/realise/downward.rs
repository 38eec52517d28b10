//! What a pod is told of itself: fields of it, and what its containers may use.
//!
//! Source: <https://kubernetes.io/docs/concepts/workloads/pods/downward-api/>

use k8s_openapi::api::core::v1::{Container, PodSpec, ResourceFieldSelector};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::Surroundings;
use crate::model::Amount;

/// The account that a pod runs as where it names none.
const ACCOUNT: &str = "default";

/// The value of a field that a variable or a file can have; `None` where nobody knows it.
pub(super) fn field(path: &str, around: &Surroundings<'_>) -> Option<String> {
    let metadata = &around.pod.metadata;
    let entry = |map: &str| path.strip_prefix(map)?.strip_prefix("['")?.strip_suffix("']");
    // A label or an annotation that is not there is empty.
    if let Some(key) = entry("metadata.labels") {
        return Some(
            metadata.labels.as_ref().and_then(|l| l.get(key).cloned()).unwrap_or_default(),
        );
    }
    if let Some(key) = entry("metadata.annotations") {
        let annotations = metadata.annotations.as_ref();
        return Some(annotations.and_then(|a| a.get(key).cloned()).unwrap_or_default());
    }
    let account = || around.pod.spec.as_ref()?.service_account_name.clone();
    match path {
        "metadata.name" => metadata.name.clone(),
        "metadata.namespace" => metadata.namespace.clone(),
        "metadata.uid" => metadata.uid.clone(),
        "spec.nodeName" => Some(around.node.to_string()),
        "spec.serviceAccountName" => Some(account().unwrap_or_else(|| ACCOUNT.to_owned())),
        // There is one address of each family, and one family.
        "status.podIP" | "status.podIPs" => Some(around.address.to_string()),
        "status.hostIP" | "status.hostIPs" => {
            around.host_address.map(|address| address.to_string())
        }
        _ => None,
    }
}

/// What a container may use of a resource, in units of the divisor, rounded up.
///
/// Where it has no limit of processors or memory, the limit is what the host has for pods.
/// Source: `pkg/api/v1/resource/helpers.go` of Kubernetes.
pub(super) fn resource(
    selector: &ResourceFieldSelector,
    own: &Container,
    around: &Surroundings<'_>,
) -> String {
    let spec = around.pod.spec.as_ref();
    let container = match selector.container_name.as_deref() {
        None | Some("") => own,
        Some(name) => spec.and_then(|spec| named(spec, name)).unwrap_or(own),
    };
    let amount = amount(&selector.resource, container, around);
    let divisor = selector.divisor.as_ref().and_then(read).unwrap_or(Amount::ZERO);
    let is_cpu = matches!(selector.resource.as_str(), "limits.cpu" | "requests.cpu");
    let count = |amount: Amount| {
        if is_cpu { amount.rounded_to_milli().nano() / 1_000_000 } else { amount.units() }
    };
    let by = match count(divisor) {
        0 if is_cpu => 1000,
        0 => 1,
        by => by,
    };
    let amount = count(amount);
    (amount.div_euclid(by) + i128::from(amount.rem_euclid(by) != 0)).to_string()
}

fn named<'a>(spec: &'a PodSpec, name: &str) -> Option<&'a Container> {
    let mut all = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    all.find(|container| container.name == name)
}

fn amount(resource: &str, container: &Container, around: &Surroundings<'_>) -> Amount {
    let resources = container.resources.as_ref();
    if let Some(name) = resource.strip_prefix("requests.") {
        let requests = resources.and_then(|resources| resources.requests.as_ref());
        return requests.and_then(|all| read(all.get(name)?)).unwrap_or(Amount::ZERO);
    }
    let name = resource.strip_prefix("limits.").unwrap_or(resource);
    let limits = resources.and_then(|resources| resources.limits.as_ref());
    let limit = limits.and_then(|all| read(all.get(name)?)).filter(|limit| *limit != Amount::ZERO);
    let whole = match name {
        "cpu" => format!("{}m", around.usable.cpu_milli),
        "memory" => around.usable.memory_bytes.to_string(),
        _ => "0".to_owned(),
    };
    limit.or_else(|| Amount::parse(&whole).ok()).unwrap_or(Amount::ZERO)
}

fn read(quantity: &Quantity) -> Option<Amount> {
    Amount::parse(&quantity.0).ok()
}
