//! Names, labels and annotations.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{Check, Seen};
use crate::document::{join, quoted};
use crate::model::names::{Rule, label_key, label_value};
use crate::model::{Kind, Object};

/// The most that the annotations of one object may hold.
const ANNOTATION_BYTES: usize = 256 << 10;

/// Finalizers that need no domain before their name.
const FINALIZERS: [&str; 3] = ["foregroundDeletion", "kubernetes", "orphan"];

/// Checks the metadata of an object.
pub(super) fn check_object(object: &Object, check: &mut Check<'_>) {
    let metadata = object.metadata();
    let name = metadata.name.as_deref().unwrap_or_default();
    match metadata.generate_name.as_deref() {
        Some(generated) if !generated.is_empty() && name.is_empty() => {
            let help = "give it a `name`: the same manifest must mean the same object every time";
            let message = "a name is not generated here";
            check.error_with("generate-name", "metadata.generateName", message, help);
        }
        Some(_) | None => check.name("metadata.name", name, name_rule(object.kind())),
    }
    let namespace = metadata.namespace.as_deref().unwrap_or_default();
    if namespace.is_empty() {
        // The namespace that it gets is asked for elsewhere.
    } else if object.kind().is_namespaced() {
        check.name("metadata.namespace", namespace, Rule::Label);
    } else {
        let message = format!("a {} stands in no namespace: this is ignored", object.kind());
        check.warning("needless-namespace", "metadata.namespace", &message);
    }
    check_maps(metadata, "metadata", check);
    check_owners(metadata, check);
    check_finalizers(metadata, check);
}

/// How the objects of a kind may be called.
///
/// Most have names that are DNS subdomains; pods of a StatefulSet, Services and Namespaces are parts of DNS names, and
/// what nothing resolves can be called whatever a URL can hold.
fn name_rule(kind: Kind) -> Rule {
    match kind {
        Kind::Namespace | Kind::Service | Kind::StatefulSet => Rule::Label,
        Kind::APIService
        | Kind::ClusterRole
        | Kind::ClusterRoleBinding
        | Kind::Event
        | Kind::PodDisruptionBudget
        | Kind::Role
        | Kind::RoleBinding => Rule::Path,
        _ => Rule::Subdomain,
    }
}

fn check_owners(metadata: &ObjectMeta, check: &mut Check<'_>) {
    let mut controllers = Seen::default();
    for (index, owner) in metadata.owner_references.iter().flatten().enumerate() {
        let path = format!("metadata.ownerReferences[{index}]");
        for (field, value) in [
            ("apiVersion", &owner.api_version),
            ("kind", &owner.kind),
            ("name", &owner.name),
            ("uid", &owner.uid),
        ] {
            if value.is_empty() {
                check.required(&format!("{path}.{field}"));
            }
        }
        let controller = format!("{path}.controller");
        if owner.controller == Some(true)
            && let Some(first) = controllers.before((), &controller)
        {
            check.twice(&controller, &first, "an owner that is the controller");
        }
    }
}

fn check_finalizers(metadata: &ObjectMeta, check: &mut Check<'_>) {
    for (index, finalizer) in metadata.finalizers.iter().flatten().enumerate() {
        let path = format!("metadata.finalizers[{index}]");
        if let Err(why) = label_key(finalizer) {
            check.error("invalid-name", &path, &format!("{} {why}", quoted(finalizer)));
        } else if !finalizer.contains('/') && !FINALIZERS.contains(&finalizer.as_str()) {
            let message = format!("{} has no domain before its name", quoted(finalizer));
            let help = format!("write it as example.com/{finalizer}");
            check.error_with("invalid-name", &path, &message, &help);
        }
    }
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
