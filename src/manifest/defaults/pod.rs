//! What a Pod and a Pod's template have in common.

use k8s_openapi::api::core::v1::{PodSpec, PodTemplateSpec};

use super::{container, drop_empty, fill, volume};
use crate::manifest::quantity::spell;

/// Completes a template.
pub(super) fn complete_template(template: &mut PodTemplateSpec) {
    let metadata = template.metadata.get_or_insert_default();
    metadata.creation_timestamp = None;
    drop_empty(&mut metadata.labels);
    drop_empty(&mut metadata.annotations);
    complete(template.spec.get_or_insert_default());
}

/// Completes a specification; what only Pods have is [`crate::model::complete_pod`]'s.
pub(super) fn complete(spec: &mut PodSpec) {
    fill(&mut spec.restart_policy, "Always");
    fill(&mut spec.dns_policy, "ClusterFirst");
    fill(&mut spec.scheduler_name, "default-scheduler");
    spec.termination_grace_period_seconds.get_or_insert(30);
    spec.security_context.get_or_insert_default();
    complete_account(spec);
    let containers = spec.init_containers.iter_mut().flatten().chain(&mut spec.containers);
    containers.for_each(container::complete);
    spec.ephemeral_containers.iter_mut().flatten().for_each(container::complete_ephemeral);
    if let Some(resources) = &mut spec.resources {
        container::complete_resources(resources);
    }
    spell(&mut spec.overhead);
    spec.volumes.iter_mut().flatten().for_each(volume::complete);
}

/// The two names of one field: the old one is still given back.
fn complete_account(spec: &mut PodSpec) {
    if spec.service_account_name.is_none() {
        spec.service_account_name = spec.service_account.clone();
    }
    spec.service_account = spec.service_account_name.clone();
}
