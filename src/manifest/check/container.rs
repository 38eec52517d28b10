//! Containers.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Container, ContainerPort, VolumeMount};

use super::{Check, Seen, env, resources};
use crate::document::{closest, quoted};
use crate::model::names::Rule;

pub(super) fn check(
    container: &Container,
    path: &str,
    volumes: &BTreeSet<&str>,
    check: &mut Check<'_>,
) {
    check.name(&format!("{path}.name"), &container.name, Rule::Label);
    let image_path = format!("{path}.image");
    match container.image.as_deref() {
        None | Some("") => check.required(&image_path),
        Some(image) if image.contains(char::is_whitespace) => {
            check.error("invalid-value", &image_path, "an image has no white space in its name");
        }
        Some(_) => {}
    }
    let policy = container.image_pull_policy.as_deref();
    let policies = ["Always", "IfNotPresent", "Never"];
    check.one_of(&format!("{path}.imagePullPolicy"), policy, &policies);
    if let Some(resources) = &container.resources {
        resources::check(resources, &format!("{path}.resources"), check);
    }
    env::check_all(container, path, check);
    check_ports(container.ports.as_deref().unwrap_or_default(), path, check);
    check_mounts(container.volume_mounts.as_deref().unwrap_or_default(), path, volumes, check);
}

fn check_ports(ports: &[ContainerPort], path: &str, check: &mut Check<'_>) {
    let mut names = Seen::default();
    for (index, port) in ports.iter().enumerate() {
        let path = format!("{path}.ports[{index}]");
        let number_path = format!("{path}.containerPort");
        if port.container_port == 0 {
            check.required(&number_path);
        } else {
            check.port(&number_path, port.container_port);
        }
        // Zero is how exported objects say that there is none.
        if let Some(host_port) = port.host_port.filter(|port| *port != 0) {
            check.port(&format!("{path}.hostPort"), host_port);
        }
        check.protocol(&format!("{path}.protocol"), port.protocol.as_deref());
        let Some(name) = port.name.as_deref().filter(|name| !name.is_empty()) else { continue };
        let name_path = format!("{path}.name");
        check.name(&name_path, name, Rule::Port);
        if let Some(first) = names.before(name, &name_path) {
            check.twice(&name_path, &first, &format!("the port {}", quoted(name)));
        }
    }
}

fn check_mounts(
    mounts: &[VolumeMount],
    path: &str,
    volumes: &BTreeSet<&str>,
    check: &mut Check<'_>,
) {
    let mut places = Seen::default();
    for (index, mount) in mounts.iter().enumerate() {
        let path = format!("{path}.volumeMounts[{index}]");
        let (name_path, place_path) = (format!("{path}.name"), format!("{path}.mountPath"));
        if mount.name.is_empty() {
            check.required(&name_path);
        } else if !volumes.contains(mount.name.as_str()) {
            let message = format!("there is no volume {}", quoted(&mount.name));
            match closest(&mount.name, volumes.iter().copied()) {
                Some(meant) => {
                    let help = format!("did you mean `{meant}`?");
                    check.error_with("unknown-volume", &name_path, &message, &help);
                }
                None => check.error("unknown-volume", &name_path, &message),
            }
        }
        let place = mount.mount_path.as_str();
        if place.is_empty() {
            check.required(&place_path);
        } else if place.contains(':') {
            check.error("invalid-value", &place_path, "a path to mount at has no `:`");
        } else if let Some(first) = places.before(place, &place_path) {
            check.twice(&place_path, &first, &format!("the path {}", quoted(place)));
        }
    }
}
