//! Fields of a pod that its own containers are given, in variables and in files.
//!
//! Source: <https://kubernetes.io/docs/concepts/workloads/pods/downward-api/>

use k8s_openapi::api::core::v1::{
    DownwardAPIVolumeFile, ObjectFieldSelector, ResourceFieldSelector,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::Check;
use crate::document::{closest, quoted};
use crate::model::names::label_key;

/// Fields that a variable can have; of `metadata`, single labels and annotations too.
const OF_VARIABLES: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// Fields that a file can have.
const OF_FILES: [&str; 5] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.labels",
    "metadata.annotations",
    "metadata.uid",
];

/// What a container asks for, as far as it can be given.
const RESOURCES: [&str; 6] = [
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
];

/// Checks the field that a variable is given.
pub(super) fn check_variable(field: &ObjectFieldSelector, path: &str, check: &mut Check<'_>) {
    check_field(field, &OF_VARIABLES, path, check);
}

/// Checks a file with a field.
pub(super) fn check_file(file: &DownwardAPIVolumeFile, path: &str, check: &mut Check<'_>) {
    check.file(&format!("{path}.path"), &file.path);
    check.mode(&format!("{path}.mode"), file.mode);
    let count =
        usize::from(file.field_ref.is_some()) + usize::from(file.resource_field_ref.is_some());
    check.exactly_one(path, count, "fieldRef and resourceFieldRef");
    if let Some(field) = &file.field_ref {
        check_field(field, &OF_FILES, &format!("{path}.fieldRef"), check);
    }
    if let Some(resource) = &file.resource_field_ref {
        let path = format!("{path}.resourceFieldRef");
        let container = resource.container_name.as_deref().unwrap_or_default();
        check.filled(&format!("{path}.containerName"), container);
        check_resource(resource, &path, check);
    }
}

/// The key of `metadata.labels['KEY']` or of an annotation.
fn entry(field: &str) -> Option<(&str, &str)> {
    let (map, rest) = field.split_once("['")?;
    Some((map, rest.strip_suffix("']")?))
}

fn check_field(field: &ObjectFieldSelector, known: &[&str], path: &str, check: &mut Check<'_>) {
    if field.api_version.as_deref().is_some_and(|version| version != "v1") {
        check.error("invalid-value", &format!("{path}.apiVersion"), "must be v1");
    }
    let path = format!("{path}.fieldPath");
    let field = field.field_path.as_str();
    let key = match entry(field) {
        Some(("metadata.labels", key)) => key.to_owned(),
        Some(("metadata.annotations", key)) => key.to_lowercase(),
        Some(_) => {
            let message = "only metadata.labels and metadata.annotations have single entries";
            return check.error("invalid-value", &path, message);
        }
        None => return check.choice(&path, field, known),
    };
    if let Err(why) = label_key(&key) {
        check.error("invalid-label", &path, &format!("{} {why}", quoted(&key)));
    }
}

/// Checks the amount that a variable or a file is given.
pub(super) fn check_resource(resource: &ResourceFieldSelector, path: &str, check: &mut Check<'_>) {
    let name = resource.resource.as_str();
    let is_huge =
        ["requests.hugepages-", "limits.hugepages-"].iter().any(|of| name.starts_with(of));
    let own = format!("{path}.resource");
    if !is_huge {
        check.choice(&own, name, &RESOURCES);
    }
    if let Some(divisor) = resource.divisor.as_ref().filter(|divisor| divisor.0 != "0") {
        check_divisor(name, divisor, &format!("{path}.divisor"), check);
    }
}

fn check_divisor(resource: &str, divisor: &Quantity, path: &str, check: &mut Check<'_>) {
    const OF_CPU: [&str; 2] = ["1m", "1"];
    const OF_BYTES: [&str; 13] =
        ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];
    let is_cpu = matches!(resource, "limits.cpu" | "requests.cpu");
    let known: &[&str] = if is_cpu { &OF_CPU } else { &OF_BYTES };
    let text = divisor.0.as_str();
    if known.contains(&text) {
        return;
    }
    let message = format!("{} is none of {}", quoted(text), known.join(", "));
    match closest(text, known.iter().copied()) {
        Some(meant) => {
            check.error_with("invalid-value", path, &message, &format!("did you mean `{meant}`?"));
        }
        None => check.error("invalid-value", path, &message),
    }
}
