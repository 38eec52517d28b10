//! The kinds with pods in them.

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, DeploymentStrategy, StatefulSet};
use k8s_openapi::api::batch::v1::{CronJob, Job, JobSpec};
use k8s_openapi::api::core::v1::{Pod, ReplicationController};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::pod::{complete, complete_template};
use super::{fill, volume};
use crate::model::{Labels, Object, complete_pod};

/// How often the pods of a Job may fail when nothing is said.
const BACKOFF_LIMIT: i32 = 6;

/// Completes an object that asks for pods.
pub(super) fn complete_pods(object: &mut Object) {
    match object {
        Object::Pod(pod) => complete_one(pod),
        Object::Deployment(deployment) => complete_deployment(deployment),
        Object::ReplicaSet(set) => {
            let spec = &mut set.spec;
            spec.replicas.get_or_insert(1);
            complete_template(spec.template.get_or_insert_default());
        }
        Object::ReplicationController(controller) => complete_replication_controller(controller),
        Object::StatefulSet(set) => complete_stateful_set(set),
        Object::DaemonSet(set) => complete_daemon_set(set),
        Object::Job(job) => complete_job(job),
        Object::CronJob(job) => complete_cron_job(job),
        _ => {}
    }
}

fn complete_one(pod: &mut Pod) {
    let spec = pod.spec.get_or_insert_default();
    complete(spec);
    complete_pod(spec);
}

fn complete_deployment(deployment: &mut Deployment) {
    let spec = &mut deployment.spec;
    spec.replicas.get_or_insert(1);
    spec.revision_history_limit.get_or_insert(10);
    spec.progress_deadline_seconds.get_or_insert(600);
    complete_strategy(spec.strategy.get_or_insert_default());
    complete_template(&mut spec.template);
}

fn complete_strategy(strategy: &mut DeploymentStrategy) {
    fill(&mut strategy.type_, "RollingUpdate");
    if strategy.type_.as_deref() == Some("RollingUpdate") {
        let quarter = || IntOrString::String("25%".to_owned());
        let rolling = strategy.rolling_update.get_or_insert_default();
        rolling.max_surge.get_or_insert_with(quarter);
        rolling.max_unavailable.get_or_insert_with(quarter);
    }
}

fn complete_replication_controller(controller: &mut ReplicationController) {
    let spec = controller.spec.get_or_insert_default();
    spec.replicas.get_or_insert(1);
    let template = spec.template.get_or_insert_default();
    complete_template(template);
    let labels = template.metadata.as_ref().and_then(|metadata| metadata.labels.clone());
    if spec.selector.as_ref().is_none_or(Labels::is_empty) {
        spec.selector.clone_from(&labels);
    }
    take_labels(&mut controller.metadata, labels);
}

/// An object without labels gets those of its template, in the kinds that are older than selectors.
fn take_labels(metadata: &mut ObjectMeta, labels: Option<Labels>) {
    if metadata.labels.as_ref().is_none_or(Labels::is_empty) {
        metadata.labels = labels;
    }
}

fn complete_stateful_set(set: &mut StatefulSet) {
    let spec = &mut set.spec;
    spec.replicas.get_or_insert(1);
    spec.revision_history_limit.get_or_insert(10);
    fill(&mut spec.pod_management_policy, "OrderedReady");
    let strategy = spec.update_strategy.get_or_insert_default();
    fill(&mut strategy.type_, "RollingUpdate");
    if strategy.type_.as_deref() == Some("RollingUpdate") {
        let rolling = strategy.rolling_update.get_or_insert_default();
        rolling.partition.get_or_insert(0);
        rolling.max_unavailable.get_or_insert(IntOrString::Int(1));
    }
    let retention = spec.persistent_volume_claim_retention_policy.get_or_insert_default();
    fill(&mut retention.when_deleted, "Retain");
    fill(&mut retention.when_scaled, "Retain");
    spec.volume_claim_templates.iter_mut().flatten().for_each(volume::complete_claim);
    complete_template(&mut spec.template);
}

fn complete_daemon_set(set: &mut DaemonSet) {
    let spec = &mut set.spec;
    spec.revision_history_limit.get_or_insert(10);
    let strategy = spec.update_strategy.get_or_insert_default();
    fill(&mut strategy.type_, "RollingUpdate");
    if strategy.type_.as_deref() == Some("RollingUpdate") {
        let rolling = strategy.rolling_update.get_or_insert_default();
        rolling.max_unavailable.get_or_insert(IntOrString::Int(1));
        rolling.max_surge.get_or_insert(IntOrString::Int(0));
    }
    complete_template(&mut spec.template);
}

fn complete_job(job: &mut Job) {
    let spec = job.spec.get_or_insert_default();
    if spec.completions.is_none() && spec.parallelism.is_none() {
        spec.completions = Some(1);
    }
    spec.parallelism.get_or_insert(1);
    // A limit for each index alone sets no limit for all of them together.
    let limit = if spec.backoff_limit_per_index.is_some() { i32::MAX } else { BACKOFF_LIMIT };
    spec.backoff_limit.get_or_insert(limit);
    fill(&mut spec.completion_mode, "NonIndexed");
    spec.suspend.get_or_insert(false);
    spec.manual_selector.get_or_insert(false);
    let counted = if spec.pod_failure_policy.is_some() { "Failed" } else { "TerminatingOrFailed" };
    fill(&mut spec.pod_replacement_policy, counted);
    complete_job_spec(spec);
    let labels = spec.template.metadata.as_ref().and_then(|metadata| metadata.labels.clone());
    take_labels(&mut job.metadata, labels);
}

/// Completes what a Job and a Job's template have in common.
fn complete_job_spec(spec: &mut JobSpec) {
    let rules = spec.pod_failure_policy.iter_mut().flat_map(|policy| &mut policy.rules);
    for condition in rules.flat_map(|rule| rule.on_pod_conditions.iter_mut().flatten()) {
        fill(&mut condition.status, "True");
    }
    complete_template(&mut spec.template);
}

fn complete_cron_job(job: &mut CronJob) {
    let spec = &mut job.spec;
    fill(&mut spec.concurrency_policy, "Allow");
    spec.suspend.get_or_insert(false);
    spec.successful_jobs_history_limit.get_or_insert(3);
    spec.failed_jobs_history_limit.get_or_insert(1);
    let template = &mut spec.job_template;
    template.metadata.get_or_insert_default().creation_timestamp = None;
    complete_job_spec(template.spec.get_or_insert_default());
}
