//! A container down to what podman is told.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, PodSpec};

use super::Surroundings;
use super::environment::environment;
use super::lifecycle::{When, hook, message};
use super::probe::probes;
use super::resources::resources;
use super::security::privileges;
use super::volume::{MountError, devices, mounts};
use crate::model::full_name;
use crate::observed::Role;
use crate::plan::{ContainerToRun, DeviceToGive, Input, VolumeToMake};

pub(super) fn container(
    container: &Container,
    spec: &PodSpec,
    around: &Surroundings<'_>,
    volumes: &BTreeMap<String, VolumeToMake>,
) -> Result<ContainerToRun, MountError> {
    let env = environment(container, around);
    let expand = |words: &Option<Vec<String>>| {
        let words = words.as_ref().filter(|words| !words.is_empty())?;
        Some(words.iter().map(|word| env.expand(word)).collect())
    };
    let given = around.devices.get(&container.name).into_iter().flatten();
    let given = given.map(|name| DeviceToGive::Described(name.clone()));
    Ok(ContainerToRun {
        name: container.name.clone(),
        image: full_name(container.image.as_deref().unwrap_or_default()),
        command: expand(&container.command),
        args: expand(&container.args),
        working_dir: container.working_dir.clone(),
        mounts: mounts(container, &env.variables, volumes)?,
        devices: given.chain(devices(container, volumes)?).collect(),
        resources: resources(spec, container, around.facts),
        privileges: privileges(spec, container),
        input: match (container.stdin, container.tty) {
            (_, Some(true)) => Input::Terminal,
            (Some(true), _) => Input::Stdin,
            _ => Input::Closed,
        },
        env: env.variables,
        secrets: env.secrets,
        role: Role::Main,
        post_start: hook(container, around, When::PostStart),
        pre_stop: hook(container, around, When::PreStop),
        stop_signal: container.lifecycle.as_ref().and_then(|l| l.stop_signal.clone()),
        message: message(container),
        probes: probes(container, spec, around),
    })
}
