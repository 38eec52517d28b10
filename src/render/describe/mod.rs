//! Everything about one object, laid out as kubectl does.

use std::fmt::Write as _;

use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod, Secret};

use super::clean::clean;
use super::yaml::yaml;
use crate::model::{Labels, Object, Selector};
use crate::status::Resource;

mod budget;
mod deployment;
mod events;
mod fields;
mod node;
mod pod;
mod policy;
mod probe;
mod service;
mod storage;
mod template;

#[cfg(test)]
mod tests;

pub use events::Told;

use fields::{beginning, marks};

/// Writes out everything about an object; `pods` are all of the fleet's, of which those that belong to it are named, and `told`
/// is what happened in the fleet.
pub fn describe(object: &Resource, pods: &[Pod], told: &Told<'_>) -> String {
    match object {
        Resource::Pod(object) => pod::describe(object, told),
        Resource::Deployment(object) => deployment::describe(object, pods, told),
        Resource::Service(object) => service::describe(object, pods, told),
        Resource::Node(object) => node::describe(object, pods, told),
        Resource::Namespace(object) => namespace(object, told),
        Resource::Claim(object, why) => storage::claim(object, why.as_deref(), pods, told),
        Resource::Stored(Object::PersistentVolume(object)) => storage::volume(object, told),
        Resource::Stored(Object::StorageClass(object)) => storage::class(object, told),
        Resource::Stored(Object::PodDisruptionBudget(object)) => budget::describe(object, told),
        Resource::Stored(Object::ResourceQuota(object)) => policy::quota(object),
        Resource::Stored(Object::LimitRange(object)) => policy::limits(object),
        Resource::Stored(Object::ConfigMap(object)) => config_map(object),
        Resource::Stored(Object::Secret(object)) => secret(object),
        Resource::Stored(object) => plain(object),
    }
}

/// The pods of a namespace with these labels.
fn selected<'a>(
    pods: &'a [Pod],
    namespace: Option<&'a str>,
    selector: &'a Selector,
) -> impl Iterator<Item = &'a Pod> {
    let none = Labels::new();
    pods.iter().filter(move |pod| {
        let labels = pod.metadata.labels.as_ref().unwrap_or(&none);
        pod.metadata.namespace.as_deref() == namespace && selector.matches(labels)
    })
}

fn config_map(map: &ConfigMap) -> String {
    let mut fields = beginning(&map.metadata);
    marks(&mut fields, &map.metadata);
    let mut text = format!("{}\nData\n====\n", fields.text());
    for (key, value) in map.data.iter().flatten() {
        let lines: Vec<String> = value.lines().map(clean).collect();
        let _ = writeln!(text, "{}:\n----\n{}\n", clean(key), lines.join("\n"));
    }
    text.push_str("\nBinaryData\n====\n");
    for (key, value) in map.binary_data.iter().flatten() {
        let _ = writeln!(text, "{}: {} bytes", clean(key), value.0.len());
    }
    text
}

/// What a Secret holds is not shown, only how much: kubectl does the same.
fn secret(secret: &Secret) -> String {
    let mut fields = beginning(&secret.metadata);
    marks(&mut fields, &secret.metadata);
    fields.add_some("Type", secret.type_.clone());
    let mut text = format!("{}\nData\n====\n", fields.text());
    for (key, value) in secret.data.iter().flatten() {
        let _ = writeln!(text, "{}: {} bytes", clean(key), value.0.len());
    }
    text
}

/// An object of which nothing more is known than what it says.
fn plain(object: &Object) -> String {
    let mut fields = beginning(object.metadata());
    marks(&mut fields, object.metadata());
    fields.add("API Version", object.kind().api_version());
    fields.add("Kind", object.kind().object());
    let mut json = object.to_json();
    if let Some(json) = json.as_object_mut() {
        json.retain(|key, _| !matches!(key.as_str(), "apiVersion" | "kind" | "metadata"));
    }
    format!("{}\n{}", fields.text(), yaml(&json))
}

fn namespace(namespace: &Namespace, told: &Told<'_>) -> String {
    let mut fields = beginning(&namespace.metadata);
    marks(&mut fields, &namespace.metadata);
    fields.add_some("Status", namespace.status.as_ref().and_then(|status| status.phase.clone()));
    let name = namespace.metadata.name.as_deref().unwrap_or_default();
    format!("{}{}", fields.text(), policy::of_namespace(name, told.policies))
}
