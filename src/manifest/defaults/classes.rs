//! Classes of Ingresses, priorities and runtimes.

use k8s_openapi::api::networking::v1::IngressClass;
use k8s_openapi::api::node::v1::RuntimeClass;
use k8s_openapi::api::scheduling::v1::PriorityClass;

use super::fill;
use crate::manifest::quantity::spell;

pub(super) fn complete_ingress(class: &mut IngressClass) {
    let parameters = class.spec.as_mut().and_then(|spec| spec.parameters.as_mut());
    if let Some(parameters) = parameters {
        fill(&mut parameters.scope, "Cluster");
    }
}

pub(super) fn complete_priority(class: &mut PriorityClass) {
    fill(&mut class.preemption_policy, "PreemptLowerPriority");
    class.value.get_or_insert(0);
    // What is left out is not the default, and is not written.
    class.global_default = class.global_default.filter(|default| *default);
}

pub(super) fn complete_runtime(class: &mut RuntimeClass) {
    if let Some(overhead) = &mut class.overhead {
        spell(&mut overhead.pod_fixed);
    }
}
