//! Secrets: their keys, and what each type asks for.
//!
//! Source: <https://kubernetes.io/docs/concepts/configuration/secret/#secret-types>

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;

use super::Check;
use super::config_map::{key_of, size};

/// The annotation that names the account of a token.
const ACCOUNT: &str = "kubernetes.io/service-account.name";

pub(super) fn check(secret: &Secret, check: &mut Check<'_>) {
    let mut data: BTreeMap<&str, &[u8]> = BTreeMap::new();
    for (key, value) in secret.data.iter().flatten() {
        key_of("data", key, check);
        data.insert(key, &value.0);
    }
    for (key, value) in secret.string_data.iter().flatten() {
        key_of("stringData", key, check);
        data.insert(key, value.as_bytes());
    }
    size(data.values().map(|value| value.len()).sum(), check);
    let kind = secret.type_.as_deref().unwrap_or_default();
    match kind {
        "kubernetes.io/service-account-token" => {
            let annotations = secret.metadata.annotations.as_ref();
            if annotations.and_then(|all| all.get(ACCOUNT)).is_none_or(String::is_empty) {
                let message =
                    format!("the annotation `{ACCOUNT}` is required, with the account's name");
                check.error("required", "metadata.annotations", &message);
            }
        }
        "kubernetes.io/dockercfg" => check_json(".dockercfg", kind, &data, check),
        "kubernetes.io/dockerconfigjson" => check_json(".dockerconfigjson", kind, &data, check),
        "kubernetes.io/basic-auth"
            if !data.contains_key("username") && !data.contains_key("password") =>
        {
            missing("username` or `password", kind, check);
        }
        "kubernetes.io/ssh-auth" if data.get("ssh-privatekey").is_none_or(|key| key.is_empty()) => {
            missing("ssh-privatekey", kind, check);
        }
        "kubernetes.io/tls" => {
            for key in ["tls.crt", "tls.key"] {
                if !data.contains_key(key) {
                    missing(key, kind, check);
                }
            }
        }
        _ => {}
    }
}

fn missing(key: &str, kind: &str, check: &mut Check<'_>) {
    if ["data", "stringData"].iter().any(|field| check.is_unread(field, key)) {
        // It is there, and what is wrong with it has been said.
        return;
    }
    let message = format!("`{key}` is required in a Secret of type {kind}");
    let help = "add the key, or write `type: Opaque`";
    check.error_with("required", "data", &message, help);
}

/// The file of a registry's credentials must be there, and be JSON.
fn check_json(key: &str, kind: &str, data: &BTreeMap<&str, &[u8]>, check: &mut Check<'_>) {
    let Some(text) = data.get(key) else { return missing(key, kind, check) };
    if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(text) {
        // The parser's own words could hold a part of the secret; the place cannot.
        let message = format!("is not JSON: line {}, column {}", error.line(), error.column());
        check.error("invalid-value", &place(key, check), &message);
    }
}

/// The path at which a key's value stands.
fn place(key: &str, check: &Check<'_>) -> String {
    let plain = format!("stringData[{key}]");
    if check.document.span_of(&plain).is_some() { plain } else { format!("data[{key}]") }
}
