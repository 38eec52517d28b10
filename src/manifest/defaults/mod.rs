//! What the API server would fill in, so that two spellings of one object are equal and `get -o yaml` shows what it would.
//!
//! Source: the `defaults.go` of Kubernetes' `pkg/apis`, and <https://kubernetes.io/docs/reference/kubernetes-api/>.

mod access;
mod autoscaler;
mod classes;
mod config;
mod container;
mod limits;
mod namespace;
mod network_policy;
mod pod;
mod service;
mod storage;
mod unsaid;
mod volume;
mod workload;

use std::collections::BTreeMap;

use crate::model::Object;

/// Fills in what the object leaves out.
pub(crate) fn complete(object: &mut Object) {
    match object {
        Object::Pod(_)
        | Object::Deployment(_)
        | Object::ReplicaSet(_)
        | Object::ReplicationController(_)
        | Object::StatefulSet(_)
        | Object::DaemonSet(_)
        | Object::Job(_)
        | Object::CronJob(_) => {
            unsaid::leave_out(object);
            workload::complete_pods(object);
        }
        _ => complete_rest(object),
    }
    let metadata = object.metadata_mut();
    drop_none(&mut metadata.finalizers);
    drop_none(&mut metadata.owner_references);
    drop_empty(&mut metadata.labels);
    drop_empty(&mut metadata.annotations);
}

/// Fills in what an object that makes no pods leaves out.
fn complete_rest(object: &mut Object) {
    match object {
        Object::ConfigMap(map) => config::complete_map(map),
        Object::Secret(secret) => config::complete_secret(secret),
        Object::Namespace(namespace) => namespace::complete(namespace),
        Object::Service(service) => service::complete(service),
        Object::Endpoints(endpoints) => service::complete_endpoints(endpoints),
        Object::EndpointSlice(slice) => service::complete_slice(slice),
        Object::NetworkPolicy(policy) => network_policy::complete(policy),
        Object::PersistentVolume(volume) => storage::complete_volume(volume),
        Object::PersistentVolumeClaim(claim) => {
            storage::complete_claim(claim.spec.get_or_insert_default());
        }
        Object::StorageClass(class) => storage::complete_class(class),
        Object::HorizontalPodAutoscaler(autoscaler) => autoscaler::complete(autoscaler),
        Object::ResourceQuota(quota) => limits::complete_quota(quota),
        Object::LimitRange(range) => limits::complete_range(range),
        Object::IngressClass(class) => classes::complete_ingress(class),
        Object::PriorityClass(class) => classes::complete_priority(class),
        Object::RuntimeClass(class) => classes::complete_runtime(class),
        Object::RoleBinding(binding) => {
            access::complete(&mut binding.role_ref, binding.subjects.as_mut());
        }
        Object::ClusterRoleBinding(binding) => {
            access::complete(&mut binding.role_ref, binding.subjects.as_mut());
        }
        _ => {}
    }
}

/// A list without elements is as if it were absent.
fn drop_none<T>(list: &mut Option<Vec<T>>) {
    if list.as_ref().is_some_and(Vec::is_empty) {
        *list = None;
    }
}

fn drop_empty(map: &mut Option<BTreeMap<String, String>>) {
    if map.as_ref().is_some_and(BTreeMap::is_empty) {
        *map = None;
    }
}

fn fill(field: &mut Option<String>, default: &str) {
    if field.as_ref().is_none_or(String::is_empty) {
        *field = Some(default.to_owned());
    }
}
