//! Prefixes and suffixes of names, and the namespace of all objects.
//!
//! Source: `PrefixTransformer`, `SuffixTransformer`, `NamespaceTransformer` and `api/filters/namespace` of kustomize 5.5.

use std::collections::BTreeSet;

use crate::document::{Finding, Placed};

use super::fields::{Absent, Field, text_at};
use super::file::File;
use super::resource::{Id, Resource};

/// Gives every object that stands in a namespace that of the kustomization.
pub(super) fn set_namespace(file: &File, resources: &mut [Resource], findings: &mut Vec<Finding>) {
    let namespace = file.spec.namespace.as_str();
    if namespace.is_empty() {
        return;
    }
    let place = file.place("namespace");
    let text = text_at(namespace, &place);
    let in_service = |group, kind, path, absent| Field { group, version: "", kind, path, absent };
    let fields = [
        in_service("", "Namespace", "metadata/name", Absent::Made),
        in_service("apiregistration.k8s.io", "APIService", "spec/service/namespace", Absent::Made),
        in_service(
            "apiextensions.k8s.io",
            "CustomResourceDefinition",
            "spec/conversion/webhook/clientConfig/service/namespace",
            Absent::Left,
        ),
    ];
    let mut seen = BTreeSet::new();
    for resource in resources {
        resource.remember();
        if !resource.id().is_cluster_scoped()
            && let Some(metadata) = resource.value.get_mut("metadata")
        {
            metadata.set("namespace", Some(place.clone()), text.clone());
        }
        if matches!(resource.id().kind.as_str(), "RoleBinding" | "ClusterRoleBinding") {
            set_default_subjects(resource, &text);
        }
        for field in fields {
            field.visit(resource, &text, &mut |there| *there = text.clone());
        }
        let id = resource.id();
        if !seen.insert(id.clone()) {
            let message = format!("in the namespace {namespace} there are two of {id}");
            findings.push(file.refuse("kustomization-conflict", "namespace", &message));
        }
    }
}

/// The account that everything has by itself is always that of the object's own namespace.
fn set_default_subjects(resource: &mut Resource, namespace: &Placed) {
    let subjects = resource.value.get_mut("subjects").and_then(Placed::elements_mut);
    for subject in subjects.into_iter().flatten() {
        if subject.get("name").and_then(Placed::as_scalar) == Some("default") {
            subject.set("namespace", namespace.place.clone(), namespace.clone());
        }
    }
}

/// Puts the kustomization's prefix before and its suffix behind every name but those that say what they are for.
pub(super) fn add_affixes(file: &File, resources: &mut [Resource]) {
    let renamed = |resource: &&mut Resource| !keeps_its_name(&resource.original());
    let prefix = file.spec.name_prefix.as_str();
    if !prefix.is_empty() {
        for resource in resources.iter_mut().filter(renamed) {
            resource.prefixes.push(prefix.to_owned());
            resource.remember();
            let name = format!("{prefix}{}", resource.metadata("name"));
            resource.set_metadata("name", &name);
        }
    }
    let suffix = file.spec.name_suffix.as_str();
    if !suffix.is_empty() {
        for resource in resources.iter_mut().filter(renamed) {
            resource.suffixes.push(suffix.to_owned());
            resource.remember();
            let name = format!("{}{suffix}", resource.metadata("name"));
            resource.set_metadata("name", &name);
        }
    }
}

fn keeps_its_name(id: &Id) -> bool {
    matches!(id.kind.as_str(), "CustomResourceDefinition" | "Namespace")
        || id.is_of("apiregistration.k8s.io", "", "APIService")
}
