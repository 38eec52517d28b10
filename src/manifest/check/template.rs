//! What the kinds with a template of pods have in common.

use k8s_openapi::api::core::v1::{PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::pod::{Inside, Owner};
use super::{Check, metadata, pod, selector};
use crate::document::Severity;
use crate::model::{Labels, Selector};

/// A template, and the path where it stands.
pub(super) struct Template<'s> {
    metadata: ObjectMeta,
    pub(super) spec: &'s PodSpec,
    path: String,
}

impl<'s> Template<'s> {
    /// The template of a complete object; a complete template has a specification.
    pub(super) fn new(
        template: Option<&'s PodTemplateSpec>,
        path: impl Into<String>,
    ) -> Option<Self> {
        let template = template?;
        let metadata = template.metadata.clone().unwrap_or_default();
        Some(Self { metadata, spec: template.spec.as_ref()?, path: path.into() })
    }

    /// The labels of its pods.
    pub(super) fn labels(&self) -> Labels {
        self.metadata.labels.clone().unwrap_or_default()
    }

    /// The path of a field of the pods' specification.
    pub(super) fn path_of(&self, field: &str) -> String {
        format!("{}.spec.{field}", self.path)
    }

    /// The path of the pods' labels.
    pub(super) fn path_of_labels(&self) -> String {
        format!("{}.metadata.labels", self.path)
    }

    /// Looks into its specification.
    pub(super) fn inside(&self) -> Inside<'s> {
        Inside::new(self.spec, Owner::Template)
    }

    /// Checks its metadata and its specification.
    pub(super) fn check(&self, inside: &Inside<'_>, check: &mut Check<'_>) {
        let metadata = format!("{}.metadata", self.path);
        metadata::check_maps(&self.metadata, &metadata, check);
        pod::check(inside, (&self.metadata, &metadata), &format!("{}.spec", self.path), check);
    }

    /// Refuses pods that come to an end, for the `owner` whose pods do not.
    pub(super) fn check_endless(&self, owner: &str, check: &mut Check<'_>) {
        if matches!(self.spec.restart_policy.as_deref(), Some("OnFailure" | "Never")) {
            let path = self.path_of("restartPolicy");
            let message = format!("the pods of a {owner} restart `Always`");
            check.error_with("invalid-value", &path, &message, "write `restartPolicy: Always`");
        }
        if self.spec.active_deadline_seconds.is_some() {
            let path = self.path_of("activeDeadlineSeconds");
            check.forbidden(&path, &format!("the pods of a {owner} have no deadline"));
        }
    }

    /// Checks that a selector is there, is right, and selects these pods.
    pub(super) fn check_selected(&self, selector: &LabelSelector, check: &mut Check<'_>) {
        let path = "spec.selector";
        let empty = selector.match_labels.as_ref().is_none_or(Labels::is_empty)
            && selector.match_expressions.as_ref().is_none_or(Vec::is_empty);
        if empty {
            return self.require_selector(check);
        }
        selector::check(selector, path, check);
        if Selector::from_object(selector).is_ok_and(|wanted| !wanted.matches(&self.labels())) {
            self.mismatch("spec.selector.matchLabels", check);
        }
    }

    /// Asks for a selector, with the template's labels as what it could be.
    fn require_selector(&self, check: &mut Check<'_>) {
        let labels = self.labels();
        let text = labels.iter().map(|(key, value)| format!("{key}: {value}"));
        let text = text.collect::<Vec<_>>().join(", ");
        if text.is_empty() {
            return check.required("spec.selector");
        }
        let help = format!("write `selector: {{matchLabels: {{{text}}}}}`");
        check.error_with("required", "spec.selector", "is required", &help);
    }

    /// Says that a selector does not select the pods of its own template, with both places.
    pub(super) fn mismatch(&self, selects: &str, check: &mut Check<'_>) {
        if check.is_full() {
            return;
        }
        let message = "does not select the pods of its own template";
        let finding = check.found(Severity::Error, "selector-mismatch", "spec.selector", message);
        let span = check.document.span_of(selects).unwrap_or(finding.span);
        let also = check.document.nearest(&self.path_of_labels());
        let help = format!("repeat the labels of the selector in {}", self.path_of_labels());
        let finding = finding.with_label("selects these labels").at(span);
        check.push(finding.with_also(also, "the template's labels").with_help(help));
    }
}

/// A number or a percentage, as its number.
pub(super) fn share(value: Option<&IntOrString>, path: &str, check: &mut Check<'_>) -> Option<u32> {
    let read = match value? {
        IntOrString::Int(number) => u32::try_from(*number).ok(),
        IntOrString::String(text) => text
            .strip_suffix('%')
            .filter(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok()),
    };
    if read.is_none() {
        check.error("invalid-value", path, "must be a number from 0 or a percentage such as 25%");
    }
    read
}

/// A share that cannot be more than all.
pub(super) fn share_of_all(
    value: Option<&IntOrString>,
    path: &str,
    check: &mut Check<'_>,
) -> Option<u32> {
    let read = share(value, path, check);
    if matches!(value, Some(IntOrString::String(_))) && read.is_some_and(|share| share > 100) {
        check.error("out-of-range", path, "must not be more than 100%");
    }
    read
}
