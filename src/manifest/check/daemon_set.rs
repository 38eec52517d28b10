//! `DaemonSets`.

use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetUpdateStrategy};

use super::Check;
use super::template::{Template, share_of_all};

pub(super) fn check(set: &DaemonSet, check: &mut Check<'_>) {
    let spec = &set.spec;
    check.at_least("spec.minReadySeconds", spec.min_ready_seconds.map(i64::from), 0);
    check.at_least("spec.revisionHistoryLimit", spec.revision_history_limit.map(i64::from), 0);
    if let Some(strategy) = &spec.update_strategy {
        check_strategy(strategy, check);
    }
    let Some(template) = Template::new(Some(&spec.template), "spec.template") else { return };
    template.check_selected(&spec.selector, check);
    template.check(&template.inside(), check);
    template.check_endless("DaemonSet", check);
}

fn check_strategy(strategy: &DaemonSetUpdateStrategy, check: &mut Check<'_>) {
    let kind = strategy.type_.as_deref();
    check.one_of("spec.updateStrategy.type", kind, &["RollingUpdate", "OnDelete"]);
    let Some(rolling) = &strategy.rolling_update else { return };
    // With `OnDelete` what stands here counts for nothing.
    if kind != Some("RollingUpdate") {
        return;
    }
    let path = "spec.updateStrategy.rollingUpdate";
    let surge_path = format!("{path}.maxSurge");
    let surge = share_of_all(rolling.max_surge.as_ref(), &surge_path, check);
    let path = format!("{path}.maxUnavailable");
    let unavailable = share_of_all(rolling.max_unavailable.as_ref(), &path, check);
    match (surge, unavailable) {
        (Some(0), Some(0)) => {
            let help = "let one of them be 1 or more: with both 0 nothing could ever be replaced";
            check.error_with("out-of-range", &path, "must not be 0 when maxSurge is 0", help);
        }
        (Some(1..), Some(1..)) => {
            let help = "write `maxUnavailable: 0` beside it: when nothing is said it is 1";
            let message = "is allowed only where maxUnavailable is 0";
            check.error_with("invalid-value", &surge_path, message, help);
        }
        _ => {}
    }
}
