//! What a Pod and a Pod's template have in common.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{PodSpec, Toleration};

use super::{Check, Seen, container, metadata, volume};
use crate::document::quoted;
use crate::model::names::{Rule, label_key};

pub(super) fn check(spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    if spec.containers.is_empty() {
        check.required(&format!("{path}.containers"));
    }
    let volumes = volume::check_all(spec, path, check);
    check_containers(spec, path, &volumes, check);
    let restart = spec.restart_policy.as_deref();
    check.one_of(&format!("{path}.restartPolicy"), restart, &["Always", "OnFailure", "Never"]);
    let grace = spec.termination_grace_period_seconds;
    check.at_least(&format!("{path}.terminationGracePeriodSeconds"), grace, 0);
    if let Some(selector) = &spec.node_selector {
        metadata::labels(selector, &format!("{path}.nodeSelector"), check);
    }
    if let Some(hostname) = spec.hostname.as_deref().filter(|name| !name.is_empty()) {
        check.name(&format!("{path}.hostname"), hostname, Rule::Label);
    }
    if let Some(node) = spec.node_name.as_deref().filter(|name| !name.is_empty()) {
        check.name(&format!("{path}.nodeName"), node, Rule::Subdomain);
    }
    for (index, toleration) in spec.tolerations.iter().flatten().enumerate() {
        check_toleration(toleration, &format!("{path}.tolerations[{index}]"), check);
    }
}

fn check_containers(spec: &PodSpec, path: &str, volumes: &BTreeSet<&str>, check: &mut Check<'_>) {
    let mut names = Seen::default();
    for (field, containers) in [
        ("initContainers", spec.init_containers.as_deref().unwrap_or_default()),
        ("containers", &spec.containers),
    ] {
        for (index, one) in containers.iter().enumerate() {
            let path = format!("{path}.{field}[{index}]");
            let name_path = format!("{path}.name");
            if !one.name.is_empty()
                && let Some(first) = names.before(one.name.as_str(), &name_path)
            {
                check.twice(&name_path, &first, &format!("the container {}", quoted(&one.name)));
            }
            container::check(one, &path, volumes, check);
        }
    }
}

fn check_toleration(toleration: &Toleration, path: &str, check: &mut Check<'_>) {
    let key = toleration.key.as_deref().unwrap_or_default();
    let value = toleration.value.as_deref().unwrap_or_default();
    let operator = toleration.operator.as_deref().unwrap_or_default();
    let effect = toleration.effect.as_deref();
    if !key.is_empty()
        && let Err(why) = label_key(key)
    {
        check.error("invalid-label", &format!("{path}.key"), &format!("{} {why}", quoted(key)));
    }
    check.one_of(&format!("{path}.operator"), Some(operator), &["Exists", "Equal"]);
    let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
    check.one_of(&format!("{path}.effect"), effect, &effects);
    if key.is_empty() && operator != "Exists" {
        let message = "a toleration of every key needs `operator: Exists`";
        check.error("invalid-value", &format!("{path}.operator"), message);
    }
    if operator == "Exists" && !value.is_empty() {
        let message = "must be empty with `operator: Exists`";
        check.error("invalid-value", &format!("{path}.value"), message);
    }
    if toleration.toleration_seconds.is_some() && effect != Some("NoExecute") {
        let message = "is allowed only with `effect: NoExecute`";
        check.error("invalid-value", &format!("{path}.tolerationSeconds"), message);
    }
}
