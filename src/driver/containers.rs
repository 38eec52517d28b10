//! What podman says is there: `podman ps --format json` to observed pods.
//!
//! A pod is known by the labels of its containers. One that was cut off before its first container was made has none, and is
//! known by its name and its network.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::ReportError;
use super::files::Files;
use super::podman::network_name;
use super::script::Command;
use super::told::Told;
use super::{labels, lifecycle, told};
use crate::model::{Digest, FleetName, Generation, ObjectKey, PodKey};
use crate::observed::{ContainerState, ObservedContainer, ObservedEphemeral, ObservedPod, Role};
use crate::plan::sandbox_name;

/// One entry of `podman ps --all --format json`, as far as it is read. Other fields are left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PsEntry {
    /// The container's id.
    pub id: String,
    /// Its names; podman gives one.
    #[serde(default)]
    pub names: Vec<String>,
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
    /// The name of its pod; empty for a container of its own.
    #[serde(default)]
    pub pod_name: String,
    /// podman's networks that it is on by itself; in a pod, only the one that holds the namespaces is.
    #[serde(default)]
    pub networks: Option<Vec<String>>,
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

/// The names that podman gives to the containers that hold a pod's namespaces.
const INFRA: &str = "name=^[0-9a-f]{12}-infra$";

/// Asks for all containers of the fleet by their names, and for what holds pods' namespaces: it has no name of ours, so those
/// of strangers are seen too. [`parse`] leaves them out.
pub(super) fn list(fleet: &FleetName) -> Command {
    let ours = format!("name=^{fleet}_");
    lifecycle::look(["--filter", &ours, "--filter", INFRA])
}

/// Reads what podman printed, and what is told in files, into the fleet's pods, by the names of their sandboxes.
pub(super) fn parse(
    fleet: &FleetName,
    text: &[u8],
    files: Files<'_>,
) -> Result<BTreeMap<String, ObservedPod>, ReportError> {
    // What is said of containers that have ended comes after the list, as lines.
    let mut values = serde_json::Deserializer::from_slice(text).into_iter();
    let entries: Option<Option<Vec<PsEntry>>> =
        values.next().transpose().map_err(|error| ReportError::unreadable("podman ps", &error))?;
    let lines = text.get(values.byte_offset()..).unwrap_or_default();
    let told = told::read(&String::from_utf8_lossy(lines), files);
    let entries = entries.flatten().unwrap_or_default();
    let mut pods: BTreeMap<&str, (String, ObservedPod)> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !entry.is_infra) {
        let Some((name, pod)) = labelled(fleet, entry) else { continue };
        let (_, pod) =
            pods.entry(&entry.pod).or_insert_with(|| (sandbox_name(fleet, &pod.key), pod));
        pod.containers.insert(name, container(entry, &told));
    }
    for entry in entries.iter().filter(|entry| !entry.is_infra) {
        if let (Some((name, added)), Some((_, pod))) =
            (added(fleet, entry, &told), pods.get_mut(entry.pod.as_str()))
        {
            pod.ephemeral.insert(name, added);
        }
    }
    for entry in entries.iter().filter(|entry| entry.is_infra) {
        if let Some((_, pod)) = pods.get_mut(entry.pod.as_str()) {
            pod.created = moment(entry.created);
        } else if let Some(pod) = half_made(fleet, entry) {
            pods.insert(&entry.pod, (entry.pod_name.clone(), pod));
        }
    }
    for (sandbox, pod) in pods.values_mut() {
        pod.stage = told.stages.get(sandbox).copied();
    }
    Ok(pods.into_values().collect())
}

/// A container's name in its pod, and the pod by its labels; `None` when they are not ours.
fn labelled(fleet: &FleetName, entry: &PsEntry) -> Option<(String, ObservedPod)> {
    let labels = entry.labels.as_ref()?;
    let text = |key: &str| labels.get(key).map(String::as_str);
    if text(labels::FLEET)? != fleet.as_str() {
        return None;
    }
    let key = PodKey::new(text(labels::NAMESPACE)?, text(labels::POD)?);
    let owner = text(labels::OWNER)?.split_once('/');
    let pod = ObservedPod {
        owner: owner.map(|(kind, name)| ObjectKey::new(kind, &key.namespace, name)),
        digest: Digest::from_label(text(labels::DIGEST)?),
        generation: Generation(text(labels::GENERATION)?.parse().ok()?),
        address: text(labels::ADDRESS)?.parse().ok(),
        created: moment(entry.created),
        containers: BTreeMap::new(),
        ephemeral: BTreeMap::new(),
        stage: None,
        key,
    };
    Some((text(labels::CONTAINER)?.to_owned(), pod))
}

/// A container that somebody added to a pod, and its name there.
fn added(fleet: &FleetName, entry: &PsEntry, told: &Told) -> Option<(String, ObservedEphemeral)> {
    let labels = entry.labels.as_ref()?;
    let name = labels.get(labels::EPHEMERAL)?;
    let ours = labels.get(labels::FLEET).is_some_and(|name| name == fleet.as_str());
    let target = labels.get(labels::TARGET).cloned();
    ours.then(|| (name.clone(), ObservedEphemeral { container: container(entry, told), target }))
}

/// A pod that has no container of ours: podman was cut off after it had made what holds the namespaces. It is ours when it
/// has our labels, or has a name of ours and is on our network.
fn half_made(fleet: &FleetName, entry: &PsEntry) -> Option<ObservedPod> {
    let key = half_labelled(fleet, entry).or_else(|| half_named(fleet, entry))?;
    Some(ObservedPod {
        key,
        owner: None,
        digest: Digest::from_label(""),
        generation: Generation::default(),
        address: None,
        created: moment(entry.created),
        containers: BTreeMap::new(),
        ephemeral: BTreeMap::new(),
        stage: None,
    })
}

/// The pod by the labels of what holds its namespaces; those of `podman pod create` are there, too.
fn half_labelled(fleet: &FleetName, entry: &PsEntry) -> Option<PodKey> {
    let labels = entry.labels.as_ref()?;
    let text = |key: &str| labels.get(key).map(String::as_str);
    let key = PodKey::new(text(labels::NAMESPACE)?, text(labels::POD)?);
    let ours =
        text(labels::FLEET)? == fleet.as_str() && entry.pod_name == sandbox_name(fleet, &key);
    ours.then_some(key)
}

/// The pod by its name and its network.
fn half_named(fleet: &FleetName, entry: &PsEntry) -> Option<PodKey> {
    let network = network_name(fleet);
    if !entry.networks.iter().flatten().any(|name| *name == network) {
        return None;
    }
    let mut words = entry.pod_name.strip_prefix(fleet.as_str())?.strip_prefix('_')?.split('_');
    let key = PodKey::new(words.next()?, words.next()?);
    let whole = words.next().is_none() && !key.namespace.is_empty() && !key.name.is_empty();
    whole.then_some(key)
}

fn role(entry: &PsEntry) -> Role {
    let label = entry.labels.as_ref().and_then(|labels| labels.get(labels::ROLE));
    match label.map(String::as_str) {
        Some("init") => Role::Init,
        Some("sidecar") => Role::Sidecar,
        _ => Role::Main,
    }
}

/// A time of podman's; it writes the year 1 for never.
fn moment(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok().filter(|_| seconds > 0)
}

fn container(entry: &PsEntry, told: &Told) -> ObservedContainer {
    let name = entry.names.first().map(String::as_str).unwrap_or_default();
    let life = told.lives.get(name).cloned().unwrap_or_default();
    let state = match entry.state.as_str() {
        "running" => {
            ContainerState::Running { started: moment(entry.started_at).unwrap_or_default() }
        }
        "stopping" => {
            ContainerState::Stopping { started: moment(entry.started_at).unwrap_or_default() }
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
        image_digest: None,
        moved: None,
        devices: devices(entry),
        state,
        restarts: entry.restarts.max(life.restarts),
        role: role(entry),
        end: told.ends.get(name).cloned(),
        last: life.last,
        again: life.again,
        probes: life.probes,
    }
}

fn devices(entry: &PsEntry) -> Vec<String> {
    let named = entry.labels.as_ref().and_then(|labels| labels.get(labels::DEVICES));
    named.into_iter().flat_map(|names| names.split(',')).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(pod: &str, name: &str, labels: &serde_json::Value) -> serde_json::Value {
        json!({"Id": "abc", "Image": "i", "IsInfra": false, "Labels": labels, "Pod": pod,
            "PodName": name, "Networks": [], "State": "exited", "ExitCode": 137, "Created": 7,
            "StartedAt": 1_795_235_002, "ExitedAt": 1_795_235_003, "Unknown": {"to": "us"}})
    }

    fn infra(pod: &str, name: &str, network: &str) -> serde_json::Value {
        let mut entry = entry(pod, name, &json!({"io.buildah.version": "1.39.3"}));
        entry["IsInfra"] = json!(true);
        entry["Networks"] = json!([network]);
        entry["Created"] = json!(5);
        entry
    }

    fn ours(fleet: &str, container: &str) -> serde_json::Value {
        json!({"bowline.fleet": fleet, "bowline.namespace": "default", "bowline.pod": "web-1",
            "bowline.owner": "Deployment/web", "bowline.digest": "d", "bowline.generation": "4",
            "bowline.address": "10.100.1.5", "bowline.container": container})
    }

    fn pods(entries: &[serde_json::Value]) -> BTreeMap<String, ObservedPod> {
        let text = serde_json::Value::from(entries).to_string();
        parse(&"lab".into(), text.as_bytes(), Files("")).unwrap()
    }

    #[test]
    fn containers_make_up_their_pod() {
        let pods = pods(&[
            infra("p", "lab_default_web-1", "bowline-lab"),
            entry("p", "lab_default_web-1", &ours("lab", "nginx")),
            entry("p", "lab_default_web-1", &ours("lab", "beside")),
        ]);
        let pod = &pods["lab_default_web-1"];
        assert_eq!(pod.owner, Some(ObjectKey::new("Deployment", "default", "web")));
        assert_eq!(pod.created, Timestamp::from_second(5).ok());
        let state = &pod.containers["nginx"].state;
        assert!(matches!(state, ContainerState::Exited { code: 137, .. }), "{state:?}");
        assert_eq!((pods.len(), pod.containers.len()), (1, 2));
    }

    #[test]
    fn what_somebody_added_is_seen_and_is_no_container_of_the_pod() {
        let added = json!({"bowline.fleet": "lab", "bowline.namespace": "default",
            "bowline.pod": "web-1", "bowline.ephemeral": "debugger", "bowline.target": "nginx"});
        let pods = pods(&[
            entry("p", "lab_default_web-1", &ours("lab", "nginx")),
            entry("p", "lab_default_web-1", &added),
            entry("q", "lab_default_web-2", &added),
        ]);
        let pod = &pods["lab_default_web-1"];
        assert_eq!(pod.containers.keys().collect::<Vec<_>>(), ["nginx"]);
        assert_eq!(pod.ephemeral["debugger"].target.as_deref(), Some("nginx"));
        assert_eq!(pods.len(), 1);
    }

    #[test]
    fn a_pod_without_containers_is_known_by_its_name_and_network() {
        let pods = pods(&[infra("p", "lab_default_web-1", "bowline-lab")]);
        let pod = &pods["lab_default_web-1"];
        assert_eq!(pod.key, PodKey::new("default", "web-1"));
        assert_eq!((pod.containers.len(), &pod.owner), (0, &None));
    }

    #[test]
    fn a_pod_without_containers_is_known_by_the_labels_that_it_was_made_with() {
        let labelled = |fleet: &str| {
            let mut entry = infra("p", "lab_default_web-1", "host");
            entry["Labels"] = json!({"bowline.fleet": fleet, "bowline.namespace": "default", "bowline.pod": "web-1"});
            entry
        };
        assert_eq!(
            pods(&[labelled("lab")])["lab_default_web-1"].key,
            PodKey::new("default", "web-1")
        );
        assert!(pods(&[labelled("other")]).is_empty());
    }

    #[test]
    fn what_is_somebody_elses_is_left_out() {
        let pods = pods(&[
            infra("a", "theirs", "bowline-lab"),
            infra("b", "lab_default_web-1", "podman"),
            infra("c", "lab2_default_web-1", "bowline-lab"),
            infra("d", "lab_default", "bowline-lab"),
            infra("e", "lab_default_web_1", "bowline-lab"),
            infra("f", "lab__web", "bowline-lab"),
            entry("g", "lab_default_web-1", &json!({"bowline.container": "stray"})),
            entry("h", "lab_default_web-1", &ours("other", "nginx")),
            entry("i", "lab_default_web-1", &serde_json::Value::Null),
        ]);
        assert!(pods.is_empty(), "{pods:?}");
    }

    #[test]
    fn what_is_not_json_is_an_error_and_nothing_is_nothing() {
        assert!(parse(&"lab".into(), b"Error: boom", Files("")).is_err());
        assert!(parse(&"lab".into(), b"null", Files("")).unwrap().is_empty());
        assert!(parse(&"lab".into(), b"[]", Files("")).unwrap().is_empty());
    }
}
