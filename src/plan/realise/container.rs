//! A container down to what podman is told.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Container;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::Surroundings;
use super::environment::environment;
use super::image::full_name;
use super::volume::mount;
use crate::model::{Resources, parse_quantity_bytes, parse_quantity_milli};
use crate::plan::{ContainerToRun, Input};

pub(super) fn container(container: &Container, around: &Surroundings<'_>) -> ContainerToRun {
    let env = environment(container, around);
    let expand = |words: &Option<Vec<String>>| {
        let words = words.as_ref().filter(|words| !words.is_empty())?;
        Some(words.iter().map(|word| env.expand(word)).collect())
    };
    let (limits, requests) = resources(container);
    ContainerToRun {
        name: container.name.clone(),
        image: full_name(container.image.as_deref().unwrap_or_default()),
        command: expand(&container.command),
        args: expand(&container.args),
        working_dir: container.working_dir.clone(),
        mounts: container.volume_mounts.iter().flatten().map(mount).collect(),
        cpu_limit_milli: (limits.cpu_milli > 0).then_some(limits.cpu_milli),
        cpu_request_milli: requests.cpu_milli,
        memory_limit_bytes: (limits.memory_bytes > 0).then_some(limits.memory_bytes),
        input: match (container.stdin, container.tty) {
            (_, Some(true)) => Input::Terminal,
            (Some(true), _) => Input::Stdin,
            _ => Input::Closed,
        },
        env: env.variables,
        secrets: env.secrets,
    }
}

fn resources(container: &Container) -> (Resources, Resources) {
    let of = |amounts: Option<&BTreeMap<String, Quantity>>| {
        let text = |name: &str| amounts.and_then(|a| a.get(name)).map_or("0", |q| q.0.as_str());
        Resources {
            cpu_milli: parse_quantity_milli(text("cpu")).unwrap_or(0),
            memory_bytes: parse_quantity_bytes(text("memory")).unwrap_or(0),
            pods: 0,
        }
    };
    let both = container.resources.as_ref();
    (of(both.and_then(|r| r.limits.as_ref())), of(both.and_then(|r| r.requests.as_ref())))
}
