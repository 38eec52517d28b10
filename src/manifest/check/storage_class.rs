//! `StorageClasses`.

use k8s_openapi::api::core::v1::TopologySelectorTerm;
use k8s_openapi::api::storage::v1::StorageClass;

use super::{Check, Seen};
use crate::document::quoted;
use crate::model::names::label_key;

/// The most parameters, and the most bytes that they may have together.
const PARAMETERS: usize = 512;
const PARAMETER_BYTES: usize = 256 << 10;

pub(super) fn check(class: &StorageClass, check: &mut Check<'_>) {
    if class.provisioner.is_empty() {
        let help = "for volumes that people make write `provisioner: kubernetes.io/no-provisioner`";
        check.error_with("required", "provisioner", "is required", help);
    } else if let Err(why) = label_key(&class.provisioner.to_lowercase()) {
        let message = format!("{} {why}", quoted(&class.provisioner));
        check.error("invalid-label", "provisioner", &message);
    }
    check_parameters(class, check);
    let policy = class.reclaim_policy.as_deref();
    check.one_of("reclaimPolicy", policy, &["Delete", "Retain"]);
    let mode = class.volume_binding_mode.as_deref();
    check.one_of("volumeBindingMode", mode, &["Immediate", "WaitForFirstConsumer"]);
    for (index, term) in class.allowed_topologies.iter().flatten().enumerate() {
        check_topology(term, &format!("allowedTopologies[{index}]"), check);
    }
}

fn check_parameters(class: &StorageClass, check: &mut Check<'_>) {
    let Some(parameters) = &class.parameters else { return };
    let bytes: usize = parameters.iter().map(|(key, value)| key.len() + value.len()).sum();
    if parameters.len() > PARAMETERS || bytes > PARAMETER_BYTES {
        let message =
            format!("must be at most {PARAMETERS} entries of {PARAMETER_BYTES} bytes together");
        check.error("too-large", "parameters", &message);
    }
    if parameters.contains_key("") {
        check.error("invalid-value", "parameters", "must have no empty key");
    }
}

fn check_topology(term: &TopologySelectorTerm, path: &str, check: &mut Check<'_>) {
    let mut keys = Seen::default();
    for (index, one) in term.match_label_expressions.iter().flatten().enumerate() {
        let path = format!("{path}.matchLabelExpressions[{index}]");
        let key_path = format!("{path}.key");
        check.label_key(&key_path, &one.key);
        if let Some(first) = keys.before(one.key.as_str(), &key_path) {
            check.twice(&key_path, &first, &format!("the key {}", quoted(&one.key)));
        }
        if one.values.is_empty() {
            check.required(&format!("{path}.values"));
        }
    }
}
