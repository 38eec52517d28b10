//! `IngressClasses`.

use k8s_openapi::api::networking::v1::{IngressClass, IngressClassParametersReference};

use super::Check;
use crate::document::quoted;
use crate::model::names::Rule;

/// The most characters of a controller's name.
const CONTROLLER: usize = 250;

pub(super) fn check(class: &IngressClass, check: &mut Check<'_>) {
    let spec = class.spec.as_ref();
    let controller = spec.and_then(|spec| spec.controller.as_deref()).unwrap_or_default();
    let path = "spec.controller";
    if controller.is_empty() {
        check.required(path);
    } else if controller.len() > CONTROLLER || !is_prefixed(controller) {
        let message = format!(
            "{} is not a domain, a `/` and a name, of at most {CONTROLLER} characters",
            quoted(controller)
        );
        check.error("invalid-value", path, &message);
    }
    if let Some(parameters) = spec.and_then(|spec| spec.parameters.as_ref()) {
        check_parameters(parameters, check);
    }
}

fn is_prefixed(controller: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&b);
    controller.split_once('/').is_some_and(|(domain, rest)| {
        Rule::Subdomain.check(domain).is_ok() && !rest.is_empty() && rest.bytes().all(inner)
    })
}

fn check_parameters(parameters: &IngressClassParametersReference, check: &mut Check<'_>) {
    let path = "spec.parameters";
    let group = parameters.api_group.as_deref();
    check.name_if_any(&format!("{path}.apiGroup"), group, Rule::Subdomain);
    check.name(&format!("{path}.kind"), &parameters.kind, Rule::Path);
    check.name(&format!("{path}.name"), &parameters.name, Rule::Path);
    let scope = parameters.scope.as_deref().unwrap_or("Cluster");
    check.choice(&format!("{path}.scope"), scope, &["Cluster", "Namespace"]);
    let namespace_path = format!("{path}.namespace");
    match (scope, parameters.namespace.as_deref()) {
        ("Namespace", namespace) => {
            check.name(&namespace_path, namespace.unwrap_or_default(), Rule::Label);
        }
        ("Cluster", Some(_)) => {
            check.forbidden(&namespace_path, "is allowed only with `scope: Namespace`");
        }
        (_, _) => {}
    }
}
