//! From stored objects to the pods that should exist.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod, PodSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::json;

use super::amounts::spelt_alike;
use super::config::{Config, resolve_config};
use super::mounted::{mounted_in_parts, resolve_mounted};
use super::names::{pod_name, pod_uid, safe_encode};
use super::priority::fill_priority;
use super::runtime::admit;
use crate::admission::{FILLED, Refusal, fill, inconsistent, pod_breaches, words};
use crate::desired::Desired;
use crate::model::{Digest, Labels, Object, ObjectKey, PodKey, complete_pod};

/// The pods that one object asks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The object: a Deployment, or the Pod itself.
    pub source: ObjectKey,
    /// The pods.
    pub pods: WantedPods,
    /// The digest of everything that one of the pods is made from.
    pub digest: Digest,
    /// Why no new pod of them is taken in; those that are there stay.
    pub refused: Option<Refusal>,
}

/// Pods that one object asks for.
#[derive(Clone, Debug)]
pub enum WantedPods {
    /// Exactly this Pod, under its own name.
    One(Box<Pod>),
    /// A number of like pods, whose names are given to them.
    Like {
        /// How many.
        count: u64,
        /// The Pod without a name.
        template: Box<Pod>,
        /// How one revision gives way to the next.
        strategy: Strategy,
        /// How long a pod must have run to count as available, in seconds.
        min_ready_seconds: u32,
    },
    /// None can be made.
    Blocked {
        /// How many are asked for.
        count: u64,
        /// Why.
        why: String,
    },
}

/// How one revision gives way to the next.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// All of the old go before the first of the new comes.
    Recreate,
    /// Some at a time.
    RollingUpdate {
        /// How many pods there may be beyond the wanted number.
        max_surge: u64,
        /// How many of the wanted number may be unavailable.
        max_unavailable: u64,
    },
}

/// The pods that all objects ask for, in order of the objects' keys.
pub fn wanted(desired: &Desired) -> Vec<Wanted> {
    let mut all = Vec::new();
    for (key, stored) in &desired.objects {
        match &stored.object {
            Object::Pod(pod) => all.push(of_pod(desired, key, pod)),
            Object::Deployment(deployment) => all.push(of_deployment(desired, key, deployment)),
            _ => {}
        }
    }
    all
}

/// What the pods of an object are made from, for those objects that pods are made for.
pub fn pod_spec(object: &Object) -> Option<&PodSpec> {
    match object {
        Object::Pod(pod) => pod.spec.as_ref(),
        Object::Deployment(deployment) => deployment.spec.template.spec.as_ref(),
        _ => None,
    }
}

impl Wanted {
    /// The n-th pod ever of this object.
    pub fn pod(&self, nth: u64) -> Option<(PodKey, Pod)> {
        self.named(&pod_name(&self.source.name, &self.digest, nth))
    }

    /// The pod of this name; a Pod of its own has no other name than its own.
    pub fn named(&self, name: &str) -> Option<(PodKey, Pod)> {
        let namespace = &self.source.namespace;
        match &self.pods {
            WantedPods::Blocked { .. } => None,
            WantedPods::One(pod) => {
                Some((PodKey::new(namespace, &self.source.name), (**pod).clone()))
            }
            WantedPods::Like { template, .. } => {
                let key = PodKey::new(namespace, name);
                let mut pod = (**template).clone();
                let owner = pod.metadata.owner_references.iter().flatten().next();
                let owner = owner.map(|owner| owner.uid.clone()).unwrap_or_default();
                pod.metadata.uid = Some(pod_uid(&owner, &key));
                pod.metadata.name = Some(name.to_owned());
                Some((key, pod))
            }
        }
    }

    /// How many pods are asked for, whether they can be made or not.
    pub fn count(&self) -> u64 {
        match &self.pods {
            WantedPods::One(_) => 1,
            WantedPods::Like { count, .. } | WantedPods::Blocked { count, .. } => *count,
        }
    }

    /// How important the pods are; those of most go first.
    pub fn priority(&self) -> i32 {
        let pod = match &self.pods {
            WantedPods::One(pod) | WantedPods::Like { template: pod, .. } => pod,
            WantedPods::Blocked { .. } => return 0,
        };
        pod.spec.as_ref().and_then(|spec| spec.priority).unwrap_or(0)
    }

    /// The owner that the pods carry: the object, unless it is the Pod itself.
    pub fn owner(&self) -> Option<ObjectKey> {
        (self.source.kind != "Pod").then(|| self.source.clone())
    }
}

fn of_pod(desired: &Desired, key: &ObjectKey, pod: &Pod) -> Wanted {
    let spec = pod.spec.clone().unwrap_or_default();
    // Labels and annotations of a Pod change while it runs; those of a template make other pods.
    let (digest, blocked) = digest(desired, &key.namespace, &ObjectMeta::default(), &spec);
    let mut refused = None;
    let pods = match (blocked, admitted(desired, &key.namespace, spec)) {
        (Some(why), _) | (None, Err(why)) => WantedPods::Blocked { count: 1, why },
        (None, Ok(admitted)) => {
            refused = admitted.refused;
            let mut pod = Pod { spec: Some(admitted.spec), ..pod.clone() };
            annotate(&mut pod.metadata.annotations, admitted.filled);
            WantedPods::One(Box::new(pod))
        }
    };
    Wanted { source: key.clone(), pods, digest, refused }
}

fn of_deployment(desired: &Desired, key: &ObjectKey, deployment: &Deployment) -> Wanted {
    let spec = deployment.spec.clone();
    let template = spec.template;
    let pod_spec = template.spec.unwrap_or_default();
    let mut metadata = template.metadata.unwrap_or_default();
    let (digest, blocked) = digest(desired, &key.namespace, &metadata, &pod_spec);
    let count = u64::try_from(spec.replicas.unwrap_or(1)).unwrap_or(0);
    let mut refused = None;
    let pods = match (blocked, admitted(desired, &key.namespace, pod_spec)) {
        (Some(why), _) | (None, Err(why)) => WantedPods::Blocked { count, why },
        (None, Ok(admitted)) => {
            refused = admitted.refused;
            annotate(&mut metadata.annotations, admitted.filled);
            WantedPods::Like {
                count,
                template: Box::new(template_pod(deployment, key, metadata, admitted.spec, &digest)),
                strategy: strategy(deployment, count),
                min_ready_seconds: u32::try_from(spec.min_ready_seconds.unwrap_or(0)).unwrap_or(0),
            }
        }
    };
    Wanted { source: key.clone(), pods, digest, refused }
}

/// A pod as the API server takes it in.
struct Admitted {
    spec: PodSpec,
    /// What was filled in by `LimitRanges`, in the words of the annotation.
    filled: Option<String>,
    /// Why it is not taken in after all.
    refused: Option<Refusal>,
}

/// A pod with what its `RuntimeClass`, its `PriorityClass` and the `LimitRanges` of its namespace say, which is no part of what it is
/// made from: when that changes, pods that are there stay.
fn admitted(desired: &Desired, namespace: &str, mut spec: PodSpec) -> Result<Admitted, String> {
    admit(desired, &mut spec).map_err(|error| error.to_string())?;
    fill_priority(desired, &mut spec).map_err(|error| error.to_string())?;
    // A request that nobody made is the limit, before anybody fills in more.
    complete_pod(&mut spec);
    let filled = fill(desired, namespace, &mut spec);
    // What the pod says by itself was held against its limits when its manifest was read.
    let wrong = filled.as_ref().map(|_| inconsistent(&spec)).unwrap_or_default();
    let breaches = pod_breaches(desired, namespace, &spec);
    let refused = match (wrong.as_slice(), breaches.as_slice()) {
        ([], []) => None,
        ([], broken) => Some(Refusal::Forbidden(words(broken))),
        (wrong, _) => Some(Refusal::Invalid(words(wrong))),
    };
    Ok(Admitted { spec, filled, refused })
}

fn annotate(annotations: &mut Option<Labels>, filled: Option<String>) {
    if let Some(filled) = filled {
        annotations.get_or_insert_default().insert(FILLED.to_owned(), filled);
    }
}

/// What a pod is made from: labels and annotations of its template, specification, the ConfigMaps and Secrets in its environment, and what it
/// mounts in parts. What it mounts as a whole is not: that follows its objects while the pod lives.
fn digest(
    desired: &Desired,
    namespace: &str,
    metadata: &ObjectMeta,
    spec: &PodSpec,
) -> (Digest, Option<String>) {
    let (config, blocked) = match resolve_config(desired, namespace, spec) {
        Ok(config) => (config, None),
        Err(error) => (Config::default(), Some(error.to_string())),
    };
    let mounted = resolve_mounted(desired, namespace, spec).err().map(|error| error.to_string());
    let blocked = blocked.or(mounted);
    let fixed = mounted_in_parts(desired, namespace, spec);
    let parts = json!({
        "labels": metadata.labels,
        "annotations": metadata.annotations,
        "spec": spelt_alike(spec.clone()),
        "config": config.mark(),
        "parts": (!fixed.is_empty()).then_some(fixed),
    });
    (Digest::of(&parts), blocked)
}

fn template_pod(
    deployment: &Deployment,
    key: &ObjectKey,
    metadata: ObjectMeta,
    spec: PodSpec,
    digest: &Digest,
) -> Pod {
    let mut labels = metadata.labels.unwrap_or_default();
    labels.insert("pod-template-hash".to_owned(), safe_encode(digest, 10));
    let owner = OwnerReference {
        api_version: "apps/v1".to_owned(),
        kind: key.kind.clone(),
        name: key.name.clone(),
        uid: deployment.metadata.uid.clone().unwrap_or_default(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    };
    Pod {
        metadata: ObjectMeta {
            namespace: Some(key.namespace.clone()),
            labels: Some(labels),
            annotations: metadata.annotations,
            owner_references: Some(vec![owner]),
            ..ObjectMeta::default()
        },
        spec: Some(spec),
        status: None,
    }
}

fn strategy(deployment: &Deployment, count: u64) -> Strategy {
    let strategy = deployment.spec.strategy.as_ref();
    if strategy.and_then(|s| s.type_.as_deref()) == Some("Recreate") {
        return Strategy::Recreate;
    }
    let rolling = strategy.and_then(|s| s.rolling_update.as_ref());
    let quarter = IntOrString::String("25%".to_owned());
    let surge = rolling.and_then(|r| r.max_surge.as_ref()).unwrap_or(&quarter);
    let unavailable = rolling.and_then(|r| r.max_unavailable.as_ref()).unwrap_or(&quarter);
    let max_surge = part_of(surge, count, u64::div_ceil);
    let max_unavailable = part_of(unavailable, count, |a, b| a / b);
    // Both can be 0 by rounding; then Kubernetes lets one pod be unavailable, else nothing could ever move.
    let stuck = max_surge == 0 && max_unavailable == 0;
    Strategy::RollingUpdate { max_surge, max_unavailable: max_unavailable.max(u64::from(stuck)) }
}

/// A number, or a percentage of `count`, rounded as told.
fn part_of(value: &IntOrString, count: u64, round: impl Fn(u64, u64) -> u64) -> u64 {
    match value {
        IntOrString::Int(n) => u64::try_from(*n).unwrap_or(0),
        IntOrString::String(text) => {
            let percent = text.strip_suffix('%').and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
            round(count.saturating_mul(percent), 100)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(strategy: &serde_json::Value) -> Deployment {
        let spec = json!({"selector": {}, "template": {}, "strategy": strategy});
        serde_json::from_value(json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web"}, "spec": spec}))
        .unwrap()
    }

    #[test]
    fn percentages_round_as_kubernetes_rounds_them() {
        let rolling =
            |max_surge, max_unavailable| Strategy::RollingUpdate { max_surge, max_unavailable };
        let default = deployment(&json!({}));
        assert_eq!(strategy(&default, 3), rolling(1, 0));
        assert_eq!(strategy(&default, 10), rolling(3, 2));
        let none = deployment(&json!({"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "10%"}}));
        assert_eq!(strategy(&none, 3), rolling(0, 1));
        assert_eq!(strategy(&deployment(&json!({"type": "Recreate"})), 3), Strategy::Recreate);
    }
}
