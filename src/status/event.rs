//! Events as the Kubernetes objects that they are elsewhere.

use k8s_openapi::api::core::v1::{EventSource, ObjectReference};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};

use super::DEFAULT_NAMESPACE;
use crate::events::Event;
use crate::model::{Digest, Kind, Object};

/// Who tells of events.
const COMPONENT: &str = "bowline";

/// An event as an object; what happened to a host is told in the namespace `default`, as in a cluster.
pub(super) fn object(event: &Event) -> Object {
    let what = &event.what;
    let about = &what.object;
    let namespace = match about.namespace.as_str() {
        "" => DEFAULT_NAMESPACE,
        name => name,
    };
    let id: String = Digest::of(what).as_str().chars().take(16).collect();
    let kind = Kind::named(&about.kind);
    Object::Event(Box::new(k8s_openapi::api::core::v1::Event {
        metadata: ObjectMeta {
            name: Some(format!("{}.{id}", about.name)),
            namespace: Some(namespace.to_owned()),
            creation_timestamp: Some(Time(event.first)),
            ..ObjectMeta::default()
        },
        involved_object: ObjectReference {
            api_version: kind.map(|kind| kind.api_version().to_owned()),
            kind: Some(about.kind.clone()),
            name: Some(about.name.clone()),
            namespace: (!about.namespace.is_empty()).then(|| about.namespace.clone()),
            ..ObjectReference::default()
        },
        type_: Some(what.severity.to_string()),
        reason: Some(what.reason.to_string()),
        message: Some(what.message.clone()),
        source: Some(EventSource {
            component: Some(COMPONENT.to_owned()),
            host: Some(what.node.to_string()),
        }),
        first_timestamp: Some(Time(event.first)),
        last_timestamp: Some(Time(event.last)),
        count: i32::try_from(event.count).ok(),
        ..k8s_openapi::api::core::v1::Event::default()
    }))
}
