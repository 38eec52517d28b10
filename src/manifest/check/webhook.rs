//! Admission webhooks: kept here without effect, so only what every one of them must say is checked.
//!
//! Source: `validateWebhookConfiguration` of Kubernetes' `pkg/apis/admissionregistration/validation/validation.go`.

use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration, WebhookClientConfig,
};

use super::{Check, Seen};
use crate::document::quoted;

/// What both kinds of webhooks have alike.
struct Hook<'a> {
    name: &'a str,
    side_effects: &'a str,
    review_versions: &'a [String],
    client: &'a WebhookClientConfig,
}

pub(super) fn check_mutating(all: &MutatingWebhookConfiguration, check: &mut Check<'_>) {
    let hooks = all.webhooks.iter().flatten().map(|hook| Hook {
        name: &hook.name,
        side_effects: &hook.side_effects,
        review_versions: &hook.admission_review_versions,
        client: &hook.client_config,
    });
    check_hooks(hooks, check);
}

pub(super) fn check_validating(all: &ValidatingWebhookConfiguration, check: &mut Check<'_>) {
    let hooks = all.webhooks.iter().flatten().map(|hook| Hook {
        name: &hook.name,
        side_effects: &hook.side_effects,
        review_versions: &hook.admission_review_versions,
        client: &hook.client_config,
    });
    check_hooks(hooks, check);
}

fn check_hooks<'a>(hooks: impl Iterator<Item = Hook<'a>>, check: &mut Check<'_>) {
    let mut names = Seen::default();
    for (index, hook) in hooks.enumerate() {
        let path = format!("webhooks[{index}]");
        let name = format!("{path}.name");
        if hook.name.is_empty() {
            check.required(&name);
        } else if let Some(first) = names.before(hook.name, &name) {
            check.twice(&name, &first, &format!("the name {}", quoted(hook.name)));
        }
        if hook.side_effects.is_empty() {
            let help = "where a call of the webhook changes nothing else write `sideEffects: None`";
            check.error_with("required", &format!("{path}.sideEffects"), "is required", help);
        }
        if hook.review_versions.is_empty() {
            let help = "write what the webhook reads, such as `admissionReviewVersions: [v1]`";
            let path = format!("{path}.admissionReviewVersions");
            check.error_with("required", &path, "is required", help);
        }
        if hook.client.url.is_some() == hook.client.service.is_some() {
            let message = "must say either `url` or `service`";
            check.error("invalid-value", &format!("{path}.clientConfig"), message);
        }
    }
}
