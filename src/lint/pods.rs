//! The one way to the pods that objects ask for, whatever their kind.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec, SecurityContext};

use super::set::Set;
use crate::manifest::ReadObject;
use crate::model::{Labels, Object};

/// The labels of what has none.
static NONE: Labels = BTreeMap::new();

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
        const SPEC: &str = "spec.template.spec";
        let lasting = |template: &'a PodTemplateSpec, replicas| {
            Self::new(template, SPEC, replicas, Life::Lasting)
        };
        match object {
            Object::Pod(pod) => {
                let spec = pod.spec.as_ref()?;
                let lasting =
                    spec.restart_policy.as_deref().is_none_or(|policy| policy == "Always");
                let life = if lasting { Life::Lasting } else { Life::Passing };
                let labels = pod.metadata.labels.as_ref().unwrap_or(&NONE);
                Some(Self { spec, labels, path: "spec", replicas: Some(1), life })
            }
            Object::Deployment(set) => {
                lasting(&set.spec.template, Some(set.spec.replicas.unwrap_or(1)))
            }
            Object::StatefulSet(set) => {
                lasting(&set.spec.template, Some(set.spec.replicas.unwrap_or(1)))
            }
            Object::DaemonSet(set) => lasting(&set.spec.template, None),
            Object::ReplicaSet(set) => {
                lasting(set.spec.template.as_ref()?, Some(set.spec.replicas.unwrap_or(1)))
            }
            Object::ReplicationController(set) => {
                let spec = set.spec.as_ref()?;
                lasting(spec.template.as_ref()?, Some(spec.replicas.unwrap_or(1)))
            }
            Object::Job(job) => {
                let template = &job.spec.as_ref()?.template;
                Self::new(template, SPEC, None, Life::Passing)
            }
            Object::CronJob(cron) => {
                let template = &cron.spec.job_template.spec.as_ref()?.template;
                Self::new(template, "spec.jobTemplate.spec.template.spec", None, Life::Passing)
            }
            _ => None,
        }
    }

    fn new(
        template: &'a PodTemplateSpec,
        path: &'static str,
        replicas: Option<i32>,
        life: Life,
    ) -> Option<Self> {
        let labels = template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref());
        let spec = template.spec.as_ref()?;
        Some(Self { spec, labels: labels.unwrap_or(&NONE), path, replicas, life })
    }

    /// The containers with the path of each, those that prepare included.
    pub(super) fn containers(self) -> impl Iterator<Item = (String, Role, &'a Container)> {
        let role = |container: &Container| match container.restart_policy.as_deref() {
            Some("Always") => Role::Sidecar,
            _ => Role::Init,
        };
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
