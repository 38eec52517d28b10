//! What has become of claims and volumes, in Kubernetes' words; and where on a host a volume is.

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};

use super::class::BUILT_IN;
use super::fit::{capacity, claimed_by};
use super::make::{EXT4, FILE_SYSTEM, MADE_BY};
use super::{claim_of, volume_of};
use crate::desired::Desired;

/// What has become of a claim or a volume.
///
/// Source: <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#phase>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A claim that has no volume yet.
    Pending,
    /// A volume that nobody has.
    Available,
    /// They have one another.
    Bound,
    /// A volume whose claim is gone.
    Released,
    /// A claim whose volume is gone.
    Lost,
    /// A volume that was to be taken away when its claim had gone, and that nothing here takes away.
    Failed,
}

impl Phase {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Available => "Available",
            Self::Bound => "Bound",
            Self::Released => "Released",
            Self::Lost => "Lost",
            Self::Failed => "Failed",
        }
    }
}

/// Where what a volume holds is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A directory or file system of one host; groups may be given a part in it.
    Directory(String),
    /// A file system of a size of its own, which is mounted on this directory of one host.
    FileSystem(String),
    /// A path of whatever host the pod is on, with what must be there as a hostPath says it.
    HostPath(String, String),
    /// A block device of the host the pod is on, given as it is (`volumeMode: Block`).
    Device(String),
    /// What an NFS server shares, with options of mount.
    Share(String, Vec<String>),
}

/// What has become of a volume.
pub fn volume_phase(desired: &Desired, volume: &PersistentVolume) -> Phase {
    let Some(reference) = claimed_by(volume) else { return Phase::Available };
    let uid = reference.uid.as_deref().unwrap_or_default();
    if uid.is_empty() {
        return Phase::Available;
    }
    let (namespace, name) = (reference.namespace.as_deref(), reference.name.as_deref());
    let claim = claim_of(desired, namespace.unwrap_or_default(), name.unwrap_or_default());
    if claim.is_some_and(|claim| claim.metadata.uid.as_deref() == Some(uid)) {
        return Phase::Bound;
    }
    if reclaims(volume) && !is_made(volume) { Phase::Failed } else { Phase::Released }
}

/// What has become of a claim.
pub fn claim_phase(desired: &Desired, claim: &PersistentVolumeClaim) -> Phase {
    let name = claim.spec.as_ref().and_then(|spec| spec.volume_name.as_deref());
    match name.filter(|name| !name.is_empty()) {
        None => Phase::Pending,
        Some(name) => match volume_of(desired, name) {
            Some(volume) if has(volume, claim) => Phase::Bound,
            None if is_bound_once(claim) => Phase::Lost,
            Some(_) | None => Phase::Pending,
        },
    }
}

/// The volume of a claim, when they have one another.
pub fn bound_volume<'a>(
    desired: &'a Desired,
    claim: &PersistentVolumeClaim,
) -> Option<&'a PersistentVolume> {
    let name = claim.spec.as_ref()?.volume_name.as_deref()?;
    volume_of(desired, name).filter(|volume| has(volume, claim))
}

/// Whether the volume is the claim's.
pub(super) fn has(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    let uid = claimed_by(volume).and_then(|reference| reference.uid.as_deref());
    uid.is_some_and(|uid| !uid.is_empty()) && uid == claim.metadata.uid.as_deref()
}

/// Says that a claim has been given a volume for good.
pub(super) const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";

fn is_bound_once(claim: &PersistentVolumeClaim) -> bool {
    claim.metadata.annotations.as_ref().is_some_and(|all| all.contains_key(BIND_COMPLETED))
}

/// Whether the volume is a directory that was made for a claim, as far as the object says: a directory of the volume's own
/// name. An annotation alone, which anybody can write, is not enough for a directory to be made or removed.
pub fn is_made(volume: &PersistentVolume) -> bool {
    let marks = volume.metadata.annotations.as_ref();
    let name = volume.metadata.name.as_deref().unwrap_or_default();
    let local = volume.spec.as_ref().and_then(|spec| spec.local.as_ref());
    let is_own = |path: &str| {
        let plain = path.starts_with('/') && !path.contains(char::is_control);
        let mut steps = path.rsplit('/');
        plain && steps.next() == Some(name) && !steps.any(|step| step == "..")
    };
    marks.and_then(|all| all.get(MADE_BY)).is_some_and(|by| by == BUILT_IN)
        && name.starts_with("pvc-")
        && local.is_some_and(|local| is_own(&local.path))
}

/// Whether what the volume holds goes with its claim.
pub fn reclaims(volume: &PersistentVolume) -> bool {
    let spec = volume.spec.as_ref();
    let policy = spec.and_then(|spec| spec.persistent_volume_reclaim_policy.as_deref());
    policy == Some("Delete")
}

/// The directory of a volume that was made for a claim.
pub fn made_path(volume: &PersistentVolume) -> Option<&str> {
    let local = volume.spec.as_ref()?.local.as_ref()?;
    is_made(volume).then_some(local.path.as_str())
}

/// The size of the file system that a volume is which was made for a claim with a limit; `None` for a directory of the host's own.
pub fn file_system_bytes(volume: &PersistentVolume) -> Option<u64> {
    let marks = volume.metadata.annotations.as_ref()?;
    let is_one = is_made(volume) && marks.get(FILE_SYSTEM).is_some_and(|kind| kind == EXT4);
    let bytes = capacity(volume.spec.as_ref()?).units();
    u64::try_from(bytes).ok().filter(|bytes| is_one && *bytes > 0)
}

/// Where what a volume holds is; `None` for a source that is not carried out.
pub fn place(volume: &PersistentVolume) -> Option<Place> {
    let spec = volume.spec.as_ref()?;
    let rooted = |path: &str| format!("/{}", path.trim_start_matches('/'));
    if spec.volume_mode.as_deref() == Some("Block") {
        let path = spec.local.as_ref().map(|local| &local.path);
        let path = path.or(spec.host_path.as_ref().map(|host| &host.path));
        return path.map(|path| Place::Device(rooted(path)));
    }
    if let (Some(path), Some(_)) = (made_path(volume), file_system_bytes(volume)) {
        return Some(Place::FileSystem(path.to_owned()));
    }
    if let Some(local) = &spec.local {
        return Some(Place::Directory(rooted(&local.path)));
    }
    if let Some(host) = &spec.host_path {
        return Some(Place::HostPath(rooted(&host.path), host.type_.clone().unwrap_or_default()));
    }
    let nfs = spec.nfs.as_ref()?;
    let options = spec.mount_options.clone().unwrap_or_default();
    Some(Place::Share(format!("{}:{}", nfs.server, nfs.path), options))
}

/// The name of a volume's source, as its manifest has it.
pub fn source_of(volume: &PersistentVolume) -> String {
    let json = serde_json::to_value(&volume.spec).unwrap_or_default();
    let fields = json.as_object().into_iter().flat_map(|fields| fields.keys());
    let mut sources = fields.filter(|field| !crate::model::BESIDE_SOURCE.contains(&field.as_str()));
    sources.next().cloned().unwrap_or_default()
}
