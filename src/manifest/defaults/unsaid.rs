//! Fields that say nothing by their value: an empty list is no list, and the API server does not give it back.
//!
//! Its types leave out what is empty, false or 0 (`omitempty`), except where that differs from saying nothing.

use serde_json::{Map, Value};

use crate::model::Object;

/// Mappings whose keys are the user's own: all that is in them is meant, and an empty one is none.
const OWN_KEYS: [&str; 11] = [
    "annotations",
    "labels",
    "limits",
    "matchLabels",
    "nodeSelector",
    "options",
    "overhead",
    "requests",
    "selector",
    "userAnnotations",
    "volumeAttributes",
];

/// Fields whose empty text differs from none.
const EMPTY_TEXTS: [&str; 7] = [
    "grpc.service",
    "hostPath.type",
    "localhostProfile",
    "options.value",
    "storageClassName",
    "timeZone",
    "volumeAttributesClassName",
];

/// Fields whose `false` differs from none.
const FALSE: [&str; 17] = [
    "allowPrivilegeEscalation",
    "automountServiceAccountToken",
    "azureDisk.readOnly",
    "blockOwnerDeletion",
    "controller",
    "csi.readOnly",
    "enableServiceLinks",
    "hostProcess",
    "hostUsers",
    "manualSelector",
    "optional",
    "privileged",
    "readOnlyRootFilesystem",
    "runAsNonRoot",
    "setHostnameAsFQDN",
    "shareProcessNamespace",
    "suspend",
];

/// Fields whose 0 is the same as none.
const ZERO: [&str; 9] = [
    "awsElasticBlockStore.partition",
    "failureThreshold",
    "gcePersistentDisk.partition",
    "hostPort",
    "initialDelaySeconds",
    "minReadySeconds",
    "periodSeconds",
    "successThreshold",
    "timeoutSeconds",
];

/// Leaves out what says nothing.
pub(super) fn leave_out(object: &mut Object) {
    let mut json = object.to_json();
    walk(&mut json, "");
    if let Ok(same) = Object::try_from(json) {
        *object = same;
    }
}

fn walk(value: &mut Value, field: &str) {
    match value {
        Value::Object(fields) => {
            for (key, value) in &mut *fields {
                if !is_own(key, value) {
                    walk(value, key);
                }
            }
            fields.retain(|key, value| !says_nothing(field, key, value));
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| walk(element, field)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether this is a mapping with the user's own keys: of `selector` only that of a `ReplicationController` is.
fn is_own(key: &str, value: &Value) -> bool {
    let has_text = |fields: &Map<String, Value>| fields.values().all(Value::is_string);
    OWN_KEYS.contains(&key) && value.as_object().is_some_and(has_text)
}

fn says_nothing(parent: &str, key: &str, value: &Value) -> bool {
    let among = |fields: &[&str]| {
        fields.iter().any(|field| match field.split_once('.') {
            Some((above, own)) => above == parent && own == key,
            None => *field == key,
        })
    };
    match value {
        Value::Null => true,
        Value::Bool(truth) => !truth && !among(&FALSE),
        Value::Number(number) => number.as_i64() == Some(0) && among(&ZERO),
        Value::String(text) => text.is_empty() && !among(&EMPTY_TEXTS),
        Value::Array(elements) => elements.is_empty(),
        // An empty `selector` selects everything where it is an object, and is refused where it is required.
        Value::Object(fields) => fields.is_empty() && OWN_KEYS.contains(&key) && key != "selector",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_says_nothing_goes() {
        let mut json = json!({
            "labels": {"a": "", "b": "c"},
            "nodeSelector": {},
            "hostNetwork": false,
            "hostUsers": false,
            "nodeName": "",
            "securityContext": {},
            "containers": [{
                "args": [], "env": [{"name": "A", "value": ""}],
                "livenessProbe": {"initialDelaySeconds": 0, "grpc": {"port": 1, "service": ""}},
                "ports": [{"containerPort": 1, "hostPort": 0}],
                "securityContext": {"privileged": false, "runAsUser": 0},
            }],
            "volumes": [{"name": "a", "emptyDir": {}}, {"name": "b", "csi": {"readOnly": false}}, {"name": "c", "nfs": {"readOnly": false}}],
            "storageClassName": "",
            "replicas": 0,
        });
        walk(&mut json, "");
        assert_eq!(
            json,
            json!({
                "labels": {"a": "", "b": "c"},
                "hostUsers": false,
                "securityContext": {},
                "containers": [{
                    "env": [{"name": "A"}],
                    "livenessProbe": {"grpc": {"port": 1, "service": ""}},
                    "ports": [{"containerPort": 1}],
                    "securityContext": {"privileged": false, "runAsUser": 0},
                }],
                "volumes": [{"name": "a", "emptyDir": {}}, {"name": "b", "csi": {"readOnly": false}}, {"name": "c", "nfs": {}}],
                "storageClassName": "",
                "replicas": 0,
            })
        );
    }
}
