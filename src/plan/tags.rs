//! Tags that have moved: what a running pod was made of is another image than its tag names at the registry by now.
//!
//! Only tags that are pulled whenever a pod is made (`imagePullPolicy: Always`) are asked for: of every other, what is on the
//! host is what is meant.

use std::collections::{BTreeMap, BTreeSet};

use super::PlanInput;
use super::realise::{container_image, sandbox_name};
use super::step::PullPolicy;
use crate::bindings::Bindings;
use crate::controller::resolve_config;
use crate::desired::Desired;
use crate::model::{FleetName, Hidden, NodeName, PodKey};
use crate::observed::{MovedTag, Observed, ObservedContainer};

/// A tag that a host asks its registry for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagToAsk {
    /// The image's full name.
    pub image: String,
    /// What the registry is shown; `None` for what the host has.
    pub credentials: Option<Hidden>,
}

/// What a registry has for a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offered {
    /// One image, of this id.
    Image(String),
    /// An image for each of some machines, by the digests of their manifests; and the machine, as Go names it.
    Images(Vec<(String, Option<String>)>),
}

/// The tags that each host asks for, with podman's ids of the containers that were made of them.
pub type TagsToAsk = BTreeMap<NodeName, BTreeMap<TagToAsk, BTreeSet<String>>>;

/// What the registries have for the tags of containers, by podman's ids of these, as far as they answered.
pub type Offers = BTreeMap<String, Offered>;

/// The tags of running pods that their hosts have to ask for.
pub fn tags_to_ask(
    fleet: &FleetName,
    desired: &Desired,
    bindings: &Bindings,
    observed: &Observed,
) -> TagsToAsk {
    let mut tags = TagsToAsk::new();
    for (key, binding) in &bindings.pods {
        let pods = observed.report(&binding.node).map(|report| &report.pods);
        let there = pods.and_then(|pods| pods.get(&sandbox_name(fleet, key)));
        let (Some(there), Some(spec)) = (there, &binding.pod.spec) else { continue };
        let Ok(config) = resolve_config(desired, &key.namespace, spec) else { continue };
        for container in spec.init_containers.iter().flatten().chain(&spec.containers) {
            let Some(Ok(asked)) = container_image(container, spec, &config) else { continue };
            let moves = asked.policy == PullPolicy::Always && !asked.image.contains('@');
            let made = there.containers.get(&container.name).filter(|c| c.image == asked.image);
            if let Some(made) = made.filter(|_| moves) {
                let tag = TagToAsk { image: asked.image, credentials: asked.credentials };
                let of_host = tags.entry(binding.node.clone()).or_default();
                of_host.entry(tag).or_default().insert(made.id.clone());
            }
        }
    }
    tags
}

/// What is told of a pod whose tag has moved.
pub(super) fn moved_tag(input: &PlanInput<'_>, key: &PodKey, node: &NodeName) -> Option<String> {
    let pods = &input.observed.report(node)?.pods;
    let MovedTag { image, from, to } =
        pods.get(&sandbox_name(&input.inventory.fleet, key))?.moved()?;
    Some(format!("image {image} moved: {from} -> {to}"))
}

/// The containers whose tags name other images by now, by podman's ids of them.
pub fn moved(observed: &Observed, offers: &Offers) -> BTreeMap<String, MovedTag> {
    let mut moved = BTreeMap::new();
    for (_, report) in observed.reachable() {
        let machine = &report.facts.architecture;
        for container in report.pods.values().flat_map(|pod| pod.containers.values()) {
            let offered = offers.get(&container.id);
            let other = offered.and_then(|offered| other(container, offered, machine));
            moved.extend(other.map(|other| (container.id.clone(), other)));
        }
    }
    moved
}

/// What the registry has in place of what a container was made of; `None` where that is the same, or nobody can tell.
fn other(there: &ObservedContainer, offered: &Offered, machine: &str) -> Option<MovedTag> {
    let (have, now) = match offered {
        Offered::Image(id) => (there.image_id.clone()?, id.clone()),
        Offered::Images(all) => {
            let have = there.image_digest.clone()?;
            if all.iter().any(|(digest, _)| *digest == have) {
                return None;
            }
            let of_machine = all.iter().find(|(_, of)| of.as_deref() == Some(machine))?;
            (have, of_machine.0.clone())
        }
    };
    let image = there.image.clone();
    (have != now).then(|| MovedTag { image, from: short(&have), to: short(&now) })
}

/// As much of a digest as people tell images apart by.
fn short(digest: &str) -> String {
    const DIGITS: usize = 12;
    let digits = digest.strip_prefix("sha256:").unwrap_or(digest);
    format!("sha256:{}", digits.chars().take(DIGITS).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_has_moved_when_its_registry_has_another_image() {
        let there = ObservedContainer {
            id: "c".to_owned(),
            image: "reg/a:1".to_owned(),
            image_id: Some("aa".repeat(32)),
            image_digest: Some(format!("sha256:{}", "bb".repeat(32))),
            devices: Vec::new(),
            moved: None,
            state: crate::observed::ContainerState::Created,
            restarts: 0,
            role: crate::observed::Role::Main,
            end: None,
            last: None,
            again: None,
            probes: BTreeMap::new(),
        };
        let list = |digests: &[(&str, &str)]| {
            let one = |(digest, machine): &(&str, &str)| {
                (format!("sha256:{}", digest.repeat(32)), Some((*machine).to_owned()))
            };
            Offered::Images(digests.iter().map(one).collect())
        };
        let told = |offered: &Offered| {
            other(&there, offered, "amd64")
                .map(|MovedTag { from, to, .. }| format!("{from} -> {to}"))
        };
        assert_eq!(told(&Offered::Image("aa".repeat(32))), None);
        assert_eq!(told(&list(&[("cc", "arm64"), ("bb", "amd64")])), None);
        assert_eq!(told(&list(&[("cc", "arm64")])), None);
        insta::assert_snapshot!(told(&Offered::Image("dd".repeat(32))).unwrap(), @"sha256:aaaaaaaaaaaa -> sha256:dddddddddddd");
        insta::assert_snapshot!(told(&list(&[("cc", "amd64")])).unwrap(), @"sha256:bbbbbbbbbbbb -> sha256:cccccccccccc");
    }
}
