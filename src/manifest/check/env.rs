//! Environment variables.

use k8s_openapi::api::core::v1::{Container, EnvFromSource, EnvVar, EnvVarSource};

use super::Check;
use crate::document::quoted;

/// Fields of a pod that Kubernetes gives to environment variables; of `metadata`, single labels and annotations too.
const FIELDS: [&str; 10] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
    "metadata.generation",
];

/// The fields that are carried out.
const CARRIED: [&str; 5] =
    ["metadata.name", "metadata.namespace", "status.podIP", "spec.nodeName", "status.hostIP"];

pub(super) fn check_all(container: &Container, path: &str, check: &mut Check<'_>) {
    for (index, env) in container.env.iter().flatten().enumerate() {
        check_one(env, &format!("{path}.env[{index}]"), check);
    }
    for (index, from) in container.env_from.iter().flatten().enumerate() {
        check_from(from, &format!("{path}.envFrom[{index}]"), check);
    }
}

fn check_one(env: &EnvVar, path: &str, check: &mut Check<'_>) {
    let name_path = format!("{path}.name");
    let printable = |b: u8| (b' '..=b'~').contains(&b) && b != b'=';
    if env.name.is_empty() {
        check.required(&name_path);
    } else if !env.name.bytes().all(printable) {
        let message =
            format!("{} is not a valid name: use ASCII characters without `=`", quoted(&env.name));
        check.error("invalid-name", &name_path, &message);
    }
    let Some(from) = &env.value_from else { return };
    let from_path = format!("{path}.valueFrom");
    if env.value.as_deref().is_some_and(|value| !value.is_empty()) {
        check.error("invalid-value", &from_path, "stands beside `value`: only one of them counts");
    }
    check_source(from, &from_path, check);
}

fn check_source(from: &EnvVarSource, path: &str, check: &mut Check<'_>) {
    let EnvVarSource {
        config_map_key_ref,
        field_ref,
        file_key_ref,
        resource_field_ref,
        secret_key_ref,
    } = from;
    let count = usize::from(config_map_key_ref.is_some())
        + usize::from(field_ref.is_some())
        + usize::from(file_key_ref.is_some())
        + usize::from(resource_field_ref.is_some())
        + usize::from(secret_key_ref.is_some());
    if count != 1 {
        check.error("invalid-value", path, "must name exactly one source");
    }
    if let Some(map) = config_map_key_ref {
        if map.name.is_empty() {
            check.required(&format!("{path}.configMapKeyRef.name"));
        }
        if map.key.is_empty() {
            check.required(&format!("{path}.configMapKeyRef.key"));
        }
    }
    if let Some(field) = field_ref {
        check_field(&field.field_path, &format!("{path}.fieldRef.fieldPath"), check);
    }
}

fn check_field(field: &str, path: &str, check: &mut Check<'_>) {
    let of_a_map = ["metadata.labels['", "metadata.annotations['"]
        .iter()
        .any(|map| field.strip_prefix(map).is_some_and(|rest| rest.ends_with("']")));
    if field.is_empty() {
        check.required(path);
    } else if of_a_map || (FIELDS.contains(&field) && !CARRIED.contains(&field)) {
        check.notice(path, &format!("{} is not carried out yet", quoted(field)));
    } else {
        check.one_of(path, Some(field), &FIELDS);
    }
}

fn check_from(from: &EnvFromSource, path: &str, check: &mut Check<'_>) {
    if from.config_map_ref.is_some() == from.secret_ref.is_some() {
        check.error("invalid-value", path, "must name either a configMapRef or a secretRef");
    }
    if from.config_map_ref.as_ref().is_some_and(|map| map.name.is_empty()) {
        check.required(&format!("{path}.configMapRef.name"));
    }
}
