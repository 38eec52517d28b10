//! An object with its status, of any kind that can be looked at.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Node, Pod, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use super::Kind;
use crate::model::{Labels, Object};

/// An object with its status.
#[derive(Clone, Debug, PartialEq)]
pub enum Resource {
    /// A pod.
    Pod(Box<Pod>),
    /// A service.
    Service(Box<Service>),
    /// A deployment.
    Deployment(Box<Deployment>),
    /// A set of settings.
    ConfigMap(Box<ConfigMap>),
    /// A host.
    Node(Box<Node>),
    /// A namespace.
    Namespace(Box<Namespace>),
}

impl Resource {
    pub(super) fn config_map(object: &Object) -> Option<Self> {
        match object {
            Object::ConfigMap(map) => Some(Self::ConfigMap(map.clone())),
            Object::Namespace(_) | Object::Pod(_) | Object::Deployment(_) | Object::Service(_) => {
                None
            }
        }
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Pod(_) => Kind::Pod,
            Self::Service(_) => Kind::Service,
            Self::Deployment(_) => Kind::Deployment,
            Self::ConfigMap(_) => Kind::ConfigMap,
            Self::Node(_) => Kind::Node,
            Self::Namespace(_) => Kind::Namespace,
        }
    }

    /// The metadata.
    pub fn metadata(&self) -> &ObjectMeta {
        match self {
            Self::Pod(object) => &object.metadata,
            Self::Service(object) => &object.metadata,
            Self::Deployment(object) => &object.metadata,
            Self::ConfigMap(object) => &object.metadata,
            Self::Node(object) => &object.metadata,
            Self::Namespace(object) => &object.metadata,
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.metadata().name.as_deref().unwrap_or_default()
    }

    /// The namespace; empty for a kind that has none.
    pub fn namespace(&self) -> &str {
        self.metadata().namespace.as_deref().unwrap_or_default()
    }

    /// The labels.
    pub fn labels(&self) -> Labels {
        self.metadata().labels.clone().unwrap_or_default()
    }

    /// The object as Kubernetes writes it.
    ///
    /// # Panics
    /// Never: every type of k8s-openapi is JSON.
    pub fn to_json(&self) -> Value {
        let json = match self {
            Self::Pod(object) => serde_json::to_value(object),
            Self::Service(object) => serde_json::to_value(object),
            Self::Deployment(object) => serde_json::to_value(object),
            Self::ConfigMap(object) => serde_json::to_value(object),
            Self::Node(object) => serde_json::to_value(object),
            Self::Namespace(object) => serde_json::to_value(object),
        };
        json.expect("Kubernetes objects are JSON")
    }
}
