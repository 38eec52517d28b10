//! Names that must say what the object holds.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;

use super::Check;

pub(super) fn check_definition(definition: &CustomResourceDefinition, check: &mut Check<'_>) {
    let spec = &definition.spec;
    for (path, value) in [
        ("spec.group", &spec.group),
        ("spec.names.plural", &spec.names.plural),
        ("spec.names.kind", &spec.names.kind),
    ] {
        if value.is_empty() {
            check.required(path);
        }
    }
    check.choice("spec.scope", &spec.scope, &["Namespaced", "Cluster"]);
    if !spec.group.is_empty() && !spec.names.plural.is_empty() {
        must_be(
            definition.metadata.name.as_deref(),
            &format!("{}.{}", spec.names.plural, spec.group),
            check,
        );
    }
}

pub(super) fn check_api_service(service: &APIService, check: &mut Check<'_>) {
    let Some(spec) = &service.spec else { return check.required("spec") };
    let version = spec.version.as_deref().unwrap_or_default();
    if version.is_empty() {
        return check.required("spec.version");
    }
    let group = spec.group.as_deref().unwrap_or_default();
    must_be(service.metadata.name.as_deref(), &format!("{version}.{group}"), check);
}

fn must_be(name: Option<&str>, wanted: &str, check: &mut Check<'_>) {
    if name.is_some_and(|name| !name.is_empty() && name != wanted) {
        let help = format!("write `name: {wanted}`");
        let message = "must be made of what the object says of itself";
        check.error_with("invalid-name", "metadata.name", message, &help);
    }
}
