//! What the API server would not let stand together.

use serde_json::{Map, Value, json};

/// Takes back what the API server would not let stand together.
pub(super) fn reconcile(spec: &mut Value) {
    let on = |spec: &Value, field: &str| spec[field] == json!(true);
    let of_host = ["hostNetwork", "hostIPC", "hostPID"].iter().any(|field| on(spec, field));
    let fields = spec.as_object_mut().unwrap();
    if fields.get("hostUsers") == Some(&json!(false)) && of_host {
        fields.remove("hostUsers");
    }
    if fields.get("hostPID") == Some(&json!(true)) {
        fields.remove("shareProcessNamespace");
    }
    if fields.contains_key("hostnameOverride") {
        for other in ["hostNetwork", "setHostnameAsFQDN"] {
            fields.remove(other);
        }
    }
    if of_host && let Some(security) = fields.get_mut("securityContext") {
        security.as_object_mut().unwrap().remove("sysctls");
    }
    if fields.contains_key("priority") {
        let worth = match fields.get("priorityClassName").and_then(Value::as_str) {
            Some("important") => 1000,
            Some(_) => 2_000_000_000,
            None => 0,
        };
        fields.insert("priority".to_owned(), json!(worth));
    }
    if fields.contains_key("preemptionPolicy") {
        let policy = match fields.get("priorityClassName").and_then(Value::as_str) {
            Some("important") => "Never",
            Some(_) | None => "PreemptLowerPriority",
        };
        fields.insert("preemptionPolicy".to_owned(), json!(policy));
    }
    // A signal has its name from the system that the pod says it is for.
    let signal = |container: &Value| container["lifecycle"].get("stopSignal").is_some();
    let lists =
        ["containers", "initContainers"].map(|list| fields.get(list).and_then(Value::as_array));
    if lists.into_iter().flatten().flatten().any(signal) {
        fields.insert("os".to_owned(), json!({"name": "linux"}));
    }
    let pods_user =
        fields.get("securityContext").and_then(|security| security.get("runAsUser")).cloned();
    let pods_word =
        fields.get("securityContext").and_then(|security| security.get("runAsNonRoot")).cloned();
    for list in ["containers", "initContainers"] {
        for container in fields.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let container = container.as_object_mut().unwrap();
            agree(container, pods_user.as_ref(), pods_word.as_ref());
        }
    }
}

/// Within a container: no user that is denied, no privilege that is both given and refused, every variable that is named.
fn agree(container: &mut Map<String, Value>, pods_user: Option<&Value>, pods_word: Option<&Value>) {
    let security = container.get("securityContext").cloned().unwrap_or(json!({}));
    let user = security.get("runAsUser").or(pods_user);
    let word = security.get("runAsNonRoot").or(pods_word);
    if word == Some(&json!(true)) && user.is_none_or(|user| *user == json!(0)) {
        container.entry("securityContext").or_insert(json!({}))["runAsUser"] = json!(1000);
    }
    let security = container.get("securityContext").cloned().unwrap_or(json!({}));
    let adds = security["capabilities"]["add"].is_array() || security["privileged"] == json!(true);
    if adds && security["allowPrivilegeEscalation"] == json!(false) {
        container["securityContext"]["allowPrivilegeEscalation"] = json!(true);
    }
    let mounts = container.get("volumeMounts").cloned().unwrap_or_default();
    if mounts.to_string().contains("$(POD)") {
        let pod = json!({"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}});
        let all = container.entry("env").or_insert(json!([])).as_array_mut().unwrap();
        all.insert(0, pod);
    }
}
