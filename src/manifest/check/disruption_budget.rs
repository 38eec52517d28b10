//! `PodDisruptionBudgets`.

use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Check, selector};

pub(super) fn check(budget: &PodDisruptionBudget, check: &mut Check<'_>) {
    let Some(spec) = &budget.spec else { return };
    if spec.min_available.is_some() && spec.max_unavailable.is_some() {
        let help = "leave one of them out";
        let message = "must not stand beside `minAvailable`";
        check.error_with("invalid-value", "spec.maxUnavailable", message, help);
    }
    check_share(spec.min_available.as_ref(), "spec.minAvailable", check);
    check_share(spec.max_unavailable.as_ref(), "spec.maxUnavailable", check);
    if let Some(chosen) = &spec.selector {
        selector::check(chosen, "spec.selector", check);
    }
    let policy = spec.unhealthy_pod_eviction_policy.as_deref();
    let known = ["IfHealthyBudget", "AlwaysAllow"];
    check.one_of("spec.unhealthyPodEvictionPolicy", policy, &known);
}

/// A number of pods, or a percentage of them.
fn check_share(share: Option<&IntOrString>, path: &str, check: &mut Check<'_>) {
    let fits = match share {
        None => true,
        Some(IntOrString::Int(number)) => *number >= 0,
        Some(IntOrString::String(text)) => {
            let digits = text.strip_suffix('%').filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
            digits.and_then(|digits| digits.parse::<u32>().ok()).is_some_and(|share| share <= 100)
        }
    };
    if !fits {
        let message = "must be a number from 0 or a percentage from 0% to 100%";
        check.error("invalid-value", path, message);
    }
}
