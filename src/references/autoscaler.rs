//! What a `HorizontalPodAutoscaler` scales.

use super::{Reference, Subject};
use crate::document::Severity;
use crate::model::{Kind, Object};

pub(super) fn check(subject: &mut Subject<'_>) {
    let Object::HorizontalPodAutoscaler(autoscaler) = subject.object() else { return };
    let target = &autoscaler.spec.scale_target_ref;
    // Of a kind that is not read nobody here knows what is there.
    let Some(kind) = Kind::referred(target.api_version.as_deref(), &target.kind) else { return };
    let scales = matches!(
        kind,
        Kind::Deployment | Kind::ReplicaSet | Kind::ReplicationController | Kind::StatefulSet
    );
    if !scales {
        let message = format!("a {kind} cannot be scaled");
        let path = "spec.scaleTargetRef.kind";
        let finding = subject.read.finding(Severity::Warning, "not-scalable", path, message);
        let help = "name a Deployment, a StatefulSet or a ReplicaSet";
        subject.push(finding.with_help(help));
    } else if subject.find(kind, &target.name).is_none() {
        let reference = Reference { kind, name: &target.name, path: "spec.scaleTargetRef.name" };
        let otherwise = "nothing is scaled until it is there";
        subject.missing(Severity::Warning, &reference, otherwise);
    }
}
