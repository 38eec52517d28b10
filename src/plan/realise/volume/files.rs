//! Volumes of files that are made from objects: ConfigMaps, Secrets, the pod's own fields, and all of them in one.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::api::core::v1::{ConfigMap, KeyToPath, Secret, Volume, VolumeProjection};
use serde_json::{Value, json};

use super::downward;
use crate::model::{Digest, Hidden};
use crate::plan::realise::Surroundings;
use crate::plan::{Content, FileToWrite, FilesToWrite, Medium, Refresh};

/// The permission bits of a file where nothing is said.
const FILE_MODE: u32 = 0o644;

/// The files of a volume; `None` when its source is none of these.
pub(super) fn of(volume: &Volume, around: &Surroundings<'_>) -> Option<FilesToWrite> {
    let mut files = Gathered::new(around);
    if let Some(map) = &volume.config_map {
        files.mode = mode(map.default_mode, FILE_MODE);
        files.config_map(&map.name, map.items.as_deref());
    } else if let Some(secret) = &volume.secret {
        files.mode = mode(secret.default_mode, FILE_MODE);
        files.medium = Medium::Memory;
        let name = secret.secret_name.as_deref().unwrap_or_default();
        files.secret(name, secret.items.as_deref());
    } else if let Some(fields) = &volume.downward_api {
        files.mode = mode(fields.default_mode, FILE_MODE);
        files.downward(fields.items.as_deref());
    } else if let Some(projected) = &volume.projected {
        files.mode = mode(projected.default_mode, FILE_MODE);
        for source in projected.sources.iter().flatten() {
            files.project(source);
        }
    } else {
        return None;
    }
    Some(files.done())
}

/// Files as they are gathered; a later one takes the place of an earlier one at the same path.
struct Gathered<'a> {
    around: &'a Surroundings<'a>,
    mode: u32,
    medium: Medium,
    files: BTreeMap<String, FileToWrite>,
    /// What each file is made from, for the digest.
    from: BTreeMap<String, Value>,
    is_fixed: bool,
    follows: bool,
}

impl<'a> Gathered<'a> {
    fn new(around: &'a Surroundings<'a>) -> Self {
        Self {
            around,
            mode: FILE_MODE,
            medium: Medium::Disk,
            files: BTreeMap::new(),
            from: BTreeMap::new(),
            is_fixed: false,
            follows: false,
        }
    }

    fn project(&mut self, source: &VolumeProjection) {
        if let Some(map) = &source.config_map {
            self.config_map(&map.name, map.items.as_deref());
        }
        if let Some(secret) = &source.secret {
            self.medium = Medium::Memory;
            self.secret(&secret.name, secret.items.as_deref());
        }
        if let Some(fields) = &source.downward_api {
            self.downward(fields.items.as_deref());
        }
    }

    fn config_map(&mut self, name: &str, items: Option<&[KeyToPath]>) {
        let around = self.around;
        let Some(map) = around.mounted.config_maps.get(name) else {
            self.follows = true;
            return;
        };
        self.note(map.immutable);
        for (path, key, mode) in places(&keys_of(map), items, self.mode) {
            let content = map_content(map, &key);
            let from = json!(Digest::of_text(&STANDARD.encode(&content)));
            self.add(path, FileToWrite { content: Content::Plain(content), mode }, &from);
        }
    }

    fn secret(&mut self, name: &str, items: Option<&[KeyToPath]>) {
        let around = self.around;
        let Some(secret) = around.mounted.secrets.get(name) else {
            self.follows = true;
            return;
        };
        self.note(secret.immutable);
        let data = secret.data.iter().flatten();
        let all: BTreeMap<&String, &Vec<u8>> = data.map(|(key, value)| (key, &value.0)).collect();
        let keys: Vec<&String> = all.keys().copied().collect();
        for (path, key, mode) in places(&keys, items, self.mode) {
            let Some(content) = all.get(&key) else { continue };
            let content = Content::Secret(Hidden::new((*content).clone()));
            self.add(path, FileToWrite { content, mode }, &version(secret, &key));
        }
    }

    fn downward(&mut self, items: Option<&[k8s_openapi::api::core::v1::DownwardAPIVolumeFile]>) {
        self.follows = true;
        for item in items.unwrap_or_default() {
            let Some(text) = downward::value(item, self.around) else { continue };
            let from = json!(Digest::of_text(&text));
            let content = Content::Plain(text.into_bytes());
            let mode = mode(item.mode, self.mode);
            self.add(item.path.clone(), FileToWrite { content, mode }, &from);
        }
    }

    fn add(&mut self, path: String, file: FileToWrite, from: &Value) {
        self.from.insert(path.clone(), json!({"mode": file.mode, "from": from}));
        self.files.insert(path, file);
    }

    /// Whether a source can change while the pod lives.
    fn note(&mut self, immutable: Option<bool>) {
        match immutable {
            Some(true) => self.is_fixed = true,
            Some(false) | None => self.follows = true,
        }
    }

    fn done(self) -> FilesToWrite {
        let refresh = if self.is_fixed && !self.follows { Refresh::Never } else { Refresh::Follow };
        let digest = Digest::of(&self.from);
        FilesToWrite { files: self.files, digest, medium: self.medium, refresh }
    }
}

/// Which key goes where, and with which mode: all of them under their own names, or those that are listed.
fn places(
    keys: &[&String],
    items: Option<&[KeyToPath]>,
    default: u32,
) -> Vec<(String, String, u32)> {
    match items.filter(|items| !items.is_empty()) {
        None => keys.iter().map(|key| ((*key).clone(), (*key).clone(), default)).collect(),
        Some(items) => {
            let there = items.iter().filter(|item| keys.contains(&&item.key));
            let place =
                |item: &KeyToPath| (item.path.clone(), item.key.clone(), mode(item.mode, default));
            there.map(place).collect()
        }
    }
}

fn keys_of(map: &ConfigMap) -> Vec<&String> {
    let binary = map.binary_data.iter().flat_map(BTreeMap::keys);
    map.data.iter().flat_map(BTreeMap::keys).chain(binary).collect()
}

fn map_content(map: &ConfigMap, key: &str) -> Vec<u8> {
    let text = map.data.as_ref().and_then(|data| data.get(key)).map(String::as_bytes);
    let binary = || map.binary_data.as_ref()?.get(key).map(|bytes| bytes.0.as_slice());
    text.or_else(binary).unwrap_or_default().to_vec()
}

/// What a Secret's file is made from: the Secret's version, since a digest of its content would let it be guessed.
fn version(secret: &Secret, key: &str) -> Value {
    json!({"uid": secret.metadata.uid, "version": secret.metadata.resource_version, "key": key})
}

fn mode(bits: Option<i32>, default: u32) -> u32 {
    bits.and_then(|bits| u32::try_from(bits).ok()).map_or(default, |bits| bits & 0o777)
}
