//! `admissionregistration.k8s.io`: what webhooks could leave out once.

use super::{Advice, Old, fill, fill_number, lacks, list_of, same};
use crate::document::Placed;
use crate::model::Kind;

const BETA: &str = "admissionregistration.k8s.io/v1beta1";
const ALPHA: &str = "admissionregistration.k8s.io/v1alpha1";

pub(super) const OLD: &[Old] = &[
    Old { api_version: BETA, kind: Kind::MutatingWebhookConfiguration, lift: webhooks },
    Old { api_version: BETA, kind: Kind::ValidatingWebhookConfiguration, lift: webhooks },
    Old { api_version: BETA, kind: Kind::ValidatingAdmissionPolicy, lift: same },
    Old { api_version: BETA, kind: Kind::ValidatingAdmissionPolicyBinding, lift: same },
    Old { api_version: ALPHA, kind: Kind::ValidatingAdmissionPolicy, lift: same },
    Old { api_version: ALPHA, kind: Kind::ValidatingAdmissionPolicyBinding, lift: same },
    Old { api_version: BETA, kind: Kind::MutatingAdmissionPolicy, lift: same },
    Old { api_version: BETA, kind: Kind::MutatingAdmissionPolicyBinding, lift: same },
    Old { api_version: ALPHA, kind: Kind::MutatingAdmissionPolicy, lift: same },
    Old { api_version: ALPHA, kind: Kind::MutatingAdmissionPolicyBinding, lift: same },
];

fn webhooks(object: &mut Placed) -> Advice {
    let mut advice = Vec::new();
    let webhooks = object.get_mut("webhooks").and_then(Placed::elements_mut).into_iter().flatten();
    for webhook in webhooks.filter(|webhook| webhook.is_mapping()) {
        if lacks(webhook, "admissionReviewVersions") {
            webhook.set("admissionReviewVersions", None, list_of(Placed::text("v1beta1", None)));
            advice.push("add `admissionReviewVersions: [v1beta1]` to each webhook");
        }
        // What was not known is not allowed any more; nothing here calls the webhook, so this promises nothing.
        if fill(webhook, "sideEffects", "None") {
            advice.push("add `sideEffects: None` or `NoneOnDryRun` to each webhook");
        }
        if fill(webhook, "failurePolicy", "Ignore") {
            advice.push("add `failurePolicy: Ignore`: now it would be Fail");
        }
        if fill(webhook, "matchPolicy", "Exact") {
            advice.push("add `matchPolicy: Exact`: now it would be Equivalent");
        }
        fill_number(webhook, "timeoutSeconds", 30);
    }
    advice.sort_unstable();
    advice.dedup();
    advice
}
