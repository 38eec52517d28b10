//! Volumes.

mod disk;
mod files;
mod share;

use std::net::IpAddr;

use k8s_openapi::api::core::v1::{
    CSIVolumeSource, EmptyDirVolumeSource, HostPathVolumeSource, ImageVolumeSource,
    LocalObjectReference, Volume,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use super::pod::{Inside, Owner};
use super::{Check, Seen, claim, metadata};
use crate::document::quoted;
use crate::model::Amount;
use crate::model::names::Rule;

/// The longest name of a driver.
const DRIVER_MAX: usize = 63;

/// Checks the volumes of a pod.
pub(super) fn check_all(inside: &Inside<'_>, pod: &ObjectMeta, path: &str, check: &mut Check<'_>) {
    let mut names = Seen::default();
    for (index, volume) in inside.spec.volumes.iter().flatten().enumerate() {
        let path = format!("{path}.volumes[{index}]");
        let name_path = format!("{path}.name");
        check.name(&name_path, &volume.name, Rule::Label);
        if let Some(first) = names.before(volume.name.as_str(), &name_path) {
            check.twice(&name_path, &first, &format!("the volume {}", quoted(&volume.name)));
        }
        check_one(volume, inside, &path, check);
        check_ephemeral(volume, pod, inside.owner, &path, check);
    }
}

fn check_one(volume: &Volume, inside: &Inside<'_>, path: &str, check: &mut Check<'_>) {
    // No list of the sources that there are can be forgotten here: everything but the name is one.
    let sources = serde_json::to_value(volume).ok();
    let count = sources.as_ref().and_then(Value::as_object).map_or(0, |fields| fields.len() - 1);
    if count > 1 {
        check.error("invalid-value", path, "a volume has one source; this one has several");
    }
    if let Some(directory) = &volume.empty_dir {
        check_empty_dir(directory, &format!("{path}.emptyDir"), check);
    }
    check_source(volume, path, check);
    if let Some(claim) = &volume.persistent_volume_claim {
        check.filled(&format!("{path}.persistentVolumeClaim.claimName"), &claim.claim_name);
    }
    if let Some(csi) = &volume.csi {
        check_csi(csi, &format!("{path}.csi"), check);
    }
    if let Some(image) = &volume.image {
        check_image(image, inside.owner, &format!("{path}.image"), check);
    }
    files::check(volume, path, check);
}

/// Checks the sources that a `PersistentVolume` may have too.
pub(super) fn check_source(volume: &Volume, path: &str, check: &mut Check<'_>) {
    if let Some(host) = &volume.host_path {
        check_host_path(host, &format!("{path}.hostPath"), check);
    }
    share::check(volume, path, check);
    disk::check(volume, path, check);
}

fn check_empty_dir(directory: &EmptyDirVolumeSource, path: &str, check: &mut Check<'_>) {
    let medium = directory.medium.as_deref().unwrap_or_default();
    // The API server lets any medium pass; the pod then never starts.
    if !matches!(medium, "" | "Memory" | "HugePages") && !medium.starts_with("HugePages-") {
        let path = format!("{path}.medium");
        let message = format!("{} is none of Memory and HugePages-SIZE", quoted(medium));
        check.warning("invalid-value", &path, &message);
    }
    if let Some(limit) = &directory.size_limit {
        let path = format!("{path}.sizeLimit");
        match Amount::parse(&limit.0) {
            Err(error) => check.error("invalid-quantity", &path, &error.to_string()),
            Ok(amount) if amount.is_negative() => {
                check.error("out-of-range", &path, "must not be negative");
            }
            Ok(_) => {}
        }
    }
}

fn check_host_path(host: &HostPathVolumeSource, path: &str, check: &mut Check<'_>) {
    const TYPES: [&str; 7] = [
        "DirectoryOrCreate",
        "Directory",
        "FileOrCreate",
        "File",
        "Socket",
        "CharDevice",
        "BlockDevice",
    ];
    check.filled(&format!("{path}.path"), &host.path);
    check.no_steps_back(&format!("{path}.path"), &host.path);
    check.one_of(&format!("{path}.type"), host.type_.as_deref(), &TYPES);
}

fn check_csi(csi: &CSIVolumeSource, path: &str, check: &mut Check<'_>) {
    let driver = format!("{path}.driver");
    if csi.driver.is_empty() {
        check.required(&driver);
    } else if Rule::Subdomain.check(&csi.driver.to_lowercase()).is_err() {
        let message = format!("{} is not the name of a driver", quoted(&csi.driver));
        check.error("invalid-name", &driver, &message);
    } else if csi.driver.len() > DRIVER_MAX {
        let message = format!("is too long a name: at most {DRIVER_MAX} characters are allowed");
        check.error("invalid-name", &driver, &message);
    }
    if let Some(secret) = &csi.node_publish_secret_ref {
        check.name(&format!("{path}.nodePublishSecretRef.name"), &secret.name, Rule::Subdomain);
    }
}

fn check_image(image: &ImageVolumeSource, owner: Owner, path: &str, check: &mut Check<'_>) {
    // In a template somebody else may still fill it in.
    if owner == Owner::Pod {
        check.filled(&format!("{path}.reference"), image.reference.as_deref().unwrap_or_default());
    }
    let policies = ["Always", "IfNotPresent", "Never"];
    check.one_of(&format!("{path}.pullPolicy"), image.pull_policy.as_deref(), &policies);
}

/// Checks a claim that is made for the pod and goes with it.
fn check_ephemeral(
    volume: &Volume,
    pod: &ObjectMeta,
    owner: Owner,
    path: &str,
    check: &mut Check<'_>,
) {
    let Some(ephemeral) = &volume.ephemeral else { return };
    let template_path = format!("{path}.ephemeral.volumeClaimTemplate");
    let Some(template) = &ephemeral.volume_claim_template else {
        return check.required(&template_path);
    };
    if let Some(own) = &template.metadata {
        metadata::check_maps(own, &format!("{template_path}.metadata"), check);
    }
    claim::check(&template.spec, &format!("{template_path}.spec"), check);
    let name = pod.name.as_deref().unwrap_or_default();
    if owner == Owner::Pod && !name.is_empty() && !volume.name.is_empty() {
        let name = format!("{name}-{}", volume.name);
        if let Err(why) = Rule::Subdomain.check(&name) {
            let message = format!("makes the claim {}, which {why}", quoted(&name));
            check.error("invalid-name", &format!("{path}.name"), &message);
        }
    }
}

/// Checks the Secret that a volume is opened with.
fn check_secret(secret: Option<&LocalObjectReference>, path: &str, check: &mut Check<'_>) {
    if let Some(secret) = secret {
        check.filled(&format!("{path}.secretRef.name"), &secret.name);
    }
}

/// Whether a text is a host, a colon and a port.
fn is_host_and_port(text: &str) -> bool {
    match text.rsplit_once(':') {
        Some((host, _)) if host.starts_with('[') => host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .is_some_and(|host| host.parse::<IpAddr>().is_ok()),
        Some((host, _)) => !host.contains(':'),
        None => false,
    }
}
