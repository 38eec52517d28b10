//! What holds for a `ConfigMap`.

use k8s_openapi::api::core::v1::ConfigMap;

use super::Check;
use crate::document::{join, quoted};
use crate::model::names::config_key;

/// The most that a ConfigMap may hold.
const DATA_BYTES: usize = 1 << 20;

pub(super) fn check(map: &ConfigMap, check: &mut Check<'_>) {
    let mut bytes = 0;
    for (key, value) in map.data.iter().flatten() {
        bytes += key.len() + value.len();
        key_of("data", key, check);
    }
    for (key, value) in map.binary_data.iter().flatten() {
        bytes += key.len() + value.0.len();
        key_of("binaryData", key, check);
        if map.data.as_ref().is_some_and(|data| data.contains_key(key)) {
            let message = format!("{} is also a key of `data`", quoted(key));
            check.key_error("duplicate-key", &join("binaryData", key), &message);
        }
    }
    if bytes > DATA_BYTES {
        let message = format!("holds {bytes} bytes; at most {DATA_BYTES} are allowed");
        check.error("too-large", "data", &message);
    }
}

fn key_of(path: &str, key: &str, check: &mut Check<'_>) {
    if let Err(why) = config_key(key) {
        check.key_error("invalid-key", &join(path, key), &format!("{} {why}", quoted(key)));
    }
}
