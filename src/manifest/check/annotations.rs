//! Annotations of pods that Kubernetes itself reads.
//!
//! Source: <https://kubernetes.io/docs/reference/labels-annotations-taints/>

use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::Check;
use crate::document::{join, quoted};

const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Checks the annotations that stand at `path`, the metadata of a pod.
pub(super) fn check(spec: &PodSpec, metadata: &ObjectMeta, path: &str, check: &mut Check<'_>) {
    let path = format!("{path}.annotations");
    for (key, value) in metadata.annotations.iter().flatten() {
        if key == DELETION_COST {
            let is_number = value.parse::<i32>().is_ok() && !value.starts_with('+');
            if !is_number || (value.len() > 1 && value.starts_with('0')) {
                let message = format!("{} is not a number of 32 bits", quoted(value));
                check.error("invalid-value", &join(&path, key), &message);
            }
        } else if let Some(name) = key.strip_prefix(APP_ARMOR) {
            check_app_armor(spec, name, value, &join(&path, key), check);
        }
    }
}

fn check_app_armor(spec: &PodSpec, name: &str, profile: &str, path: &str, check: &mut Check<'_>) {
    let mut names = spec.init_containers.iter().flatten().chain(&spec.containers);
    if !names.any(|container| container.name == name) {
        check.key_error("invalid-value", path, &format!("there is no container {}", quoted(name)));
    }
    let known = ["", "runtime/default", "unconfined"];
    if !known.contains(&profile) && !profile.starts_with("localhost/") {
        let message = format!(
            "{} is none of runtime/default, unconfined and localhost/PROFILE",
            quoted(profile)
        );
        check.error("invalid-value", path, &message);
    }
}
