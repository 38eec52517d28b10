//! A bound Pod down to what podman is told: references resolved, the environment complete, files spelled out.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{
    ConfigMap, ConfigMapVolumeSource, Container, EnvVar, Pod, PodSpec,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::step::{
    Access, Clear, ContainerToRun, FileToWrite, Input, MountToMake, PodToRun, PullPolicy, Restart,
    VolumeToMake,
};
use crate::bindings::Binding;
use crate::controller::{ConfigError, resolve_config};
use crate::desired::Desired;
use crate::model::{
    FleetName, NodeName, PodKey, Resources, parse_quantity_bytes, parse_quantity_milli,
};

/// The permission bits of a ConfigMap's file where nothing is said.
const FILE_MODE: u32 = 0o644;

/// How long a pod may take to end by itself where nothing is said, in seconds.
pub(super) const GRACE_SECONDS: u32 = 30;

/// What the environment of a pod's containers can refer to.
struct Surroundings<'a> {
    pod: &'a Pod,
    node: &'a NodeName,
    address: Ipv4Addr,
    host_address: Option<Ipv4Addr>,
    config: BTreeMap<String, ConfigMap>,
}

/// Names a pod on its host: no part may hold an underscore, so the name says what it is made of.
pub fn sandbox_name(fleet: &FleetName, key: &PodKey) -> String {
    format!("{fleet}_{}_{}", key.namespace, key.name)
}

/// Resolves a bound pod.
pub(super) fn realise(
    fleet: &FleetName,
    desired: &Desired,
    key: &PodKey,
    binding: &Binding,
    host_address: Option<Ipv4Addr>,
) -> Result<PodToRun, ConfigError> {
    let none = PodSpec::default();
    let spec = binding.pod.spec.as_ref().unwrap_or(&none);
    let around = Surroundings {
        pod: &binding.pod,
        node: &binding.node,
        address: binding.address,
        host_address,
        config: resolve_config(desired, &key.namespace, spec)?,
    };
    Ok(PodToRun {
        key: key.clone(),
        sandbox: sandbox_name(fleet, key),
        owner: binding.owner.clone(),
        digest: binding.digest.clone(),
        address: binding.address,
        hostname: spec.hostname.clone().unwrap_or_else(|| hostname(&key.name)),
        clear: Clear::Nothing,
        restart: restart(spec),
        grace_seconds: grace(spec),
        volumes: volumes(spec, &around.config),
        containers: spec.containers.iter().map(|c| container(c, &around)).collect(),
    })
}

/// The pod's name as far as a host name may be long (63, RFC 1123).
fn hostname(name: &str) -> String {
    let cut: String = name.chars().take(63).collect();
    cut.trim_end_matches(['-', '.']).to_owned()
}

/// How long a pod may take to end by itself, in seconds.
pub(super) fn grace(spec: &PodSpec) -> u32 {
    let seconds = spec.termination_grace_period_seconds;
    seconds.and_then(|s| u32::try_from(s).ok()).unwrap_or(GRACE_SECONDS)
}

/// When the pod's containers are started again.
pub(super) fn restart(spec: &PodSpec) -> Restart {
    match spec.restart_policy.as_deref() {
        Some("Never") => Restart::Never,
        Some("OnFailure") => Restart::OnFailure,
        _ => Restart::Always,
    }
}

/// The images that a pod needs, and when the registry is asked for each.
///
/// Source of the default: <https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting>
pub(super) fn images(spec: &PodSpec) -> Vec<(String, PullPolicy)> {
    let policy = |container: &Container, image: &str| match container.image_pull_policy.as_deref() {
        Some("Always") => PullPolicy::Always,
        Some("Never") => PullPolicy::Never,
        Some(_) => PullPolicy::IfNotPresent,
        None if image.contains('@') => PullPolicy::IfNotPresent,
        None => {
            let last = image.rsplit('/').next().unwrap_or(image);
            match last.split_once(':') {
                None | Some((_, "latest")) => PullPolicy::Always,
                Some(_) => PullPolicy::IfNotPresent,
            }
        }
    };
    let images = spec.containers.iter().filter_map(|container| {
        let image = container.image.as_deref()?;
        Some((full_name(image), policy(container, image)))
    });
    images.collect()
}

/// An image's name with its registry: `nginx` is `docker.io/library/nginx`, as every Kubernetes runtime reads it.
pub(super) fn full_name(image: &str) -> String {
    match image.split_once('/') {
        None => format!("docker.io/library/{image}"),
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => image.to_owned(),
        Some(_) => format!("docker.io/{image}"),
    }
}

fn volumes(spec: &PodSpec, config: &BTreeMap<String, ConfigMap>) -> BTreeMap<String, VolumeToMake> {
    let mut volumes = BTreeMap::new();
    for volume in spec.volumes.iter().flatten() {
        if let Some(source) = &volume.config_map {
            let files = config.get(&source.name).map(|map| files(source, map)).unwrap_or_default();
            volumes.insert(volume.name.clone(), VolumeToMake::Files(files));
        } else if volume.empty_dir.is_some() {
            volumes.insert(volume.name.clone(), VolumeToMake::Empty);
        }
    }
    volumes
}

fn files(source: &ConfigMapVolumeSource, map: &ConfigMap) -> BTreeMap<String, FileToWrite> {
    let mode = |bits: Option<i32>| bits.and_then(|bits| u32::try_from(bits).ok());
    let default = mode(source.default_mode).unwrap_or(FILE_MODE);
    let all = contents(map);
    match &source.items {
        None => {
            let file = |content| FileToWrite { content, mode: default };
            all.into_iter().map(|(key, content)| (key, file(content))).collect()
        }
        Some(items) => items
            .iter()
            .filter_map(|item| {
                let content = all.get(&item.key)?.clone();
                let mode = mode(item.mode).unwrap_or(default);
                Some((item.path.clone(), FileToWrite { content, mode }))
            })
            .collect(),
    }
}

fn contents(map: &ConfigMap) -> BTreeMap<String, Vec<u8>> {
    let text = map.data.iter().flatten().map(|(k, v)| (k.clone(), v.clone().into_bytes()));
    let binary = map.binary_data.iter().flatten().map(|(k, v)| (k.clone(), v.0.clone()));
    text.chain(binary).collect()
}

fn container(container: &Container, around: &Surroundings<'_>) -> ContainerToRun {
    let env = environment(container, around);
    let expand = |words: &Option<Vec<String>>| {
        let words = words.as_ref().filter(|words| !words.is_empty())?;
        Some(words.iter().map(|word| expand(word, &env)).collect())
    };
    let (limits, requests) = resources(container);
    ContainerToRun {
        name: container.name.clone(),
        image: full_name(container.image.as_deref().unwrap_or_default()),
        command: expand(&container.command),
        args: expand(&container.args),
        working_dir: container.working_dir.clone(),
        mounts: container.volume_mounts.iter().flatten().map(mount).collect(),
        cpu_limit_milli: (limits.cpu_milli > 0).then_some(limits.cpu_milli),
        cpu_request_milli: requests.cpu_milli,
        memory_limit_bytes: (limits.memory_bytes > 0).then_some(limits.memory_bytes),
        input: match (container.stdin, container.tty) {
            (_, Some(true)) => Input::Terminal,
            (Some(true), _) => Input::Stdin,
            _ => Input::Closed,
        },
        env,
    }
}

fn mount(mount: &k8s_openapi::api::core::v1::VolumeMount) -> MountToMake {
    let access = match mount.read_only {
        Some(true) => Access::ReadOnly,
        _ => Access::ReadWrite,
    };
    MountToMake { volume: mount.name.clone(), path: mount.mount_path.clone(), access }
}

fn resources(container: &Container) -> (Resources, Resources) {
    let of = |amounts: Option<&BTreeMap<String, Quantity>>| {
        let text = |name: &str| amounts.and_then(|a| a.get(name)).map_or("0", |q| q.0.as_str());
        Resources {
            cpu_milli: parse_quantity_milli(text("cpu")).unwrap_or(0),
            memory_bytes: parse_quantity_bytes(text("memory")).unwrap_or(0),
            pods: 0,
        }
    };
    let both = container.resources.as_ref();
    (of(both.and_then(|r| r.limits.as_ref())), of(both.and_then(|r| r.requests.as_ref())))
}

/// The environment in Kubernetes' order: `envFrom` first, then `env`, where a later name replaces an earlier one.
fn environment(container: &Container, around: &Surroundings<'_>) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for from in container.env_from.iter().flatten() {
        let map = from.config_map_ref.as_ref().and_then(|map| around.config.get(&map.name));
        let prefix = from.prefix.as_deref().unwrap_or_default();
        for (key, value) in map.iter().flat_map(|map| map.data.iter().flatten()) {
            set(&mut all, format!("{prefix}{key}"), value.clone());
        }
    }
    for variable in container.env.iter().flatten() {
        if let Some(value) = value(variable, around, &all) {
            set(&mut all, variable.name.clone(), value);
        }
    }
    all
}

fn set(all: &mut Vec<(String, String)>, name: String, value: String) {
    match all.iter_mut().find(|(have, _)| *have == name) {
        Some((_, have)) => *have = value,
        None => all.push((name, value)),
    }
}

fn value(
    variable: &EnvVar,
    around: &Surroundings<'_>,
    so_far: &[(String, String)],
) -> Option<String> {
    let Some(from) = &variable.value_from else {
        return Some(expand(variable.value.as_deref().unwrap_or_default(), so_far));
    };
    if let Some(field) = &from.field_ref {
        return field_value(&field.field_path, around);
    }
    let key = from.config_map_key_ref.as_ref()?;
    around.config.get(&key.name)?.data.as_ref()?.get(&key.key).cloned()
}

fn field_value(path: &str, around: &Surroundings<'_>) -> Option<String> {
    let metadata = &around.pod.metadata;
    match path {
        "metadata.name" => metadata.name.clone(),
        "metadata.namespace" => metadata.namespace.clone(),
        "spec.nodeName" => Some(around.node.to_string()),
        "status.podIP" => Some(around.address.to_string()),
        "status.hostIP" => around.host_address.map(|address| address.to_string()),
        _ => None,
    }
}

/// Expands `$(NAME)` by what is set, leaves an unknown name as it is, and reads `$$` as `$`.
///
/// Source: <https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>
fn expand(text: &str, env: &[(String, String)]) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$$") {
            out.push('$');
            rest = after;
            continue;
        }
        let name = rest.strip_prefix("$(").and_then(|r| r.split_once(')'));
        match name.and_then(|(name, after)| Some((env.iter().find(|(n, _)| n == name)?, after))) {
            Some(((_, value), after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('$');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_expand_as_kubernetes_expands_them() {
        let env = [("A".to_owned(), "1".to_owned()), ("B".to_owned(), "$(A)".to_owned())];
        for (text, expected) in [
            ("$(A)$(B)", "1$(A)"),
            ("$$(A)", "$(A)"),
            ("$(C) $A $(A", "$(C) $A $(A"),
            ("cost: 5$", "cost: 5$"),
            ("$$$(A)", "$1"),
        ] {
            assert_eq!(expand(text, &env), expected, "{text}");
        }
    }

    #[test]
    fn short_image_names_are_those_of_docker_hub() {
        for (short, full) in [
            ("nginx", "docker.io/library/nginx"),
            ("bitnami/redis:7", "docker.io/bitnami/redis:7"),
            ("ghcr.io/a/b", "ghcr.io/a/b"),
            ("localhost/x", "localhost/x"),
            ("reg:5000/x", "reg:5000/x"),
        ] {
            assert_eq!(full_name(short), full);
        }
    }

    #[test]
    fn a_tag_that_moves_is_asked_for_every_time() {
        let spec = |image: &str| PodSpec {
            containers: vec![Container { image: Some(image.into()), ..Container::default() }],
            ..PodSpec::default()
        };
        for (image, policy) in [
            ("nginx", PullPolicy::Always),
            ("nginx:latest", PullPolicy::Always),
            ("reg:5000/nginx", PullPolicy::Always),
            ("nginx:1.14.2", PullPolicy::IfNotPresent),
            ("nginx@sha256:00", PullPolicy::IfNotPresent),
        ] {
            assert_eq!(images(&spec(image))[0].1, policy, "{image}");
        }
    }
}
