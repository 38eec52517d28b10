//! Images of hosts beside what the fleet's pods ask for: who uses them, and which nobody needs.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;

use crate::model::{NodeName, asked_images};
use crate::observed::HostImage;

/// An image by one of its names, on one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRow {
    /// The host.
    pub host: String,
    /// The name with its tag; `None` for an image that has none.
    pub name: Option<String>,
    /// podman's id of it.
    pub id: String,
    /// The digest of its manifest.
    pub digest: Option<String>,
    /// When it was built.
    pub created: Option<Timestamp>,
    /// How much it takes, in bytes.
    pub size_bytes: u64,
    /// How many containers of the host use it.
    pub containers: u64,
    /// The fleet's pods on that host that ask for it by this name.
    pub pods: Vec<String>,
}

/// What podman makes its pods' own containers of. It makes it again when it is gone.
const OF_PODMAN: &str = "localhost/podman-pause";

/// The images that pods ask for, by their full names, and who asks: the pod's name and its host.
#[derive(Clone, Debug, Default)]
pub struct AskedImages(BTreeMap<String, BTreeSet<(String, Option<String>)>>);

impl AskedImages {
    /// What pods ask for.
    pub fn of(pods: &[Pod]) -> Self {
        let mut asked: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
        for pod in pods {
            let Some(spec) = &pod.spec else { continue };
            let (namespace, name) = (&pod.metadata.namespace, &pod.metadata.name);
            let key = [namespace, name].map(|part| part.clone().unwrap_or_default()).join("/");
            for image in asked_images(spec) {
                asked.entry(image).or_default().insert((key.clone(), spec.node_name.clone()));
            }
        }
        Self(asked)
    }

    /// Who asks for an image by this name of it.
    fn of_name<'a>(
        &'a self,
        image: &'a HostImage,
        name: Option<&'a str>,
    ) -> impl Iterator<Item = &'a (String, Option<String>)> {
        // A name with a digest asks for the image by whatever tag it has.
        let pinned = image.pinned.iter().map(String::as_str);
        pinned.chain(name).filter_map(|name| self.0.get(name)).flatten()
    }

    /// Each image of each host by each of its names, in order of host and name.
    pub fn rows(&self, images: &BTreeMap<NodeName, Vec<HostImage>>) -> Vec<ImageRow> {
        let mut rows = Vec::new();
        for (host, image) in each(images) {
            let row = |name: Option<&String>| {
                let pods = self.of_name(image, name.map(String::as_str));
                let here = pods.filter(|(_, node)| node.as_deref() == Some(host.as_str()));
                ImageRow {
                    host: host.to_string(),
                    name: name.cloned(),
                    id: image.id.clone(),
                    digest: image.digest.clone(),
                    created: image.created,
                    size_bytes: image.size_bytes,
                    containers: image.containers,
                    pods: here
                        .map(|(pod, _)| pod.clone())
                        .collect::<BTreeSet<_>>()
                        .into_iter()
                        .collect(),
                }
            };
            if image.names.is_empty() {
                rows.push(row(None));
            }
            rows.extend(image.names.iter().map(|name| row(Some(name))));
        }
        rows.sort_by(|a, b| (&a.host, &a.name, &a.id).cmp(&(&b.host, &b.name, &b.id)));
        rows
    }

    /// What nobody needs: names that no pod of the fleet asks for, wherever it is, of images that no container uses.
    pub fn idle(
        &self,
        images: &BTreeMap<NodeName, Vec<HostImage>>,
    ) -> BTreeMap<NodeName, Vec<IdleImage>> {
        let mut idle: BTreeMap<NodeName, Vec<IdleImage>> = BTreeMap::new();
        for (host, image) in each(images).filter(|(_, image)| image.containers == 0) {
            let mine = idle.entry(host.clone()).or_default();
            let whole = || IdleImage { name: image.id.clone(), size_bytes: image.size_bytes };
            let wanted = |name: Option<&str>| self.of_name(image, name).next().is_some();
            if image.names.is_empty() && !wanted(None) {
                mine.push(whole());
            }
            let of_podman = |name: &str| name.starts_with(OF_PODMAN);
            let names = image.names.iter().filter(|name| !wanted(Some(name)) && !of_podman(name));
            let names: Vec<&String> = names.collect();
            // The last name takes the image with it.
            let all = names.len() == image.names.len();
            for (nth, name) in names.iter().enumerate() {
                let last = all && nth + 1 == names.len();
                let size_bytes = if last { image.size_bytes } else { 0 };
                mine.push(IdleImage { name: (*name).clone(), size_bytes });
            }
        }
        idle.retain(|_, mine| !mine.is_empty());
        idle
    }
}

fn each(
    images: &BTreeMap<NodeName, Vec<HostImage>>,
) -> impl Iterator<Item = (&NodeName, &HostImage)> {
    images.iter().flat_map(|(host, images)| images.iter().map(move |image| (host, image)))
}

/// A name of an image that nobody needs, and what its host gains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdleImage {
    /// The name, or the id of an image without one.
    pub name: String,
    /// What is gained, in bytes; nothing as long as the image has another name.
    pub size_bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(id: &str, names: &[&str], containers: u64) -> HostImage {
        HostImage {
            id: id.to_owned(),
            names: names.iter().map(|&name| name.to_owned()).collect(),
            digest: None,
            pinned: vec![format!("docker.io/library/{id}@sha256:aa")],
            created: None,
            size_bytes: 10,
            containers,
        }
    }

    fn asked(images: &[&str]) -> AskedImages {
        let containers: Vec<_> =
            images.iter().map(|image| serde_json::json!({"name": "c", "image": image})).collect();
        let pod = serde_json::json!({"metadata": {"namespace": "default", "name": "p"},
            "spec": {"nodeName": "a", "containers": containers}});
        AskedImages::of(&[serde_json::from_value(pod).unwrap()])
    }

    #[test]
    fn what_a_pod_asks_for_or_a_container_uses_is_kept() {
        let (kept, gone) = ("docker.io/library/kept:latest", "docker.io/library/kept:old");
        let images = BTreeMap::from([(
            "a".into(),
            vec![
                image("kept", &[kept, gone], 0),
                image("used", &["x:1"], 1),
                image("dangling", &[], 0),
                image("pinned", &["docker.io/library/pinned:1"], 0),
                image("pause", &["localhost/podman-pause:5"], 0),
                image("idle", &["y:1", "y:2"], 0),
            ],
        )]);
        let asked = asked(&["kept", "pinned:7@sha256:aa"]);
        let idle = asked.idle(&images);
        let names: Vec<(&str, u64)> =
            idle[&"a".into()].iter().map(|idle| (idle.name.as_str(), idle.size_bytes)).collect();
        assert_eq!(names, [(gone, 0), ("dangling", 10), ("y:1", 0), ("y:2", 10)]);
        let rows = asked.rows(&images);
        let using: Vec<_> = rows.iter().filter(|row| !row.pods.is_empty()).collect();
        let names: Vec<_> = using.iter().filter_map(|row| row.name.as_deref()).collect();
        assert_eq!(names, [kept, "docker.io/library/pinned:1"]);
    }
}
