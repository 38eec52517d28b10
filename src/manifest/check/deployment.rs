//! Deployments.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentStrategy};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Check, metadata, pod};
use crate::document::Severity;
use crate::model::{Labels, Selector};

pub(super) fn check(deployment: &Deployment, check: &mut Check<'_>) {
    let spec = &deployment.spec;
    check.at_least("spec.replicas", spec.replicas.map(i64::from), 0);
    check.at_least("spec.minReadySeconds", spec.min_ready_seconds.map(i64::from), 0);
    check.at_least("spec.revisionHistoryLimit", spec.revision_history_limit.map(i64::from), 0);
    let ready = spec.min_ready_seconds.unwrap_or(0);
    if spec.progress_deadline_seconds.is_some_and(|deadline| deadline <= ready) {
        let message = "must be more than minReadySeconds";
        check.error("out-of-range", "spec.progressDeadlineSeconds", message);
    }
    if let Some(strategy) = &spec.strategy {
        check_strategy(strategy, check);
    }
    let metadata = spec.template.metadata.clone().unwrap_or_default();
    metadata::check_maps(&metadata, "spec.template.metadata", check);
    check_selector(&spec.selector, &metadata.labels.unwrap_or_default(), check);
    let pod = spec.template.spec.clone().unwrap_or_default();
    pod::check(&pod, "spec.template.spec", check);
    if matches!(pod.restart_policy.as_deref(), Some("OnFailure" | "Never")) {
        let path = "spec.template.spec.restartPolicy";
        check.error("invalid-value", path, "the pods of a Deployment restart `Always`");
    }
    if pod.active_deadline_seconds.is_some() {
        let path = "spec.template.spec.activeDeadlineSeconds";
        check.error("invalid-value", path, "the pods of a Deployment have no deadline");
    }
}

fn check_selector(selector: &LabelSelector, labels: &Labels, check: &mut Check<'_>) {
    let path = "spec.selector";
    let empty = selector.match_labels.as_ref().is_none_or(Labels::is_empty)
        && selector.match_expressions.as_ref().is_none_or(Vec::is_empty);
    if empty {
        return check.required(path);
    }
    if let Some(wanted) = &selector.match_labels {
        metadata::labels(wanted, "spec.selector.matchLabels", check);
    }
    match Selector::from_object(selector) {
        Err(error) => {
            check.error("invalid-value", "spec.selector.matchExpressions", &error.to_string());
        }
        Ok(wanted) if !wanted.matches(labels) => {
            let message = "does not select the pods of its own template";
            let finding = check.found(Severity::Error, "selector-mismatch", path, message);
            let span = check.document.span_of("spec.selector.matchLabels").unwrap_or(finding.span);
            let also = check.document.nearest("spec.template.metadata.labels");
            let help = "repeat the labels of the selector in spec.template.metadata.labels";
            let finding = finding.with_label("selects these labels").at(span);
            check.push(finding.with_also(also, "the template's labels").with_help(help));
        }
        Ok(_) => {}
    }
}

fn check_strategy(strategy: &DeploymentStrategy, check: &mut Check<'_>) {
    let kind = strategy.type_.as_deref();
    check.one_of("spec.strategy.type", kind, &["RollingUpdate", "Recreate"]);
    let Some(rolling) = &strategy.rolling_update else { return };
    let path = "spec.strategy.rollingUpdate";
    if kind == Some("Recreate") {
        return check.error("invalid-value", path, "is not allowed with `type: Recreate`");
    }
    let surge = share(rolling.max_surge.as_ref(), &format!("{path}.maxSurge"), check);
    let path = format!("{path}.maxUnavailable");
    let unavailable = share(rolling.max_unavailable.as_ref(), &path, check);
    if surge == Some(0) && unavailable == Some(0) {
        let help = "let one of them be 1 or more: with both 0 nothing could ever be replaced";
        check.error_with("out-of-range", &path, "must not be 0 when maxSurge is 0", help);
    }
    let percent = matches!(rolling.max_unavailable, Some(IntOrString::String(_)));
    if percent && unavailable.is_some_and(|unavailable| unavailable > 100) {
        check.error("out-of-range", &path, "must not be more than 100%");
    }
}

/// A number or a percentage, as its number.
fn share(value: Option<&IntOrString>, path: &str, check: &mut Check<'_>) -> Option<u32> {
    let read = match value? {
        IntOrString::Int(number) => u32::try_from(*number).ok(),
        IntOrString::String(text) => text
            .strip_suffix('%')
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok()),
    };
    if read.is_none() {
        check.error("invalid-value", path, "must be a number from 0 or a percentage such as 25%");
    }
    read
}
