//! What a claim asks for: of a `PersistentVolumeClaim`, and of those that are made for pods.

use k8s_openapi::api::core::v1::PersistentVolumeClaimSpec;

use super::{Check, selector};
use crate::model::Amount;
use crate::model::names::Rule;

const MODES: [&str; 4] = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"];
const ALONE: &str = "ReadWriteOncePod";

/// Checks a claim's specification.
pub(super) fn check(spec: &PersistentVolumeClaimSpec, path: &str, check: &mut Check<'_>) {
    check_modes(spec.access_modes.as_deref(), &format!("{path}.accessModes"), check);
    if let Some(labels) = &spec.selector {
        selector::check(labels, &format!("{path}.selector"), check);
    }
    check_size(spec, &format!("{path}.resources.requests.storage"), check);
    for (field, name) in [
        ("storageClassName", &spec.storage_class_name),
        ("volumeAttributesClassName", &spec.volume_attributes_class_name),
    ] {
        check.name_if_any(&format!("{path}.{field}"), name.as_deref(), Rule::Subdomain);
    }
    let mode = spec.volume_mode.as_deref();
    check.one_of(&format!("{path}.volumeMode"), mode, &["Filesystem", "Block"]);
    check_sources(spec, path, check);
}

/// Checks in which ways a volume may be used.
pub(super) fn check_modes(modes: Option<&[String]>, path: &str, check: &mut Check<'_>) {
    let modes = modes.unwrap_or_default();
    if modes.is_empty() {
        let help = "write for instance `accessModes: [ReadWriteOnce]`";
        check.error_with("required", path, "is required", help);
    }
    for (index, mode) in modes.iter().enumerate() {
        check.choice(&format!("{path}[{index}]"), mode, &MODES);
    }
    let others = |mode: &String| mode != ALONE && MODES.contains(&mode.as_str());
    if modes.iter().any(|mode| mode == ALONE) && modes.iter().any(others) {
        check.error("invalid-value", path, &format!("{ALONE} allows no other mode beside it"));
    }
}

fn check_size(spec: &PersistentVolumeClaimSpec, path: &str, check: &mut Check<'_>) {
    let requests = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    let Some(size) = requests.and_then(|requests| requests.get("storage")) else {
        let help = "write for instance `resources: {requests: {storage: 1Gi}}`";
        return check.error_with("required", path, "is required", help);
    };
    match Amount::parse(&size.0) {
        Err(error) => check.error("invalid-quantity", path, &error.to_string()),
        Ok(amount) if amount <= Amount::ZERO => {
            check.error("out-of-range", path, "must be more than 0");
        }
        Ok(_) => {}
    }
}

/// Checks what the claim is filled from.
fn check_sources(spec: &PersistentVolumeClaimSpec, path: &str, check: &mut Check<'_>) {
    let old = spec.data_source.as_ref();
    let new = spec.data_source_ref.as_ref();
    if let Some(source) = old {
        let parts = (source.api_group.as_deref(), source.kind.as_str(), source.name.as_str());
        check_source(parts, &format!("{path}.dataSource"), check);
    }
    if let Some(source) = new {
        let parts = (source.api_group.as_deref(), source.kind.as_str(), source.name.as_str());
        let path = format!("{path}.dataSourceRef");
        check_source(parts, &path, check);
        check.name_if_any(&format!("{path}.namespace"), source.namespace.as_deref(), Rule::Label);
    }
    let (Some(old), Some(new)) = (old, new) else { return };
    let path = format!("{path}.dataSource");
    if new.namespace.as_ref().is_some_and(|namespace| !namespace.is_empty()) {
        check.forbidden(&path, "has no place beside a dataSourceRef with a namespace");
    } else if (&old.api_group, &old.kind, &old.name) != (&new.api_group, &new.kind, &new.name) {
        check.error("invalid-value", &path, "must be the same as dataSourceRef");
    }
}

fn check_source(
    (group, kind, name): (Option<&str>, &str, &str),
    path: &str,
    check: &mut Check<'_>,
) {
    check.filled(&format!("{path}.name"), name);
    check.filled(&format!("{path}.kind"), kind);
    let group = group.unwrap_or_default();
    if group.is_empty() && !kind.is_empty() && kind != "PersistentVolumeClaim" {
        let message = "must be PersistentVolumeClaim where no apiGroup is named";
        check.error("invalid-value", &format!("{path}.kind"), message);
    }
    check.name_if_any(&format!("{path}.apiGroup"), Some(group), Rule::Subdomain);
}
