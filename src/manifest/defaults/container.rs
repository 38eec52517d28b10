//! Containers of every sort.

use k8s_openapi::api::core::v1::{
    Container, EnvVar, EphemeralContainer, HTTPGetAction, Lifecycle, Probe, ResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::fill;
use crate::manifest::quantity::{canonical, spell};
use crate::model::is_latest;

pub(super) fn complete(container: &mut Container) {
    let image = container.image.as_deref().unwrap_or_default();
    fill(&mut container.image_pull_policy, pull_policy(image));
    fill(&mut container.termination_message_path, "/dev/termination-log");
    fill(&mut container.termination_message_policy, "File");
    for port in container.ports.iter_mut().flatten() {
        fill(&mut port.protocol, "TCP");
    }
    container.env.iter_mut().flatten().for_each(complete_variable);
    let probes = [
        &mut container.liveness_probe,
        &mut container.readiness_probe,
        &mut container.startup_probe,
    ];
    probes.into_iter().flatten().for_each(complete_probe);
    if let Some(lifecycle) = &mut container.lifecycle {
        complete_lifecycle(lifecycle);
    }
    complete_resources(container.resources.get_or_insert_default());
}

/// Completes what an ephemeral container shares with others; manifests cannot make one, exported pods may show one.
pub(super) fn complete_ephemeral(container: &mut EphemeralContainer) {
    let image = container.image.as_deref().unwrap_or_default();
    fill(&mut container.image_pull_policy, pull_policy(image));
    fill(&mut container.termination_message_path, "/dev/termination-log");
    fill(&mut container.termination_message_policy, "File");
    container.env.iter_mut().flatten().for_each(complete_variable);
    complete_resources(container.resources.get_or_insert_default());
}

/// When an image is pulled whose container does not say: always if its tag may move.
pub(super) fn pull_policy(image: &str) -> &'static str {
    if is_latest(image) { "Always" } else { "IfNotPresent" }
}

fn complete_variable(variable: &mut EnvVar) {
    let Some(from) = &mut variable.value_from else { return };
    if let Some(field) = &mut from.field_ref {
        fill(&mut field.api_version, "v1");
    }
    if let Some(resource) = &mut from.resource_field_ref {
        complete_divisor(&mut resource.divisor);
    }
    if let Some(file) = &mut from.file_key_ref {
        file.optional.get_or_insert(false);
    }
}

/// The API server writes a divisor that was not given as 0, which stands for 1.
pub(super) fn complete_divisor(divisor: &mut Option<Quantity>) {
    *divisor = Some(divisor.as_ref().map_or_else(|| Quantity("0".to_owned()), canonical));
}

fn complete_probe(probe: &mut Probe) {
    let numbers = [
        (&mut probe.timeout_seconds, 1),
        (&mut probe.period_seconds, 10),
        (&mut probe.success_threshold, 1),
        (&mut probe.failure_threshold, 3),
    ];
    for (number, default) in numbers {
        // The API server takes 0 for what was not said.
        *number = number.filter(|said| *said != 0).or(Some(default));
    }
    probe.http_get.iter_mut().for_each(complete_http);
    if let Some(grpc) = &mut probe.grpc {
        grpc.service.get_or_insert_default();
    }
}

fn complete_lifecycle(lifecycle: &mut Lifecycle) {
    let handlers = [&mut lifecycle.post_start, &mut lifecycle.pre_stop];
    handlers
        .into_iter()
        .flatten()
        .filter_map(|handler| handler.http_get.as_mut())
        .for_each(complete_http);
}

fn complete_http(http: &mut HTTPGetAction) {
    fill(&mut http.path, "/");
    fill(&mut http.scheme, "HTTP");
}

pub(super) fn complete_resources(resources: &mut ResourceRequirements) {
    spell(&mut resources.limits);
    spell(&mut resources.requests);
}
