//! Which lists of Kubernetes' types are merged element by element, and by which keys.
//!
//! Source: the tags `patchStrategy`, `patchMergeKey` and `listMapKey` of the types, as
//! <https://github.com/kubernetes/kubernetes/blob/master/api/openapi-spec/swagger.json> has them
//! (`x-kubernetes-patch-strategy`, `x-kubernetes-patch-merge-key`, `x-kubernetes-list-map-keys`). All other lists are
//! replaced as a whole.

/// A type of Kubernetes that has such a list, or through which one is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// Nothing is known of it: no list within is merged.
    Free,
    /// An object with metadata and a status of which nothing else matters.
    Object,
    Pod,
    PodTemplate,
    Deployment,
    /// Another controller of pods: `spec.template` is all that matters.
    Workload,
    CronJob,
    Service,
    ServiceAccount,
    WebhookConfiguration,
    ValidatingPolicy,
    MutatingPolicy,
    ObjectMeta,
    Status,
    PodTemplateSpec,
    PodSpec,
    Container,
    ContainerStatus,
    WorkloadSpec,
    CronJobSpec,
    JobTemplate,
    ServiceSpec,
    Webhook,
    ValidatingPolicySpec,
    MutatingPolicySpec,
}

/// How a list is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// It is not: the patch's takes its place.
    Whole,
    /// As a set of texts.
    Set,
    /// Elements with an equal key are one. Where there are more keys, the API server asks for the first alone.
    Keyed(&'static [&'static str]),
}

/// Since when the merging of a list is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// For long.
    Always,
    /// Later than Kubernetes 1.21, whose types kustomize knows.
    Later,
}

struct Row(Type, &'static str, Type, List, Since);

use List::{Keyed, Set, Whole};
use Since::{Always, Later};
use Type::{
    Container, ContainerStatus, CronJob, CronJobSpec, Deployment, Free, JobTemplate,
    MutatingPolicy, MutatingPolicySpec, ObjectMeta, Pod, PodSpec, PodTemplate, PodTemplateSpec,
    Service, ServiceAccount, ServiceSpec, Status, ValidatingPolicy, ValidatingPolicySpec, Webhook,
    WebhookConfiguration, Workload, WorkloadSpec,
};

const NAME: List = Keyed(&["name"]);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row(Pod, "spec", PodSpec, Whole, Always),
    Row(PodTemplate, "template", PodTemplateSpec, Whole, Always),
    Row(Deployment, "spec", WorkloadSpec, Whole, Always),
    Row(Workload, "spec", WorkloadSpec, Whole, Always),
    Row(CronJob, "spec", CronJobSpec, Whole, Always),
    Row(Service, "spec", ServiceSpec, Whole, Always),
    Row(ServiceAccount, "secrets", Free, NAME, Always),
    Row(WebhookConfiguration, "webhooks", Webhook, NAME, Always),
    Row(ValidatingPolicy, "spec", ValidatingPolicySpec, Whole, Later),
    Row(MutatingPolicy, "spec", MutatingPolicySpec, Whole, Later),
    Row(ObjectMeta, "finalizers", Free, Set, Always),
    Row(ObjectMeta, "ownerReferences", Free, Keyed(&["uid"]), Always),
    Row(Status, "conditions", Free, Keyed(&["type"]), Always),
    Row(Status, "podIPs", Free, Keyed(&["ip"]), Always),
    Row(Status, "hostIPs", Free, Keyed(&["ip"]), Later),
    Row(Status, "resourceClaimStatuses", Free, NAME, Later),
    Row(Status, "containerStatuses", ContainerStatus, Whole, Always),
    Row(ContainerStatus, "volumeMounts", Free, Keyed(&["mountPath"]), Later),
    Row(ContainerStatus, "allocatedResourcesStatus", Free, NAME, Later),
    Row(WorkloadSpec, "template", PodTemplateSpec, Whole, Always),
    Row(CronJobSpec, "jobTemplate", JobTemplate, Whole, Always),
    Row(JobTemplate, "metadata", ObjectMeta, Whole, Always),
    Row(JobTemplate, "spec", WorkloadSpec, Whole, Always),
    Row(PodTemplateSpec, "metadata", ObjectMeta, Whole, Always),
    Row(PodTemplateSpec, "spec", PodSpec, Whole, Always),
    Row(PodSpec, "containers", Container, NAME, Always),
    Row(PodSpec, "initContainers", Container, NAME, Always),
    Row(PodSpec, "ephemeralContainers", Container, NAME, Always),
    Row(PodSpec, "volumes", Free, NAME, Always),
    Row(PodSpec, "imagePullSecrets", Free, NAME, Always),
    Row(PodSpec, "hostAliases", Free, Keyed(&["ip"]), Always),
    Row(PodSpec, "topologySpreadConstraints", Free, Keyed(&["topologyKey", "whenUnsatisfiable"]), Always),
    Row(PodSpec, "resourceClaims", Free, NAME, Later),
    Row(PodSpec, "schedulingGates", Free, NAME, Later),
    Row(Container, "ports", Free, Keyed(&["containerPort", "protocol"]), Always),
    Row(Container, "env", Free, NAME, Always),
    Row(Container, "volumeMounts", Free, Keyed(&["mountPath"]), Always),
    Row(Container, "volumeDevices", Free, Keyed(&["devicePath"]), Always),
    Row(ServiceSpec, "ports", Free, Keyed(&["port", "protocol"]), Always),
    Row(Webhook, "matchConditions", Free, NAME, Later),
    Row(ValidatingPolicySpec, "matchConditions", Free, NAME, Later),
    Row(ValidatingPolicySpec, "variables", Free, NAME, Later),
    Row(MutatingPolicySpec, "matchConditions", Free, NAME, Later),
];

impl Type {
    /// The type of objects that say this of themselves.
    pub(crate) fn of(api_version: &str, kind: &str) -> Self {
        let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
        match (api_version, kind) {
            ("v1", "Pod") => Self::Pod,
            ("v1", "PodTemplate") => Self::PodTemplate,
            ("apps/v1", "Deployment") => Self::Deployment,
            ("apps/v1", "StatefulSet" | "DaemonSet" | "ReplicaSet")
            | ("v1", "ReplicationController")
            | ("batch/v1", "Job") => Self::Workload,
            ("batch/v1" | "batch/v1beta1", "CronJob") => Self::CronJob,
            ("v1", "Service") => Self::Service,
            ("v1", "ServiceAccount") => Self::ServiceAccount,
            (
                "admissionregistration.k8s.io/v1" | "admissionregistration.k8s.io/v1beta1",
                "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration",
            ) => Self::WebhookConfiguration,
            (_, "ValidatingAdmissionPolicy") if group == "admissionregistration.k8s.io" => {
                Self::ValidatingPolicy
            }
            (_, "MutatingAdmissionPolicy") if group == "admissionregistration.k8s.io" => {
                Self::MutatingPolicy
            }
            // Versions of old, which kustomize's types do not have any more.
            ("extensions/v1beta1", "Ingress") => Self::Object,
            ("extensions/v1beta1" | "apps/v1beta1" | "apps/v1beta2", _) => Self::Free,
            _ if matches!(group, "" | "apps" | "batch" | "autoscaling" | "policy") => Self::Object,
            _ if BUILT_IN.contains(&group) => Self::Object,
            _ => Self::Free,
        }
    }

    /// What is known of a field of this type.
    pub(crate) fn field(self, key: &str) -> (Self, List, Since) {
        let row = ROWS.iter().find(|row| row.0 == self && row.1 == key);
        if let Some(Row(_, _, to, list, since)) = row {
            return (*to, *list, *since);
        }
        match (self.is_object(), key) {
            (true, "metadata") => (ObjectMeta, Whole, Always),
            (true, "status") => (Status, Whole, Always),
            _ => (Free, Whole, Always),
        }
    }

    /// Whether only the keys of the newer value stay in this field, or in each element of it: the strategy `retainKeys`.
    ///
    /// Source: the tags `patchStrategy` of the types `PodSpec` and `DeploymentSpec`.
    pub(crate) fn retains_keys(self, key: &str) -> bool {
        matches!((self, key), (PodSpec, "volumes" | "resourceClaims") | (WorkloadSpec, "strategy"))
    }

    fn is_object(self) -> bool {
        matches!(
            self,
            Self::Object
                | Pod
                | PodTemplate
                | Deployment
                | Workload
                | CronJob
                | Service
                | ServiceAccount
                | WebhookConfiguration
                | ValidatingPolicy
                | MutatingPolicy
        )
    }
}

/// The groups of Kubernetes' own API whose names have dots.
const BUILT_IN: [&str; 14] = [
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
];
