//! ConfigMaps as a pod uses them: resolved when the pod is made, part of what it is made from.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{ConfigMap, PodSpec};

use crate::desired::Desired;
use crate::model::{Object, ObjectKey};

/// Why a pod's use of a ConfigMap cannot be resolved; Kubernetes' own reason is `CreateContainerConfigError`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// There is no such ConfigMap.
    #[error("configmap \"{name}\" not found")]
    Missing {
        /// Its name.
        name: String,
    },
    /// The ConfigMap has no such key.
    #[error("couldn't find key {key} in ConfigMap {namespace}/{name}")]
    Key {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// The key.
        key: String,
    },
}

/// The names of the ConfigMaps that a pod names, whether they are there or not.
pub fn config_names(spec: &PodSpec) -> BTreeSet<&str> {
    uses(spec).into_iter().map(|usage| usage.name).collect()
}

/// The ConfigMaps that a pod uses, by name; one that is optional and missing is left out.
pub fn resolve_config(
    desired: &Desired,
    namespace: &str,
    spec: &PodSpec,
) -> Result<BTreeMap<String, ConfigMap>, ConfigError> {
    let mut found = BTreeMap::new();
    for usage in uses(spec) {
        let key = ObjectKey::new("ConfigMap", namespace, usage.name);
        let stored = desired.objects.get(&key).map(|stored| &stored.object);
        let Some(Object::ConfigMap(map)) = stored else {
            match usage.need {
                Need::Required => return Err(ConfigError::Missing { name: usage.name.to_owned() }),
                Need::Optional => continue,
            }
        };
        if let (Some(key), Need::Required) = (usage.key, usage.need)
            && !has_key(map, key)
        {
            return Err(ConfigError::Key {
                namespace: namespace.to_owned(),
                name: usage.name.to_owned(),
                key: key.to_owned(),
            });
        }
        let content = ConfigMap {
            data: map.data.clone(),
            binary_data: map.binary_data.clone(),
            ..ConfigMap::default()
        };
        found.insert(usage.name.to_owned(), content);
    }
    Ok(found)
}

fn has_key(map: &ConfigMap, key: &str) -> bool {
    map.data.as_ref().is_some_and(|data| data.contains_key(key))
        || map.binary_data.as_ref().is_some_and(|data| data.contains_key(key))
}

#[derive(Clone, Copy)]
enum Need {
    Required,
    Optional,
}

/// One place of a pod that names a ConfigMap.
struct Use<'a> {
    name: &'a str,
    key: Option<&'a str>,
    need: Need,
}

fn need(optional: Option<bool>) -> Need {
    if optional == Some(true) { Need::Optional } else { Need::Required }
}

fn uses(spec: &PodSpec) -> Vec<Use<'_>> {
    let mut uses = Vec::new();
    for container in &spec.containers {
        for env in container.env.iter().flatten() {
            let from = env.value_from.as_ref().and_then(|v| v.config_map_key_ref.as_ref());
            if let Some(from) = from {
                uses.push(Use {
                    name: &from.name,
                    key: Some(&from.key),
                    need: need(from.optional),
                });
            }
        }
        for from in container.env_from.iter().flatten() {
            if let Some(map) = &from.config_map_ref {
                uses.push(Use { name: &map.name, key: None, need: need(map.optional) });
            }
        }
    }
    for volume in spec.volumes.iter().flatten() {
        if let Some(map) = &volume.config_map {
            let keys = map.items.iter().flatten().map(|item| Some(item.key.as_str()));
            let keys: Vec<Option<&str>> = std::iter::once(None).chain(keys).collect();
            let need = need(map.optional);
            uses.extend(keys.into_iter().map(|key| Use { name: &map.name, key, need }));
        }
    }
    uses
}
