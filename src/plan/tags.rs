//! Tags that have moved: what a running pod was made of is another image than its tag names at the registry by now.
//!
//! Only tags that are pulled whenever a pod is made (`imagePullPolicy: Always`) are asked for: of every other, what is on the
//! host is what is meant.

use std::collections::{BTreeMap, BTreeSet};

use super::PlanInput;
use super::realise::{ImageToPull, container_image, images, sandbox_name};
use super::step::{Pinned, PullPolicy};
use crate::bindings::Bindings;
use crate::controller::{Wanted, WantedPods, resolve_config, wanted};
use crate::desired::Desired;
use crate::model::{FleetName, Hidden, ImageOfList, Machine, NodeName, PodKey, listed_name};
use crate::observed::{MovedTag, Observed, ObservedContainer, Offered, OfferedTags};

/// A tag that a host asks its registry for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagToAsk {
    /// The image's full name.
    pub image: String,
    /// What the registry is shown; `None` for what the host has.
    pub credentials: Option<Hidden>,
}

/// The tags that each host asks for, with podman's ids of the containers that were made of them.
pub type TagsToAsk = BTreeMap<NodeName, BTreeMap<TagToAsk, BTreeSet<String>>>;

/// The tags that hosts have to ask for: each those of its own pods, and the first of them those of pods that are not there yet.
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
            let made = there.containers.get(&container.name).filter(|c| c.image == asked.image);
            if let Some(made) = made.filter(|_| moves(&asked)) {
                let tag = TagToAsk { image: asked.image, credentials: asked.credentials };
                let of_host = tags.entry(binding.node.clone()).or_default();
                of_host.entry(tag).or_default().insert(made.id.clone());
            }
        }
    }
    let Some((first, _)) = observed.reachable().next() else { return tags };
    let known: BTreeSet<String> =
        tags.values().flat_map(BTreeMap::keys).map(|tag| tag.image.clone()).collect();
    let new = wanted(desired).into_iter().flat_map(|wanted| images_of(desired, &wanted));
    for asked in new.filter(|asked| moves(asked) && !known.contains(&asked.image)) {
        let tag = TagToAsk { image: asked.image, credentials: asked.credentials };
        tags.entry(first.clone()).or_default().entry(tag).or_default();
    }
    tags
}

/// The images of the pods that an object asks for.
fn images_of(desired: &Desired, wanted: &Wanted) -> Vec<ImageToPull> {
    let pod = match &wanted.pods {
        WantedPods::One(pod) => pod,
        WantedPods::Like { template, .. } => template,
        WantedPods::Blocked { .. } => return Vec::new(),
    };
    let Some(spec) = &pod.spec else { return Vec::new() };
    let config = resolve_config(desired, &wanted.source.namespace, spec);
    config.ok().and_then(|config| images(spec, &config).ok()).unwrap_or_default()
}

/// Whether the registry is asked for an image whenever a pod is made, so that its tag may move.
fn moves(image: &ImageToPull) -> bool {
    image.policy == PullPolicy::Always && !image.image.contains('@')
}

/// The image that a tag stands for on a host, whatever its registry has by the time it is pulled; `None` where nobody was asked.
pub(super) fn pinned(observed: &Observed, node: &NodeName, image: &ImageToPull) -> Option<Pinned> {
    match observed.offered.get(&image.image).filter(|_| moves(image))? {
        Offered::Image { digest: Some(digest), .. } => Some(Pinned::Manifest(digest.clone())),
        Offered::Image { id, digest: None } => Some(Pinned::Image(id.clone())),
        Offered::Images(all) => {
            let report = observed.report(node)?;
            let there =
                |one: &&ImageOfList| report.images.contains_key(&one.listed_as(&image.image));
            let chosen = report.facts.machine().choose(all);
            let chosen = chosen.or_else(|| all.iter().find(there))?;
            Some(Pinned::Manifest(chosen.digest.clone()))
        }
    }
}

/// The lists that registries have for tags, by the images' names as podman lists them.
pub(super) fn lists(observed: &Observed) -> BTreeMap<String, Vec<ImageOfList>> {
    let lists = observed.offered.iter().filter_map(|(image, offered)| match offered {
        Offered::Images(all) => Some((listed_name(image), all.clone())),
        Offered::Image { .. } => None,
    });
    lists.collect()
}

/// What is told of a pod whose tag has moved.
pub(super) fn moved_tag(input: &PlanInput<'_>, key: &PodKey, node: &NodeName) -> Option<String> {
    let pods = &input.observed.report(node)?.pods;
    let MovedTag { image, from, to } =
        pods.get(&sandbox_name(&input.inventory.fleet, key))?.moved()?;
    Some(format!("image {image} moved: {from} -> {to}"))
}

/// The containers whose tags name other images at their registries by now, by podman's ids of them. Of a host whose registries
/// did not answer nothing is said.
pub fn moved(
    observed: &Observed,
    tags: &TagsToAsk,
    offered: &OfferedTags,
    silent: &[(NodeName, String)],
) -> BTreeMap<String, MovedTag> {
    let mut moved = BTreeMap::new();
    for (node, report) in observed.reachable() {
        let machine = &report.facts.machine();
        let mut made: BTreeMap<&str, &Offered> = BTreeMap::new();
        for (tag, ids) in tags.get(node).into_iter().flatten() {
            let is_silent = silent.iter().any(|(of, image)| of == node && *image == tag.image);
            let offered = offered.get(&tag.image).filter(|_| !is_silent);
            made.extend(
                ids.iter()
                    .zip(std::iter::repeat(offered))
                    .filter_map(|(id, offered)| Some((id.as_str(), offered?))),
            );
        }
        for container in report.pods.values().flat_map(|pod| pod.containers.values()) {
            let offered = made.get(container.id.as_str());
            let other = offered.and_then(|offered| other(container, offered, machine));
            moved.extend(other.map(|other| (container.id.clone(), other)));
        }
    }
    moved
}

/// What the registry has in place of what a container was made of; `None` where that is the same, or nobody can tell.
fn other(there: &ObservedContainer, offered: &Offered, machine: &Machine) -> Option<MovedTag> {
    let (have, now) = match offered {
        Offered::Image { id, .. } => (there.image_id.clone()?, id.clone()),
        Offered::Images(all) => {
            let have = there.image_digest.clone()?;
            if all.iter().any(|one| one.digest == have) {
                return None;
            }
            (have, machine.choose(all)?.digest.clone())
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
    use crate::model::Platform;

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
                let platform =
                    Platform { architecture: (*machine).to_owned(), ..Platform::default() };
                let digest = format!("sha256:{}", digest.repeat(32));
                ImageOfList { digest, platform: Some(platform) }
            };
            Offered::Images(digests.iter().map(one).collect())
        };
        let machine = Machine { architecture: "amd64".to_owned(), variant: String::new() };
        let told = |offered: &Offered| {
            other(&there, offered, &machine)
                .map(|MovedTag { from, to, .. }| format!("{from} -> {to}"))
        };
        let image = |digits: &str| Offered::Image { id: digits.repeat(32), digest: None };
        assert_eq!(told(&image("aa")), None);
        assert_eq!(told(&list(&[("cc", "arm64"), ("bb", "amd64")])), None);
        assert_eq!(told(&list(&[("cc", "arm64")])), None);
        insta::assert_snapshot!(told(&image("dd")).unwrap(), @"sha256:aaaaaaaaaaaa -> sha256:dddddddddddd");
        insta::assert_snapshot!(told(&list(&[("cc", "amd64")])).unwrap(), @"sha256:bbbbbbbbbbbb -> sha256:cccccccccccc");
    }
}
