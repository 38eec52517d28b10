//! ConfigMaps and Secrets whose content a pod mounts. It follows them while the pod lives, so it is no part of what the pod is
//! made from, unless a container mounts a part of the volume: such a file stays as it was when the pod was made.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{ConfigMap, KeyToPath, PodSpec, Secret, Volume};
use serde_json::{Value, json};

use crate::desired::Desired;
use crate::model::{Object, ObjectKey};

/// Why what a pod mounts cannot be given to it, in the kubelet's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MountedError {
    /// There is no such object.
    #[error("{kind} \"{name}\" not found")]
    Missing {
        /// `configmap` or `secret`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The object has no such key.
    #[error("volume {volume}: {kind} {name} references non-existent key: {key}")]
    Key {
        /// The volume.
        volume: String,
        /// `configmap` or `secret`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// The key.
        key: String,
    },
}

/// The objects whose content a pod mounts, by name; one that is optional and missing is left out.
#[derive(Clone, Debug, Default)]
pub struct Mounted {
    /// The ConfigMaps.
    pub config_maps: BTreeMap<String, ConfigMap>,
    /// The Secrets.
    pub secrets: BTreeMap<String, Secret>,
}

/// What a volume is filled from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum From<'a> {
    ConfigMap(&'a str),
    Secret(&'a str),
}

/// One place of a pod's volumes that names an object.
struct Use<'a> {
    volume: &'a str,
    from: From<'a>,
    items: &'a [KeyToPath],
    is_optional: bool,
}

/// The objects that a pod mounts.
pub fn resolve_mounted(
    desired: &Desired,
    namespace: &str,
    spec: &PodSpec,
) -> Result<Mounted, MountedError> {
    let mut found = Mounted::default();
    for usage in uses(spec) {
        let (kind, name) = usage.from.words();
        let stored = desired.objects.get(&usage.from.key(namespace)).map(|stored| &stored.object);
        let has_key: &dyn Fn(&str) -> bool = match (usage.from, stored) {
            (From::ConfigMap(_), Some(Object::ConfigMap(map))) => {
                found.config_maps.insert(name.to_owned(), (**map).clone());
                &|key| {
                    map.data.as_ref().is_some_and(|data| data.contains_key(key))
                        || map.binary_data.as_ref().is_some_and(|data| data.contains_key(key))
                }
            }
            (From::Secret(_), Some(Object::Secret(secret))) => {
                found.secrets.insert(name.to_owned(), (**secret).clone());
                &|key| secret.data.as_ref().is_some_and(|data| data.contains_key(key))
            }
            _ if usage.is_optional => continue,
            _ => return Err(MountedError::Missing { kind, name: name.to_owned() }),
        };
        let missing = usage.items.iter().find(|item| !usage.is_optional && !has_key(&item.key));
        if let Some(item) = missing {
            return Err(MountedError::Key {
                volume: usage.volume.to_owned(),
                kind,
                name: name.to_owned(),
                key: item.key.clone(),
            });
        }
    }
    Ok(found)
}

/// What a pod is made from of the objects that it mounts in parts: a ConfigMap's content, a Secret's version. A digest of a
/// Secret's content would let it be guessed.
pub(super) fn mounted_in_parts(
    desired: &Desired,
    namespace: &str,
    spec: &PodSpec,
) -> BTreeMap<String, Value> {
    let of = |from: From<'_>| {
        let key = from.key(namespace);
        let content = match &desired.objects.get(&key)?.object {
            Object::ConfigMap(map) => json!({"data": map.data, "binaryData": map.binary_data}),
            Object::Secret(secret) => {
                json!({"uid": secret.metadata.uid, "version": secret.metadata.resource_version})
            }
            _ => return None,
        };
        Some((key.to_string(), content))
    };
    parts(spec).into_iter().filter_map(of).collect()
}

/// The objects that a pod mounts in parts, whose change makes another pod.
pub fn part_sources(spec: &PodSpec, namespace: &str) -> BTreeSet<ObjectKey> {
    parts(spec).into_iter().map(|from| from.key(namespace)).collect()
}

/// The objects that a volume is filled from.
pub fn volume_sources(spec: &PodSpec, namespace: &str, volume: &str) -> BTreeSet<ObjectKey> {
    let of_volume = uses(spec).into_iter().filter(|usage| usage.volume == volume);
    of_volume.map(|usage| usage.from.key(namespace)).collect()
}

fn parts(spec: &PodSpec) -> BTreeSet<From<'_>> {
    let init = spec.init_containers.iter().flatten();
    let mounts = spec.containers.iter().chain(init).flat_map(|c| c.volume_mounts.iter().flatten());
    let is_set = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    let partial = mounts.filter(|mount| is_set(&mount.sub_path) || is_set(&mount.sub_path_expr));
    let volumes: BTreeSet<&str> = partial.map(|mount| mount.name.as_str()).collect();
    let of_parts = uses(spec).into_iter().filter(|usage| volumes.contains(usage.volume));
    of_parts.map(|usage| usage.from).collect()
}

fn uses(spec: &PodSpec) -> Vec<Use<'_>> {
    spec.volumes.iter().flatten().flat_map(of_volume).collect()
}

fn of_volume(volume: &Volume) -> Vec<Use<'_>> {
    let mut uses = Vec::new();
    let mut add = |from, items, optional: Option<bool>| {
        let is_optional = optional == Some(true);
        uses.push(Use { volume: &volume.name, from, items, is_optional });
    };
    if let Some(map) = &volume.config_map {
        add(From::ConfigMap(&map.name), listed(map.items.as_ref()), map.optional);
    }
    if let Some(secret) = &volume.secret {
        let name = secret.secret_name.as_deref().unwrap_or_default();
        add(From::Secret(name), listed(secret.items.as_ref()), secret.optional);
    }
    for source in volume.projected.iter().flat_map(|all| all.sources.iter().flatten()) {
        if let Some(map) = &source.config_map {
            add(From::ConfigMap(&map.name), listed(map.items.as_ref()), map.optional);
        }
        if let Some(secret) = &source.secret {
            add(From::Secret(&secret.name), listed(secret.items.as_ref()), secret.optional);
        }
    }
    uses
}

fn listed(items: Option<&Vec<KeyToPath>>) -> &[KeyToPath] {
    items.map(Vec::as_slice).unwrap_or_default()
}

impl From<'_> {
    /// The kind in the kubelet's words, and the name.
    fn words(&self) -> (&'static str, &str) {
        match self {
            Self::ConfigMap(name) => ("configmap", name),
            Self::Secret(name) => ("secret", name),
        }
    }

    fn key(self, namespace: &str) -> ObjectKey {
        match self {
            Self::ConfigMap(name) => ObjectKey::new("ConfigMap", namespace, name),
            Self::Secret(name) => ObjectKey::new("Secret", namespace, name),
        }
    }
}
