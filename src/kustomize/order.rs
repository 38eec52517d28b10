//! The order in which objects come out.
//!
//! Source: `api/internal/builtins/SortOrderTransformer.go` of kustomize 5.5.

use super::resource::{Id, Resource};
use super::spec::SortOptions;

/// Kinds that others build upon.
const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// Kinds that would hinder the others if they came before them.
const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Puts objects into the order that is asked for, or that kustomize has by itself.
pub(super) fn sort(resources: &mut [Resource], options: Option<&SortOptions>) {
    let owned = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>();
    let (first, last) = match options {
        Some(options) if options.order == "fifo" => return,
        Some(SortOptions { legacy_sort_options: Some(own), .. }) => {
            (own.order_first.clone(), own.order_last.clone())
        }
        Some(_) | None => (owned(&FIRST), owned(&LAST)),
    };
    let at = |kinds: &[String], kind: &str| kinds.iter().position(|known| known == kind);
    resources.sort_by_cached_key(|resource| {
        let id = resource.id();
        let rank = match (at(&first, &id.kind), at(&last, &id.kind)) {
            (Some(at), _) => (0, at),
            (None, None) => (1, 0),
            (None, Some(at)) => (2, at),
        };
        let or = |text: &str, empty: &str| {
            if text.is_empty() { empty.to_owned() } else { text.to_owned() }
        };
        let Id { group, version, kind, name, .. } = &id;
        let named = or(resource.metadata("namespace"), "~X");
        (rank, or(group, "~G"), or(version, "~V"), kind.clone(), named, name.clone())
    });
}
