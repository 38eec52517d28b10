//! What a claim asks for: of a `PersistentVolumeClaim`, and of those that are made for pods.

use k8s_openapi::api::core::v1::PersistentVolumeClaimSpec;

use super::quantities::Amounts;
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
    check_size(spec, &format!("{path}.resources"), check);
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

/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/>,
/// "Requests cannot exceed Limits".
fn check_size(spec: &PersistentVolumeClaimSpec, path: &str, check: &mut Check<'_>) {
    let amounts = |of: Option<&Amounts>| of.and_then(|all| all.get("storage")).cloned();
    let resources = spec.resources.as_ref();
    let own = format!("{path}.requests.storage");
    let Some(size) = amounts(resources.and_then(|resources| resources.requests.as_ref())) else {
        let help = "write for instance `resources: {requests: {storage: 1Gi}}`";
        return check.error_with("required", &own, "is required", help);
    };
    check.above_zero(&own, &size);
    let limit = amounts(resources.and_then(|resources| resources.limits.as_ref()));
    let Some(limit) = limit else { return };
    let path = format!("{path}.limits.storage");
    let (limited, asked) = (check.not_negative(&path, &limit), Amount::parse(&size.0).ok());
    if limited.zip(asked).is_some_and(|(limited, asked)| asked > limited) {
        let message = format!("{} is more than the limit of {}", size.0, limit.0);
        check.error("above-limit", &own, &message);
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
