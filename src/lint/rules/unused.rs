//! Objects that nothing refers to.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::Severity;
use crate::lint::found::Found;
use crate::lint::rule::{Check, Rule, Usual};
use crate::lint::set::{Doubt, Set};
use crate::model::{Kind, Object};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "unused-configmap",
        usual: Usual::On(Severity::Notice),
        finds: "a ConfigMap that nothing refers to",
        why: "It is left over, or a name is misspelt and something waits for it in vain.",
        fix: "take it away, or name it where it is meant to be used: `envFrom: [{configMapRef: {name: NAME}}]`",
        check: Check::Set(config_maps),
    },
    Rule {
        id: "unused-secret",
        usual: Usual::On(Severity::Notice),
        finds: "a Secret that nothing refers to",
        why: "A secret that nobody needs is one that can only be lost.",
        fix: "take it away, or name it where it is meant to be used: `envFrom: [{secretRef: {name: NAME}}]`",
        check: Check::Set(secrets),
    },
];

fn config_maps(set: &Set<'_>, found: &mut Found) {
    unused(set, Kind::ConfigMap, found);
}

fn secrets(set: &Set<'_>, found: &mut Found) {
    unused(set, Kind::Secret, found);
}

fn unused(set: &Set<'_>, kind: Kind, found: &mut Found) {
    // Nothing refers to anything where there is nothing that could.
    if set.is_partial() {
        return;
    }
    let word = kind.object().to_lowercase();
    let mut used = Used { word: &word, names: BTreeSet::new() };
    for object in set.objects().filter(|object| object.kind() != kind) {
        used.take(object);
    }
    for read in set.read().iter().filter(|read| read.object.kind() == kind) {
        let (namespace, name) = (read.object.namespace(), read.object.name());
        if used.has(namespace, name)
            || set.doubt_of_pods(namespace) == Doubt::Open
            || is_found(&read.object)
        {
            continue;
        }
        let message = format!("nothing refers to the {kind} {name}");
        found.say(read, "metadata.name", "not used", &message);
    }
}

/// Whether a program looks for the object by itself: by its type, or by a label that is there to be found by.
fn is_found(object: &Object) -> bool {
    let by_type = match object {
        Object::Secret(secret) => secret.type_.as_deref().is_some_and(|kind| {
            kind.starts_with("kubernetes.io/service-account-token")
                || kind.starts_with("bootstrap.kubernetes.io/")
                || kind.starts_with("helm.sh/")
        }),
        _ => false,
    };
    let labels = object.metadata().labels.iter().flatten();
    by_type
        || labels.into_iter().any(|(key, _)| key.starts_with("grafana_") || key.contains("argocd"))
}

/// The names that objects refer to, each with the namespace of who does; an empty one may mean any.
struct Used<'k> {
    /// What a field's name has in it when it refers to this kind.
    word: &'k str,
    names: BTreeSet<(String, String)>,
}

impl Used<'_> {
    fn has(&self, namespace: &str, name: &str) -> bool {
        let with = |namespace: &str| self.names.contains(&(namespace.to_owned(), name.to_owned()));
        with(namespace) || with("")
    }

    /// Notes what an object refers to, whatever its kind: a field such as `configMapKeyRef` or `imagePullSecrets` says so
    /// by its name. Programs that are given a name as text look for the object themselves.
    fn take(&mut self, object: &Object) {
        let json = object.to_json();
        let namespace = object.namespace();
        self.walk(&json, namespace);
    }

    fn walk(&mut self, json: &Value, namespace: &str) {
        match json {
            Value::Object(fields) => {
                for (key, value) in fields {
                    let lower = key.to_lowercase();
                    let free = ["args", "command", "value", "annotations"];
                    if lower.contains(self.word) || free.contains(&lower.as_str()) {
                        self.all(value, namespace);
                    } else {
                        self.walk(value, namespace);
                    }
                }
            }
            Value::Array(elements) => {
                for element in elements {
                    self.walk(element, namespace);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// Notes every word that could be a name.
    fn all(&mut self, json: &Value, namespace: &str) {
        match json {
            Value::String(text) => {
                let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-.".contains(c)));
                for word in words.filter(|word| !word.is_empty()) {
                    self.names.insert((namespace.to_owned(), word.to_owned()));
                }
            }
            Value::Array(elements) => elements.iter().for_each(|one| self.all(one, namespace)),
            Value::Object(fields) => fields.values().for_each(|one| self.all(one, namespace)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}
