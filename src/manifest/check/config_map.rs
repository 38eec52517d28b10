//! What holds for a `ConfigMap`, and for the data of a Secret.

use k8s_openapi::api::core::v1::ConfigMap;

use super::Check;
use crate::document::{join, quoted};
use crate::model::names::config_key;

/// The most that the values of a ConfigMap or a Secret may hold together: 1 MiB.
pub(super) const DATA_BYTES: usize = 1 << 20;

pub(super) fn check(map: &ConfigMap, check: &mut Check<'_>) {
    let mut bytes = 0;
    for (key, value) in map.data.iter().flatten() {
        bytes += value.len();
        key_of("data", key, check);
    }
    for (key, value) in map.binary_data.iter().flatten() {
        bytes += value.0.len();
        key_of("binaryData", key, check);
        if map.data.as_ref().is_some_and(|data| data.contains_key(key)) {
            let message = format!("{} is also a key of `data`", quoted(key));
            check.key_error("duplicate-key", &join("binaryData", key), &message);
        }
    }
    size(bytes, check);
}

/// Refuses what is too large to be kept.
pub(super) fn size(bytes: usize, check: &mut Check<'_>) {
    if bytes > DATA_BYTES {
        let message = format!("holds {bytes} bytes; at most {DATA_BYTES} are allowed");
        check.error("too-large", "data", &message);
    }
}

/// Refuses a key that cannot be the name of a file.
pub(super) fn key_of(path: &str, key: &str, check: &mut Check<'_>) {
    if let Err(why) = config_key(key) {
        check.key_error("invalid-key", &join(path, key), &format!("{} {why}", quoted(key)));
    }
}
