//! What the volumes lack of pods that are there: files that are not what their objects say, and what a reboot took.

use std::collections::BTreeMap;

use super::PlanInput;
use super::classify::Condition;
use super::realise::realise;
use super::volume::{FilesToWrite, Refresh, STAGED, VolumeToMake, VolumesToFill, made};
use crate::bindings::{Binding, Bindings};
use crate::model::{Digest, PodKey};

/// What is to be done about the volumes of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Upkeep {
    /// Nothing.
    Nothing,
    /// Files are written anew where they are, and what a reboot took is made again.
    Fill(VolumesToFill),
    /// A running container has lost this, and would not see it if it were made again.
    Lost(String),
}

/// Compares the volumes of a pod that is there with what its host reports of them.
pub(super) fn upkeep(
    input: &PlanInput<'_>,
    target: &Bindings,
    (key, binding): (&PodKey, &Binding),
    condition: &Condition,
) -> Upkeep {
    let is_running = match condition {
        Condition::Running(_) | Condition::Unready(_) => true,
        Condition::Stopped { .. } => false,
        Condition::Unknown { .. }
        | Condition::Homeless
        | Condition::Missing
        | Condition::Broken(_)
        | Condition::Starting(_)
        | Condition::BackOff { .. }
        | Condition::Finished => return Upkeep::Nothing,
    };
    if binding.pod.spec.as_ref().is_none_or(|spec| spec.volumes.is_none()) {
        return Upkeep::Nothing;
    }
    // What cannot be resolved any more stays as it is, as with the kubelet.
    let Ok((pod, _)) = realise(input, target, key, binding) else { return Upkeep::Nothing };
    let none = BTreeMap::new();
    let report = input.observed.report(&binding.node);
    let seen = report.and_then(|report| report.volumes.get(&pod.sandbox)).unwrap_or(&none);
    let staged = pod.staged();
    let staged = if staged.is_empty() || seen.contains_key(STAGED) { Vec::new() } else { staged };
    let lacking = |(name, volume): &(String, VolumeToMake)| lacks(volume, seen.get(name));
    let volumes: BTreeMap<String, VolumeToMake> = pod.volumes.into_iter().filter(lacking).collect();
    if is_running {
        let lost = volumes.keys().find(|name| !seen.contains_key(*name));
        if let Some(name) = lost {
            return Upkeep::Lost(format!("volume {name} is not there any more"));
        }
        if !staged.is_empty() {
            return Upkeep::Lost("parts of volumes are not there any more".to_owned());
        }
    }
    if volumes.is_empty() && staged.is_empty() {
        return Upkeep::Nothing;
    }
    let (key, sandbox, group) = (key.clone(), pod.sandbox, pod.volume_group);
    Upkeep::Fill(VolumesToFill { key, sandbox, group, volumes, staged })
}

/// Whether a volume is not what it should be, by what its host reports of it.
fn lacks(volume: &VolumeToMake, seen: Option<&Digest>) -> bool {
    match (volume.report(), seen) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(wanted), Some(seen)) => match volume {
            // A pod keeps the volume that it was made with, whoever has its claim's name by now.
            VolumeToMake::Files(FilesToWrite { refresh: Refresh::Never, .. })
            | VolumeToMake::Lasting { .. } => false,
            VolumeToMake::Files(_) => wanted != *seen,
            VolumeToMake::Empty
            | VolumeToMake::Memory { .. }
            | VolumeToMake::HugePages { .. }
            | VolumeToMake::HostPath { .. }
            | VolumeToMake::Image { .. } => *seen != made(),
        },
    }
}
