//! ConfigMaps and Secrets.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};

use super::{drop_empty, fill};

pub(super) fn complete_map(map: &mut ConfigMap) {
    drop_empty(&mut map.data);
    drop_bytes(&mut map.binary_data);
}

/// What is written as text is kept as data, and wins over data of the same key.
pub(super) fn complete_secret(secret: &mut Secret) {
    fill(&mut secret.type_, "Opaque");
    if let Some(text) = secret.string_data.take() {
        let data = secret.data.get_or_insert_default();
        data.extend(text.into_iter().map(|(key, value)| (key, ByteString(value.into_bytes()))));
    }
    drop_bytes(&mut secret.data);
}

fn drop_bytes(map: &mut Option<BTreeMap<String, ByteString>>) {
    if map.as_ref().is_some_and(BTreeMap::is_empty) {
        *map = None;
    }
}
