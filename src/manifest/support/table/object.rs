//! What all objects have, and the objects that are little more.

use crate::manifest::support::rule::{Rule, honoured, no_effect, not_yet, of_the_server};
use crate::model::Kind;

pub(super) const FRAME: &[Rule] = &[
    honoured("apiVersion", "with the kind, says what the object is"),
    honoured("kind", "with the API version, says what the object is"),
];

pub(super) const METADATA: &[Rule] = &[
    honoured("annotations", "kept; a template with others makes other pods"),
    of_the_server("creationTimestamp"),
    of_the_server("deletionGracePeriodSeconds"),
    of_the_server("deletionTimestamp"),
    no_effect("finalizers", "nobody is asked before an object is deleted"),
    honoured(
        "generateName",
        "passed over beside a name, as in Kubernetes; without one the object is refused: the same manifest must mean the \
         same object every time",
    ),
    of_the_server("generation"),
    honoured("labels", "kept; selectors, Services and `-l` choose by them"),
    of_the_server("managedFields"),
    honoured("name", "the object's name"),
    honoured("namespace", "the object's namespace, which must exist; `default` without one"),
    not_yet("ownerReferences", "what an object owns stays when the object is deleted"),
    of_the_server("resourceVersion"),
    of_the_server("selfLink"),
    of_the_server("uid"),
];

pub(super) const STATUS: &[Rule] = &[of_the_server("status")];

/// Whether the objects of a kind have a status.
pub(super) fn has_status(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::ConfigMap
            | Kind::Endpoints
            | Kind::EndpointSlice
            | Kind::IngressClass
            | Kind::Secret
            | Kind::StorageClass
            | Kind::NetworkPolicy
            | Kind::PriorityClass
            | Kind::LimitRange
            | Kind::ServiceAccount
            | Kind::RuntimeClass
            | Kind::Event
            | Kind::Role
            | Kind::RoleBinding
            | Kind::ClusterRole
            | Kind::ClusterRoleBinding
            | Kind::MutatingWebhookConfiguration
            | Kind::ValidatingWebhookConfiguration
            | Kind::MutatingAdmissionPolicy
            | Kind::MutatingAdmissionPolicyBinding
            | Kind::ValidatingAdmissionPolicyBinding
    )
}

pub(super) const CONFIG_MAP: &[Rule] = &[
    honoured("binaryData", "files of volumes; a change is written to them where they are"),
    honoured(
        "data",
        "variables and files of volumes; a change is written to the files where they are, and replaces the pods that have it \
         as variables or by subPath",
    ),
    honoured("immutable", "a change of the data is refused"),
];

pub(super) const SECRET: &[Rule] = &[
    honoured(
        "data",
        "variables, and files in the host's memory; a change is written to files where they are, and replaces pods that have it \
         otherwise",
    ),
    honoured("immutable", "a change of the data is refused"),
    honoured("stringData", "the same as data, which it is kept as"),
    honoured("type", "must have the keys that Kubernetes asks for of it"),
];

/// All that a Namespace can hold are finalizers.
pub(super) const NAMESPACE: &[Rule] = &[of_the_server("spec")];

pub(super) const RUNTIME_CLASS: &[Rule] = &[
    honoured("handler", "the name of a runtime that the host's podman knows"),
    honoured("overhead", "becomes the overhead of the pods that name the class"),
    honoured(
        "scheduling",
        "labels that the host must have and taints that the pods bear, beside their own",
    ),
];

pub(super) const PRIORITY_CLASS: &[Rule] = &[
    honoured("description", "kept, for people"),
    honoured(
        "globalDefault",
        "the class of pods that name none; of several the one that is worth least",
    ),
    honoured("preemptionPolicy", "that of the class's pods, which may say no other"),
    honoured("value", "the priority of pods that are made from now on"),
];
