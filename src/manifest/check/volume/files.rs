//! Volumes with files that are made from objects.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{
    ClusterTrustBundleProjection, DownwardAPIVolumeFile, KeyToPath, PodCertificateProjection,
    ProjectedVolumeSource, ServiceAccountTokenProjection, Volume, VolumeProjection,
};

use crate::document::quoted;
use crate::manifest::check::{Check, Seen, downward, selector};
use crate::model::names::{Rule, label_key};

/// The shortest and the longest time that a token may hold, in seconds.
const TOKEN_LEAST: i64 = 600;
const TOKEN_MOST: i64 = 1 << 32;
/// The shortest and the longest time that a certificate may hold, in seconds: an hour and 91 days.
const CERTIFICATE_LEAST: i64 = 3600;
const CERTIFICATE_MOST: i64 = 91 * 24 * 3600;

pub(super) fn check(volume: &Volume, path: &str, check: &mut Check<'_>) {
    if let Some(map) = &volume.config_map {
        let path = format!("{path}.configMap");
        check.filled(&format!("{path}.name"), &map.name);
        check.mode(&format!("{path}.defaultMode"), map.default_mode);
        check_items(map.items.as_deref(), &path, check);
    }
    if let Some(secret) = &volume.secret {
        let path = format!("{path}.secret");
        let name = secret.secret_name.as_deref().unwrap_or_default();
        check.filled(&format!("{path}.secretName"), name);
        check.mode(&format!("{path}.defaultMode"), secret.default_mode);
        check_items(secret.items.as_deref(), &path, check);
    }
    if let Some(files) = &volume.downward_api {
        let path = format!("{path}.downwardAPI");
        check.mode(&format!("{path}.defaultMode"), files.default_mode);
        check_files(files.items.as_deref(), &path, check);
    }
    if let Some(projected) = &volume.projected {
        check_projected(projected, &format!("{path}.projected"), check);
    }
}

fn check_items(items: Option<&[KeyToPath]>, path: &str, check: &mut Check<'_>) {
    for (index, item) in items.unwrap_or_default().iter().enumerate() {
        let path = format!("{path}.items[{index}]");
        check.filled(&format!("{path}.key"), &item.key);
        check.file(&format!("{path}.path"), &item.path);
        check.mode(&format!("{path}.mode"), item.mode);
    }
}

fn check_files(files: Option<&[DownwardAPIVolumeFile]>, path: &str, check: &mut Check<'_>) {
    for (index, file) in files.unwrap_or_default().iter().enumerate() {
        downward::check_file(file, &format!("{path}.items[{index}]"), check);
    }
}

fn check_projected(projected: &ProjectedVolumeSource, path: &str, check: &mut Check<'_>) {
    check.mode(&format!("{path}.defaultMode"), projected.default_mode);
    let mut places = Seen::default();
    for (index, source) in projected.sources.iter().flatten().enumerate() {
        let path = format!("{path}.sources[{index}]");
        check_source(source, &path, check);
        for (place, at) in places_of(source, &path) {
            if !place.is_empty()
                && let Some(first) = places.before(place, &at)
            {
                check.twice(&at, &first, &format!("the path {}", quoted(place)));
            }
        }
    }
}

fn check_source(source: &VolumeProjection, path: &str, check: &mut Check<'_>) {
    let count = usize::from(source.secret.is_some())
        + usize::from(source.config_map.is_some())
        + usize::from(source.downward_api.is_some())
        + usize::from(source.service_account_token.is_some())
        + usize::from(source.cluster_trust_bundle.is_some())
        + usize::from(source.pod_certificate.is_some());
    if count > 1 {
        check.error("invalid-value", path, "must be one source; here are several");
    }
    if let Some(secret) = &source.secret {
        let path = format!("{path}.secret");
        check.filled(&format!("{path}.name"), &secret.name);
        check_items(secret.items.as_deref(), &path, check);
    }
    if let Some(map) = &source.config_map {
        let path = format!("{path}.configMap");
        check.filled(&format!("{path}.name"), &map.name);
        check_items(map.items.as_deref(), &path, check);
    }
    if let Some(files) = &source.downward_api {
        check_files(files.items.as_deref(), &format!("{path}.downwardAPI"), check);
    }
    if let Some(token) = &source.service_account_token {
        check_token(token, &format!("{path}.serviceAccountToken"), check);
    }
    if let Some(bundle) = &source.cluster_trust_bundle {
        check_bundle(bundle, &format!("{path}.clusterTrustBundle"), check);
    }
    if let Some(certificate) = &source.pod_certificate {
        check_certificate(certificate, &format!("{path}.podCertificate"), check);
    }
}

fn check_token(token: &ServiceAccountTokenProjection, path: &str, check: &mut Check<'_>) {
    let seconds = format!("{path}.expirationSeconds");
    check.range(&seconds, token.expiration_seconds, TOKEN_LEAST, TOKEN_MOST);
    check.file(&format!("{path}.path"), &token.path);
}

fn check_bundle(bundle: &ClusterTrustBundleProjection, path: &str, check: &mut Check<'_>) {
    let count = usize::from(bundle.name.is_some()) + usize::from(bundle.signer_name.is_some());
    check.exactly_one(path, count, "name and signerName");
    if let Some(name) = &bundle.name {
        check.filled(&format!("{path}.name"), name);
        if bundle.label_selector.is_some() {
            check.forbidden(&format!("{path}.labelSelector"), "has no place beside `name`");
        }
    }
    if let Some(signer) = &bundle.signer_name {
        check_signer(signer, &format!("{path}.signerName"), check);
    }
    if let Some(labels) = &bundle.label_selector {
        selector::check(labels, &format!("{path}.labelSelector"), check);
    }
    check.file(&format!("{path}.path"), &bundle.path);
}

/// Checks the name of who signs: a domain, a slash, a path.
fn check_signer(signer: &str, path: &str, check: &mut Check<'_>) {
    let is_domain = |domain: &str| domain.contains('.') && Rule::Subdomain.check(domain).is_ok();
    match signer.split_once('/') {
        _ if signer.is_empty() => check.required(path),
        Some((domain, name)) if is_domain(domain) && !name.is_empty() => {}
        _ => {
            let message = format!("{} is not a signer, such as example.com/ca", quoted(signer));
            check.error("invalid-name", path, &message);
        }
    }
}

fn check_certificate(certificate: &PodCertificateProjection, path: &str, check: &mut Check<'_>) {
    const KEYS: [&str; 6] =
        ["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"];
    check_signer(&certificate.signer_name, &format!("{path}.signerName"), check);
    check.choice(&format!("{path}.keyType"), &certificate.key_type, &KEYS);
    let seconds = certificate.max_expiration_seconds.map(i64::from);
    let seconds_path = format!("{path}.maxExpirationSeconds");
    check.range(&seconds_path, seconds, CERTIFICATE_LEAST, CERTIFICATE_MOST);
    let files = certificate_files(certificate);
    for (field, file) in &files {
        check.file(&format!("{path}.{field}"), file);
    }
    if files.is_empty() {
        let message = "must have a credentialBundlePath, a keyPath or a certificateChainPath";
        check.error("required", path, message);
    }
    for key in certificate.user_annotations.iter().flatten().map(|(key, _)| key) {
        if !key.contains('/') || label_key(&key.to_lowercase()).is_err() {
            let path = crate::document::join(&format!("{path}.userAnnotations"), key);
            let message = format!("{} is not a key with a domain before a `/`", quoted(key));
            check.key_error("invalid-label", &path, &message);
        }
    }
}

fn certificate_files(certificate: &PodCertificateProjection) -> Vec<(&'static str, &str)> {
    let files = [
        ("credentialBundlePath", &certificate.credential_bundle_path),
        ("keyPath", &certificate.key_path),
        ("certificateChainPath", &certificate.certificate_chain_path),
    ];
    files.into_iter().filter_map(|(field, file)| Some((field, file.as_deref()?))).collect()
}

/// The paths that a source writes to, each with the place where that is said.
fn places_of<'s>(source: &'s VolumeProjection, path: &str) -> Vec<(&'s str, String)> {
    let mut places = Vec::new();
    let maps = [
        ("secret", source.secret.as_ref().and_then(|secret| secret.items.as_ref())),
        ("configMap", source.config_map.as_ref().and_then(|map| map.items.as_ref())),
    ];
    for (field, items) in maps {
        for (index, item) in items.into_iter().flatten().enumerate() {
            places.push((item.path.as_str(), format!("{path}.{field}.items[{index}].path")));
        }
    }
    let files = source.downward_api.as_ref().and_then(|files| files.items.as_ref());
    for (index, file) in files.into_iter().flatten().enumerate() {
        places.push((file.path.as_str(), format!("{path}.downwardAPI.items[{index}].path")));
    }
    if let Some(bundle) = &source.cluster_trust_bundle {
        places.push((bundle.path.as_str(), format!("{path}.clusterTrustBundle.path")));
    }
    let mut seen = BTreeSet::new();
    if let Some(certificate) = &source.pod_certificate {
        let files = certificate_files(certificate);
        let files = files.into_iter().filter(|(_, file)| seen.insert(*file));
        places.extend(files.map(|(field, file)| (file, format!("{path}.podCertificate.{field}"))));
    }
    places
}
