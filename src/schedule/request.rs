//! What a pod asks of a host.

use k8s_openapi::api::core::v1::{Container, PodSpec, Toleration};

use crate::model::{ObjectKey, Resources, parse_quantity_bytes, parse_quantity_milli};

/// A pod that is to be placed.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// What the pod's containers ask for, and one pod.
    pub resources: Resources,
    /// The pod's specification, for its selector.
    pub spec: &'a PodSpec,
    /// The pod's tolerations.
    pub tolerations: &'a [Toleration],
    /// What the pod was made for; its pods are spread.
    pub owner: Option<ObjectKey>,
}

impl<'a> Request<'a> {
    /// Reads a pod's specification.
    pub fn of(spec: &'a PodSpec, owner: Option<ObjectKey>) -> Self {
        Self {
            resources: pod_resources(spec),
            spec,
            tolerations: spec.tolerations.as_deref().unwrap_or_default(),
            owner,
        }
    }
}

/// The sum of what a pod's containers request, and the pod itself.
///
/// A quantity that cannot be read counts as nothing: the manifest reader has refused it before.
pub fn pod_resources(spec: &PodSpec) -> Resources {
    let none = Resources { pods: 1, ..Resources::default() };
    spec.containers.iter().fold(none, |sum, container| sum.plus(container_resources(container)))
}

fn container_resources(container: &Container) -> Resources {
    let requests = container.resources.as_ref().and_then(|r| r.requests.as_ref());
    let asked = |name: &str| requests.and_then(|r| r.get(name)).map_or("0", |q| q.0.as_str());
    Resources {
        cpu_milli: parse_quantity_milli(asked("cpu")).unwrap_or(0),
        memory_bytes: parse_quantity_bytes(asked("memory")).unwrap_or(0),
        pods: 0,
    }
}
