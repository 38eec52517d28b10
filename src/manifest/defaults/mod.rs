//! What the API server would fill in, so that two spellings of one object are equal and `get -o yaml` shows what it would.
//!
//! Source: the `defaults.go` of Kubernetes' `pkg/apis`, and <https://kubernetes.io/docs/reference/kubernetes-api/>.

mod container;
mod pod;
mod service;
mod unsaid;
mod volume;
mod workload;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;

use crate::model::Object;

/// Fills in what the object leaves out.
pub(crate) fn complete(object: &mut Object) {
    match object {
        Object::ConfigMap(map) => complete_config_map(map),
        Object::Service(service) => service::complete(service),
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
        _ => {}
    }
    let metadata = object.metadata_mut();
    drop_empty(&mut metadata.labels);
    drop_empty(&mut metadata.annotations);
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

fn complete_config_map(map: &mut ConfigMap) {
    drop_empty(&mut map.data);
    if map.binary_data.as_ref().is_some_and(BTreeMap::is_empty) {
        map.binary_data = None;
    }
}
