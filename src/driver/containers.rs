//! What podman says is there: `podman ps --format json` to observed pods.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::ReportError;
use super::labels;
use crate::model::{Digest, FleetName, Generation, ObjectKey, PodKey};
use crate::observed::{ContainerState, ObservedContainer, ObservedPod};
use crate::plan::sandbox_name;

/// One entry of `podman ps --all --format json`, as far as it is read. Other fields are left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PsEntry {
    /// The container's id.
    pub id: String,
    /// Its image's name.
    pub image: String,
    /// Its image's id.
    #[serde(default, rename = "ImageID")]
    pub image_id: String,
    /// Whether it is the one that holds a pod's namespaces.
    pub is_infra: bool,
    /// Its labels.
    pub labels: Option<BTreeMap<String, String>>,
    /// The id of its pod; empty for a container of its own.
    pub pod: String,
    /// `running`, `exited` and so on.
    pub state: String,
    /// The exit code, when it ended.
    pub exit_code: i32,
    /// When it was started, in seconds since 1970; negative when never.
    pub started_at: i64,
    /// When it ended, in seconds since 1970; negative when never.
    pub exited_at: i64,
    /// How often podman restarted it.
    #[serde(default)]
    pub restarts: u64,
    /// When it was made, in seconds since 1970.
    #[serde(default)]
    pub created: i64,
}

/// Reads what podman printed into the fleet's pods, by the names of their sandboxes.
pub(super) fn parse(
    fleet: &FleetName,
    text: &[u8],
) -> Result<BTreeMap<String, ObservedPod>, ReportError> {
    let entries: Option<Vec<PsEntry>> = serde_json::from_slice(text)
        .map_err(|error| ReportError::unreadable("podman ps", &error))?;
    let entries = entries.unwrap_or_default();
    let mut pods: BTreeMap<&str, (String, ObservedPod)> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.is_infra) {
        if let Some(pod) = sandbox(entry) {
            pods.insert(&entry.pod, (sandbox_name(fleet, &pod.key), pod));
        }
    }
    for entry in entries.iter().filter(|entry| !entry.is_infra) {
        let name = entry.labels.as_ref().and_then(|labels| labels.get(labels::CONTAINER));
        if let (Some(name), Some((_, pod))) = (name, pods.get_mut(entry.pod.as_str())) {
            pod.containers.insert(name.clone(), container(entry));
        }
    }
    Ok(pods.into_values().collect())
}

/// A pod by the container that holds its namespaces; `None` when its labels are not ours.
fn sandbox(entry: &PsEntry) -> Option<ObservedPod> {
    let labels = entry.labels.as_ref()?;
    let text = |key: &str| labels.get(key).map(String::as_str);
    let key = PodKey::new(text(labels::NAMESPACE)?, text(labels::POD)?);
    let owner = text(labels::OWNER)?.split_once('/');
    Some(ObservedPod {
        owner: owner.map(|(kind, name)| ObjectKey::new(kind, &key.namespace, name)),
        digest: Digest::from_label(text(labels::DIGEST)?),
        generation: Generation(text(labels::GENERATION)?.parse().ok()?),
        address: text(labels::ADDRESS)?.parse().ok(),
        created: moment(entry.created),
        containers: BTreeMap::new(),
        key,
    })
}

/// A time of podman's; it writes the year 1 for never.
fn moment(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok().filter(|_| seconds > 0)
}

fn container(entry: &PsEntry) -> ObservedContainer {
    let state = match entry.state.as_str() {
        "running" => {
            ContainerState::Running { started: moment(entry.started_at).unwrap_or_default() }
        }
        "exited" | "stopped" => {
            ContainerState::Exited { code: entry.exit_code, finished: moment(entry.exited_at) }
        }
        "created" | "configured" | "initialized" => ContainerState::Created,
        other => ContainerState::Other(other.to_owned()),
    };
    ObservedContainer {
        id: entry.id.clone(),
        image: entry.image.clone(),
        image_id: (!entry.image_id.is_empty()).then(|| entry.image_id.clone()),
        state,
        restarts: entry.restarts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(pod: &str, infra: bool, labels: &serde_json::Value) -> serde_json::Value {
        json!({"Id": "abc", "Image": "i", "IsInfra": infra, "Labels": labels, "Pod": pod,
            "State": "exited", "ExitCode": 137, "StartedAt": 1_795_235_002, "ExitedAt": 1_795_235_003,
            "Unknown": {"to": "us"}})
    }

    fn ours() -> serde_json::Value {
        json!({"bowline.fleet": "lab", "bowline.namespace": "default", "bowline.pod": "web-1",
            "bowline.owner": "Deployment/web", "bowline.digest": "d", "bowline.generation": "4",
            "bowline.address": "10.100.1.5"})
    }

    #[test]
    fn containers_join_their_pod() {
        let text = json!([
            entry("p", true, &ours()),
            entry("p", false, &json!({"bowline.container": "nginx"})),
            entry("q", false, &json!({"bowline.container": "stray"})),
        ]);
        let pods = parse(&"lab".into(), text.to_string().as_bytes()).unwrap();
        let pod = &pods["lab_default_web-1"];
        assert_eq!(pod.owner, Some(ObjectKey::new("Deployment", "default", "web")));
        let state = &pod.containers["nginx"].state;
        assert!(matches!(state, ContainerState::Exited { code: 137, .. }), "{state:?}");
        assert_eq!(pods.len(), 1);
    }

    #[test]
    fn what_is_not_json_is_an_error_and_nothing_is_nothing() {
        assert!(parse(&"lab".into(), b"Error: boom").is_err());
        assert!(parse(&"lab".into(), b"null").unwrap().is_empty());
        assert!(parse(&"lab".into(), b"[]").unwrap().is_empty());
    }
}
