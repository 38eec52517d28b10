//! What Kubernetes' API server refuses, for the kinds that are read.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/>

mod access;
mod address;
mod affinity;
mod annotations;
mod autoscaler;
mod claim;
mod config_map;
mod container;
mod cron_job;
mod daemon_set;
mod deployment;
mod disruption_budget;
mod dns;
mod downward;
mod endpoints;
mod env;
mod event;
mod ingress;
mod ingress_class;
mod job;
mod job_policy;
mod limit_range;
mod metadata;
mod mount;
mod network_policy;
mod object_name;
mod os;
mod persistent_volume;
mod pod;
mod priority_class;
mod probe;
mod quantities;
mod replica_set;
mod resource_quota;
mod resources;
mod runtime_class;
mod schedule;
mod scheduling;
mod secret;
mod security;
mod selector;
mod service;
mod stateful_set;
mod storage_class;
mod template;
mod values;
mod volume;
mod webhook;

use std::collections::BTreeSet;

use super::defaults::complete;
use crate::document::{Document, Finding, MAX_FINDINGS, Room, Severity, closest};
use crate::model::names::Rule;
use crate::model::{Effect, Object};

/// Checks one object.
pub(super) fn check(object: &Object, check: &mut Check<'_>) {
    check.effect = object.kind().effect();
    metadata::check_object(object, check);
    match object {
        Object::ConfigMap(map) => config_map::check(map, check),
        Object::Service(service) => service::check(service, check),
        Object::Pod(_)
        | Object::Deployment(_)
        | Object::ReplicaSet(_)
        | Object::ReplicationController(_)
        | Object::StatefulSet(_)
        | Object::DaemonSet(_)
        | Object::Job(_)
        | Object::CronJob(_) => check_with_pods(object, check),
        _ => check_rest(object, check),
    }
}

/// Checks an object with pods in it, complete: as the API server does, which fills in first.
fn check_with_pods(object: &Object, check: &mut Check<'_>) {
    let mut whole = object.clone();
    complete(&mut whole);
    match &whole {
        Object::Pod(one) => {
            let Some(spec) = &one.spec else { return };
            let inside = pod::Inside::new(spec, pod::Owner::Pod);
            pod::check(&inside, (&one.metadata, "metadata"), "spec", check);
        }
        Object::Deployment(deployment) => deployment::check(deployment, check),
        Object::ReplicaSet(set) => replica_set::check(set, check),
        Object::ReplicationController(one) => replica_set::check_controller(one, check),
        Object::StatefulSet(set) => stateful_set::check(set, check),
        Object::DaemonSet(set) => daemon_set::check(set, check),
        Object::Job(job) => job::check(job, check),
        Object::CronJob(job) => cron_job::check(job, check),
        _ => {}
    }
}

/// Checks the objects that make no pods.
fn check_rest(object: &Object, check: &mut Check<'_>) {
    match object {
        Object::Secret(secret) => secret::check(secret, check),
        Object::Endpoints(endpoints) => endpoints::check(endpoints, check),
        Object::EndpointSlice(slice) => endpoints::check_slice(slice, check),
        Object::Ingress(ingress) => ingress::check(ingress, check),
        Object::IngressClass(class) => ingress_class::check(class, check),
        Object::NetworkPolicy(policy) => network_policy::check(policy, check),
        Object::PersistentVolume(volume) => persistent_volume::check(volume, check),
        Object::PersistentVolumeClaim(one) => match &one.spec {
            Some(spec) => claim::check(spec, "spec", check),
            None => check.required("spec"),
        },
        Object::StorageClass(class) => storage_class::check(class, check),
        Object::HorizontalPodAutoscaler(autoscaler) => autoscaler::check(autoscaler, check),
        Object::PodDisruptionBudget(budget) => disruption_budget::check(budget, check),
        Object::PriorityClass(class) => priority_class::check(class, check),
        Object::ResourceQuota(quota) => resource_quota::check(quota, check),
        Object::LimitRange(range) => limit_range::check(range, check),
        Object::RuntimeClass(class) => runtime_class::check(class, check),
        Object::Event(event) => event::check(event, check),
        Object::Role(role) => access::check_role(role, check),
        Object::ClusterRole(role) => access::check_cluster_role(role, check),
        Object::RoleBinding(binding) => access::check_binding(binding, check),
        Object::ClusterRoleBinding(binding) => access::check_cluster_binding(binding, check),
        Object::CustomResourceDefinition(definition) => {
            object_name::check_definition(definition, check);
        }
        Object::APIService(service) => object_name::check_api_service(service, check),
        Object::MutatingWebhookConfiguration(all) => webhook::check_mutating(all, check),
        Object::ValidatingWebhookConfiguration(all) => webhook::check_validating(all, check),
        _ => {}
    }
}

/// Collects what is wrong with one object.
pub(super) struct Check<'d> {
    document: &'d Document,
    /// Paths that could not be read: what stands in for them is nobody's fault.
    faulty: &'d BTreeSet<String>,
    /// What becomes of the object: where it is only kept, no part of it is said to be.
    effect: Effect,
    room: Room,
    findings: Vec<Finding>,
}

impl<'d> Check<'d> {
    pub(super) fn new(document: &'d Document, faulty: &'d BTreeSet<String>) -> Self {
        let room = Room::of(MAX_FINDINGS);
        Self { document, faulty, effect: Effect::CarriedOut, room, findings: Vec::new() }
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    fn push(&mut self, finding: Finding) {
        let path = finding.path.as_str();
        let above = path.match_indices(['.', '[']).map(|(at, _)| &path[..at]);
        if !above.chain([path]).any(|path| self.faulty.contains(path)) && self.room.takes(&finding)
        {
            self.findings.push(finding);
        }
    }

    /// Whether there is no use in finding more errors.
    fn is_full(&self) -> bool {
        self.room.is_full(Severity::Error)
    }

    fn found(&self, severity: Severity, code: &'static str, path: &str, message: &str) -> Finding {
        self.document.finding(severity, code, path, format!("{path}: {message}"))
    }

    fn error(&mut self, code: &'static str, path: &str, message: &str) {
        if self.is_full() {
            return;
        }
        self.push(self.found(Severity::Error, code, path, message));
    }

    fn error_with(&mut self, code: &'static str, path: &str, message: &str, help: &str) {
        if self.is_full() {
            return;
        }
        self.push(self.found(Severity::Error, code, path, message).with_help(help));
    }

    /// Says what is probably not meant.
    fn warning(&mut self, code: &'static str, path: &str, message: &str) {
        if self.room.is_full(Severity::Warning) {
            return;
        }
        self.push(self.found(Severity::Warning, code, path, message));
    }

    fn required(&mut self, path: &str) {
        if self.is_full() {
            return;
        }
        let finding = self.found(Severity::Error, "required", path, "is required");
        let field = path.rsplit('.').next().unwrap_or(path);
        self.push(finding.with_label(format!("`{field}` is missing here")));
    }

    fn notice(&mut self, path: &str, message: &str) {
        if self.effect != Effect::CarriedOut || self.room.is_full(Severity::Notice) {
            return;
        }
        let finding = self.found(Severity::Notice, "not-carried-out", path, message);
        self.push(finding.with_label("not carried out yet"));
    }

    /// Refuses the key at a path, which stands in the user's own mapping.
    fn key_error(&mut self, code: &'static str, path: &str, message: &str) {
        if self.is_full() {
            return;
        }
        let finding = self.found(Severity::Error, code, path, message);
        let span = self.document.key_span_of(path).unwrap_or(finding.span);
        self.push(finding.at(span));
    }

    /// Refuses a second element of one name in a list, with both places.
    fn twice(&mut self, path: &str, first: &str, what: &str) {
        if self.is_full() {
            return;
        }
        let finding =
            self.found(Severity::Error, "duplicate-name", path, &format!("{what} is there twice"));
        let also = self.document.nearest(first);
        self.push(finding.with_label("again here").with_also(also, "first here"));
    }

    /// Refuses a value that is none of the known ones; the empty one is as if it were absent.
    fn one_of(&mut self, path: &str, value: Option<&str>, known: &[&str]) {
        let Some(value) = value.filter(|value| !value.is_empty() && !known.contains(value)) else {
            return;
        };
        let quoted = crate::document::quoted(value);
        let message = format!("{quoted} is none of {}", known.join(", "));
        match closest(value, known.iter().copied()) {
            Some(meant) => {
                let help = format!("did you mean `{meant}`?");
                self.error_with("invalid-value", path, &message, &help);
            }
            None => self.error("invalid-value", path, &message),
        }
    }

    /// Refuses a number below the least.
    fn at_least(&mut self, path: &str, value: Option<i64>, least: i64) {
        if value.is_some_and(|value| value < least) {
            self.error("out-of-range", path, &format!("must be {least} or more"));
        }
    }

    /// Refuses what is no port number.
    fn port(&mut self, path: &str, port: i32) {
        if !(1..=65535).contains(&port) {
            self.error("out-of-range", path, "must be a port number from 1 to 65535");
        }
    }

    /// Refuses protocols that are none, and says of which nothing is carried.
    fn protocol(&mut self, path: &str, protocol: Option<&str>) {
        if protocol == Some("SCTP") {
            return self.notice(path, "SCTP is not carried yet");
        }
        self.one_of(path, protocol, &PROTOCOLS);
    }

    /// Checks a name that must be there by the rule that holds for it.
    fn name(&mut self, path: &str, name: &str, rule: Rule) {
        if name.is_empty() {
            self.required(path);
        } else if let Err(why) = rule.check(name) {
            let message = format!("{} {why}", crate::document::quoted(name));
            self.error("invalid-name", path, &message);
        }
    }
}

/// The protocols of ports.
const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];

/// Where each name of a list was seen first.
#[derive(Default)]
struct Seen<K: Ord>(std::collections::BTreeMap<K, String>);

impl<K: Ord> Seen<K> {
    /// The path at which the same was seen before.
    fn before(&mut self, key: K, path: &str) -> Option<String> {
        match self.0.entry(key) {
            std::collections::btree_map::Entry::Occupied(first) => Some(first.get().clone()),
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(path.to_owned());
                None
            }
        }
    }
}
