//! The claims that a pod uses: by name, and those that are made for it alone.

use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimTemplate, Pod, PodSpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

/// A claim that a pod uses.
#[derive(Clone, Debug)]
pub(super) struct Use<'a> {
    /// Its name.
    pub(super) claim: String,
    /// What it is made from, when it is made for the pod.
    pub(super) template: Option<&'a PersistentVolumeClaimTemplate>,
}

/// The name of the claim that is made for a volume of a pod.
///
/// Source: <https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#persistentvolumeclaim-naming>
pub fn ephemeral_claim_name(pod: &str, volume: &str) -> String {
    format!("{pod}-{volume}")
}

/// The claims that a pod uses, each once, in order of its volumes.
pub(super) fn uses<'a>(pod: &str, spec: &'a PodSpec) -> Vec<Use<'a>> {
    let one = |volume: &'a k8s_openapi::api::core::v1::Volume| {
        if let Some(claim) = &volume.persistent_volume_claim {
            return Some(Use { claim: claim.claim_name.clone(), template: None });
        }
        let template = volume.ephemeral.as_ref()?.volume_claim_template.as_ref()?;
        Some(Use { claim: ephemeral_claim_name(pod, &volume.name), template: Some(template) })
    };
    let mut all: Vec<Use<'a>> = Vec::new();
    for used in spec.volumes.iter().flatten().filter_map(one) {
        if all.iter().all(|known| known.claim != used.claim) {
            all.push(used);
        }
    }
    all
}

/// The claim that is made for a volume of a pod; it goes with the pod.
pub(super) fn claim_for(
    pod: &Pod,
    name: &str,
    template: &PersistentVolumeClaimTemplate,
) -> PersistentVolumeClaim {
    let mut metadata = template.metadata.clone().unwrap_or_default();
    metadata.name = Some(name.to_owned());
    metadata.namespace.clone_from(&pod.metadata.namespace);
    metadata.owner_references = Some(vec![OwnerReference {
        api_version: "v1".to_owned(),
        kind: "Pod".to_owned(),
        name: pod.metadata.name.clone().unwrap_or_default(),
        uid: pod.metadata.uid.clone().unwrap_or_default(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }]);
    PersistentVolumeClaim { metadata, spec: Some(template.spec.clone()), status: None }
}

/// The pod that a claim was made for.
pub(super) fn owner(claim: &PersistentVolumeClaim) -> Option<&OwnerReference> {
    let owners = claim.metadata.owner_references.iter().flatten();
    owners.into_iter().find(|owner| owner.kind == "Pod" && owner.controller == Some(true))
}
