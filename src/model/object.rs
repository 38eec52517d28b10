//! A Kubernetes object of a kind that is read today.

use k8s_openapi::Resource as _;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::ObjectKey;

/// A Kubernetes object; its JSON is what `kubectl get -o json` gives.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub enum Object {
    /// A namespace.
    Namespace(Box<Namespace>),
    /// A set of settings.
    ConfigMap(Box<ConfigMap>),
    /// A pod that stands by itself.
    Pod(Box<Pod>),
    /// A number of like pods.
    Deployment(Box<Deployment>),
    /// An address for a set of pods.
    Service(Box<Service>),
}

/// Why JSON is not an object of a kind that is read today.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The kind is another one.
    #[error("{api_version} {kind} is not a kind that is read")]
    Kind {
        /// The `apiVersion` as written.
        api_version: String,
        /// The `kind` as written.
        kind: String,
    },
    /// The fields are not those of the kind.
    #[error("not a valid {kind}: {source}")]
    Fields {
        /// The kind.
        kind: String,
        /// What serde said.
        source: serde_json::Error,
    },
}

/// The `apiVersion` and `kind` of everything that is read, in the order of their names.
pub const KINDS: [(&str, &str); 5] = [
    (ConfigMap::API_VERSION, ConfigMap::KIND),
    (Deployment::API_VERSION, Deployment::KIND),
    (Namespace::API_VERSION, Namespace::KIND),
    (Pod::API_VERSION, Pod::KIND),
    (Service::API_VERSION, Service::KIND),
];

impl Object {
    /// The kind's name.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Namespace(_) => Namespace::KIND,
            Self::ConfigMap(_) => ConfigMap::KIND,
            Self::Pod(_) => Pod::KIND,
            Self::Deployment(_) => Deployment::KIND,
            Self::Service(_) => Service::KIND,
        }
    }

    /// The object's metadata.
    pub fn metadata(&self) -> &ObjectMeta {
        match self {
            Self::Namespace(object) => &object.metadata,
            Self::ConfigMap(object) => &object.metadata,
            Self::Pod(object) => &object.metadata,
            Self::Deployment(object) => &object.metadata,
            Self::Service(object) => &object.metadata,
        }
    }

    /// The object's metadata, to be changed.
    pub fn metadata_mut(&mut self) -> &mut ObjectMeta {
        match self {
            Self::Namespace(object) => &mut object.metadata,
            Self::ConfigMap(object) => &mut object.metadata,
            Self::Pod(object) => &mut object.metadata,
            Self::Deployment(object) => &mut object.metadata,
            Self::Service(object) => &mut object.metadata,
        }
    }

    /// The object's name; empty when it has none, which the reader refuses.
    pub fn name(&self) -> &str {
        self.metadata().name.as_deref().unwrap_or_default()
    }

    /// The object's namespace; empty for a kind that has none.
    pub fn namespace(&self) -> &str {
        self.metadata().namespace.as_deref().unwrap_or_default()
    }

    /// What identifies the object in the fleet.
    pub fn key(&self) -> ObjectKey {
        ObjectKey::new(self.kind(), self.namespace(), self.name())
    }

    /// The object as JSON, with `apiVersion` and `kind`.
    ///
    /// # Panics
    /// Never: every type of k8s-openapi is JSON.
    pub fn to_json(&self) -> Value {
        let json = match self {
            Self::Namespace(object) => serde_json::to_value(object),
            Self::ConfigMap(object) => serde_json::to_value(object),
            Self::Pod(object) => serde_json::to_value(object),
            Self::Deployment(object) => serde_json::to_value(object),
            Self::Service(object) => serde_json::to_value(object),
        };
        json.expect("Kubernetes objects are JSON")
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Namespace(object) => object.serialize(serializer),
            Self::ConfigMap(object) => object.serialize(serializer),
            Self::Pod(object) => object.serialize(serializer),
            Self::Deployment(object) => object.serialize(serializer),
            Self::Service(object) => object.serialize(serializer),
        }
    }
}

impl TryFrom<Value> for Object {
    type Error = ObjectError;

    fn try_from(json: Value) -> Result<Self, ObjectError> {
        let text = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        let parsed = match (api_version.as_str(), kind.as_str()) {
            (Namespace::API_VERSION, Namespace::KIND) => {
                serde_json::from_value(json).map(Self::Namespace)
            }
            (ConfigMap::API_VERSION, ConfigMap::KIND) => {
                serde_json::from_value(json).map(Self::ConfigMap)
            }
            (Pod::API_VERSION, Pod::KIND) => serde_json::from_value(json).map(Self::Pod),
            (Deployment::API_VERSION, Deployment::KIND) => {
                serde_json::from_value(json).map(Self::Deployment)
            }
            (Service::API_VERSION, Service::KIND) => {
                serde_json::from_value(json).map(Self::Service)
            }
            _ => return Err(ObjectError::Kind { api_version, kind }),
        };
        parsed.map_err(|source| ObjectError::Fields { kind, source })
    }
}
