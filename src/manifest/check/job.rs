//! Jobs.

use k8s_openapi::api::batch::v1::{Job, JobSpec};

use super::template::Template;
use super::{Check, job_policy, selector};
use crate::document::quoted;
use crate::model::names::Rule;
use crate::model::{Labels, Selector};

/// How many indexes a Job may have before its other numbers are bounded more narrowly.
const MANY: i32 = 100_000;
/// The most of anything at once where there are many indexes.
const AT_ONCE_OF_MANY: i32 = 10_000;
/// The longest name of who looks after a Job.
const MANAGER_MAX: usize = 63;

/// The longest name of a Job whose pods are found by it.
const NAME_MAX: usize = 63;

/// The labels that say which Job a pod is of; they are given when the Job is made.
const NAME_LABELS: [&str; 2] = ["batch.kubernetes.io/job-name", "job-name"];
const UID_LABELS: [&str; 2] = ["batch.kubernetes.io/controller-uid", "controller-uid"];

pub(super) fn check(job: &Job, check: &mut Check<'_>) {
    let Some(spec) = &job.spec else { return check.required("spec") };
    check_spec(spec, "spec", check);
    let Some(template) = Template::new(Some(&spec.template), "spec.template") else { return };
    let name = job.metadata.name.as_deref().unwrap_or_default();
    if spec.manual_selector == Some(true) {
        match &spec.selector {
            Some(selector) => template.check_selected(selector, check),
            None => check.required("spec.selector"),
        }
    } else {
        if name.len() > NAME_MAX {
            let message = format!("is too long a name: at most {NAME_MAX} characters are allowed");
            let help = "its pods get the name as a label, and a label holds no more";
            check.error_with("invalid-name", "metadata.name", &message, help);
        }
        check_generated(spec, name, &template, check);
    }
    check_hostnames(spec, name, check);
}

/// Checks what a Job and the template of one have in common.
pub(super) fn check_spec(spec: &JobSpec, path: &str, check: &mut Check<'_>) {
    for (field, number) in [
        ("parallelism", spec.parallelism.map(i64::from)),
        ("completions", spec.completions.map(i64::from)),
        ("activeDeadlineSeconds", spec.active_deadline_seconds),
        ("backoffLimit", spec.backoff_limit.map(i64::from)),
        ("ttlSecondsAfterFinished", spec.ttl_seconds_after_finished.map(i64::from)),
        ("backoffLimitPerIndex", spec.backoff_limit_per_index.map(i64::from)),
        ("maxFailedIndexes", spec.max_failed_indexes.map(i64::from)),
    ] {
        check.at_least(&format!("{path}.{field}"), number, 0);
    }
    if let Some(manager) = &spec.managed_by {
        check_manager(manager, &format!("{path}.managedBy"), check);
    }
    let mode = spec.completion_mode.as_deref();
    check.one_of(&format!("{path}.completionMode"), mode, &["NonIndexed", "Indexed"]);
    if mode == Some("Indexed") {
        check_indexed(spec, path, check);
    } else {
        for (field, is_there) in [
            ("backoffLimitPerIndex", spec.backoff_limit_per_index.is_some()),
            ("maxFailedIndexes", spec.max_failed_indexes.is_some()),
            ("successPolicy", spec.success_policy.is_some()),
        ] {
            if is_there {
                let message = "is allowed only with `completionMode: Indexed`";
                check.error("invalid-value", &format!("{path}.{field}"), message);
            }
        }
    }
    if spec.max_failed_indexes.is_some() && spec.backoff_limit_per_index.is_none() {
        let message = "is required where maxFailedIndexes is said";
        check.error("required", &format!("{path}.backoffLimitPerIndex"), message);
    }
    job_policy::check(spec, path, check);
    let Some(template) = Template::new(Some(&spec.template), format!("{path}.template")) else {
        return;
    };
    check_restart(spec, &template, check);
    template.check(&template.inside(), check);
}

fn check_manager(manager: &str, path: &str, check: &mut Check<'_>) {
    let is_prefixed = manager.split_once('/').is_some_and(|(domain, name)| {
        !name.is_empty()
            && Rule::Subdomain.check(domain).is_ok()
            && !name.contains(char::is_whitespace)
    });
    if !is_prefixed {
        let message =
            format!("{} needs a domain before a `/`, as in example.com/x", quoted(manager));
        check.error("invalid-name", path, &message);
    } else if manager.len() > MANAGER_MAX {
        let message = format!("is too long a name: at most {MANAGER_MAX} characters are allowed");
        check.error("invalid-name", path, &message);
    }
}

fn check_indexed(spec: &JobSpec, path: &str, check: &mut Check<'_>) {
    let Some(completions) = spec.completions else {
        let message = "is required with `completionMode: Indexed`";
        return check.error("required", &format!("{path}.completions"), message);
    };
    let bounded = completions > MANY && spec.backoff_limit_per_index.is_some();
    let most = if bounded { AT_ONCE_OF_MANY } else { MANY };
    if bounded && spec.max_failed_indexes.is_none() {
        let message = format!("is required where completions are more than {MANY}");
        check.error("required", &format!("{path}.maxFailedIndexes"), &message);
    }
    for (field, number, most) in [
        ("parallelism", spec.parallelism, most),
        ("maxFailedIndexes", spec.max_failed_indexes, most.min(completions)),
    ] {
        if number.is_some_and(|number| number > most) {
            let message = format!("must not be more than {most}");
            check.error("out-of-range", &format!("{path}.{field}"), &message);
        }
    }
}

/// The pods of a Job come to an end, and are not started again where a policy counts their failures.
fn check_restart(spec: &JobSpec, template: &Template<'_>, check: &mut Check<'_>) {
    let path = template.path_of("restartPolicy");
    let restart = template.spec.restart_policy.as_deref();
    if restart == Some("Always") {
        let help = "write `restartPolicy: Never` or `restartPolicy: OnFailure`";
        let code = if check.is_written(&path) { "invalid-value" } else { "required" };
        let message = "the pods of a Job come to an end: `Always`, the default, is not allowed";
        check.error_with(code, &path, message, help);
    } else if spec.pod_failure_policy.is_some() && restart == Some("OnFailure") {
        let help = "write `restartPolicy: Never`";
        let message = "must be `Never` where there is a podFailurePolicy";
        check.error_with("invalid-value", &path, message, help);
    }
}

/// Checks that nothing stands where the Job's own selector and labels will be.
fn check_generated(spec: &JobSpec, name: &str, template: &Template<'_>, check: &mut Check<'_>) {
    let labels = template.labels();
    let path = template.path_of_labels();
    for (key, value) in &labels {
        let own = crate::document::join(&path, key);
        if NAME_LABELS.contains(&key.as_str()) && value != name {
            let message = format!("must be the Job's own name, {}", quoted(name));
            check.error_with(
                "invalid-label",
                &own,
                &message,
                "leave it out: it is set when the Job is made",
            );
        }
        if UID_LABELS.contains(&key.as_str()) {
            let help = "leave it out: it is set when the Job is made";
            check.error_with("invalid-label", &own, "is the uid of another Job", help);
        }
    }
    let Some(wanted) = &spec.selector else { return };
    selector::check(wanted, "spec.selector", check);
    let given: Labels =
        NAME_LABELS.iter().map(|key| ((*key).to_owned(), name.to_owned())).collect();
    if Selector::from_object(wanted).is_ok_and(|wanted| !wanted.matches(&given)) {
        let help = "leave it out, or say `manualSelector: true`";
        let message = "is made for each Job when it is created";
        check.error_with("invalid-value", "spec.selector", message, help);
    }
}

/// The hosts of an indexed Job's pods are called by their index.
fn check_hostnames(spec: &JobSpec, name: &str, check: &mut Check<'_>) {
    let last = spec.completions.filter(|completions| *completions > 0);
    let (Some("Indexed"), Some(completions)) = (spec.completion_mode.as_deref(), last) else {
        return;
    };
    let hostname = format!("{name}-{}", completions - 1);
    if Rule::Subdomain.check(name).is_ok()
        && let Err(why) = Rule::Label.check(&hostname)
    {
        let message = format!("makes the host {}, which {why}", quoted(&hostname));
        check.error("invalid-name", "metadata.name", &message);
    }
}
