//! Everything about one object, laid out as kubectl does.

use std::fmt::Write as _;

use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod};

use super::clean::clean;
use crate::model::{Labels, Selector};
use crate::status::Resource;

mod deployment;
mod fields;
mod node;
mod pod;
mod service;
mod template;

#[cfg(test)]
mod tests;

use fields::{beginning, marks};

/// Writes out everything about an object; `pods` are all of the fleet's, of which those that belong to it are named.
pub fn describe(object: &Resource, pods: &[Pod]) -> String {
    match object {
        Resource::Pod(object) => pod::describe(object),
        Resource::Deployment(object) => deployment::describe(object, pods),
        Resource::Service(object) => service::describe(object, pods),
        Resource::Node(object) => node::describe(object, pods),
        Resource::ConfigMap(object) => config_map(object),
        Resource::Namespace(object) => namespace(object),
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

fn namespace(namespace: &Namespace) -> String {
    let mut fields = beginning(&namespace.metadata);
    marks(&mut fields, &namespace.metadata);
    fields.add_some("Status", namespace.status.as_ref().and_then(|status| status.phase.clone()));
    fields.text()
}
