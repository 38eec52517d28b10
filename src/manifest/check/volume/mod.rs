//! Volumes.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{ConfigMapVolumeSource, PodSpec, Volume};
use serde_json::Value;

use super::{Check, Seen};
use crate::document::quoted;
use crate::model::names::Rule;

/// The largest mode of a file: `rwxrwxrwx`.
const MODE_MAX: i32 = 0o777;

/// Checks the volumes of a pod and gives their names.
pub(super) fn check_all<'s>(
    spec: &'s PodSpec,
    path: &str,
    check: &mut Check<'_>,
) -> BTreeSet<&'s str> {
    let mut names = Seen::default();
    for (index, volume) in spec.volumes.iter().flatten().enumerate() {
        let path = format!("{path}.volumes[{index}]");
        let name_path = format!("{path}.name");
        check.name(&name_path, &volume.name, Rule::Label);
        if let Some(first) = names.before(volume.name.as_str(), &name_path) {
            check.twice(&name_path, &first, &format!("the volume {}", quoted(&volume.name)));
        }
        check_source(volume, &path, check);
    }
    names.0.into_keys().collect()
}

fn check_source(volume: &Volume, path: &str, check: &mut Check<'_>) {
    // No list of the sources that there are can be forgotten here: everything but the name is one.
    let sources = serde_json::to_value(volume).ok();
    let count = sources.as_ref().and_then(Value::as_object).map_or(0, |fields| fields.len() - 1);
    if count > 1 {
        check.error("invalid-value", path, "a volume has one source; this one has several");
    }
    if let Some(map) = &volume.config_map {
        check_config_map(map, &format!("{path}.configMap"), check);
    }
}

fn check_config_map(map: &ConfigMapVolumeSource, path: &str, check: &mut Check<'_>) {
    if map.name.is_empty() {
        check.required(&format!("{path}.name"));
    }
    check_mode(map.default_mode, &format!("{path}.defaultMode"), check);
    for (index, item) in map.items.iter().flatten().enumerate() {
        let path = format!("{path}.items[{index}]");
        if item.key.is_empty() {
            check.required(&format!("{path}.key"));
        }
        let file_path = format!("{path}.path");
        if item.path.is_empty() {
            check.required(&file_path);
        } else if item.path.starts_with('/') || item.path.split('/').any(|part| part == "..") {
            check.error("invalid-value", &file_path, "must be relative, without `..`");
        }
        check_mode(item.mode, &format!("{path}.mode"), check);
    }
}

fn check_mode(mode: Option<i32>, path: &str, check: &mut Check<'_>) {
    if mode.is_some_and(|mode| !(0..=MODE_MAX).contains(&mode)) {
        let help = "write it in octal, such as 0644";
        check.error_with("out-of-range", path, "must be a mode from 0 to 0777", help);
    }
}
