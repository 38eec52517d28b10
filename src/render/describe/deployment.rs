//! A Deployment in full, with its pods.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentCondition};
use k8s_openapi::api::core::v1::{Pod, PodSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::events::Told;
use super::fields::{Fields, beginning, date, marks};
use super::selected;
use super::template::{containers, volumes};
use crate::model::{Kind, Selector};
use crate::render::get::{pairs, ready, reason, selector};
use crate::status::PROGRESSING;

pub(super) fn describe(deployment: &Deployment, pods: &[Pod], told: &Told<'_>) -> String {
    let spec = &deployment.spec;
    let status = deployment.status.clone().unwrap_or_default();
    let mut fields = beginning(&deployment.metadata);
    fields.add_some("CreationTimestamp", date(deployment.metadata.creation_timestamp.as_ref()));
    marks(&mut fields, &deployment.metadata);
    fields.add("Selector", selector(&spec.selector));
    let count = |count: Option<i32>| count.unwrap_or(0);
    fields.add(
        "Replicas",
        format!(
            "{} desired | {} updated | {} total | {} available | {} unavailable",
            spec.replicas.unwrap_or(1),
            count(status.updated_replicas),
            count(status.replicas),
            count(status.available_replicas),
            count(status.unavailable_replicas),
        ),
    );
    strategy(&mut fields, deployment);
    let mut template = Fields::default();
    let none = PodSpec::default();
    let pod_spec = spec.template.spec.as_ref().unwrap_or(&none);
    let labels = spec.template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref());
    template.add_all("Labels", pairs(labels));
    let before = pod_spec.init_containers.as_deref().unwrap_or_default();
    if !before.is_empty() {
        template.add_block("Init Containers", &containers(before, &[]));
    }
    template.add_block("Containers", &containers(&pod_spec.containers, &[]));
    if pod_spec.volumes.as_ref().is_some_and(|volumes| !volumes.is_empty()) {
        template.add_block("Volumes", &volumes(pod_spec));
    }
    fields.add_block("Pod Template", &template);
    let conditions = status.conditions.clone().unwrap_or_default();
    let mut table = Fields::default();
    for condition in &conditions {
        let DeploymentCondition { type_, status, reason, .. } = condition;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        table.add(&text(type_), format!("{}  {}", text(status), text(reason)));
    }
    fields.add_block("Conditions", &table);
    fields.add_all("Pods", its_pods(deployment, pods));
    // What goes on as it should is no news.
    let news = |c: &&DeploymentCondition| {
        c.status.as_deref() == Some("False")
            || matches!(c.reason.as_deref(), Some("ReplicaSetUpdated" | "FailedCreate"))
    };
    let faults: Vec<(&str, &str)> = conditions
        .iter()
        .filter(news)
        .filter_map(|c| Some((c.reason.as_deref()?, c.message.as_deref()?)))
        .filter(|(_, message)| *message != PROGRESSING)
        .collect();
    format!("{}{}", fields.text(), told.table(Kind::Deployment, &deployment.metadata, &faults))
}

fn strategy(fields: &mut Fields, deployment: &Deployment) {
    let strategy = deployment.spec.strategy.clone().unwrap_or_default();
    fields.add("StrategyType", strategy.type_.unwrap_or_else(|| "RollingUpdate".to_owned()));
    fields.add("MinReadySeconds", deployment.spec.min_ready_seconds.unwrap_or(0).to_string());
    if let Some(rolling) = strategy.rolling_update {
        let part = |part: Option<IntOrString>| match part {
            Some(IntOrString::Int(count)) => count.to_string(),
            Some(IntOrString::String(text)) => text,
            None => "25%".to_owned(),
        };
        let (unavailable, surge) = (part(rolling.max_unavailable), part(rolling.max_surge));
        let text = format!("{unavailable} max unavailable, {surge} max surge");
        fields.add("RollingUpdateStrategy", text);
    }
}

fn its_pods(deployment: &Deployment, pods: &[Pod]) -> Vec<String> {
    let Ok(selector) = Selector::from_object(&deployment.spec.selector) else {
        return Vec::new();
    };
    let namespace = deployment.metadata.namespace.as_deref();
    let line = |pod: &Pod| {
        let name = pod.metadata.name.clone().unwrap_or_default();
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
        let node = node.map(|node| format!(" on {node}")).unwrap_or_default();
        format!("{name}  {}  {}{node}", ready(pod), reason(pod))
    };
    selected(pods, namespace, &selector).map(line).collect()
}
