//! `PriorityClasses`.

use k8s_openapi::api::scheduling::v1::PriorityClass;

use super::Check;

/// The highest priority that is not the system's own.
const HIGHEST: i64 = 1_000_000_000;

/// The classes that the API server itself makes, and what they are worth.
const SYSTEM: [(&str, i32); 2] =
    [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];

pub(super) fn check(class: &PriorityClass, check: &mut Check<'_>) {
    let name = class.metadata.name.as_deref().unwrap_or_default();
    if name.starts_with("system-") {
        if !SYSTEM.contains(&(name, class.value.unwrap_or(0))) {
            let message = "names that begin with `system-` are the system's own";
            check.forbidden("metadata.name", message);
        }
    } else if class.value.is_some_and(|value| i64::from(value) > HIGHEST) {
        let message = format!("must be at most {HIGHEST}; what is above is the system's own");
        check.error("out-of-range", "value", &message);
    }
    let known = ["Never", "PreemptLowerPriority"];
    check.one_of("preemptionPolicy", class.preemption_policy.as_deref(), &known);
}
