//! `ReplicaSets`, and the `ReplicationControllers` that came before them.

use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::ReplicationController;

use super::template::Template;
use super::{Check, metadata};
use crate::model::Selector;

pub(super) fn check(set: &ReplicaSet, check: &mut Check<'_>) {
    let spec = &set.spec;
    check.at_least("spec.replicas", spec.replicas.map(i64::from), 0);
    check.at_least("spec.minReadySeconds", spec.min_ready_seconds.map(i64::from), 0);
    let Some(template) = Template::new(spec.template.as_ref(), "spec.template") else { return };
    template.check_selected(&spec.selector, check);
    template.check(&template.inside(), check);
    template.check_endless("ReplicaSet", check);
}

/// Checks a `ReplicationController`, whose selector is a mapping of labels.
pub(super) fn check_controller(controller: &ReplicationController, check: &mut Check<'_>) {
    let Some(spec) = &controller.spec else { return check.required("spec") };
    check.at_least("spec.replicas", spec.replicas.map(i64::from), 0);
    check.at_least("spec.minReadySeconds", spec.min_ready_seconds.map(i64::from), 0);
    let Some(template) = Template::new(spec.template.as_ref(), "spec.template") else { return };
    match &spec.selector {
        None => check.required("spec.selector"),
        Some(labels) => {
            metadata::labels(labels, "spec.selector", check);
            if !Selector::equal(labels).matches(&template.labels()) {
                template.mismatch("spec.selector", check);
            }
        }
    }
    template.check(&template.inside(), check);
    template.check_endless("ReplicationController", check);
}
