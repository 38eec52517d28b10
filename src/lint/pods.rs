//! The one way to the pods that objects ask for, whatever their kind.

use k8s_openapi::api::core::v1::{Container, PodSpec, SecurityContext};

use super::set::Set;
use crate::manifest::ReadObject;
use crate::model::{Labels, Object, PodTemplate, is_sidecar};

/// The pods that an object asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Template<'a> {
    pub(super) spec: &'a PodSpec,
    pub(super) labels: &'a Labels,
    /// Where the pods' specification stands in the object.
    pub(super) path: &'static str,
    /// How many there are; `None` for a kind that does not say.
    pub(super) replicas: Option<i32>,
    pub(super) life: Life,
}

/// How long the pods of an object are meant to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// For ever: when one ends, another takes its place.
    Lasting,
    /// Until their work is done.
    Passing,
}

impl<'a> Template<'a> {
    /// The pods of an object; `None` for a kind that asks for none.
    pub(super) fn of(object: &'a Object) -> Option<Self> {
        let PodTemplate { spec, labels, path } = PodTemplate::of(object)?;
        let (replicas, life) = match object {
            Object::Pod(_) => {
                let policy = spec.restart_policy.as_deref();
                let lasting = policy.is_none_or(|policy| policy == "Always");
                (Some(1), if lasting { Life::Lasting } else { Life::Passing })
            }
            Object::Deployment(set) => (Some(set.spec.replicas.unwrap_or(1)), Life::Lasting),
            Object::StatefulSet(set) => (Some(set.spec.replicas.unwrap_or(1)), Life::Lasting),
            Object::ReplicaSet(set) => (Some(set.spec.replicas.unwrap_or(1)), Life::Lasting),
            Object::ReplicationController(set) => {
                let replicas = set.spec.as_ref().and_then(|spec| spec.replicas);
                (Some(replicas.unwrap_or(1)), Life::Lasting)
            }
            Object::Job(_) | Object::CronJob(_) => (None, Life::Passing),
            _ => (None, Life::Lasting),
        };
        Some(Self { spec, labels, path, replicas, life })
    }

    /// The containers with the path of each, those that prepare included.
    pub(super) fn containers(self) -> impl Iterator<Item = (String, Role, &'a Container)> {
        let role = |init| if is_sidecar(init) { Role::Sidecar } else { Role::Init };
        let first = self.spec.init_containers.iter().flatten().enumerate();
        let first = first.map(move |(at, container)| {
            (format!("{}.initContainers[{at}]", self.path), role(container), container)
        });
        let main = self.spec.containers.iter().enumerate().map(move |(at, container)| {
            (format!("{}.containers[{at}]", self.path), Role::Main, container)
        });
        first.chain(main)
    }
}

/// What a container is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It prepares, and ends before the others begin.
    Init,
    /// It begins first and runs beside the others.
    Sidecar,
    /// It is what the pod is there for.
    Main,
}

/// An object of the manifests that asks for pods.
#[derive(Clone, Copy)]
pub(super) struct Workload<'a> {
    pub(super) set: &'a Set<'a>,
    pub(super) read: &'a ReadObject,
    pub(super) template: Template<'a>,
}

impl<'a> Workload<'a> {
    /// The path of a field of the pods' specification.
    pub(super) fn at(&self, field: &str) -> String {
        format!("{}.{field}", self.template.path)
    }

    /// The containers, those that prepare included.
    pub(super) fn containers(self) -> impl Iterator<Item = Contained<'a>> {
        let with =
            move |(path, role, container)| Contained { workload: self, path, role, container };
        self.template.containers().map(with)
    }
}

/// A container of an object of the manifests.
pub(super) struct Contained<'a> {
    pub(super) workload: Workload<'a>,
    pub(super) path: String,
    pub(super) role: Role,
    pub(super) container: &'a Container,
}

impl Contained<'_> {
    /// The path of a field of the container.
    pub(super) fn at(&self, field: &str) -> String {
        format!("{}.{field}", self.path)
    }

    /// Whether it is meant to run as long as the pod does, for ever.
    pub(super) fn lasts(&self) -> bool {
        self.role != Role::Init && self.workload.template.life == Life::Lasting
    }

    /// What it says of its security itself.
    pub(super) fn security(&self) -> Option<&SecurityContext> {
        self.container.security_context.as_ref()
    }

    /// Whether it is privileged.
    pub(super) fn is_privileged(&self) -> bool {
        self.security().and_then(|security| security.privileged) == Some(true)
    }
}
