//! What pods are configured with, and the namespaces that they are in.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};

use super::row::Row;

pub(super) fn config_map(map: &ConfigMap, now: Timestamp) -> Row {
    let text = map.data.as_ref().map_or(0, BTreeMap::len);
    let binary = map.binary_data.as_ref().map_or(0, BTreeMap::len);
    Row::default().cell("DATA", text + binary).age(&map.metadata, now)
}

/// How many keys there are is no secret.
pub(super) fn secret(secret: &Secret, now: Timestamp) -> Row {
    let data = secret.data.iter().flatten().map(|(key, _)| key);
    let text = secret.string_data.iter().flatten().map(|(key, _)| key);
    let keys: std::collections::BTreeSet<&String> = data.chain(text).collect();
    Row::default()
        .cell("TYPE", secret.type_.as_deref().unwrap_or("Opaque"))
        .cell("DATA", keys.len())
        .age(&secret.metadata, now)
}

pub(super) fn namespace(namespace: &Namespace, now: Timestamp) -> Row {
    let phase = namespace.status.as_ref().and_then(|status| status.phase.clone());
    Row::default().cell("STATUS", phase.unwrap_or_default()).age(&namespace.metadata, now)
}
