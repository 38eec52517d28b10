//! Volumes as they are made on the host, and as a container sees them.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ConfigMap, ConfigMapVolumeSource, PodSpec, VolumeMount};

use crate::plan::{Access, FileToWrite, MountToMake, VolumeToMake};

/// The permission bits of a ConfigMap's file where nothing is said.
const FILE_MODE: u32 = 0o644;

pub(super) fn volumes(
    spec: &PodSpec,
    config: &BTreeMap<String, ConfigMap>,
) -> BTreeMap<String, VolumeToMake> {
    let mut volumes = BTreeMap::new();
    for volume in spec.volumes.iter().flatten() {
        if let Some(source) = &volume.config_map {
            let files = config.get(&source.name).map(|map| files(source, map)).unwrap_or_default();
            volumes.insert(volume.name.clone(), VolumeToMake::Files(files));
        } else if volume.empty_dir.is_some() {
            volumes.insert(volume.name.clone(), VolumeToMake::Empty);
        }
    }
    volumes
}

fn files(source: &ConfigMapVolumeSource, map: &ConfigMap) -> BTreeMap<String, FileToWrite> {
    let mode = |bits: Option<i32>| bits.and_then(|bits| u32::try_from(bits).ok());
    let default = mode(source.default_mode).unwrap_or(FILE_MODE);
    let all = contents(map);
    match &source.items {
        None => {
            let file = |content| FileToWrite { content, mode: default };
            all.into_iter().map(|(key, content)| (key, file(content))).collect()
        }
        Some(items) => items
            .iter()
            .filter_map(|item| {
                let content = all.get(&item.key)?.clone();
                let mode = mode(item.mode).unwrap_or(default);
                Some((item.path.clone(), FileToWrite { content, mode }))
            })
            .collect(),
    }
}

fn contents(map: &ConfigMap) -> BTreeMap<String, Vec<u8>> {
    let text = map.data.iter().flatten().map(|(k, v)| (k.clone(), v.clone().into_bytes()));
    let binary = map.binary_data.iter().flatten().map(|(k, v)| (k.clone(), v.0.clone()));
    text.chain(binary).collect()
}

pub(super) fn mount(mount: &VolumeMount) -> MountToMake {
    let access = match mount.read_only {
        Some(true) => Access::ReadOnly,
        _ => Access::ReadWrite,
    };
    MountToMake { volume: mount.name.clone(), path: mount.mount_path.clone(), access }
}
