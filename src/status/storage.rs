//! Claims, volumes and classes as Kubernetes words them: what has become of them, and the class that is always there.

use k8s_openapi::api::core::v1::{
    PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimStatus, PersistentVolumeStatus,
};

use super::Resource;
use crate::controller::{self, BUILT_IN, Phase};
use crate::desired::Desired;
use crate::model::{Kind, Object, ObjectKey};

/// The volumes with their phases.
pub(super) fn volumes(desired: &Desired) -> Vec<Resource> {
    let with_status = |volume: &PersistentVolume| {
        let phase = controller::volume_phase(desired, volume);
        let message = (phase == Phase::Failed).then(|| {
            "no deletable volume plugin matched: only what was made for a claim is deleted"
                .to_owned()
        });
        let reason = message.as_ref().map(|_| "VolumeFailedDelete".to_owned());
        let mut volume = volume.clone();
        volume.status = Some(PersistentVolumeStatus {
            phase: Some(phase.word().to_owned()),
            message,
            reason,
            ..PersistentVolumeStatus::default()
        });
        Resource::Stored(Object::PersistentVolume(Box::new(volume)))
    };
    controller::volumes(desired).map(with_status).collect()
}

/// The claims with their phases, and what those have that are bound.
pub(super) fn claims(desired: &Desired) -> Vec<Resource> {
    let with_status = |claim: &PersistentVolumeClaim| {
        let phase = controller::claim_phase(desired, claim);
        let why = controller::why_pending(desired, claim);
        let volume = controller::bound_volume(desired, claim);
        let has = volume.and_then(|volume| volume.spec.as_ref());
        let mut claim = claim.clone();
        claim.status = Some(PersistentVolumeClaimStatus {
            phase: Some(phase.word().to_owned()),
            access_modes: has.and_then(|spec| spec.access_modes.clone()),
            capacity: has.and_then(|spec| spec.capacity.clone()),
            ..PersistentVolumeClaimStatus::default()
        });
        Resource::Claim(Box::new(claim), why)
    };
    controller::claims(desired).map(|(_, claim)| with_status(claim)).collect()
}

/// The class that is there without anyone having made it, unless somebody has made one of its name.
pub(super) fn built_in(desired: &Desired) -> Option<Resource> {
    let key = ObjectKey::new(Kind::StorageClass.object(), "", BUILT_IN);
    let class = || Box::new(controller::built_in_class(desired));
    let is_stored = desired.objects.contains_key(&key);
    (!is_stored).then(|| Resource::Stored(Object::StorageClass(class())))
}
