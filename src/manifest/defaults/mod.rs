//! What the API server would fill in, as far as it matters for what an object means: two spellings give one digest.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/>, the defaults of each field.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentStrategy};
use k8s_openapi::api::core::v1::{
    ConfigMap, Container, EmptyDirVolumeSource, PodSpec, PodTemplateSpec, ResourceRequirements,
    Service, ServicePort, Volume,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::quantity::canonical;
use crate::model::Object;

/// The permissions of a ConfigMap's files: 0644.
const FILE_MODE: i32 = 0o644;

/// Fills in what the object leaves out.
pub(super) fn complete(object: &mut Object) {
    match object {
        Object::ConfigMap(map) => complete_config_map(map),
        Object::Pod(pod) => complete_pod(pod.spec.get_or_insert_default()),
        Object::Deployment(deployment) => complete_deployment(deployment),
        Object::Service(service) => complete_service(service),
        _ => {}
    }
    let metadata = object.metadata_mut();
    drop_empty(&mut metadata.labels);
    drop_empty(&mut metadata.annotations);
}

fn drop_empty(map: &mut Option<BTreeMap<String, String>>) {
    if map.as_ref().is_some_and(BTreeMap::is_empty) {
        *map = None;
    }
}

fn fill(field: &mut Option<String>, default: &str) {
    if field.as_ref().is_none_or(String::is_empty) {
        *field = Some(default.to_owned());
    }
}

fn complete_config_map(map: &mut ConfigMap) {
    drop_empty(&mut map.data);
    if map.binary_data.as_ref().is_some_and(BTreeMap::is_empty) {
        map.binary_data = None;
    }
}

fn complete_deployment(deployment: &mut Deployment) {
    let spec = &mut deployment.spec;
    spec.replicas.get_or_insert(1);
    spec.revision_history_limit.get_or_insert(10);
    spec.progress_deadline_seconds.get_or_insert(600);
    complete_strategy(spec.strategy.get_or_insert_default());
    complete_template(&mut spec.template);
}

fn complete_strategy(strategy: &mut DeploymentStrategy) {
    fill(&mut strategy.type_, "RollingUpdate");
    if strategy.type_.as_deref() == Some("RollingUpdate") {
        let quarter = || IntOrString::String("25%".to_owned());
        let rolling = strategy.rolling_update.get_or_insert_default();
        rolling.max_surge.get_or_insert_with(quarter);
        rolling.max_unavailable.get_or_insert_with(quarter);
    }
}

fn complete_template(template: &mut PodTemplateSpec) {
    if let Some(metadata) = &mut template.metadata {
        metadata.creation_timestamp = None;
        drop_empty(&mut metadata.labels);
        drop_empty(&mut metadata.annotations);
    }
    complete_pod(template.spec.get_or_insert_default());
}

fn complete_pod(spec: &mut PodSpec) {
    fill(&mut spec.restart_policy, "Always");
    fill(&mut spec.dns_policy, "ClusterFirst");
    fill(&mut spec.scheduler_name, "default-scheduler");
    spec.termination_grace_period_seconds.get_or_insert(30);
    spec.security_context.get_or_insert_default();
    drop_empty(&mut spec.node_selector);
    let containers = spec.init_containers.iter_mut().flatten().chain(&mut spec.containers);
    containers.for_each(complete_container);
    spec.volumes.iter_mut().flatten().for_each(complete_volume);
}

fn complete_container(container: &mut Container) {
    let latest = is_latest(container.image.as_deref().unwrap_or_default());
    fill(&mut container.image_pull_policy, if latest { "Always" } else { "IfNotPresent" });
    fill(&mut container.termination_message_path, "/dev/termination-log");
    fill(&mut container.termination_message_policy, "File");
    for port in container.ports.iter_mut().flatten() {
        fill(&mut port.protocol, "TCP");
    }
    for env in container.env.iter_mut().flatten() {
        if let Some(field) = env.value_from.as_mut().and_then(|from| from.field_ref.as_mut()) {
            fill(&mut field.api_version, "v1");
        }
    }
    complete_resources(container.resources.get_or_insert_default());
}

/// Whether an image has the tag `latest`, said or unsaid; a digest fixes it whatever its tag.
fn is_latest(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn complete_resources(resources: &mut ResourceRequirements) {
    let spell = |amounts: &mut BTreeMap<String, Quantity>| {
        for (name, quantity) in amounts {
            *quantity = canonical(name, quantity);
        }
    };
    if let Some(limits) = &mut resources.limits {
        spell(limits);
        let requests = resources.requests.get_or_insert_default();
        for (name, limit) in limits {
            requests.entry(name.clone()).or_insert_with(|| limit.clone());
        }
    }
    if let Some(requests) = &mut resources.requests {
        spell(requests);
    }
    let emptied = |amounts: &Option<BTreeMap<String, Quantity>>| {
        amounts.as_ref().is_some_and(BTreeMap::is_empty)
    };
    if emptied(&resources.limits) {
        resources.limits = None;
    }
    if emptied(&resources.requests) {
        resources.requests = None;
    }
}

fn complete_volume(volume: &mut Volume) {
    let named_only = Volume { name: volume.name.clone(), ..Volume::default() };
    if *volume == named_only {
        volume.empty_dir = Some(EmptyDirVolumeSource::default());
    }
    if let Some(map) = &mut volume.config_map {
        map.default_mode.get_or_insert(FILE_MODE);
    }
}

fn complete_service(service: &mut Service) {
    let spec = service.spec.get_or_insert_default();
    fill(&mut spec.type_, "ClusterIP");
    fill(&mut spec.session_affinity, "None");
    drop_empty(&mut spec.selector);
    // The two spellings of an address that the API server keeps equal.
    if let Some([only]) = spec.cluster_ips.as_deref()
        && spec.cluster_ip.is_none()
    {
        spec.cluster_ip = Some(only.clone());
    }
    spec.cluster_ips = None;
    if spec.cluster_ip.as_deref() == Some("") {
        spec.cluster_ip = None;
    }
    spec.ports.iter_mut().flatten().for_each(complete_service_port);
}

fn complete_service_port(port: &mut ServicePort) {
    fill(&mut port.protocol, "TCP");
    match &port.target_port {
        None | Some(IntOrString::Int(0)) => port.target_port = Some(IntOrString::Int(port.port)),
        Some(IntOrString::String(name)) if name.is_empty() => {
            port.target_port = Some(IntOrString::Int(port.port));
        }
        Some(IntOrString::Int(_) | IntOrString::String(_)) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latest_is_the_tag_that_is_always_pulled() {
        for (image, latest) in [
            ("nginx", true),
            ("nginx:latest", true),
            ("localhost:5000/nginx", true),
            ("nginx:1.14.2", false),
            ("localhost:5000/nginx:1", false),
            ("nginx@sha256:00", false),
        ] {
            assert_eq!(is_latest(image), latest, "{image}");
        }
    }
}
