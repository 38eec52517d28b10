//! Ingresses.

use k8s_openapi::api::core::v1::TypedLocalObjectReference;
use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, Ingress, IngressBackend, IngressServiceBackend, IngressSpec,
};

use super::Check;
use crate::document::quoted;
use crate::model::names::Rule;

/// How a class was named before there was a field for it.
const CLASS: &str = "kubernetes.io/ingress.class";

const PATH_TYPES: [&str; 3] = ["Exact", "Prefix", "ImplementationSpecific"];

pub(super) fn check(ingress: &Ingress, check: &mut Check<'_>) {
    let empty = IngressSpec::default();
    let spec = ingress.spec.as_ref().unwrap_or(&empty);
    let rules = spec.rules.as_deref().unwrap_or_default();
    if rules.is_empty() && spec.default_backend.is_none() {
        check.error("required", "spec", "must have `rules` or a `defaultBackend`");
    }
    let class = spec.ingress_class_name.as_deref();
    check.name_if_any("spec.ingressClassName", class, Rule::Subdomain);
    let annotated = ingress.metadata.annotations.as_ref().and_then(|all| all.get(CLASS));
    if let (Some(annotated), Some(class)) = (annotated, class)
        && annotated != class
    {
        let path = format!("metadata.annotations[{CLASS}]");
        let message = format!("must be {}, as ingressClassName says", quoted(class));
        check.error_with("invalid-value", &path, &message, "remove the annotation");
    }
    if let Some(backend) = &spec.default_backend {
        check_backend(backend, "spec.defaultBackend", check);
    }
    for (index, rule) in rules.iter().enumerate() {
        let path = format!("spec.rules[{index}]");
        if let Some(host) = rule.host.as_deref().filter(|host| !host.is_empty()) {
            check_host(host, &format!("{path}.host"), check);
        }
        let Some(http) = &rule.http else { continue };
        let path = format!("{path}.http.paths");
        if http.paths.is_empty() {
            check.required(&path);
        }
        for (index, one) in http.paths.iter().enumerate() {
            check_path(one, &format!("{path}[{index}]"), check);
        }
    }
    for (index, tls) in spec.tls.iter().flatten().enumerate() {
        let path = format!("spec.tls[{index}]");
        for (index, host) in tls.hosts.iter().flatten().enumerate() {
            let path = format!("{path}.hosts[{index}]");
            check.name(&path, host, rule_of(host));
        }
        let secret = tls.secret_name.as_deref();
        check.name_if_any(&format!("{path}.secretName"), secret, Rule::Subdomain);
    }
}

fn rule_of(host: &str) -> Rule {
    if host.contains('*') { Rule::Wildcard } else { Rule::Subdomain }
}

fn check_host(host: &str, path: &str, check: &mut Check<'_>) {
    if super::address::parse(host).is_some() {
        check.error("invalid-value", path, "must be a DNS name, not an IP address");
    } else {
        check.name(path, host, rule_of(host));
    }
}

fn check_path(one: &HTTPIngressPath, path: &str, check: &mut Check<'_>) {
    let type_path = format!("{path}.pathType");
    if one.path_type.is_empty() {
        let help = "write `pathType: Prefix` for all below the path, `Exact` for the path alone";
        return check.error_with("required", &type_path, "is required", help);
    }
    check.one_of(&type_path, Some(&one.path_type), &PATH_TYPES);
    let text = one.path.as_deref().unwrap_or_default();
    let text_path = format!("{path}.path");
    let named = matches!(one.path_type.as_str(), "Exact" | "Prefix");
    if (named || !text.is_empty()) && !text.starts_with('/') {
        let help = format!("write `path: /{text}`");
        check.error_with("invalid-value", &text_path, "must begin with `/`", &help);
    } else if named {
        let inside = ["//", "/./", "/../", "%2f", "%2F"].into_iter().find(|s| text.contains(s));
        let last = ["/..", "/."].into_iter().find(|end| text.ends_with(end));
        if let Some(part) = inside.or(last) {
            check.error("invalid-value", &text_path, &format!("must not hold `{part}`"));
        }
    }
    check_backend(&one.backend, &format!("{path}.backend"), check);
}

fn check_backend(backend: &IngressBackend, path: &str, check: &mut Check<'_>) {
    match (&backend.service, &backend.resource) {
        (Some(_), Some(_)) => {
            check.error("invalid-value", path, "must be a service or a resource, not both");
        }
        (Some(service), None) => check_service(service, &format!("{path}.service"), check),
        (None, Some(resource)) => check_reference(resource, &format!("{path}.resource"), check),
        (None, None) => check.error("required", path, "must name a service or a resource"),
    }
}

fn check_service(service: &IngressServiceBackend, path: &str, check: &mut Check<'_>) {
    check.name(&format!("{path}.name"), &service.name, Rule::Label);
    let port = service.port.clone().unwrap_or_default();
    let (name, number) = (port.name.as_deref().unwrap_or_default(), port.number.unwrap_or(0));
    let path = format!("{path}.port");
    match (name, number) {
        // What is written and could not be read has been said.
        ("", 0) if ["name", "number"].iter().any(|field| check.is_unread(&path, field)) => {}
        ("", 0) => {
            let help = "write `port: {number: 80}` or `port: {name: http}`";
            check.error_with("required", &path, "a number or a name is required", help);
        }
        ("", number) => check.port(&format!("{path}.number"), number),
        (name, 0) => check.name(&format!("{path}.name"), name, Rule::Port),
        (_, _) => check.error("invalid-value", &path, "must be a number or a name, not both"),
    }
}

fn check_reference(reference: &TypedLocalObjectReference, path: &str, check: &mut Check<'_>) {
    let group = reference.api_group.as_deref();
    check.name_if_any(&format!("{path}.apiGroup"), group, Rule::Subdomain);
    check.name(&format!("{path}.kind"), &reference.kind, Rule::Path);
    check.name(&format!("{path}.name"), &reference.name, Rule::Path);
}
