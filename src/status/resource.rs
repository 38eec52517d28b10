//! An object with its status, of any kind that can be looked at.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, Node, PersistentVolumeClaim, Pod, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use crate::model::{Kind, Labels, Object};

/// An object with its status.
#[derive(Clone, Debug, PartialEq)]
pub enum Resource {
    /// A pod.
    Pod(Box<Pod>),
    /// A service.
    Service(Box<Service>),
    /// A deployment.
    Deployment(Box<Deployment>),
    /// A host.
    Node(Box<Node>),
    /// A namespace.
    Namespace(Box<Namespace>),
    /// A claim, and why it has no volume yet.
    Claim(Box<PersistentVolumeClaim>, Option<String>),
    /// An object of which the hosts have nothing to say.
    Stored(Object),
}

impl Resource {
    /// The kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Pod(_) => Kind::Pod,
            Self::Service(_) => Kind::Service,
            Self::Deployment(_) => Kind::Deployment,
            Self::Node(_) => Kind::Node,
            Self::Namespace(_) => Kind::Namespace,
            Self::Claim(..) => Kind::PersistentVolumeClaim,
            Self::Stored(object) => object.kind(),
        }
    }

    /// The metadata.
    pub fn metadata(&self) -> &ObjectMeta {
        match self {
            Self::Pod(object) => &object.metadata,
            Self::Service(object) => &object.metadata,
            Self::Deployment(object) => &object.metadata,
            Self::Node(object) => &object.metadata,
            Self::Namespace(object) => &object.metadata,
            Self::Claim(object, _) => &object.metadata,
            Self::Stored(object) => object.metadata(),
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.metadata().name.as_deref().unwrap_or_default()
    }

    /// What tells it from others that have had its name; hosts and some of what they make have none.
    pub fn uid(&self) -> Option<String> {
        self.metadata().uid.clone()
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
            Self::Node(object) => serde_json::to_value(object),
            Self::Namespace(object) => serde_json::to_value(object),
            Self::Claim(object, _) => serde_json::to_value(object),
            Self::Stored(object) => serde_json::to_value(object),
        };
        json.expect("Kubernetes objects are JSON")
    }
}
