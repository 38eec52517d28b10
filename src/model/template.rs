//! The pods that objects ask for, whatever their kind.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ContainerPort, PodSpec, PodTemplateSpec};

use super::{Kind, Labels, Object, is_sidecar};

/// The labels of what has none.
static NONE: Labels = BTreeMap::new();

/// The pods that an object asks for.
#[derive(Clone, Copy, Debug)]
pub struct PodTemplate<'a> {
    /// What they are to be.
    pub spec: &'a PodSpec,
    /// The labels that they get.
    pub labels: &'a Labels,
    /// Where their specification stands in the object, such as `spec.template.spec`.
    pub path: &'static str,
}

impl<'a> PodTemplate<'a> {
    /// Where the specification of pods stands in objects of a kind; `None` for a kind that asks for none.
    pub fn path_in(kind: Kind) -> Option<&'static str> {
        match kind {
            Kind::Pod => Some("spec"),
            Kind::Deployment
            | Kind::ReplicaSet
            | Kind::ReplicationController
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::Job => Some("spec.template.spec"),
            Kind::CronJob => Some("spec.jobTemplate.spec.template.spec"),
            _ => None,
        }
    }

    /// The pods of an object; `None` for a kind that asks for none, and where the object does not say what they are.
    pub fn of(object: &'a Object) -> Option<Self> {
        let path = Self::path_in(object.kind())?;
        let template: &PodTemplateSpec = match object {
            Object::Pod(pod) => {
                let labels = pod.metadata.labels.as_ref().unwrap_or(&NONE);
                return Some(Self { spec: pod.spec.as_ref()?, labels, path });
            }
            Object::Deployment(owner) => &owner.spec.template,
            Object::StatefulSet(owner) => &owner.spec.template,
            Object::DaemonSet(owner) => &owner.spec.template,
            Object::ReplicaSet(owner) => owner.spec.template.as_ref()?,
            Object::ReplicationController(owner) => owner.spec.as_ref()?.template.as_ref()?,
            Object::Job(owner) => &owner.spec.as_ref()?.template,
            Object::CronJob(owner) => &owner.spec.job_template.spec.as_ref()?.template,
            _ => return None,
        };
        let labels = template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref());
        Some(Self { spec: template.spec.as_ref()?, labels: labels.unwrap_or(&NONE), path })
    }

    /// The ports of the containers that run as long as the pod does: those that prepare it have ended when a call arrives.
    pub fn ports(self) -> impl Iterator<Item = &'a ContainerPort> {
        let first = self.spec.init_containers.iter().flatten();
        let first = first.filter(|init| is_sidecar(init));
        first.chain(&self.spec.containers).flat_map(|one| one.ports.iter().flatten())
    }
}
