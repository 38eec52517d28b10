//! The classes that claims name.

use k8s_openapi::api::core::v1::PersistentVolumeClaimSpec;

use super::{Reference, Subject};
use crate::controller::BUILT_IN;
use crate::document::Severity;
use crate::model::{Kind, Object, PodTemplate};

pub(super) fn check(subject: &mut Subject<'_>) {
    match subject.object() {
        Object::PersistentVolumeClaim(claim) => class(subject, claim.spec.as_ref(), "spec"),
        Object::StatefulSet(owner) => {
            let templates = owner.spec.volume_claim_templates.iter().flatten();
            for (index, template) in templates.enumerate() {
                let path = format!("spec.volumeClaimTemplates[{index}].spec");
                class(subject, template.spec.as_ref(), &path);
            }
            service(subject, owner.spec.service_name.as_deref().unwrap_or_default());
        }
        _ => {}
    }
    let Some(PodTemplate { spec, path, .. }) = PodTemplate::of(subject.object()) else { return };
    for (index, volume) in spec.volumes.iter().flatten().enumerate() {
        let template = volume.ephemeral.as_ref().and_then(|e| e.volume_claim_template.as_ref());
        let path = format!("{path}.volumes[{index}].ephemeral.volumeClaimTemplate.spec");
        class(subject, template.map(|template| &template.spec), &path);
    }
}

/// A claim waits for a class, unless there is a volume of that class already.
fn class(subject: &mut Subject<'_>, spec: Option<&PersistentVolumeClaimSpec>, path: &str) {
    let name = spec.and_then(|spec| spec.storage_class_name.as_deref()).unwrap_or_default();
    let kind = Kind::StorageClass;
    if matches!(name, "" | BUILT_IN)
        || subject.find(kind, name).is_some()
        || has_volume(subject, name)
    {
        return;
    }
    let path = format!("{path}.storageClassName");
    let otherwise = format!(
        "for the hosts' own disks write `storageClassName: {BUILT_IN}`, or leave it out; else the claim waits"
    );
    subject.missing(Severity::Warning, &Reference { kind, name, path: &path }, &otherwise);
}

fn has_volume(subject: &Subject<'_>, class: &str) -> bool {
    subject.all.objects.values().any(|stored| match &stored.object {
        Object::PersistentVolume(volume) => {
            let spec = volume.spec.as_ref();
            spec.and_then(|spec| spec.storage_class_name.as_deref()) == Some(class)
        }
        _ => false,
    })
}

/// The Service that gives the pods of a StatefulSet their names.
fn service(subject: &mut Subject<'_>, name: &str) {
    let kind = Kind::Service;
    if name.is_empty() || subject.find(kind, name).is_some() {
        return;
    }
    let otherwise = "its pods have no names of their own until there is such a headless Service";
    let reference = Reference { kind, name, path: "spec.serviceName" };
    subject.missing(Severity::Warning, &reference, otherwise);
}
