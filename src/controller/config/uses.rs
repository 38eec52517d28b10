//! The places of a pod that name a ConfigMap or a Secret, but for its volumes (`mounted`).

use k8s_openapi::api::core::v1::{Container, EnvFromSource, EnvVarSource, PodSpec};

/// One place of a pod that names a ConfigMap or a Secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Use<'a> {
    pub(super) source: Source,
    pub(super) name: &'a str,
    /// The key that must be there; `None` where all of it is used.
    pub(super) key: Option<&'a str>,
    pub(super) need: Need,
    pub(super) way: Way,
}

/// What is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    ConfigMap,
    Secret,
}

/// Whether the pod can do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

/// How it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Variables: fixed when a container is made.
    Environment,
    /// What registries are shown; the pod is the same without.
    Pull,
}

/// Every place, containers first.
pub(super) fn uses(spec: &PodSpec) -> Vec<Use<'_>> {
    let mut uses = Vec::new();
    for container in spec.init_containers.iter().flatten().chain(&spec.containers) {
        of_container(container, &mut uses);
    }
    for secret in spec.image_pull_secrets.iter().flatten() {
        let (name, need) = (secret.name.as_str(), Need::Optional);
        uses.push(Use { source: Source::Secret, name, key: None, need, way: Way::Pull });
    }
    uses
}

fn of_container<'a>(container: &'a Container, uses: &mut Vec<Use<'a>>) {
    let values = container.env.iter().flatten().filter_map(|env| env.value_from.as_ref());
    uses.extend(values.filter_map(of_variable));
    uses.extend(container.env_from.iter().flatten().filter_map(of_all_keys));
}

fn of_variable(from: &EnvVarSource) -> Option<Use<'_>> {
    let (source, name, key, optional) = match (&from.config_map_key_ref, &from.secret_key_ref) {
        (Some(map), _) => (Source::ConfigMap, &map.name, &map.key, map.optional),
        (None, Some(secret)) => (Source::Secret, &secret.name, &secret.key, secret.optional),
        (None, None) => return None,
    };
    let (key, need) = (Some(key.as_str()), need(optional));
    Some(Use { source, name, key, need, way: Way::Environment })
}

fn of_all_keys(from: &EnvFromSource) -> Option<Use<'_>> {
    let (source, name, optional) = match (&from.config_map_ref, &from.secret_ref) {
        (Some(map), _) => (Source::ConfigMap, &map.name, map.optional),
        (None, Some(secret)) => (Source::Secret, &secret.name, secret.optional),
        (None, None) => return None,
    };
    Some(Use { source, name, key: None, need: need(optional), way: Way::Environment })
}

fn need(optional: Option<bool>) -> Need {
    if optional == Some(true) { Need::Optional } else { Need::Required }
}
