//! When a Job has failed or succeeded before all of its pods have.
//!
//! Source: <https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy>

use std::collections::BTreeSet;

use k8s_openapi::api::batch::v1::{
    JobSpec, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule, SuccessPolicyRule,
};

use super::Check;
use crate::document::quoted;

/// How many rules a policy may have, and how many conditions one of them.
const RULES_MAX: usize = 20;
/// How many exit codes one rule may name.
const EXIT_CODES_MAX: usize = 255;
/// How long a list of indexes may be.
const INDEXES_BYTES: usize = 64 << 10;

pub(super) fn check(spec: &JobSpec, path: &str, check: &mut Check<'_>) {
    let replaced = spec.pod_replacement_policy.as_deref();
    let replaced_path = format!("{path}.podReplacementPolicy");
    check.one_of(&replaced_path, replaced, &["Failed", "TerminatingOrFailed"]);
    if spec.pod_failure_policy.is_some() && replaced == Some("TerminatingOrFailed") {
        let message = "must be Failed where there is a podFailurePolicy";
        check.error("invalid-value", &replaced_path, message);
    }
    if let Some(policy) = &spec.pod_failure_policy {
        let path = format!("{path}.podFailurePolicy.rules");
        check.at_most(&path, policy.rules.len(), RULES_MAX);
        for (index, rule) in policy.rules.iter().enumerate() {
            check_failure(rule, spec, &format!("{path}[{index}]"), check);
        }
    }
    if let Some(policy) = &spec.success_policy {
        let path = format!("{path}.successPolicy.rules");
        if policy.rules.is_empty() {
            check.required(&path);
        }
        check.at_most(&path, policy.rules.len(), RULES_MAX);
        for (index, rule) in policy.rules.iter().enumerate() {
            check_success(rule, spec, &format!("{path}[{index}]"), check);
        }
    }
}

fn check_failure(rule: &PodFailurePolicyRule, spec: &JobSpec, path: &str, check: &mut Check<'_>) {
    let action = format!("{path}.action");
    check.choice(&action, &rule.action, &["Count", "FailIndex", "FailJob", "Ignore"]);
    if rule.action == "FailIndex" && spec.backoff_limit_per_index.is_none() {
        let message = "`FailIndex` is allowed only with a backoffLimitPerIndex";
        check.error("invalid-value", &action, message);
    }
    let conditions = rule.on_pod_conditions.as_deref().unwrap_or_default();
    let count = usize::from(rule.on_exit_codes.is_some()) + usize::from(!conditions.is_empty());
    check.exactly_one(path, count, "onExitCodes and onPodConditions");
    if let Some(codes) = &rule.on_exit_codes {
        check_codes(codes, spec, &format!("{path}.onExitCodes"), check);
    }
    let path = format!("{path}.onPodConditions");
    check.at_most(&path, conditions.len(), RULES_MAX);
    for (index, condition) in conditions.iter().enumerate() {
        let path = format!("{path}[{index}]");
        check.label_key(&format!("{path}.type"), &condition.type_);
        let status = condition.status.as_deref();
        check.one_of(&format!("{path}.status"), status, &["True", "False", "Unknown"]);
    }
}

fn check_codes(
    codes: &PodFailurePolicyOnExitCodesRequirement,
    spec: &JobSpec,
    path: &str,
    check: &mut Check<'_>,
) {
    check.choice(&format!("{path}.operator"), &codes.operator, &["In", "NotIn"]);
    if let Some(name) = &codes.container_name {
        let pod = spec.template.spec.as_ref();
        let own = pod.iter().flat_map(|pod| &pod.containers);
        let init = pod.iter().flat_map(|pod| pod.init_containers.iter().flatten());
        if !own.chain(init).any(|container| container.name == *name) {
            let message = format!("there is no container {}", quoted(name));
            check.error("unknown-container", &format!("{path}.containerName"), &message);
        }
    }
    let path = format!("{path}.values");
    if codes.values.is_empty() {
        check.required(&path);
    }
    check.at_most(&path, codes.values.len(), EXIT_CODES_MAX);
    let mut seen = BTreeSet::new();
    for (index, code) in codes.values.iter().take(EXIT_CODES_MAX).enumerate() {
        let path = format!("{path}[{index}]");
        if *code == 0 && codes.operator == "In" {
            let message = "0 is success: it cannot be a failure with `operator: In`";
            check.error("invalid-value", &path, message);
        }
        if !seen.insert(code) {
            check.error("duplicate-name", &path, &format!("the exit code {code} is there twice"));
        }
    }
    if !codes.values.is_sorted() {
        check.error("invalid-value", &path, "must be in ascending order");
    }
}

fn check_success(rule: &SuccessPolicyRule, spec: &JobSpec, path: &str, check: &mut Check<'_>) {
    if rule.succeeded_count.is_none() && rule.succeeded_indexes.is_none() {
        let message = "must have a succeededCount or succeededIndexes, or both";
        check.error("required", path, message);
    }
    let completions = spec.completions.unwrap_or_default();
    let mut most = i64::from(completions);
    if let Some(indexes) = &rule.succeeded_indexes {
        let path = format!("{path}.succeededIndexes");
        match count_indexes(indexes, i64::from(completions)) {
            Ok(count) => most = most.min(count),
            Err(why) => check.error("invalid-value", &path, &why),
        }
    }
    let (count, path) = (rule.succeeded_count.map(i64::from), format!("{path}.succeededCount"));
    check.at_least(&path, count, 0);
    if count.is_some_and(|count| count > most) {
        let message = format!("must not be more than the {most} indexes that there are");
        check.error("out-of-range", &path, &message);
    }
}

/// How many indexes a text such as `0,3-5` names, in ascending order and below the number of completions.
fn count_indexes(text: &str, completions: i64) -> Result<i64, String> {
    if text.len() > INDEXES_BYTES {
        return Err(format!("must not be longer than {INDEXES_BYTES} bytes"));
    }
    let (mut count, mut last) = (0, -1);
    for part in text.split(',').filter(|_| !text.is_empty()) {
        let number = |text: &str| {
            let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            let number = is_number.then(|| text.parse::<i64>().ok()).flatten();
            number.ok_or_else(|| {
                format!("{} is no index, such as 3, and no range, such as 3-5", quoted(part))
            })
        };
        let (first, end) = match part.split_once('-') {
            Some((first, end)) => (number(first)?, number(end)?),
            None => (number(part)?, number(part)?),
        };
        if end >= completions {
            return Err(format!("{end} is no index: they are below the {completions} completions"));
        }
        if first <= last || end < first {
            return Err(format!("{} is not in ascending order", quoted(part)));
        }
        count += end - first + 1;
        last = end;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_counted() {
        for (text, count) in [("", 0), ("0", 1), ("0,2-4", 4), ("1-3,5", 4), ("9", 1)] {
            assert_eq!(count_indexes(text, 10), Ok(count), "{text}");
        }
        for text in
            ["x", "1-", "-1", "3,2", "1-1,1", "4-3", "10", "0-10", "1,,2", "99999999999999999999"]
        {
            assert!(count_indexes(text, 10).is_err(), "{text}");
        }
    }
}
