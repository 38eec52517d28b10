//! Where a container finds the volumes of its pod.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, VolumeDevice, VolumeMount};

use super::pod::Source;
use super::{Check, Seen, env};
use crate::document::quoted;
use crate::model::Effect;

/// Checks the mounts and devices of a container.
pub(super) fn check(
    container: &Container,
    path: &str,
    volumes: &BTreeMap<&str, Source>,
    check: &mut Check<'_>,
) {
    let mut places = Seen::default();
    for (index, mount) in container.volume_mounts.iter().flatten().enumerate() {
        let path = format!("{path}.volumeMounts[{index}]");
        env::check_volume(&mount.name, &format!("{path}.name"), volumes, check);
        let place_path = format!("{path}.mountPath");
        let place = mount.mount_path.as_str();
        if place.is_empty() {
            check.required(&place_path);
        } else if place.contains(':') && check.effect == Effect::CarriedOut {
            // Kubernetes lets it pass; podman would read options behind it.
            check.error("not-carried-out", &place_path, "a path with `:` is not carried out");
        } else if let Some(first) = places.before(place, &place_path) {
            check.twice(&place_path, &first, &format!("the path {}", quoted(place)));
        }
        check_part(mount, volumes.get(mount.name.as_str()).copied(), &path, check);
        check_options(mount, container, &path, check);
    }
    check_devices(container, path, volumes, check);
}

/// Checks which part of a volume is mounted.
fn check_part(mount: &VolumeMount, source: Option<Source>, path: &str, check: &mut Check<'_>) {
    let part = mount.sub_path.as_deref().unwrap_or_default();
    let expression = mount.sub_path_expr.as_deref().unwrap_or_default();
    for (field, value) in [("subPath", part), ("subPathExpr", expression)] {
        let path = format!("{path}.{field}");
        check.relative(&path, value);
        if !value.is_empty() && source == Some(Source::Image) {
            check.forbidden(&path, "has no place with a volume that is an image");
        }
    }
    if !part.is_empty() && !expression.is_empty() {
        let message = "stands beside `subPath`: only one of them is allowed";
        check.error("invalid-value", &format!("{path}.subPathExpr"), message);
    }
}

fn check_options(mount: &VolumeMount, container: &Container, path: &str, check: &mut Check<'_>) {
    let spread = mount.mount_propagation.as_deref();
    let spread_path = format!("{path}.mountPropagation");
    check.one_of(&spread_path, spread, &["None", "HostToContainer", "Bidirectional"]);
    let context = container.security_context.as_ref();
    let is_privileged = context.and_then(|context| context.privileged) == Some(true);
    if spread == Some("Bidirectional") && !is_privileged {
        let message = "`Bidirectional` is allowed only in privileged containers";
        check.error("invalid-value", &spread_path, message);
    }
    let deep = mount.recursive_read_only.as_deref();
    let deep_path = format!("{path}.recursiveReadOnly");
    check.one_of(&deep_path, deep, &["Disabled", "IfPossible", "Enabled"]);
    if matches!(deep, Some("IfPossible" | "Enabled")) {
        if mount.read_only != Some(true) {
            let message = "is allowed only with `readOnly: true`";
            check.error("invalid-value", &deep_path, message);
        }
        if !matches!(spread, None | Some("None")) {
            let message = "is allowed only with `mountPropagation: None`";
            check.error("invalid-value", &deep_path, message);
        }
    }
}

fn check_devices(
    container: &Container,
    path: &str,
    volumes: &BTreeMap<&str, Source>,
    check: &mut Check<'_>,
) {
    let (mut seen, mut places) = (Seen::default(), Seen::default());
    for (index, device) in container.volume_devices.iter().flatten().enumerate() {
        let path = format!("{path}.volumeDevices[{index}]");
        let (name_path, place_path) = (format!("{path}.name"), format!("{path}.devicePath"));
        let (name, place) = (device.name.as_str(), device.device_path.as_str());
        env::check_volume(name, &name_path, volumes, check);
        if matches!(volumes.get(name), Some(Source::Image | Source::Other)) {
            let message = "must be a volume of a claim: others are no devices";
            check.error("invalid-value", &name_path, message);
        }
        if !name.is_empty()
            && let Some(first) = seen.before(name, &name_path)
        {
            check.twice(&name_path, &first, &format!("the device {}", quoted(name)));
        }
        check.filled(&place_path, place);
        check.no_steps_back(&place_path, place);
        if !place.is_empty()
            && let Some(first) = places.before(place, &place_path)
        {
            check.twice(&place_path, &first, &format!("the path {}", quoted(place)));
        }
        check_overlap(container, device, &path, check);
    }
}

/// A volume is a file system or a device, never both.
fn check_overlap(container: &Container, device: &VolumeDevice, path: &str, check: &mut Check<'_>) {
    let mut mounts = container.volume_mounts.iter().flatten();
    if mounts.clone().any(|mount| mount.name == device.name) {
        let message = format!("{} is also one of volumeMounts", quoted(&device.name));
        check.error("invalid-value", &format!("{path}.name"), &message);
    }
    if mounts.any(|mount| mount.mount_path == device.device_path) {
        let message = format!("{} is also a path of volumeMounts", quoted(&device.device_path));
        check.error("invalid-value", &format!("{path}.devicePath"), &message);
    }
}
