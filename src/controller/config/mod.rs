//! ConfigMaps and Secrets in the environment of a pod: resolved when the pod is made, part of what it is made from.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{ConfigMap, PodSpec, Secret};
use serde_json::{Value, json};

use crate::desired::Desired;
use crate::model::{Object, ObjectKey};

mod uses;

#[cfg(test)]
mod tests;

use uses::{Need, Source, Use, Way, uses};

/// Why a pod's use of a ConfigMap or a Secret cannot be resolved; Kubernetes' own reason is `CreateContainerConfigError`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// There is no such object.
    #[error("{kind} \"{name}\" not found")]
    Missing {
        /// Its kind, as the kubelet says it: in small letters.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The object has no such key.
    #[error("couldn't find key {key} in {kind} {namespace}/{name}")]
    Key {
        /// Its kind.
        kind: &'static str,
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// The key.
        key: String,
    },
    /// What a Secret holds cannot be a variable: those end at a zero byte, and Kubernetes takes UTF-8 alone.
    #[error(
        "key {key} in Secret {namespace}/{name} is not text: it can be a file, but no variable"
    )]
    NoText {
        /// The Secret's namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// The key.
        key: String,
    },
}

/// What the references of a pod lead to: by name, what is optional and missing left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// ConfigMaps, with nothing but their data.
    pub config_maps: BTreeMap<String, ConfigMap>,
    /// Secrets, with nothing but type, data, uid and resource version. Among them are those that registries are shown.
    pub secrets: BTreeMap<String, Secret>,
    /// The Secrets that containers use.
    used: BTreeSet<String>,
}

impl Config {
    /// What of all this a pod is made from, for its digest.
    ///
    /// The content of ConfigMaps; of a Secret which one it is and which writing of it, since a short Secret could be guessed
    /// from a digest that holds its content.
    pub fn mark(&self) -> Value {
        let secrets: BTreeMap<&String, Value> = self
            .secrets
            .iter()
            .filter(|(name, _)| self.used.contains(*name))
            .map(|(name, secret)| {
                let metadata = &secret.metadata;
                (name, json!({"uid": metadata.uid, "version": metadata.resource_version}))
            })
            .collect();
        if secrets.is_empty() {
            return json!(self.config_maps);
        }
        json!({"configMaps": self.config_maps, "secrets": secrets})
    }
}

/// The ConfigMaps and Secrets in the environment of a pod, whether they are there or not.
pub fn config_keys(namespace: &str, spec: &PodSpec) -> BTreeSet<ObjectKey> {
    let counts = |usage: &Use<'_>| usage.way != Way::Pull;
    uses(spec).into_iter().filter(counts).map(|usage| usage.key_of(namespace)).collect()
}

/// The ConfigMaps and Secrets in the environment of a pod, and what registries are shown.
pub fn resolve_config(
    desired: &Desired,
    namespace: &str,
    spec: &PodSpec,
) -> Result<Config, ConfigError> {
    let mut config = Config::default();
    for usage in uses(spec) {
        let stored = desired.objects.get(&usage.key_of(namespace)).map(|stored| &stored.object);
        match (usage.source, stored) {
            (Source::ConfigMap, Some(Object::ConfigMap(map))) => {
                usage.check(namespace, |key| has_key(map, key))?;
                config.config_maps.insert(usage.name.to_owned(), content_of_map(map));
            }
            (Source::Secret, Some(Object::Secret(secret))) => {
                let data = secret.data.iter().flatten();
                usage.check(namespace, |key| data.clone().any(|(have, _)| have == key))?;
                usage.check_text(namespace, secret)?;
                config.secrets.insert(usage.name.to_owned(), content_of_secret(secret));
                if usage.way != Way::Pull {
                    config.used.insert(usage.name.to_owned());
                }
            }
            (Source::ConfigMap | Source::Secret, _) => match usage.need {
                Need::Required => {
                    let (kind, name) = (usage.source.word(), usage.name.to_owned());
                    return Err(ConfigError::Missing { kind, name });
                }
                Need::Optional => {}
            },
        }
    }
    Ok(config)
}

fn content_of_map(map: &ConfigMap) -> ConfigMap {
    ConfigMap {
        data: map.data.clone(),
        binary_data: map.binary_data.clone(),
        ..ConfigMap::default()
    }
}

fn content_of_secret(secret: &Secret) -> Secret {
    let mut content =
        Secret { data: secret.data.clone(), type_: secret.type_.clone(), ..Secret::default() };
    content.metadata.uid.clone_from(&secret.metadata.uid);
    content.metadata.resource_version.clone_from(&secret.metadata.resource_version);
    content
}

/// Whether a ConfigMap has a key; what is binary is for files alone.
fn has_key(map: &ConfigMap, key: &str) -> bool {
    map.data.as_ref().is_some_and(|data| data.contains_key(key))
}

impl Source {
    fn kind(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::ConfigMap => "configmap",
            Self::Secret => "secret",
        }
    }
}

impl Use<'_> {
    fn key_of(&self, namespace: &str) -> ObjectKey {
        ObjectKey::new(self.source.kind(), namespace, self.name)
    }

    /// Refuses an object that lacks the key.
    fn check(&self, namespace: &str, has: impl Fn(&str) -> bool) -> Result<(), ConfigError> {
        match (self.key, self.need) {
            (Some(key), Need::Required) if !has(key) => Err(ConfigError::Key {
                kind: self.source.kind(),
                namespace: namespace.to_owned(),
                name: self.name.to_owned(),
                key: key.to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Refuses a Secret of which a variable cannot hold what is asked for.
    fn check_text(&self, namespace: &str, secret: &Secret) -> Result<(), ConfigError> {
        if self.way != Way::Environment {
            return Ok(());
        }
        let asked = |key: &str| self.key.is_none_or(|one| one == key);
        let is_text =
            |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0'));
        let mut data = secret.data.iter().flatten();
        match data.find(|(key, bytes)| asked(key) && !is_text(&bytes.0)) {
            None => Ok(()),
            Some((key, _)) => Err(ConfigError::NoText {
                namespace: namespace.to_owned(),
                name: self.name.to_owned(),
                key: key.clone(),
            }),
        }
    }
}
