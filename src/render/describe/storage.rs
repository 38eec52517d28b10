//! Claims, volumes and classes in full.

use k8s_openapi::api::core::v1::{
    NodeSelector, NodeSelectorRequirement, PersistentVolume, PersistentVolumeClaim,
    PersistentVolumeSpec, Pod, Volume,
};
use k8s_openapi::api::storage::v1::StorageClass;

use super::events::Told;
use super::fields::{Fields, beginning, marks};
use crate::model::Kind;
use crate::render::get::{access_modes, or_none, pairs};

pub(super) fn claim(
    claim: &PersistentVolumeClaim,
    why: Option<&str>,
    pods: &[Pod],
    told: &Told<'_>,
) -> String {
    let spec = claim.spec.clone().unwrap_or_default();
    let status = claim.status.clone().unwrap_or_default();
    let capacity = status.capacity.as_ref().and_then(|all| all.get("storage"));
    let mut fields = beginning(&claim.metadata);
    fields.add("StorageClass", spec.storage_class_name.unwrap_or_default());
    fields.add("Status", status.phase.unwrap_or_default());
    fields.add("Volume", spec.volume_name.unwrap_or_default());
    marks(&mut fields, &claim.metadata);
    fields.add("Capacity", capacity.map_or("", |size| size.0.as_str()));
    fields.add("Access Modes", access_modes(&status.access_modes.unwrap_or_default()));
    fields.add("VolumeMode", spec.volume_mode.unwrap_or_default());
    let users = pods.iter().filter(|pod| uses(pod, claim));
    fields.add_all("Used By", users.filter_map(|pod| pod.metadata.name.clone()).collect());
    let reason = match why {
        Some(why) if why.starts_with("waiting for first consumer") => "WaitForFirstConsumer",
        _ => "FailedBinding",
    };
    let faults: Vec<(&str, &str)> = why.map(|why| (reason, why)).into_iter().collect();
    let table = told.table(Kind::PersistentVolumeClaim, &claim.metadata, &faults);
    format!("{}{table}", fields.text())
}

fn uses(pod: &Pod, claim: &PersistentVolumeClaim) -> bool {
    let name = claim.metadata.name.as_deref().unwrap_or_default();
    let own = pod.metadata.name.as_deref().unwrap_or_default();
    let is_it = |volume: &Volume| match &volume.persistent_volume_claim {
        Some(used) => used.claim_name == name,
        None => volume.ephemeral.is_some() && name == format!("{own}-{}", volume.name),
    };
    let volumes = pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten());
    pod.metadata.namespace == claim.metadata.namespace && volumes.into_iter().any(is_it)
}

pub(super) fn volume(volume: &PersistentVolume, told: &Told<'_>) -> String {
    let spec = volume.spec.clone().unwrap_or_default();
    let status = volume.status.clone().unwrap_or_default();
    let claim = spec.claim_ref.as_ref().map(|claim| {
        let (namespace, name) = (claim.namespace.as_deref(), claim.name.as_deref());
        format!("{}/{}", namespace.unwrap_or_default(), name.unwrap_or_default())
    });
    let capacity = spec.capacity.as_ref().and_then(|all| all.get("storage"));
    let mut fields = beginning(&volume.metadata);
    marks(&mut fields, &volume.metadata);
    fields.add("StorageClass", spec.storage_class_name.clone().unwrap_or_default());
    fields.add("Status", status.phase.unwrap_or_default());
    fields.add("Claim", claim.unwrap_or_default());
    let policy = spec.persistent_volume_reclaim_policy.clone();
    fields.add("Reclaim Policy", policy.unwrap_or_default());
    fields.add("Access Modes", access_modes(spec.access_modes.as_deref().unwrap_or_default()));
    fields.add("VolumeMode", spec.volume_mode.clone().unwrap_or_default());
    fields.add("Capacity", capacity.map_or("", |size| size.0.as_str()));
    let affinity = spec.node_affinity.as_ref().and_then(|affinity| affinity.required.as_ref());
    match affinity {
        Some(terms) => fields.add_block("Node Affinity", &required(terms)),
        None => fields.add("Node Affinity", "<none>"),
    }
    fields.add("Message", status.message.unwrap_or_default());
    fields.add_block("Source", &source(&spec));
    let table = told.table(Kind::PersistentVolume, &volume.metadata, &[]);
    format!("{}{table}", fields.text())
}

fn required(selector: &NodeSelector) -> Fields {
    let asked = |one: &NodeSelectorRequirement| {
        let values = one.values.as_deref().unwrap_or_default().join(", ");
        format!("{} {} [{values}]", one.key, one.operator.to_lowercase())
    };
    let mut terms = Fields::default();
    for (index, term) in selector.node_selector_terms.iter().enumerate() {
        let all = term.match_expressions.iter().chain(&term.match_fields).flatten();
        terms.add_all(&format!("Term {index}"), all.map(asked).collect());
    }
    let mut fields = Fields::default();
    fields.add_block("Required Terms", &terms);
    fields
}

fn source(spec: &PersistentVolumeSpec) -> Fields {
    let mut fields = Fields::default();
    if let Some(local) = &spec.local {
        let type_ = "LocalVolume (a persistent volume backed by local storage on a node)";
        fields.add("Type", type_);
        fields.add("Path", local.path.clone());
    } else if let Some(host) = &spec.host_path {
        fields.add("Type", "HostPath (bare host directory volume)");
        fields.add("Path", host.path.clone());
        fields.add("HostPathType", host.type_.clone().unwrap_or_default());
    } else if let Some(nfs) = &spec.nfs {
        fields.add("Type", "NFS (an NFS mount that lasts the lifetime of a pod)");
        fields.add("Server", nfs.server.clone());
        fields.add("Path", nfs.path.clone());
        fields.add("ReadOnly", nfs.read_only.unwrap_or(false).to_string());
    } else {
        fields.add("Type", "<unknown>");
    }
    fields
}

pub(super) fn class(class: &StorageClass, told: &Told<'_>) -> String {
    let annotations = class.metadata.annotations.as_ref();
    let default =
        annotations.and_then(|all| all.get("storageclass.kubernetes.io/is-default-class"));
    let is_default = default.is_some_and(|value| value == "true");
    let grows = class.allow_volume_expansion.map(|grows| if grows { "True" } else { "False" });
    let mut fields = beginning(&class.metadata);
    fields.add("IsDefaultClass", if is_default { "Yes" } else { "No" });
    fields.add("Annotations", or_none(Some(pairs(annotations).join(","))));
    fields.add("Provisioner", class.provisioner.clone());
    fields.add("Parameters", or_none(Some(pairs(class.parameters.as_ref()).join(","))));
    fields.add("AllowVolumeExpansion", grows.unwrap_or("<unset>"));
    fields.add_all("MountOptions", class.mount_options.clone().unwrap_or_default());
    fields.add("ReclaimPolicy", class.reclaim_policy.clone().unwrap_or_default());
    fields.add("VolumeBindingMode", class.volume_binding_mode.clone().unwrap_or_default());
    format!("{}{}", fields.text(), told.table(Kind::StorageClass, &class.metadata, &[]))
}
