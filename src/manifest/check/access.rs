//! Roles and who has them: kept here without effect, so only their shape is checked.

use k8s_openapi::api::rbac::v1::{
    ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject,
};

use super::{Check, selector};
use crate::model::names::Rule;

/// The group of roles, users and groups.
const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn check_role(role: &Role, check: &mut Check<'_>) {
    let rules = role.rules.as_deref().unwrap_or_default();
    check_rules(rules, check);
    for (index, rule) in rules.iter().enumerate() {
        if rule.non_resource_urls.as_ref().is_some_and(|urls| !urls.is_empty()) {
            let message = "is allowed only in a ClusterRole";
            check.forbidden(&format!("rules[{index}].nonResourceURLs"), message);
        }
    }
}

pub(super) fn check_cluster_role(role: &ClusterRole, check: &mut Check<'_>) {
    check_rules(role.rules.as_deref().unwrap_or_default(), check);
    let selectors =
        role.aggregation_rule.as_ref().and_then(|rule| rule.cluster_role_selectors.as_deref());
    for (index, one) in selectors.unwrap_or_default().iter().enumerate() {
        let path = format!("aggregationRule.clusterRoleSelectors[{index}]");
        selector::check(one, &path, check);
    }
}

fn check_rules(rules: &[PolicyRule], check: &mut Check<'_>) {
    let empty = |list: &Option<Vec<String>>| list.as_ref().is_none_or(Vec::is_empty);
    for (index, rule) in rules.iter().enumerate() {
        let path = format!("rules[{index}]");
        if rule.verbs.is_empty() {
            check.required(&format!("{path}.verbs"));
        }
        let resources = !empty(&rule.api_groups) || !empty(&rule.resources);
        if !empty(&rule.non_resource_urls) {
            if resources || !empty(&rule.resource_names) {
                let message = "must be about resources or about nonResourceURLs, not both";
                check.error("invalid-value", &path, message);
            }
            continue;
        }
        if empty(&rule.api_groups) {
            let help = "for the kinds of `apiVersion: v1` write `apiGroups: [\"\"]`";
            check.error_with("required", &format!("{path}.apiGroups"), "is required", help);
        }
        if empty(&rule.resources) {
            check.required(&format!("{path}.resources"));
        }
    }
}

pub(super) fn check_binding(binding: &RoleBinding, check: &mut Check<'_>) {
    check_reference(&binding.role_ref, &["Role", "ClusterRole"], check);
    check_subjects(binding.subjects.as_deref().unwrap_or_default(), check);
}

pub(super) fn check_cluster_binding(binding: &ClusterRoleBinding, check: &mut Check<'_>) {
    check_reference(&binding.role_ref, &["ClusterRole"], check);
    let subjects = binding.subjects.as_deref().unwrap_or_default();
    check_subjects(subjects, check);
    for (index, subject) in subjects.iter().enumerate() {
        // In a namespace, an account without one is of that namespace.
        if subject.kind == "ServiceAccount"
            && subject.namespace.as_ref().is_none_or(String::is_empty)
        {
            check.required(&format!("subjects[{index}].namespace"));
        }
    }
}

fn check_reference(reference: &RoleRef, kinds: &[&str], check: &mut Check<'_>) {
    check.one_of("roleRef.apiGroup", reference.api_group.as_deref(), &[GROUP]);
    check.choice("roleRef.kind", &reference.kind, kinds);
    check.name("roleRef.name", &reference.name, Rule::Path);
}

fn check_subjects(subjects: &[Subject], check: &mut Check<'_>) {
    for (index, subject) in subjects.iter().enumerate() {
        let path = format!("subjects[{index}]");
        if subject.name.is_empty() {
            check.required(&format!("{path}.name"));
        }
        let kinds = ["ServiceAccount", "User", "Group"];
        check.choice(&format!("{path}.kind"), &subject.kind, &kinds);
        let group = subject.api_group.as_deref();
        let path_of_group = format!("{path}.apiGroup");
        match subject.kind.as_str() {
            "ServiceAccount" => {
                check.name_if_any(&format!("{path}.name"), Some(&subject.name), Rule::Subdomain);
                if group.is_some_and(|group| !group.is_empty()) {
                    let message = "must be empty for a ServiceAccount";
                    check.error("invalid-value", &path_of_group, message);
                }
            }
            "User" | "Group" => check.one_of(&path_of_group, group, &[GROUP]),
            _ => {}
        }
    }
}
