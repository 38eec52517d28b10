//! `StatefulSets`.

use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::template::{Template, share_of_all};
use super::{Check, Seen, claim, metadata};
use crate::document::quoted;
use crate::model::names::Rule;

pub(super) fn check(set: &StatefulSet, check: &mut Check<'_>) {
    let spec = &set.spec;
    check.at_least("spec.replicas", spec.replicas.map(i64::from), 0);
    check.at_least("spec.minReadySeconds", spec.min_ready_seconds.map(i64::from), 0);
    check.at_least("spec.revisionHistoryLimit", spec.revision_history_limit.map(i64::from), 0);
    check.name_if_any("spec.serviceName", spec.service_name.as_deref(), Rule::Label);
    let first = spec.ordinals.as_ref().and_then(|ordinals| ordinals.start);
    check.at_least("spec.ordinals.start", first.map(i64::from), 0);
    let order = spec.pod_management_policy.as_deref();
    check.one_of("spec.podManagementPolicy", order, &["OrderedReady", "Parallel"]);
    if let Some(strategy) = &spec.update_strategy {
        check_strategy(strategy, check);
    }
    check_retention(spec, check);
    check_claims(spec, check);
    let Some(template) = Template::new(Some(&spec.template), "spec.template") else { return };
    template.check_selected(&spec.selector, check);
    let claims = spec.volume_claim_templates.iter().flatten();
    let names = claims.filter_map(|claim| claim.metadata.name.as_deref());
    template.check(&template.inside().with_claims(names), check);
    template.check_endless("StatefulSet", check);
}

fn check_strategy(strategy: &StatefulSetUpdateStrategy, check: &mut Check<'_>) {
    let kind = strategy.type_.as_deref();
    check.one_of("spec.updateStrategy.type", kind, &["RollingUpdate", "OnDelete"]);
    let Some(rolling) = &strategy.rolling_update else { return };
    let path = "spec.updateStrategy.rollingUpdate";
    if kind == Some("OnDelete") {
        return check.error("invalid-value", path, "is not allowed with `type: OnDelete`");
    }
    check.at_least(&format!("{path}.partition"), rolling.partition.map(i64::from), 0);
    let path = format!("{path}.maxUnavailable");
    let unavailable: Option<&IntOrString> = rolling.max_unavailable.as_ref();
    if share_of_all(unavailable, &path, check) == Some(0) {
        let help = "let it be 1 or more: with 0 nothing could ever be replaced";
        check.error_with("out-of-range", &path, "must not be 0", help);
    }
}

fn check_retention(spec: &StatefulSetSpec, check: &mut Check<'_>) {
    let Some(policy) = &spec.persistent_volume_claim_retention_policy else { return };
    let path = "spec.persistentVolumeClaimRetentionPolicy";
    for (field, value) in
        [("whenDeleted", &policy.when_deleted), ("whenScaled", &policy.when_scaled)]
    {
        check.one_of(&format!("{path}.{field}"), value.as_deref(), &["Retain", "Delete"]);
    }
}

fn check_claims(spec: &StatefulSetSpec, check: &mut Check<'_>) {
    let mut names = Seen::default();
    for (index, template) in spec.volume_claim_templates.iter().flatten().enumerate() {
        let path = format!("spec.volumeClaimTemplates[{index}]");
        let name_path = format!("{path}.metadata.name");
        let name = template.metadata.name.as_deref().unwrap_or_default();
        // It is also the name of a volume.
        check.name(&name_path, name, Rule::Label);
        if let Some(first) = names.before(name, &name_path) {
            check.twice(&name_path, &first, &format!("the claim {}", quoted(name)));
        }
        metadata::check_maps(&template.metadata, &format!("{path}.metadata"), check);
        if let Some(own) = &template.spec {
            claim::check(own, &format!("{path}.spec"), check);
        }
    }
}
