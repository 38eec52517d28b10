//! A bound Pod down to what podman is told: references resolved, the environment complete, files spelled out.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{Container, Pod, PodSpec};

use super::PlanInput;
use super::amounts::{DeviceError, check};
use super::capacity::usable;
use super::to_run::{Clear, ContainerToRun, PodToRun, Restart};
use super::volume::VolumeToMake;
use crate::bindings::{Binding, Bindings};
use crate::controller::{
    ClaimError, Config, ConfigError, Mounted, MountedError, RuntimeError, resolve_config,
    resolve_mounted, runtime_handler,
};
use crate::desired::Desired;
use crate::model::{FleetName, NodeName, PodKey, Resources, is_sidecar};
use crate::observed::{Facts, Role};

mod container;
mod credentials;
mod downward;
mod environment;
mod expand;
mod http;
mod identity;
mod image;
mod lifecycle;
mod links;
mod probe;
mod resources;
mod sandbox;
mod security;
mod sysctl;
mod volume;

pub use image::invalid_image_name;
pub(super) use image::{ImageToPull, container_image, images};
pub(super) use sandbox::network;
pub use sysctl::forbidden_sysctl;

use container::container;
use links::service_links;
use volume::{MountError, volumes};

/// How long a pod may take to end by itself where nothing is said, in seconds.
pub(super) const GRACE_SECONDS: u32 = 30;

/// What the environment of a pod's containers can refer to.
struct Surroundings<'a> {
    desired: &'a Desired,
    pod: &'a Pod,
    node: &'a NodeName,
    address: Ipv4Addr,
    host_address: Option<Ipv4Addr>,
    /// What the host has for pods, however much more they may ask for.
    usable: Resources,
    /// What the host reported.
    facts: Option<&'a Facts>,
    config: Config,
    mounted: Mounted,
    /// Variables of the Services that there are now: a later one changes no pod.
    links: Vec<(String, String)>,
    /// The devices of its host that each container is given, by their full names.
    devices: &'a BTreeMap<String, Vec<String>>,
    /// The runtime of the pod's class.
    runtime: Option<String>,
}

/// Why a bound pod cannot be made; Kubernetes' own reason is `CreateContainerConfigError`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RealiseError {
    /// Its environment cannot be resolved.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// What it mounts is not there.
    #[error(transparent)]
    Mounted(#[from] MountedError),
    /// The host does not allow a kernel setting.
    #[error("{0}")]
    Sysctl(String),
    /// No image can have the name.
    #[error("{0}")]
    Image(String),
    /// A claim has no volume.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// It is for another operating system.
    #[error("Failed to admit pod as the OS field doesn't match node OS")]
    Os,
    /// The host has too few devices for it.
    #[error(transparent)]
    Devices(#[from] DeviceError),
    /// The class of its runtime is not there.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// A part of a volume is none.
    #[error(transparent)]
    Mount(#[from] MountError),
}

/// Names a pod on its host: no part may hold an underscore, so the name says what it is made of.
pub fn sandbox_name(fleet: &FleetName, key: &PodKey) -> String {
    format!("{fleet}_{}_{}", key.namespace, key.name)
}

/// Resolves a bound pod, and the images that it needs; `chosen` are the choices that it is one of.
pub(super) fn realise(
    input: &PlanInput<'_>,
    chosen: &Bindings,
    key: &PodKey,
    binding: &Binding,
) -> Result<(PodToRun, Vec<ImageToPull>), RealiseError> {
    let none = PodSpec::default();
    let spec = binding.pod.spec.as_ref().unwrap_or(&none);
    if let Some(what) = forbidden_sysctl(spec, input.inventory.hosts.get(&binding.node)) {
        return Err(RealiseError::Sysctl(what));
    }
    if spec.os.as_ref().is_some_and(|os| os.name != "linux") {
        return Err(RealiseError::Os);
    }
    let around = surroundings(input, chosen, key, binding)?;
    let volumes = volumes(&around)?;
    let report = input.observed.report(&binding.node);
    check(binding, report.map(|report| &report.facts))?;
    let names = identity::names(key, spec);
    let pod = PodToRun {
        key: key.clone(),
        sandbox: sandbox_name(&input.inventory.fleet, key),
        owner: binding.owner.clone(),
        digest: binding.digest.clone(),
        address: binding.address,
        hostname: names.hostname.clone(),
        sandbox_options: sandbox::sandbox(spec, &names, &around),
        volume_group: security::volume_group(spec),
        clear: Clear::Nothing,
        restart: Restart::of(spec),
        grace_seconds: grace(spec),
        active_seconds: spec.active_deadline_seconds.and_then(|s| u32::try_from(s).ok()),
        keeper: report.map(|report| report.facts.keeper).unwrap_or_default(),
        containers: containers(spec, &around, &volumes)?,
        volumes,
    };
    Ok((pod, images(spec, &around.config)?))
}

/// The containers in the order in which they are brought up.
fn containers(
    spec: &PodSpec,
    around: &Surroundings<'_>,
    volumes: &BTreeMap<String, VolumeToMake>,
) -> Result<Vec<ContainerToRun>, MountError> {
    let before = spec.init_containers.iter().flatten().map(|init| {
        let role = init_role(init);
        container(init, spec, around, volumes).map(|made| ContainerToRun { role, ..made })
    });
    let main = spec.containers.iter().map(|main| container(main, spec, around, volumes));
    before.chain(main).collect()
}

/// What an init container is to its pod.
pub fn init_role(init: &Container) -> Role {
    if is_sidecar(init) { Role::Sidecar } else { Role::Init }
}

fn surroundings<'a>(
    input: &PlanInput<'a>,
    chosen: &Bindings,
    key: &PodKey,
    binding: &'a Binding,
) -> Result<Surroundings<'a>, RealiseError> {
    let none = PodSpec::default();
    let spec = binding.pod.spec.as_ref().unwrap_or(&none);
    let host = input.inventory.hosts.get(&binding.node);
    let report = input.observed.report(&binding.node);
    let links = match spec.enable_service_links {
        Some(false) => Vec::new(),
        Some(true) | None => service_links(input.desired, chosen, &key.namespace),
    };
    Ok(Surroundings {
        desired: input.desired,
        pod: &binding.pod,
        node: &binding.node,
        address: binding.address,
        host_address: chosen.nodes.get(&binding.node).and_then(|node| node.address),
        usable: host.map(|host| usable(host, report)).unwrap_or_default(),
        facts: report.map(|report| &report.facts),
        config: resolve_config(input.desired, &key.namespace, spec)?,
        mounted: resolve_mounted(input.desired, &key.namespace, spec)?,
        links,
        devices: &binding.devices,
        runtime: runtime_handler(input.desired, spec)?,
    })
}

/// How long a pod may take to end by itself, in seconds.
pub(super) fn grace(spec: &PodSpec) -> u32 {
    let seconds = spec.termination_grace_period_seconds;
    seconds.and_then(|s| u32::try_from(s).ok()).unwrap_or(GRACE_SECONDS)
}
