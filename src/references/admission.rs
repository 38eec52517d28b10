//! What `LimitRanges` and `ResourceQuotas` of the namespace say of a new object.
//!
//! How many pods there are is not known here: which of them a quota leaves out is for `plan` to say.

use k8s_openapi::api::core::v1::PodSpec;

use super::Subject;
use crate::admission::{
    Breach, Quotas, Refusal, claim_breaches, fill, forbidden, inconsistent, pod_breaches,
};
use crate::desired::Desired;
use crate::document::Severity;
use crate::model::{Kind, Object, PodTemplate, complete_pod};

/// What an object is refused for; one that is already stored and asks for nothing else was taken in before.
pub(super) fn check(subject: &mut Subject<'_>, stored: &Desired, quotas: &mut Quotas) {
    let (key, object) = (subject.object().key(), subject.object());
    let before = stored.objects.get(&key).map(|stored| &stored.object);
    if let Some(template) = PodTemplate::of(object) {
        let was = before.and_then(PodTemplate::of);
        if was.is_none_or(|was| was.spec != template.spec) {
            of_pods(subject, template.spec, template.path, quotas);
        }
    }
    if let Object::PersistentVolumeClaim(claim) = object {
        let was = match before {
            Some(Object::PersistentVolumeClaim(was)) => was.spec.as_ref(),
            _ => None,
        };
        let spec = claim.spec.as_ref().filter(|spec| was != Some(*spec));
        let breaches = spec.map(|spec| claim_breaches(subject.all, &key.namespace, spec));
        for breach in breaches.unwrap_or_default() {
            broken(subject, "spec", &breach);
        }
    }
    if !matches!(object, Object::Pod(_))
        && let Err(why) = quotas.admit_object(object, before)
    {
        let message = forbidden(object.kind(), &key.name, &why);
        let finding =
            subject.read.finding(Severity::Error, "quota-exceeded", "metadata.name", message);
        subject.push(finding.with_label("more than there may be"));
    }
}

fn of_pods(subject: &mut Subject<'_>, spec: &PodSpec, path: &str, quotas: &Quotas) {
    let mut spec = spec.clone();
    let namespace = subject.object().namespace();
    // As the pods of a template are completed when they are made: a request that nobody made is the limit.
    complete_pod(&mut spec);
    // What the manifest says by itself is held against its limits when it is read.
    if fill(subject.all, namespace, &mut spec).is_some() {
        for breach in inconsistent(&spec) {
            invalid(subject, path, &breach);
        }
    }
    for breach in pod_breaches(subject.all, namespace, &spec) {
        broken(subject, path, &breach);
    }
    if let Some(unsaid) = quotas.unsaid(namespace, &spec) {
        let (severity, message) = worded(subject.object(), &unsaid);
        let path = format!("{path}.containers");
        let finding = subject.read.finding(severity, "quota-unsaid", path, message);
        subject.push(finding.with_label("a ResourceQuota asks for it"));
    }
}

/// Says what does not go together since a `LimitRange` has filled something in.
fn invalid(subject: &mut Subject<'_>, path: &str, breach: &Breach) {
    let object = subject.object();
    let (severity, message) = match object.kind() {
        Kind::Pod => (Severity::Error, Refusal::Invalid(breach.what.clone()).of_pod(object.name())),
        kind => (
            Severity::Warning,
            format!("pods of {kind} {} are invalid: {}", object.name(), breach.what),
        ),
    };
    let path = format!("{path}.{}", breach.path);
    let finding = subject.read.finding(severity, "limit-range", path, message);
    subject.push(finding.with_label("not with what a LimitRange fills in"));
}

fn broken(subject: &mut Subject<'_>, path: &str, breach: &Breach) {
    let (severity, message) = worded(subject.object(), &breach.what);
    let path = format!("{path}.{}", breach.path);
    let finding = subject.read.finding(severity, "limit-range", path, message);
    subject.push(finding.with_label("a LimitRange does not let it pass"));
}

/// A refusal, and how grave it is: what makes pods is taken, and tries in vain.
fn worded(object: &Object, why: &str) -> (Severity, String) {
    match object.kind() {
        kind @ (Kind::Pod | Kind::PersistentVolumeClaim) => {
            (Severity::Error, forbidden(kind, object.name(), why))
        }
        kind => {
            (Severity::Warning, format!("pods of {kind} {} are forbidden: {why}", object.name()))
        }
    }
}
