//! What a Pod and a Pod's template have in common.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{PodSpec, Volume};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{
    Check, Seen, affinity, annotations, container, dns, metadata, os, resources, scheduling,
    security, volume,
};
use crate::document::quoted;
use crate::model::names::Rule;

/// The longest name that Linux takes for a host.
const HOSTNAME_MAX: usize = 64;

/// What a specification belongs to: templates are let pass with some things that Pods are refused for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Pod,
    Template,
}

/// Where a volume comes from, as far as its mounts must know.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A claim, which can be a device.
    Claim,
    /// An image, which is mounted as a whole.
    Image,
    Other,
}

/// A specification, complete, and what its containers can name of it.
pub(super) struct Inside<'s> {
    pub(super) spec: &'s PodSpec,
    pub(super) owner: Owner,
    pub(super) volumes: BTreeMap<&'s str, Source>,
    pub(super) claims: BTreeSet<&'s str>,
}

impl<'s> Inside<'s> {
    /// Looks into a specification.
    pub(super) fn new(spec: &'s PodSpec, owner: Owner) -> Self {
        let volumes = spec.volumes.iter().flatten();
        let claims = spec.resource_claims.iter().flatten();
        Self {
            spec,
            owner,
            volumes: volumes.map(|volume| (volume.name.as_str(), source(volume))).collect(),
            claims: claims.map(|claim| claim.name.as_str()).collect(),
        }
    }

    /// Adds the volumes of claims that are made for each pod.
    pub(super) fn with_claims(mut self, names: impl Iterator<Item = &'s str>) -> Self {
        self.volumes.extend(names.map(|name| (name, Source::Claim)));
        self
    }
}

fn source(volume: &Volume) -> Source {
    if volume.persistent_volume_claim.is_some() || volume.ephemeral.is_some() {
        Source::Claim
    } else if volume.image.is_some() {
        Source::Image
    } else {
        Source::Other
    }
}

/// Checks a complete specification with the metadata of its pods.
pub(super) fn check(
    inside: &Inside<'_>,
    metadata: (&ObjectMeta, &str),
    path: &str,
    check: &mut Check<'_>,
) {
    let spec = inside.spec;
    volume::check_all(inside, metadata.0, path, check);
    check_claims(spec, path, check);
    container::check_all(inside, path, check);
    resources::check_pod(spec, path, check);
    check_running(spec, path, check);
    check_names(spec, path, check);
    security::check_pod(spec, path, check);
    if let Some(affinity) = &spec.affinity {
        affinity::check(affinity, &format!("{path}.affinity"), check);
    }
    scheduling::check(spec, path, check);
    dns::check(spec, path, check);
    os::check(spec, path, check);
    annotations::check(spec, metadata.0, metadata.1, check);
    if inside.owner == Owner::Pod {
        check_of_pod(spec, path, check);
    }
}

/// Checks how long and how often a pod runs.
fn check_running(spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    let restart = spec.restart_policy.as_deref();
    check.one_of(&format!("{path}.restartPolicy"), restart, &["Always", "OnFailure", "Never"]);
    let grace = spec.termination_grace_period_seconds;
    check.at_least(&format!("{path}.terminationGracePeriodSeconds"), grace, 0);
    let deadline = spec.active_deadline_seconds;
    check.range(&format!("{path}.activeDeadlineSeconds"), deadline, 1, i32::MAX.into());
    let preemption = spec.preemption_policy.as_deref();
    let preemptions = ["PreemptLowerPriority", "Never"];
    check.one_of(&format!("{path}.preemptionPolicy"), preemption, &preemptions);
    if let Some(overhead) = &spec.overhead {
        resources::check_overhead(overhead, &format!("{path}.overhead"), check);
    }
}

/// Checks the names of a pod as a host, and those of other objects.
fn check_names(spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    if let Some(selector) = &spec.node_selector {
        metadata::labels(selector, &format!("{path}.nodeSelector"), check);
    }
    for (field, name, rule) in [
        ("hostname", &spec.hostname, Rule::Label),
        ("subdomain", &spec.subdomain, Rule::Label),
        ("nodeName", &spec.node_name, Rule::Subdomain),
        ("serviceAccountName", &spec.service_account_name, Rule::Subdomain),
        ("priorityClassName", &spec.priority_class_name, Rule::Subdomain),
        ("runtimeClassName", &spec.runtime_class_name, Rule::Subdomain),
    ] {
        check.name_if_any(&format!("{path}.{field}"), name.as_deref(), rule);
    }
    let Some(hostname) = spec.hostname_override.as_deref() else { return };
    let path = format!("{path}.hostnameOverride");
    check.name(&path, hostname, Rule::Subdomain);
    if hostname.len() > HOSTNAME_MAX {
        let message = format!("is too long a name: at most {HOSTNAME_MAX} characters are allowed");
        check.error("invalid-name", &path, &message);
    }
    if spec.host_network == Some(true) {
        check.forbidden(&path, "has no place with `hostNetwork: true`");
    }
    if spec.set_hostname_as_fqdn == Some(true) {
        check.forbidden(&path, "has no place with `setHostnameAsFQDN: true`");
    }
}

/// Checks the devices that a pod claims for its containers.
fn check_claims(spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    let mut names = Seen::default();
    for (index, claim) in spec.resource_claims.iter().flatten().enumerate() {
        let path = format!("{path}.resourceClaims[{index}]");
        let name_path = format!("{path}.name");
        check.name(&name_path, &claim.name, Rule::Label);
        if let Some(first) = names.before(claim.name.as_str(), &name_path) {
            check.twice(&name_path, &first, &format!("the claim {}", quoted(&claim.name)));
        }
        let count = usize::from(claim.resource_claim_name.is_some())
            + usize::from(claim.resource_claim_template_name.is_some());
        check.exactly_one(&path, count, "resourceClaimName and resourceClaimTemplateName");
        for (field, name) in [
            ("resourceClaimName", &claim.resource_claim_name),
            ("resourceClaimTemplateName", &claim.resource_claim_template_name),
        ] {
            if let Some(name) = name {
                check.name(&format!("{path}.{field}"), name, Rule::Subdomain);
            }
        }
    }
}

/// Checks what only Pods are refused for.
fn check_of_pod(spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    let gates = spec.scheduling_gates.as_deref().unwrap_or_default();
    let host = spec.node_name.as_deref().unwrap_or_default();
    if !host.is_empty() && !gates.is_empty() {
        let message = "has no place where schedulingGates keep the pod back";
        check.forbidden(&format!("{path}.nodeName"), message);
    }
}
