//! What a `RuntimeClass` says of the pods that name it: which runtime of the host runs them, what they cost besides, and where they go.
//!
//! Source: <https://kubernetes.io/docs/concepts/containers/runtime-class/>, and `plugin/pkg/admission/runtimeclass` of Kubernetes.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::api::node::v1::{RuntimeClass, Scheduling};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::desired::Desired;
use crate::model::{Amount, Kind, Object, ObjectKey};

type Amounts = BTreeMap<String, Quantity>;

/// Why no pod is made, in the API server's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuntimeError {
    /// There is no such class.
    #[error("pod rejected: RuntimeClass \"{0}\" not found")]
    Missing(String),
    /// The pod says another overhead than its class.
    #[error("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")]
    Overhead,
    /// The pod and its class ask for two values of one label.
    #[error(
        "conflict: runtimeClass.scheduling.nodeSelector[{label}] = {of_class}; pod.spec.nodeSelector[{label}] = {of_pod}"
    )]
    Selector {
        /// The label.
        label: String,
        /// What the class asks for.
        of_class: String,
        /// What the pod asks for.
        of_pod: String,
    },
}

/// The name by which hosts know the runtime of a pod; `None` where the pod takes what the host takes by itself.
///
/// # Errors
///
/// When the class is not there.
pub fn runtime_handler(desired: &Desired, spec: &PodSpec) -> Result<Option<String>, RuntimeError> {
    Ok(class_of(desired, spec)?.map(|class| class.handler.clone()))
}

/// Gives a pod what its class says of all of its pods, as the API server does when a pod is made.
///
/// # Errors
///
/// When the class is not there, or the pod says something else.
pub(super) fn admit(desired: &Desired, spec: &mut PodSpec) -> Result<(), RuntimeError> {
    let Some(class) = class_of(desired, spec)? else { return Ok(()) };
    let fixed = class.overhead.as_ref().and_then(|overhead| overhead.pod_fixed.as_ref());
    let own = spec.overhead.as_ref().filter(|overhead| !overhead.is_empty());
    match (own, fixed) {
        (Some(own), Some(fixed)) if !is_same(own, fixed) => return Err(RuntimeError::Overhead),
        (_, None) | (Some(_), Some(_)) => {}
        (None, Some(fixed)) => spec.overhead = Some(fixed.clone()),
    }
    class.scheduling.as_ref().map_or(Ok(()), |scheduling| go_where(scheduling, spec))
}

/// Whether two say the same amounts, in whatever units.
fn is_same(one: &Amounts, other: &Amounts) -> bool {
    let exact = |amounts: &Amounts| {
        let exact = |text: &Quantity| Amount::parse(&text.0).map(Amount::nano).ok();
        amounts.iter().map(|(name, text)| (name.clone(), exact(text))).collect::<Vec<_>>()
    };
    exact(one) == exact(other)
}

fn go_where(scheduling: &Scheduling, spec: &mut PodSpec) -> Result<(), RuntimeError> {
    for (label, of_class) in scheduling.node_selector.iter().flatten() {
        let selector = spec.node_selector.get_or_insert_default();
        let of_pod = selector.entry(label.clone()).or_insert_with(|| of_class.clone());
        if of_pod != of_class {
            let (label, of_class) = (label.clone(), of_class.clone());
            return Err(RuntimeError::Selector { label, of_class, of_pod: of_pod.clone() });
        }
    }
    for toleration in scheduling.tolerations.iter().flatten() {
        let all = spec.tolerations.get_or_insert_default();
        if !all.contains(toleration) {
            all.push(toleration.clone());
        }
    }
    Ok(())
}

fn class_of<'a>(
    desired: &'a Desired,
    spec: &PodSpec,
) -> Result<Option<&'a RuntimeClass>, RuntimeError> {
    let Some(name) = spec.runtime_class_name.as_deref().filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let key = ObjectKey::new(Kind::RuntimeClass.object(), "", name);
    match desired.objects.get(&key).map(|stored| &stored.object) {
        Some(Object::RuntimeClass(class)) => Ok(Some(class)),
        _ => Err(RuntimeError::Missing(name.to_owned())),
    }
}
