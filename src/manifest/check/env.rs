//! Environment variables.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, EnvFromSource, EnvVar, EnvVarSource, FileKeySelector};

use super::pod::Source;
use super::{Check, downward};
use crate::document::{closest, quoted};
use crate::model::names::{Rule, config_key};

/// The longest key of a file of variables.
const FILE_KEY_BYTES: usize = 128;

/// Checks the variables of a container; `volumes` are those of its pod.
pub(super) fn check_all(
    container: &Container,
    path: &str,
    volumes: &BTreeMap<&str, Source>,
    check: &mut Check<'_>,
) {
    for (index, env) in container.env.iter().flatten().enumerate() {
        let path = format!("{path}.env[{index}]");
        check_one(env, &path, check);
        if let Some(file) = env.value_from.as_ref().and_then(|from| from.file_key_ref.as_ref()) {
            check_file(file, &format!("{path}.valueFrom.fileKeyRef"), volumes, check);
        }
    }
    for (index, from) in container.env_from.iter().flatten().enumerate() {
        check_from(from, &format!("{path}.envFrom[{index}]"), check);
    }
}

fn check_one(env: &EnvVar, path: &str, check: &mut Check<'_>) {
    let name_path = format!("{path}.name");
    if env.name.is_empty() {
        check.required(&name_path);
    } else {
        check_variable(&env.name, &name_path, check);
    }
    let Some(from) = &env.value_from else { return };
    let from_path = format!("{path}.valueFrom");
    if env.value.as_deref().is_some_and(|value| !value.is_empty()) {
        check.error("invalid-value", &from_path, "stands beside `value`: only one of them counts");
    }
    check_source(from, &from_path, check);
}

/// Checks the name of a variable, or what it begins with: any printable ASCII without `=`.
fn check_variable(name: &str, path: &str, check: &mut Check<'_>) {
    if !name.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'=') {
        let message =
            format!("{} is not a valid name: use ASCII characters without `=`", quoted(name));
        check.error("invalid-name", path, &message);
    }
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
        check_key(&map.name, &map.key, &format!("{path}.configMapKeyRef"), check);
    }
    if let Some(secret) = secret_key_ref {
        check_key(&secret.name, &secret.key, &format!("{path}.secretKeyRef"), check);
    }
    if let Some(field) = field_ref {
        downward::check_variable(field, &format!("{path}.fieldRef"), check);
    }
    if let Some(resource) = resource_field_ref {
        downward::check_resource(resource, &format!("{path}.resourceFieldRef"), check);
    }
}

fn check_key(name: &str, key: &str, path: &str, check: &mut Check<'_>) {
    check.name(&format!("{path}.name"), name, Rule::Subdomain);
    let path = format!("{path}.key");
    if key.is_empty() {
        check.required(&path);
    } else if let Err(why) = config_key(key) {
        check.error("invalid-key", &path, &format!("{} {why}", quoted(key)));
    }
}

fn check_file(
    file: &FileKeySelector,
    path: &str,
    volumes: &BTreeMap<&str, Source>,
    check: &mut Check<'_>,
) {
    let key = format!("{path}.key");
    if file.key.is_empty() {
        check.required(&key);
    } else if file.key.len() > FILE_KEY_BYTES {
        let message = format!("must not be longer than {FILE_KEY_BYTES} characters");
        check.error("too-large", &key, &message);
    } else {
        check_variable(&file.key, &key, check);
    }
    check.file(&format!("{path}.path"), &file.path);
    check_volume(&file.volume_name, &format!("{path}.volumeName"), volumes, check);
}

/// Refuses the name of a volume that the pod does not have.
pub(super) fn check_volume(
    name: &str,
    path: &str,
    volumes: &BTreeMap<&str, Source>,
    check: &mut Check<'_>,
) {
    if name.is_empty() {
        return check.required(path);
    }
    if volumes.contains_key(name) || check.is_full() {
        return;
    }
    let message = format!("there is no volume {}", quoted(name));
    match closest(name, volumes.keys().copied()) {
        Some(meant) => {
            let help = format!("did you mean `{meant}`?");
            check.error_with("unknown-volume", path, &message, &help);
        }
        None => check.error("unknown-volume", path, &message),
    }
}

fn check_from(from: &EnvFromSource, path: &str, check: &mut Check<'_>) {
    if let Some(prefix) = &from.prefix {
        check_variable(prefix, &format!("{path}.prefix"), check);
    }
    if from.config_map_ref.is_some() == from.secret_ref.is_some() {
        check.error("invalid-value", path, "must name either a configMapRef or a secretRef");
    }
    if let Some(map) = &from.config_map_ref {
        check.name(&format!("{path}.configMapRef.name"), &map.name, Rule::Subdomain);
    }
    if let Some(secret) = &from.secret_ref {
        check.name(&format!("{path}.secretRef.name"), &secret.name, Rule::Subdomain);
    }
}
