//! The fields of each kind that an update must not change, in a table.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/>, and what the API server answers.

use serde_json::{Map, Value};

use super::Fixed;
use crate::model::{Amount, BESIDE_SOURCE, Kind};

/// What the API server says of most such fields.
const FIELD: &str = "field is immutable";

/// What must hold when an object is updated.
pub(super) enum Rule {
    /// The field stays as it is.
    Stays(&'static str, &'static str),
    /// The field stays as it is once it has a value.
    Settled(&'static str, &'static str),
    /// The field stays there, or is never there, whatever its value.
    Present(&'static str, &'static str),
    /// All fields of an object stay as they are but those named.
    AllBut(&'static str, &'static [&'static str], &'static str),
    /// With this field true, it stays so, and so do the others.
    Sealed(&'static str, &'static [&'static str]),
    /// The amount is never less.
    Grows(&'static str),
    /// The template of a Job stays as it is, but for where its pods may run while it is suspended.
    JobTemplate,
    /// The completions of a Job stay as they are, unless an indexed one is scaled.
    JobCompletions,
}

const STATEFUL: &str = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
    'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

const CLAIM: &str = "spec is immutable after creation except resources.requests and volumeAttributesClassName for \
    bound claims";

/// The rules of a kind.
pub(super) fn of(kind: Kind) -> &'static [Rule] {
    use Rule::{AllBut, Grows, JobCompletions, JobTemplate, Present, Sealed, Settled, Stays};
    match kind {
        Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet => &[Stays("spec.selector", FIELD)],
        Kind::StatefulSet => &[AllBut(
            "spec",
            &[
                "replicas",
                "ordinals",
                "template",
                "updateStrategy",
                "revisionHistoryLimit",
                "persistentVolumeClaimRetentionPolicy",
                "minReadySeconds",
            ],
            STATEFUL,
        )],
        Kind::Job => &[
            JobCompletions,
            Settled("spec.selector", FIELD),
            JobTemplate,
            Stays("spec.completionMode", FIELD),
            Stays("spec.podFailurePolicy", FIELD),
            Stays("spec.backoffLimitPerIndex", FIELD),
            Stays("spec.managedBy", FIELD),
            Stays("spec.successPolicy", FIELD),
        ],
        Kind::Service => &[Settled("spec.clusterIP", "may not change once set")],
        Kind::ConfigMap => &[Sealed("immutable", &["data", "binaryData"])],
        Kind::Secret => &[Stays("type", FIELD), Sealed("immutable", &["data"])],
        Kind::PersistentVolumeClaim => &[
            AllBut(
                "spec",
                &["resources", "storageClassName", "volumeAttributesClassName", "volumeName"],
                CLAIM,
            ),
            Settled("spec.storageClassName", CLAIM),
            Settled("spec.volumeName", CLAIM),
            Grows("spec.resources.requests.storage"),
            Present("spec.resources.limits.storage", CLAIM),
            Grows("spec.resources.limits.storage"),
        ],
        Kind::PersistentVolume => &[
            AllBut(
                "spec",
                BESIDE_SOURCE,
                "spec.persistentvolumesource is immutable after creation",
            ),
            Stays("spec.volumeMode", FIELD),
            Settled("spec.nodeAffinity", FIELD),
        ],
        Kind::StorageClass => &[
            Stays("parameters", "updates to parameters are forbidden."),
            Stays("provisioner", "updates to provisioner are forbidden."),
            Stays("reclaimPolicy", "updates to reclaimPolicy are forbidden."),
            Stays("volumeBindingMode", FIELD),
        ],
        Kind::PriorityClass => {
            &[Stays("value", "may not be changed in an update."), Stays("preemptionPolicy", FIELD)]
        }
        Kind::RuntimeClass => &[Stays("handler", FIELD)],
        Kind::RoleBinding | Kind::ClusterRoleBinding => {
            &[Stays("roleRef", "cannot change roleRef")]
        }
        Kind::IngressClass => &[Stays("spec.controller", FIELD)],
        Kind::EndpointSlice => &[Stays("addressType", FIELD)],
        Kind::CustomResourceDefinition => &[Stays("spec.scope", FIELD)],
        _ => &[],
    }
}

impl Rule {
    /// What an update breaks of it.
    pub(super) fn broken(&self, old: &Value, new: &Value) -> Vec<Fixed> {
        match self {
            Self::Stays(path, message) => stays(path, message, old, new).into_iter().collect(),
            Self::Settled(path, message) if is_set(old, path) && is_set(new, path) => {
                stays(path, message, old, new).into_iter().collect()
            }
            Self::AllBut(path, free, message) => {
                let (old_fields, new_fields) = (fields(old, path), fields(new, path));
                let mut names: Vec<&String> = old_fields.keys().chain(new_fields.keys()).collect();
                names.sort();
                names.dedup();
                let fixed = names.into_iter().filter(|name| !free.contains(&name.as_str()));
                fixed
                    .filter_map(|name| stays(&format!("{path}.{name}"), message, old, new))
                    .collect()
            }
            Self::Sealed(seal, others) if at(old, seal) == Some(&Value::Bool(true)) => {
                const MESSAGE: &str = "field is immutable when `immutable` is set";
                let changed = |path: &&str| {
                    let changed = at(old, path) != at(new, path);
                    let (path, message) = ((*path).to_owned(), MESSAGE.to_owned());
                    changed.then_some(Fixed { path, message, was: None })
                };
                [seal].into_iter().chain(*others).filter_map(changed).collect()
            }
            Self::Present(path, message) if at(old, path).is_some() != at(new, path).is_some() => {
                stays(path, message, old, new).into_iter().collect()
            }
            Self::Settled(..) | Self::Sealed(..) | Self::Present(..) => Vec::new(),
            Self::Grows(path) => grows(path, old, new).into_iter().collect(),
            Self::JobTemplate => job_template(old, new).into_iter().collect(),
            Self::JobCompletions => job_completions(old, new).into_iter().collect(),
        }
    }
}

fn stays(path: &str, message: &str, old: &Value, new: &Value) -> Option<Fixed> {
    let (old, new) = (at(old, path), at(new, path));
    (old != new).then(|| Fixed {
        path: path.to_owned(),
        message: message.to_owned(),
        was: old.and_then(short),
    })
}

/// A scalar as a person writes it; what is larger is no help in a line.
fn short(value: &Value) -> Option<String> {
    const LONGEST: usize = 40;
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    (text.len() <= LONGEST).then_some(text)
}

fn grows(path: &str, old: &Value, new: &Value) -> Option<Fixed> {
    let amount = |object| Amount::parse(at(object, path)?.as_str()?).ok();
    let (before, after) = (amount(old)?, amount(new)?);
    (after < before).then(|| Fixed {
        path: path.to_owned(),
        message: "field can not be less than previous value".to_owned(),
        was: at(old, path).and_then(short),
    })
}

/// While a Job is suspended, where its pods may run can still be said.
fn job_template(old: &Value, new: &Value) -> Option<Fixed> {
    const PATH: &str = "spec.template";
    let template = |job: &Value| {
        let mut template = at(job, PATH).cloned().unwrap_or_default();
        if at(old, "spec.suspend") == Some(&Value::Bool(true)) {
            remove(&mut template, "metadata", &["labels", "annotations"]);
            let where_to = ["affinity", "nodeSelector", "schedulingGates", "tolerations"];
            remove(&mut template, "spec", &where_to);
        }
        template
    };
    let changed = template(old) != template(new);
    changed.then(|| Fixed { path: PATH.to_owned(), message: FIELD.to_owned(), was: None })
}

/// Takes fields out of a field of an object; an empty field is as if it were absent.
fn remove(object: &mut Value, field: &str, names: &[&str]) {
    let Some(object) = object.as_object_mut() else { return };
    let Some(inner) = object.get_mut(field).and_then(Value::as_object_mut) else { return };
    for name in names {
        inner.remove(*name);
    }
    if inner.is_empty() {
        object.remove(field);
    }
}

/// An indexed Job may be given more or fewer completions together with its parallelism.
fn job_completions(old: &Value, new: &Value) -> Option<Fixed> {
    const PATH: &str = "spec.completions";
    let indexed = at(new, "spec.completionMode").and_then(Value::as_str) == Some("Indexed");
    let together = at(new, PATH).is_some() && at(new, PATH) == at(new, "spec.parallelism");
    if indexed && together { None } else { stays(PATH, FIELD, old, new) }
}

fn is_set(object: &Value, path: &str) -> bool {
    at(object, path).is_some_and(|value| value.as_str() != Some(""))
}

/// The value at a path of field names.
fn at<'v>(object: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(object, |value, field| value.get(field))
}

fn fields(object: &Value, path: &str) -> Map<String, Value> {
    at(object, path).and_then(Value::as_object).cloned().unwrap_or_default()
}
