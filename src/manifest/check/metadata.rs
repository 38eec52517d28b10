//! Names, labels and annotations.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::Check;
use crate::document::{join, quoted};
use crate::model::Object;
use crate::model::names::{Rule, label_key, label_value};

/// The most that the annotations of one object may hold.
const ANNOTATION_BYTES: usize = 256 << 10;

/// Checks the metadata of an object.
pub(super) fn check_object(object: &Object, check: &mut Check<'_>) {
    let metadata = object.metadata();
    let rule = match object {
        // The names of a StatefulSet's pods are names of hosts.
        Object::Namespace(_) | Object::StatefulSet(_) => Rule::Label,
        Object::Service(_) => Rule::Label1035,
        _ => Rule::Subdomain,
    };
    let name = metadata.name.as_deref().unwrap_or_default();
    match metadata.generate_name.as_deref() {
        Some(generated) if !generated.is_empty() && name.is_empty() => {
            let help = "give it a `name`: the same manifest must mean the same object every time";
            let message = "a name is not generated here";
            check.error_with("generate-name", "metadata.generateName", message, help);
        }
        Some(_) | None => check.name("metadata.name", name, rule),
    }
    let namespace = metadata.namespace.as_deref().unwrap_or_default();
    if matches!(object, Object::Namespace(_)) {
        if !namespace.is_empty() {
            let message = "a Namespace does not stand in a namespace";
            check.error("invalid-value", "metadata.namespace", message);
        }
    } else if !namespace.is_empty() {
        check.name("metadata.namespace", namespace, Rule::Label);
    }
    check_maps(metadata, "metadata", check);
}

/// Checks labels and annotations.
pub(super) fn check_maps(metadata: &ObjectMeta, path: &str, check: &mut Check<'_>) {
    if let Some(labels) = &metadata.labels {
        self::labels(labels, &format!("{path}.labels"), check);
    }
    let mut bytes = 0;
    let path = format!("{path}.annotations");
    for (key, value) in metadata.annotations.iter().flatten() {
        bytes += key.len() + value.len();
        // Unlike those of labels, keys of annotations may be written in capitals.
        key_of(&path, &key.to_lowercase(), key, check);
    }
    if bytes > ANNOTATION_BYTES {
        let message = format!("has {bytes} bytes; at most {ANNOTATION_BYTES} are allowed");
        check.error("too-large", &path, &message);
    }
}

/// Checks a mapping of labels.
pub(super) fn labels(labels: &BTreeMap<String, String>, path: &str, check: &mut Check<'_>) {
    for (key, value) in labels {
        key_of(path, key, key, check);
        if let Err(why) = label_value(value) {
            let message = format!("{} {why}", quoted(value));
            check.error("invalid-label", &join(path, key), &message);
        }
    }
}

fn key_of(path: &str, checked: &str, key: &str, check: &mut Check<'_>) {
    if let Err(why) = label_key(checked) {
        let message = format!("{} {why}", quoted(key));
        check.key_error("invalid-label", &join(path, key), &message);
    }
}
