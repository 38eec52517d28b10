//! A pod in full, including why it waits.

use k8s_openapi::api::core::v1::{Pod, PodCondition, PodReadinessGate, PodSpec, Toleration};

use super::events::Told;
use super::fields::{Fields, beginning, block, date, marks};
use super::template::{containers, volumes};
use crate::model::{Kind, PodKey};
use crate::render::get::{or_none, pairs, reason};
use crate::render::placing::{hosts_in_short, placement};

pub(super) fn describe(pod: &Pod, told: &Told<'_>) -> String {
    let empty = PodSpec::default();
    let spec = pod.spec.as_ref().unwrap_or(&empty);
    let status = pod.status.clone().unwrap_or_default();
    let mut fields = beginning(&pod.metadata);
    let host = match (&spec.node_name, &status.host_ip) {
        (Some(node), Some(address)) => Some(format!("{node}/{address}")),
        (node, _) => node.clone(),
    };
    fields.add("Node", or_none(host));
    fields.add_some("Start Time", date(status.start_time.as_ref()));
    marks(&mut fields, &pod.metadata);
    fields.add(
        "Status",
        match status.phase.as_deref() {
            Some("Unknown") => "Unknown".to_owned(),
            Some(_) if pod.metadata.deletion_timestamp.is_some() => reason(pod),
            phase => phase.unwrap_or_default().to_owned(),
        },
    );
    fields.add_some("Reason", status.reason.clone());
    fields.add_some("Message", status.message.clone());
    fields.add("IP", status.pod_ip.clone().unwrap_or_default());
    let owner = pod.metadata.owner_references.iter().flatten().next();
    fields.add_some("Controlled By", owner.map(|owner| format!("{}/{}", owner.kind, owner.name)));
    let statuses = status.container_statuses.clone().unwrap_or_default();
    let first = status.init_container_statuses.clone().unwrap_or_default();
    let before = spec.init_containers.as_deref().unwrap_or_default();
    if !before.is_empty() {
        fields.add_block("Init Containers", &containers(before, &first));
    }
    fields.add_block("Containers", &containers(&spec.containers, &statuses));
    let conditions = status.conditions.clone().unwrap_or_default();
    let gates = spec.readiness_gates.iter().flatten();
    let gates: Vec<(&str, &str)> =
        gates.map(|gate| (gate.condition_type.as_str(), met(&conditions, gate))).collect();
    if !gates.is_empty() {
        let mut table = Fields::default();
        for (gate, status) in &gates {
            table.add(gate, (*status).to_owned());
        }
        fields.add_block("Readiness Gates", &table);
    }
    let mut table = Fields::default();
    for condition in &conditions {
        table.add(&condition.type_, condition.status.clone());
    }
    fields.add_block("Conditions", &table);
    if spec.volumes.as_ref().is_some_and(|volumes| !volumes.is_empty()) {
        fields.add_block("Volumes", &volumes(spec));
    } else {
        fields.add_all("Volumes", Vec::new());
    }
    fields.add("QoS Class", status.qos_class.clone().unwrap_or_default());
    fields.add_all("Node-Selectors", pairs(spec.node_selector.as_ref()));
    fields.add_all("Tolerations", spec.tolerations.iter().flatten().map(toleration).collect());
    let key = PodKey::new(
        pod.metadata.namespace.as_deref().unwrap_or_default(),
        pod.metadata.name.as_deref().unwrap_or_default(),
    );
    let placing = told.placings.get(&key);
    let remedy = placing.and_then(|placing| placing.remedy.as_ref());
    fields.add_some("Remedy", remedy.map(ToString::to_string));
    fields.add_some("Placement", placing.and_then(placement));
    let hosts = placing.and_then(hosts_in_short).map(|table| block("Hosts", &table));
    let faults: Vec<(&str, &str)> = conditions
        .iter()
        .filter(|condition| condition.status != "True" && condition.type_ != "ContainersReady")
        .filter_map(|condition| {
            let reason = match (condition.type_.as_str(), condition.reason.as_deref()) {
                ("PodScheduled", Some("Unschedulable")) => "FailedScheduling",
                (_, reason) => reason?,
            };
            Some((reason, condition.message.as_deref()?))
        })
        .collect();
    let hosts = hosts.unwrap_or_default();
    format!("{}{hosts}{}", fields.text(), told.table(Kind::Pod, &pod.metadata, &faults))
}

/// The status of the condition that a readiness gate names.
fn met<'a>(conditions: &'a [PodCondition], gate: &PodReadinessGate) -> &'a str {
    let named = conditions.iter().find(|condition| condition.type_ == gate.condition_type);
    named.map_or("<none>", |condition| condition.status.as_str())
}

/// A toleration as kubectl writes it: `key=value:Effect`.
fn toleration(toleration: &Toleration) -> String {
    let key = toleration.key.as_deref().unwrap_or_default();
    let value = toleration.value.as_deref().map(|value| format!("={value}")).unwrap_or_default();
    let effect = toleration.effect.as_deref().map(|e| format!(":{e}")).unwrap_or_default();
    let exists = match toleration.operator.as_deref() {
        Some("Exists") => " op=Exists",
        _ => "",
    };
    let seconds = toleration.toleration_seconds.map(|s| format!(" for {s}s")).unwrap_or_default();
    format!("{key}{value}{effect}{exists}{seconds}")
}
