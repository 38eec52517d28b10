//! Deployments.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentStrategy};

use super::Check;
use super::template::{Template, share, share_of_all};

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
    let Some(template) = Template::new(Some(&spec.template), "spec.template") else { return };
    template.check_selected(&spec.selector, check);
    template.check(&template.inside(), check);
    template.check_endless("Deployment", check);
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
    let unavailable = share_of_all(rolling.max_unavailable.as_ref(), &path, check);
    if surge == Some(0) && unavailable == Some(0) {
        let help = "let one of them be 1 or more: with both 0 nothing could ever be replaced";
        check.error_with("out-of-range", &path, "must not be 0 when maxSurge is 0", help);
    }
}
