//! What tells an API server how to behave.

use jiff::Timestamp;
use k8s_openapi::api::admissionregistration::v1::{
    MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, MutatingWebhookConfiguration,
    ParamKind, ParamRef, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding,
    ValidatingWebhookConfiguration,
};
use k8s_openapi::api::flowcontrol::v1::{FlowSchema, PriorityLevelConfiguration};
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;

use super::row::{Row, count, or_none, or_unset};
use super::workload::selector;

pub(super) fn mutating_webhooks(it: &MutatingWebhookConfiguration, now: Timestamp) -> Row {
    let webhooks = it.webhooks.as_ref().map_or(0, Vec::len);
    Row::default().cell("WEBHOOKS", webhooks).age(&it.metadata, now)
}

pub(super) fn validating_webhooks(it: &ValidatingWebhookConfiguration, now: Timestamp) -> Row {
    let webhooks = it.webhooks.as_ref().map_or(0, Vec::len);
    Row::default().cell("WEBHOOKS", webhooks).age(&it.metadata, now)
}

pub(super) fn mutating_policy(policy: &MutatingAdmissionPolicy, now: Timestamp) -> Row {
    let spec = policy.spec.clone().unwrap_or_default();
    Row::default()
        .cell("MUTATIONS", spec.mutations.map_or(0, |all| all.len()))
        .cell("PARAMKIND", param_kind(spec.param_kind))
        .age(&policy.metadata, now)
}

pub(super) fn validating_policy(policy: &ValidatingAdmissionPolicy, now: Timestamp) -> Row {
    let spec = policy.spec.clone().unwrap_or_default();
    Row::default()
        .cell("VALIDATIONS", spec.validations.map_or(0, |all| all.len()))
        .cell("PARAMKIND", param_kind(spec.param_kind))
        .age(&policy.metadata, now)
}

pub(super) fn mutating_binding(binding: &MutatingAdmissionPolicyBinding, now: Timestamp) -> Row {
    let spec = binding.spec.clone().unwrap_or_default();
    Row::default()
        .cell("POLICYNAME", spec.policy_name.unwrap_or_default())
        .cell("PARAMREF", param_ref(spec.param_ref))
        .age(&binding.metadata, now)
}

pub(super) fn validating_binding(it: &ValidatingAdmissionPolicyBinding, now: Timestamp) -> Row {
    let spec = it.spec.clone();
    Row::default()
        .cell("POLICYNAME", spec.policy_name)
        .cell("PARAMREF", param_ref(spec.param_ref))
        .age(&it.metadata, now)
}

fn param_kind(kind: Option<ParamKind>) -> String {
    or_unset(kind.map(|kind| {
        format!("{}/{}", kind.api_version.unwrap_or_default(), kind.kind.unwrap_or_default())
    }))
}

/// A parameter without a namespace may be in any.
fn param_ref(reference: Option<ParamRef>) -> String {
    let reference = reference.unwrap_or_default();
    let named = reference.name.filter(|name| !name.is_empty()).map(|name| {
        let namespace = reference.namespace.filter(|namespace| !namespace.is_empty());
        format!("{}/{name}", namespace.as_deref().unwrap_or("*"))
    });
    or_unset(named.or_else(|| reference.selector.as_ref().map(selector)))
}

pub(super) fn api_service(service: &APIService, now: Timestamp) -> Row {
    let by =
        service.spec.as_ref().and_then(|spec| spec.service.clone()).map(|by| {
            format!("{}/{}", by.namespace.unwrap_or_default(), by.name.unwrap_or_default())
        });
    let conditions = service.status.as_ref().and_then(|status| status.conditions.as_ref());
    let available = conditions.into_iter().flatten().find(|it| it.type_ == "Available");
    let available = available.map(|condition| match condition.status.as_str() {
        "True" => "True".to_owned(),
        status => format!("{status} ({})", condition.reason.as_deref().unwrap_or_default()),
    });
    Row::default()
        .cell("SERVICE", by.unwrap_or_else(|| "Local".to_owned()))
        .cell("AVAILABLE", available.unwrap_or_else(|| "Unknown".to_owned()))
        .age(&service.metadata, now)
}

pub(super) fn flow_schema(schema: &FlowSchema, now: Timestamp) -> Row {
    let spec = schema.spec.clone();
    let conditions = schema.status.as_ref().and_then(|status| status.conditions.as_ref());
    let mut dangling = conditions.into_iter().flatten();
    let dangling = dangling.find(|it| it.type_ == "Dangling");
    let dangling = dangling.and_then(|condition| condition.status.clone());
    Row::default()
        .cell("PRIORITYLEVEL", spec.priority_level_configuration.name)
        .cell("MATCHINGPRECEDENCE", count(spec.matching_precedence))
        .cell("DISTINGUISHERMETHOD", or_none(spec.distinguisher_method.map(|method| method.type_)))
        .age(&schema.metadata, now)
        .cell("MISSINGPL", dangling.unwrap_or_else(|| "?".to_owned()))
}

pub(super) fn priority_level(level: &PriorityLevelConfiguration, now: Timestamp) -> Row {
    let spec = level.spec.clone();
    let limited = spec.limited.as_ref();
    let queuing = limited.and_then(|limited| limited.limit_response.queuing.as_ref());
    let shares = limited.map(|limited| count(limited.nominal_concurrency_shares));
    let number = |number: Option<i32>| or_none(number.map(|number| number.to_string()));
    Row::default()
        .cell("TYPE", spec.type_.clone())
        .cell("NOMINALCONCURRENCYSHARES", number(shares))
        .cell("QUEUES", number(queuing.map(|it| count(it.queues))))
        .cell("HANDSIZE", number(queuing.map(|it| count(it.hand_size))))
        .cell("QUEUELENGTHLIMIT", number(queuing.map(|it| count(it.queue_length_limit))))
        .age(&level.metadata, now)
}
