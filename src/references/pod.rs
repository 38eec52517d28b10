//! What pods need: configuration, secrets, volumes, accounts and classes.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Container, KeyToPath, PodSpec, Volume, VolumeProjection};

use super::{Reference, Subject, listed};
use crate::controller::{PriorityError, fill_priority};
use crate::document::Severity;
use crate::model::{Kind, Object, PodTemplate};

/// Classes that are there without anyone having made them.
const PRIORITIES: [&str; 2] = ["system-cluster-critical", "system-node-critical"];

pub(super) fn check(subject: &mut Subject<'_>) {
    let Some(PodTemplate { spec, path, .. }) = PodTemplate::of(subject.object()) else { return };
    let mut uses = Uses::default();
    uses.of_pod(spec, path);
    let mut missing = BTreeSet::new();
    for one in uses.found {
        match subject.find(one.kind, one.name) {
            None if missing.insert((one.kind, one.name)) => {
                let otherwise = format!("its pods wait until the {} is there", one.kind);
                let Use { kind, name, path, .. } = &one;
                let reference = Reference { kind: *kind, name, path };
                subject.missing(Severity::Warning, &reference, &otherwise);
            }
            Some(object) if one.key.is_some_and(|key| !has_key(object, key)) => {
                missing_key(subject, &one, object);
            }
            None | Some(_) => {}
        }
    }
    check_pull_secrets(subject, spec, path);
    check_admission(subject, spec, path);
}

/// Images are pulled without credentials that are not there, and that may well do.
fn check_pull_secrets(subject: &mut Subject<'_>, spec: &PodSpec, path: &str) {
    for (index, secret) in spec.image_pull_secrets.iter().flatten().enumerate() {
        let (kind, name) = (Kind::Secret, secret.name.as_str());
        if !name.is_empty() && subject.find(kind, name).is_none() {
            let path = format!("{path}.imagePullSecrets[{index}].name");
            let otherwise = "images are pulled without it until it is there";
            subject.missing(Severity::Warning, &Reference { kind, name, path: &path }, otherwise);
        }
    }
}

fn missing_key(subject: &mut Subject<'_>, one: &Use<'_>, object: &Object) {
    if subject.room.is_full(Severity::Warning) {
        return;
    }
    let (kind, key) = (one.kind, one.key.unwrap_or_default());
    let at = format!("{}/{}", object.namespace(), object.name());
    let message = format!("couldn't find key {key} in {kind} {at}");
    let code = match kind {
        Kind::Secret => "secret-key-missing",
        _ => "configmap-key-missing",
    };
    let known = keys(object);
    let help = match crate::document::closest(key, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.is_empty() => format!("{kind} {at} has no keys"),
        None => format!("its keys are {}", listed(&known)),
    };
    let finding = subject.read.finding(Severity::Warning, code, &one.path, message);
    subject.push(finding.with_label("no such key").with_help(help));
}

fn keys(object: &Object) -> Vec<&str> {
    match object {
        Object::ConfigMap(map) => {
            let text = map.data.iter().flatten().map(|(key, _)| key.as_str());
            text.chain(map.binary_data.iter().flatten().map(|(key, _)| key.as_str())).collect()
        }
        Object::Secret(secret) => {
            secret.data.iter().flatten().map(|(key, _)| key.as_str()).collect()
        }
        _ => Vec::new(),
    }
}

fn has_key(object: &Object, key: &str) -> bool {
    let token = matches!(object, Object::Secret(secret)
        if secret.type_.as_deref() == Some("kubernetes.io/service-account-token"));
    // The keys of a token are made by the one who makes the token.
    token || keys(object).contains(&key)
}

/// Without these a pod is not even taken; one that has an owner is tried again by it.
fn check_admission(subject: &mut Subject<'_>, spec: &PodSpec, path: &str) {
    let severity = match subject.object() {
        Object::Pod(_) => Severity::Error,
        _ => Severity::Warning,
    };
    let (account_field, account) = match spec.service_account_name.as_deref() {
        None | Some("") => ("serviceAccount", spec.service_account.as_deref()),
        named => ("serviceAccountName", named),
    };
    for (kind, field, name, always) in [
        (Kind::ServiceAccount, account_field, account, &["default"][..]),
        (
            Kind::PriorityClass,
            "priorityClassName",
            spec.priority_class_name.as_deref(),
            &PRIORITIES,
        ),
        (Kind::RuntimeClass, "runtimeClassName", spec.runtime_class_name.as_deref(), &[]),
    ] {
        let Some(name) = name.filter(|name| !name.is_empty() && !always.contains(name)) else {
            continue;
        };
        if subject.find(kind, name).is_none() {
            let path = format!("{path}.{field}");
            let otherwise = format!("no pod is made without it; {}", to_add(kind, name));
            subject.missing(severity, &Reference { kind, name, path: &path }, &otherwise);
        }
    }
    check_priority(subject, spec, path, severity);
}

/// A pod may say what its class gives it, and nothing else.
fn check_priority(subject: &mut Subject<'_>, spec: &PodSpec, path: &str, severity: Severity) {
    let Err(error) = fill_priority(subject.all, &mut spec.clone()) else { return };
    let (field, message) = match error {
        PriorityError::Missing(_) => return,
        PriorityError::Value { said, given } => {
            ("priority", format!("the priority is {said}, and its class gives {given}"))
        }
        PriorityError::Policy { said, given } => (
            "preemptionPolicy",
            format!("the preemptionPolicy is {said}, and its class gives {given}"),
        ),
    };
    if !subject.room.is_full(severity) {
        let path = format!("{path}.{field}");
        let finding = subject.read.finding(severity, "invalid-value", &path, message);
        let help = "leave it out: it is filled in when the pod is made";
        subject.push(finding.with_label("not the class's").with_help(help));
    }
}

/// The shortest manifest of what is missing.
fn to_add(kind: Kind, name: &str) -> String {
    let rest = match kind {
        Kind::PriorityClass => ", value: 1000",
        Kind::RuntimeClass => ", handler: runc",
        _ => "",
    };
    let version = kind.api_version();
    format!(
        "add a manifest: {{apiVersion: {version}, kind: {kind}, metadata: {{name: {name}}}{rest}}}"
    )
}

/// One place of a pod that cannot do without another object.
struct Use<'s> {
    kind: Kind,
    name: &'s str,
    key: Option<&'s str>,
    path: String,
}

#[derive(Default)]
struct Uses<'s> {
    found: Vec<Use<'s>>,
}

impl<'s> Uses<'s> {
    fn of_pod(&mut self, spec: &'s PodSpec, path: &str) {
        let starting = spec.init_containers.as_deref().unwrap_or_default();
        for (field, all) in [("initContainers", starting), ("containers", &spec.containers)] {
            for (index, container) in all.iter().enumerate() {
                self.of_container(container, &format!("{path}.{field}[{index}]"));
            }
        }
        for (index, volume) in spec.volumes.iter().flatten().enumerate() {
            self.of_volume(volume, &format!("{path}.volumes[{index}]"));
        }
    }

    fn of_container(&mut self, container: &'s Container, path: &str) {
        for (index, env) in container.env.iter().flatten().enumerate() {
            let Some(from) = &env.value_from else { continue };
            let path = format!("{path}.env[{index}].valueFrom");
            if let Some(from) =
                from.config_map_key_ref.as_ref().filter(|f| f.optional != Some(true))
            {
                self.key(Kind::ConfigMap, (&from.name, &from.key), &path, "configMapKeyRef");
            }
            if let Some(from) = from.secret_key_ref.as_ref().filter(|f| f.optional != Some(true)) {
                self.key(Kind::Secret, (&from.name, &from.key), &path, "secretKeyRef");
            }
        }
        for (index, from) in container.env_from.iter().flatten().enumerate() {
            let path = format!("{path}.envFrom[{index}]");
            if let Some(map) = from.config_map_ref.as_ref().filter(|f| f.optional != Some(true)) {
                self.whole(Kind::ConfigMap, &map.name, format!("{path}.configMapRef.name"));
            }
            if let Some(secret) = from.secret_ref.as_ref().filter(|f| f.optional != Some(true)) {
                self.whole(Kind::Secret, &secret.name, format!("{path}.secretRef.name"));
            }
        }
    }

    fn of_volume(&mut self, volume: &'s Volume, path: &str) {
        if let Some(map) = volume.config_map.as_ref().filter(|map| map.optional != Some(true)) {
            let path = format!("{path}.configMap");
            self.whole(Kind::ConfigMap, &map.name, format!("{path}.name"));
            self.items(Kind::ConfigMap, &map.name, map.items.as_deref(), &path);
        }
        if let Some(secret) = volume.secret.as_ref().filter(|secret| secret.optional != Some(true))
        {
            let name = secret.secret_name.as_deref().unwrap_or_default();
            let path = format!("{path}.secret");
            self.whole(Kind::Secret, name, format!("{path}.secretName"));
            self.items(Kind::Secret, name, secret.items.as_deref(), &path);
        }
        if let Some(claim) = &volume.persistent_volume_claim {
            let path = format!("{path}.persistentVolumeClaim.claimName");
            self.whole(Kind::PersistentVolumeClaim, &claim.claim_name, path);
        }
        let sources = volume.projected.as_ref().and_then(|all| all.sources.as_deref());
        for (index, source) in sources.unwrap_or_default().iter().enumerate() {
            self.of_projection(source, &format!("{path}.projected.sources[{index}]"));
        }
    }

    fn of_projection(&mut self, source: &'s VolumeProjection, path: &str) {
        if let Some(map) = source.config_map.as_ref().filter(|map| map.optional != Some(true)) {
            let path = format!("{path}.configMap");
            self.whole(Kind::ConfigMap, &map.name, format!("{path}.name"));
            self.items(Kind::ConfigMap, &map.name, map.items.as_deref(), &path);
        }
        if let Some(secret) = source.secret.as_ref().filter(|secret| secret.optional != Some(true))
        {
            let path = format!("{path}.secret");
            self.whole(Kind::Secret, &secret.name, format!("{path}.name"));
            self.items(Kind::Secret, &secret.name, secret.items.as_deref(), &path);
        }
    }

    fn whole(&mut self, kind: Kind, name: &'s str, path: String) {
        if !name.is_empty() {
            self.found.push(Use { kind, name, key: None, path });
        }
    }

    /// A key of another object: what is not there is either the object or its key.
    fn key(&mut self, kind: Kind, (name, key): (&'s str, &'s str), path: &str, field: &str) {
        self.whole(kind, name, format!("{path}.{field}.name"));
        let path = format!("{path}.{field}.key");
        self.found.push(Use { kind, name, key: Some(key), path });
    }

    fn items(&mut self, kind: Kind, name: &'s str, items: Option<&'s [KeyToPath]>, path: &str) {
        for (index, item) in items.unwrap_or_default().iter().enumerate() {
            let path = format!("{path}.items[{index}].key");
            self.found.push(Use { kind, name, key: Some(&item.key), path });
        }
    }
}
