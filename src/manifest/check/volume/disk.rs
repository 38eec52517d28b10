//! Volumes that are disks of some machine room.

use k8s_openapi::api::core::v1::{
    AzureDiskVolumeSource, FCVolumeSource, FlexVolumeSource, StorageOSVolumeSource, Volume,
};

use super::share::check_secrets;
use crate::document::join;
use crate::manifest::check::Check;
use crate::model::names::Rule;

pub(super) fn check(volume: &Volume, path: &str, check: &mut Check<'_>) {
    if let Some(disk) = &volume.aws_elastic_block_store {
        let path = format!("{path}.awsElasticBlockStore");
        check.filled(&format!("{path}.volumeID"), &disk.volume_id);
        check.range(&format!("{path}.partition"), disk.partition.map(i64::from), 0, 255);
    }
    if let Some(disk) = &volume.gce_persistent_disk {
        let path = format!("{path}.gcePersistentDisk");
        check.filled(&format!("{path}.pdName"), &disk.pd_name);
        check.range(&format!("{path}.partition"), disk.partition.map(i64::from), 0, 255);
    }
    if let Some(disk) = &volume.azure_disk {
        check_azure(disk, &format!("{path}.azureDisk"), check);
    }
    if let Some(disk) = &volume.fc {
        check_fc(disk, &format!("{path}.fc"), check);
    }
    if let Some(flex) = &volume.flex_volume {
        check_flex(flex, &format!("{path}.flexVolume"), check);
    }
    if let Some(disk) = &volume.storageos {
        check_storage_os(disk, &format!("{path}.storageos"), check);
    }
    check_secrets(volume, path, check);
    check_named(volume, path, check);
}

/// Checks disks that must only say which one they are.
fn check_named(volume: &Volume, path: &str, check: &mut Check<'_>) {
    if let Some(disk) = &volume.cinder {
        check.filled(&format!("{path}.cinder.volumeID"), &disk.volume_id);
    }
    if let Some(disk) = &volume.vsphere_volume {
        check.filled(&format!("{path}.vsphereVolume.volumePath"), &disk.volume_path);
    }
    if let Some(disk) = &volume.photon_persistent_disk {
        check.filled(&format!("{path}.photonPersistentDisk.pdID"), &disk.pd_id);
    }
    if let Some(disk) = &volume.portworx_volume {
        check.filled(&format!("{path}.portworxVolume.volumeID"), &disk.volume_id);
    }
    if let Some(disk) = &volume.rbd {
        if disk.monitors.is_empty() {
            check.required(&format!("{path}.rbd.monitors"));
        }
        check.filled(&format!("{path}.rbd.image"), &disk.image);
    }
    if let Some(disk) = &volume.scale_io {
        check.filled(&format!("{path}.scaleIO.gateway"), &disk.gateway);
        check.filled(&format!("{path}.scaleIO.system"), &disk.system);
        let name = disk.volume_name.as_deref().unwrap_or_default();
        check.filled(&format!("{path}.scaleIO.volumeName"), name);
    }
}

fn check_azure(disk: &AzureDiskVolumeSource, path: &str, check: &mut Check<'_>) {
    check.filled(&format!("{path}.diskName"), &disk.disk_name);
    let uri = format!("{path}.diskURI");
    check.filled(&uri, &disk.disk_uri);
    let caching = disk.caching_mode.as_deref();
    check.one_of(&format!("{path}.cachingMode"), caching, &["None", "ReadOnly", "ReadWrite"]);
    let kind = disk.kind.as_deref();
    check.one_of(&format!("{path}.kind"), kind, &["Shared", "Dedicated", "Managed"]);
    let begins = if kind == Some("Managed") { "/subscriptions/" } else { "https://" };
    if !disk.disk_uri.is_empty() && !disk.disk_uri.starts_with(begins) {
        let message = format!("must begin with `{begins}` for a disk of this kind");
        check.error("invalid-value", &uri, &message);
    }
}

fn check_fc(disk: &FCVolumeSource, path: &str, check: &mut Check<'_>) {
    let targets = disk.target_wwns.as_deref().unwrap_or_default();
    let ids = disk.wwids.as_deref().unwrap_or_default();
    let count = usize::from(!targets.is_empty()) + usize::from(!ids.is_empty());
    check.exactly_one(path, count, "targetWWNs and wwids");
    if targets.is_empty() {
        return;
    }
    let path = format!("{path}.lun");
    match disk.lun {
        None => check.required(&path),
        Some(lun) => check.range(&path, Some(lun.into()), 0, 255),
    }
}

fn check_flex(flex: &FlexVolumeSource, path: &str, check: &mut Check<'_>) {
    check.filled(&format!("{path}.driver"), &flex.driver);
    for key in flex.options.iter().flatten().map(|(key, _)| key) {
        let domain = key.split_once('/').map_or(key.as_str(), |(domain, _)| domain);
        let domain = format!(".{}", domain.to_lowercase());
        if domain.ends_with(".kubernetes.io") || domain.ends_with(".k8s.io") {
            let message = "is a key of Kubernetes' own";
            check.key_error("invalid-key", &join(&format!("{path}.options"), key), message);
        }
    }
}

fn check_storage_os(disk: &StorageOSVolumeSource, path: &str, check: &mut Check<'_>) {
    let name = disk.volume_name.as_deref().unwrap_or_default();
    check.name(&format!("{path}.volumeName"), name, Rule::Label);
    let namespace = disk.volume_namespace.as_deref();
    check.name_if_any(&format!("{path}.volumeNamespace"), namespace, Rule::Label);
}
