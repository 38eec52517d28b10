//! What the API server itself writes into an object: uid, creation time, generation and resource version.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use serde_json::Value;

use crate::model::{Digest, FleetName, Kind, Object};

/// What objects are stamped with.
pub(super) struct Stamp<'a> {
    pub(super) fleet: &'a FleetName,
    pub(super) now: Timestamp,
}

impl Stamp<'_> {
    /// An object as it is stored in the place of another one, or as a new one.
    ///
    /// What is written again as it was is no write: its resource version stays.
    pub(super) fn stamped(&self, object: &Object, before: Option<&Object>) -> Object {
        let mut object = without_stamp(object);
        let stamp = match before {
            None => self.first(&object),
            Some(before) => following(before, &object),
        };
        let ObjectMeta { uid, creation_timestamp, generation, resource_version, .. } = stamp;
        let metadata = object.metadata_mut();
        metadata.uid = uid;
        metadata.creation_timestamp = creation_timestamp;
        metadata.generation = generation;
        metadata.resource_version = resource_version;
        object
    }

    fn first(&self, object: &Object) -> ObjectMeta {
        // The wire form has seconds; what is kept must be equal to what is read back.
        let second = Timestamp::from_second(self.now.as_second()).unwrap_or(self.now);
        ObjectMeta {
            uid: Some(self.uid(&object.key().to_string())),
            creation_timestamp: Some(Time(second)),
            generation: counts_generations(object.kind()).then_some(1),
            resource_version: Some("1".to_owned()),
            ..ObjectMeta::default()
        }
    }

    /// A uid in the form of RFC 9562, version 8: derived, so that planning twice gives the same one.
    fn uid(&self, key: &str) -> String {
        let Self { fleet, now } = self;
        let one = Digest::of_text(&format!("{fleet} {key} {now}"));
        let two = Digest::of_text(&format!("{now} {key} {fleet}"));
        let (a, b) = (one.as_str(), two.as_str());
        format!("{}-{}-8{}-8{}-{}{}", &a[..8], &a[8..12], &a[13..16], &b[1..4], &b[4..12], &b[12..])
    }
}

/// The stamp of what is stored after `before`: a write counts, and a change of what is wanted makes a new generation.
fn following(before: &Object, object: &Object) -> ObjectMeta {
    let old = before.metadata();
    let unstamped = without_stamp(before);
    let writes: u64 = old.resource_version.as_deref().and_then(|v| v.parse().ok()).unwrap_or(0);
    let written = u64::from(unstamped != *object);
    let wanted = i64::from(wish(&unstamped) != wish(object));
    ObjectMeta {
        uid: old.uid.clone(),
        creation_timestamp: old.creation_timestamp.clone(),
        generation: counts_generations(object.kind())
            .then(|| old.generation.map_or(1, |generation| generation.saturating_add(wanted))),
        resource_version: Some(writes.saturating_add(written).to_string()),
        ..ObjectMeta::default()
    }
}

/// What an object asks for: all of it but its metadata.
fn wish(object: &Object) -> Value {
    let mut json = object.to_json();
    if let Some(fields) = json.as_object_mut() {
        fields.remove("metadata");
    }
    json
}

/// Whether Kubernetes counts the generations of a kind: where something works towards what the object says, and tells by
/// `observedGeneration` how far it is, or where the registry of the kind says so.
fn counts_generations(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Pod
            | Kind::Deployment
            | Kind::ReplicaSet
            | Kind::ReplicationController
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::Job
            | Kind::CronJob
            | Kind::Ingress
            | Kind::IngressClass
            | Kind::NetworkPolicy
            | Kind::PodDisruptionBudget
            | Kind::PriorityClass
            | Kind::EndpointSlice
            | Kind::CustomResourceDefinition
            | Kind::FlowSchema
            | Kind::PriorityLevelConfiguration
            | Kind::MutatingWebhookConfiguration
            | Kind::ValidatingWebhookConfiguration
            | Kind::MutatingAdmissionPolicy
            | Kind::MutatingAdmissionPolicyBinding
            | Kind::ValidatingAdmissionPolicy
            | Kind::ValidatingAdmissionPolicyBinding
    )
}

/// The object without what the store adds: what a person wrote, and the defaults.
pub fn without_stamp(object: &Object) -> Object {
    let mut object = object.clone();
    let metadata = object.metadata_mut();
    metadata.uid = None;
    metadata.creation_timestamp = None;
    metadata.generation = None;
    metadata.resource_version = None;
    metadata.managed_fields = None;
    metadata.self_link = None;
    object
}

/// An object that was stored before writes were counted, as it is stored now, and beside it what was applied of it.
pub fn lifted_stamp(mut object: Object) -> (Object, Object) {
    let applied = without_stamp(&object);
    let counts = counts_generations(object.kind());
    let metadata = object.metadata_mut();
    metadata.generation = metadata.generation.filter(|_| counts);
    metadata.resource_version = Some("1".to_owned());
    (object, applied)
}
