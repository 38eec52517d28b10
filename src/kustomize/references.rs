//! Names of objects in other objects, which follow when a name changes.
//!
//! Source: `api/internal/konfig/builtinpluginconsts/namereference.go` for the fields, `api/filters/nameref` for the rules,
//! of kustomize 5.5.

use std::collections::BTreeSet;

use crate::document::{Finding, Placed, PlacedValue, Severity};

use super::fields::{steps, visit};
use super::resource::{Id, Resource, rewrite};

/// Objects of this kind...
#[derive(Clone, Copy)]
struct Target {
    group: &'static str,
    version: &'static str,
    kind: &'static str,
}

const fn core(kind: &'static str) -> Target {
    Target { group: "", version: "v1", kind }
}

/// ... are named in these fields of objects of other kinds.
struct Reference {
    target: Target,
    /// Kind and group of the object that has the field.
    from: (&'static str, &'static str),
    path: String,
}

/// Where the pods of each kind are described; `ReplicationController` and `ReplicaSet` are kustomize's own choice.
const PODS: [(&str, &str); 8] = [
    ("Pod", "spec"),
    ("PodTemplate", "template/spec"),
    ("Deployment", "spec/template/spec"),
    ("ReplicaSet", "spec/template/spec"),
    ("DaemonSet", "spec/template/spec"),
    ("StatefulSet", "spec/template/spec"),
    ("Job", "spec/template/spec"),
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
];

const WORKLOADS: [(&str, &str); 7] = [
    ("Pod", "spec"),
    ("StatefulSet", "spec/template/spec"),
    ("Deployment", "spec/template/spec"),
    ("ReplicationController", "spec/template/spec"),
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
    ("Job", "spec/template/spec"),
    ("DaemonSet", "spec/template/spec"),
];

const CONFIG_MAPS: [&str; 6] = [
    "volumes/configMap/name",
    "containers/env/valueFrom/configMapKeyRef/name",
    "initContainers/env/valueFrom/configMapKeyRef/name",
    "containers/envFrom/configMapRef/name",
    "initContainers/envFrom/configMapRef/name",
    "volumes/projected/sources/configMap/name",
];

const SECRETS: [&str; 7] = [
    "volumes/secret/secretName",
    "containers/env/valueFrom/secretKeyRef/name",
    "initContainers/env/valueFrom/secretKeyRef/name",
    "containers/envFrom/secretRef/name",
    "initContainers/envFrom/secretRef/name",
    "imagePullSecrets/name",
    "volumes/projected/sources/secret/name",
];

const RBAC: &str = "rbac.authorization.k8s.io";
const WEBHOOKS: &str = "admissionregistration.k8s.io";
const CLASS: Target = Target { group: "storage.k8s.io", version: "v1", kind: "StorageClass" };
const PRIORITY: Target =
    Target { group: "scheduling.k8s.io", version: "v1", kind: "PriorityClass" };
const ROLE: Target = Target { group: RBAC, version: "", kind: "Role" };
const CLUSTER_ROLE: Target = Target { group: RBAC, version: "", kind: "ClusterRole" };

const fn scaled(kind: &'static str) -> Target {
    Target { group: "", version: "", kind }
}

#[rustfmt::skip]
const OTHERS: &[(Target, &str, &str, &str)] = &[
    (scaled("Deployment"), "HorizontalPodAutoscaler", "", "spec/scaleTargetRef/name"),
    (scaled("ReplicationController"), "HorizontalPodAutoscaler", "", "spec/scaleTargetRef/name"),
    (scaled("ReplicaSet"), "HorizontalPodAutoscaler", "", "spec/scaleTargetRef/name"),
    (scaled("StatefulSet"), "HorizontalPodAutoscaler", "", "spec/scaleTargetRef/name"),
    (core("ConfigMap"), "Node", "", "spec/configSource/configMap"),
    (core("ConfigMap"), "Role", "", "rules/resourceNames"),
    (core("ConfigMap"), "ClusterRole", "", "rules/resourceNames"),
    (core("ConfigMap"), "Ingress", "", r"metadata/annotations/nginx.ingress.kubernetes.io\/fastcgi-params-configmap"),
    (core("Secret"), "Ingress", "", "spec/tls/secretName"),
    (core("Secret"), "Ingress", "", r"metadata/annotations/ingress.kubernetes.io\/auth-secret"),
    (core("Secret"), "Ingress", "", r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-secret"),
    (core("Secret"), "Ingress", "", r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-tls-secret"),
    (core("Secret"), "ServiceAccount", "", "imagePullSecrets/name"),
    (core("Secret"), "StorageClass", "", "parameters/secretName"),
    (core("Secret"), "StorageClass", "", "parameters/adminSecretName"),
    (core("Secret"), "StorageClass", "", "parameters/userSecretName"),
    (core("Secret"), "StorageClass", "", "parameters/secretRef"),
    (core("Secret"), "Role", "", "rules/resourceNames"),
    (core("Secret"), "ClusterRole", "", "rules/resourceNames"),
    (core("Secret"), "Service", "serving.knative.dev", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name"),
    (core("Secret"), "PersistentVolume", "", "spec/azureFile/secretName"),
    (core("Service"), "StatefulSet", "apps", "spec/serviceName"),
    (core("Service"), "Ingress", "", "spec/rules/http/paths/backend/serviceName"),
    (core("Service"), "Ingress", "", "spec/backend/serviceName"),
    (core("Service"), "Ingress", "", "spec/rules/http/paths/backend/service/name"),
    (core("Service"), "Ingress", "", "spec/defaultBackend/service/name"),
    (core("Service"), "APIService", "apiregistration.k8s.io", "spec/service/name"),
    (core("Service"), "ValidatingWebhookConfiguration", WEBHOOKS, "webhooks/clientConfig/service"),
    (core("Service"), "MutatingWebhookConfiguration", WEBHOOKS, "webhooks/clientConfig/service"),
    (ROLE, "RoleBinding", RBAC, "roleRef/name"),
    (CLUSTER_ROLE, "RoleBinding", RBAC, "roleRef/name"),
    (CLUSTER_ROLE, "ClusterRoleBinding", RBAC, "roleRef/name"),
    (core("ServiceAccount"), "RoleBinding", RBAC, "subjects"),
    (core("ServiceAccount"), "ClusterRoleBinding", RBAC, "subjects"),
    (core("PersistentVolume"), "PersistentVolumeClaim", "", "spec/volumeName"),
    (core("PersistentVolume"), "ClusterRole", "", "rules/resourceNames"),
    (CLASS, "PersistentVolume", "", "spec/storageClassName"),
    (CLASS, "PersistentVolumeClaim", "", "spec/storageClassName"),
    (CLASS, "StatefulSet", "", "spec/volumeClaimTemplates/spec/storageClassName"),
];

/// All references, in the order in which they are followed.
fn references() -> Vec<Reference> {
    let mut all = Vec::new();
    let mut in_pods = |target: Target, pods: &[(&'static str, &str)], fields: &[&str]| {
        for (kind, spec) in pods {
            let path = |field| format!("{spec}/{field}");
            all.extend(fields.iter().map(|f| Reference {
                target,
                from: (kind, ""),
                path: path(f),
            }));
        }
    };
    in_pods(core("ConfigMap"), &PODS, &CONFIG_MAPS);
    in_pods(core("Secret"), &PODS, &SECRETS);
    in_pods(core("ServiceAccount"), &WORKLOADS, &["serviceAccountName"]);
    in_pods(
        core("PersistentVolumeClaim"),
        &WORKLOADS,
        &["volumes/persistentVolumeClaim/claimName"],
    );
    in_pods(PRIORITY, &WORKLOADS, &["priorityClassName"]);
    all.extend(OTHERS.iter().map(|(target, kind, group, path)| Reference {
        target: *target,
        from: (kind, group),
        path: (*path).to_owned(),
    }));
    all
}

/// What is known of an object that others may name.
struct Candidate {
    before: Vec<Id>,
    now: Id,
    original: Id,
    namespace: String,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

impl Candidate {
    fn of(resource: &Resource) -> Self {
        Self {
            before: resource.before.clone(),
            now: resource.id(),
            original: resource.original(),
            namespace: resource.metadata("namespace").to_owned(),
            prefixes: resource.prefixes.clone(),
            suffixes: resource.suffixes.clone(),
        }
    }

    fn was(&self, target: Target) -> bool {
        self.before.iter().any(|id| id.is_of(target.group, target.version, target.kind))
    }
}

/// Puts the new names of objects wherever the old ones are used.
pub(super) fn follow(resources: &mut [Resource], findings: &mut Vec<Finding>) {
    let candidates: Vec<Candidate> = resources.iter().map(Candidate::of).collect();
    // Only what has been called otherwise can be meant by an old name.
    let renamed: Vec<&Candidate> = candidates.iter().filter(|c| !c.before.is_empty()).collect();
    let old: BTreeSet<&str> =
        renamed.iter().flat_map(|c| c.before.iter().map(|id| id.name.as_str())).collect();
    let references = references();
    for (resource, own) in resources.iter_mut().zip(&candidates) {
        let bound = bound_namespaces(resource);
        let near = |c: &&&Candidate| {
            own.now.is_cluster_scoped()
                || c.now.is_cluster_scoped()
                || c.now.namespace == own.now.namespace
                || bound.contains(&c.namespace)
        };
        let near: Vec<&Candidate> = renamed.iter().filter(near).copied().collect();
        let role = role_of(&resource.value);
        for reference in &references {
            let (kind, group) = reference.from;
            if !own.original.is_of(group, "", kind) {
                continue;
            }
            let role = role.filter(|_| reference.path.ends_with("roleRef/name"));
            let seeker = Seeker { own, near: &near, old: &old, target: reference.target, role };
            visit(&mut resource.value, &steps(&reference.path), None, &mut |there| {
                findings.extend(seeker.set(there).err());
            });
        }
    }
}

/// The namespaces of the accounts that a `RoleBinding` names: it may name those of other namespaces.
fn bound_namespaces(resource: &Resource) -> BTreeSet<String> {
    if resource.id().kind != "RoleBinding" {
        return BTreeSet::new();
    }
    let subjects = resource.value.get("subjects").map(Placed::elements).unwrap_or_default();
    let text =
        |subject: &Placed, key| subject.get(key).and_then(Placed::as_scalar).map(str::to_owned);
    let accounts = subjects.iter().filter(|s| text(s, "kind").as_deref() == Some("ServiceAccount"));
    accounts.filter_map(|subject| text(subject, "namespace")).collect()
}

fn role_of(value: &Placed) -> Option<Target> {
    let role = value.get("roleRef")?;
    let is = |key, text| role.get(key).and_then(Placed::as_scalar) == Some(text);
    if !is("apiGroup", RBAC) {
        return None;
    }
    [ROLE, CLUSTER_ROLE].into_iter().find(|target| is("kind", target.kind))
}

/// Looks for what a name in one object means.
struct Seeker<'s> {
    own: &'s Candidate,
    near: &'s [&'s Candidate],
    old: &'s BTreeSet<&'s str>,
    target: Target,
    role: Option<Target>,
}

/// What two candidates may have in common so that it does not matter which one is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Same {
    Name,
    NameAndNamespace,
}

impl Seeker<'_> {
    fn set(&self, there: &mut Placed) -> Result<(), Finding> {
        match &mut there.value {
            PlacedValue::Scalar(..) => self.set_text(there),
            PlacedValue::Mapping(_) => self.set_mapping(there),
            PlacedValue::Sequence(elements) => {
                elements.iter_mut().try_for_each(|element| self.set(element))
            }
        }
    }

    fn set_text(&self, there: &mut Placed) -> Result<(), Finding> {
        let Some(name) = there.as_scalar().map(str::to_owned) else { return Ok(()) };
        if let Some(found) = self.find(&name, self.near, Same::Name, there)? {
            rewrite(there, &found.now.name);
        }
        Ok(())
    }

    /// A mapping names an object by `name` and perhaps `namespace`.
    fn set_mapping(&self, there: &mut Placed) -> Result<(), Finding> {
        let text = |key| there.get(key).and_then(Placed::as_scalar).map(str::to_owned);
        let (Some(name), namespace) = (text("name"), text("namespace")) else { return Ok(()) };
        let within: Vec<&Candidate> = match namespace.as_deref() {
            None => self.near.to_vec(),
            Some(namespace) => {
                let by = |is: &dyn Fn(&&&Candidate) -> bool| -> Vec<&Candidate> {
                    self.near.iter().filter(is).copied().collect()
                };
                let first = by(&|c| c.original.namespace == namespace);
                if first.is_empty() { by(&|c| c.now.namespace == namespace) } else { first }
            }
        };
        let Some(found) = self.find(&name, &within, Same::NameAndNamespace, there)? else {
            return Ok(());
        };
        if let Some(name) = there.get_mut("name") {
            rewrite(name, &found.now.name);
        }
        match there.get_mut("namespace") {
            _ if found.namespace.is_empty() => {}
            Some(namespace) => rewrite(namespace, &found.namespace),
            None => there.set("namespace", None, Placed::text(&found.namespace, None)),
        }
        Ok(())
    }

    fn find<'c>(
        &self,
        name: &str,
        among: &[&'c Candidate],
        same: Same,
        there: &Placed,
    ) -> Result<Option<&'c Candidate>, Finding> {
        if !self.old.contains(name) {
            return Ok(None);
        }
        let fits = |c: &&&Candidate| {
            c.before.iter().any(|id| id.name == name)
                && c.was(self.target)
                && self.role.is_none_or(|role| c.was(role))
                && (self.own.now.is_cluster_scoped()
                    || c.now.is_cluster_scoped()
                    || c.now.kind == "ServiceAccount"
                    || c.now.namespace == self.own.now.namespace)
        };
        let mut left: Vec<&Candidate> = among.iter().filter(fits).copied().collect();
        for strict in [Affixes::MayLack, Affixes::Exact] {
            if left.len() > 1 {
                left.retain(|c| strict.fit(c, self.own));
            }
        }
        let equal = |c: &&Candidate| {
            c.now.name == left[0].now.name
                && (same == Same::Name || c.namespace == left[0].namespace)
        };
        match left.as_slice() {
            [] => Ok(None),
            [first, rest @ ..] if rest.iter().all(equal) => Ok(Some(*first)),
            [..] => {
                let names: Vec<String> = left.iter().map(|c| c.now.to_string()).collect();
                let message = format!("{name} may mean {}", names.join(" or "));
                Err(match there.place.clone() {
                    Some(place) => {
                        Finding::new(Severity::Error, "kustomization-reference", message, place)
                    }
                    None => return Ok(None),
                })
            }
        }
    }
}

/// How prefixes and suffixes of two objects are compared: those of one kustomization have the same.
#[derive(Clone, Copy)]
enum Affixes {
    /// One that has none fits any.
    MayLack,
    /// The last ones have to be equal.
    Exact,
}

impl Affixes {
    fn fit(self, one: &Candidate, other: &Candidate) -> bool {
        let fit = |a: &[String], b: &[String]| match self {
            Self::MayLack if a.is_empty() || b.is_empty() => true,
            Self::MayLack | Self::Exact => {
                let shorter = a.len().min(b.len());
                let both = a.is_empty() == b.is_empty();
                both && a[a.len() - shorter..] == b[b.len() - shorter..]
            }
        };
        fit(&one.prefixes, &other.prefixes) && fit(&one.suffixes, &other.suffixes)
    }
}
