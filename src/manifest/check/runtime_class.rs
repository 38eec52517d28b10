//! `RuntimeClasses`.

use k8s_openapi::api::node::v1::RuntimeClass;

use super::{Check, metadata};
use crate::model::names::Rule;

pub(super) fn check(class: &RuntimeClass, check: &mut Check<'_>) {
    check.name("handler", &class.handler, Rule::Label);
    let overhead = class.overhead.as_ref().and_then(|overhead| overhead.pod_fixed.as_ref());
    check.none_negative("overhead.podFixed", overhead);
    let selector = class.scheduling.as_ref().and_then(|rules| rules.node_selector.as_ref());
    if let Some(selector) = selector {
        metadata::labels(selector, "scheduling.nodeSelector", check);
    }
}
