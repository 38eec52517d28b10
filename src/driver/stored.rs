//! What a host's images are called, hash to and take: podman's list of containers says none of it.

use std::collections::BTreeMap;

use super::script::Command;
use crate::model::repository;
use crate::observed::ObservedPod;

/// podman's own lists of images and of the layers that these are made of, each for one way to store them: reading them costs a
/// fraction of asking podman.
const LISTS: [&str; 4] = [
    "/var/lib/containers/storage/overlay-images/images.json",
    "/var/lib/containers/storage/overlay-layers/layers.json",
    "/var/lib/containers/storage/vfs-images/images.json",
    "/var/lib/containers/storage/vfs-layers/layers.json",
];

/// What is read of an entry, of which the id is the first: of an image its digest, its names and its uppermost layer, of a
/// layer the one below and its size. Twelve digits tell layers of one host apart.
///
/// Source: `Image` of <https://github.com/containers/storage/blob/main/images.go>, `Layer` of its `layers.go`
const WORDS: &str = r#""id":"[0-9a-f]{64}","digest":"sha256:[0-9a-f]{64}"|"(id|layer|parent)":"[0-9a-f]{12}|"names":\["[^]]*|"diff-size":[0-9]+"#;

/// So many images of a host are looked at.
const IMAGES_MAX: usize = 1000;

/// No image has more layers than can be mounted over each other.
///
/// Source: `maxDepth` of <https://github.com/containers/storage/blob/main/drivers/overlay/overlay.go>
const LAYERS_MAX: usize = 500;

/// Asks for what is stored. Of a host that keeps its images elsewhere nothing is known.
pub(super) fn list() -> Command {
    Command::reads(["grep", "-ohsE", WORDS].into_iter().chain(LISTS)).accepting(1).accepting(2)
}

/// What is stored on a host.
#[derive(Debug, Default)]
pub(super) struct Stored<'a> {
    entries: Vec<Entry<'a>>,
}

/// An image, or a layer.
#[derive(Debug, Default)]
struct Entry<'a> {
    id: &'a str,
    digest: Option<&'a str>,
    names: Vec<&'a str>,
    /// Of an image, its uppermost layer.
    top: Option<&'a str>,
    /// Of a layer, the one below.
    parent: Option<&'a str>,
    bytes: u64,
}

impl<'a> Stored<'a> {
    /// Reads the answer to [`list`].
    pub(super) fn parse(text: &'a str) -> Self {
        let mut stored = Self::default();
        for line in text.lines() {
            stored.read(line);
        }
        stored
    }

    fn read(&mut self, line: &'a str) {
        let mut words = line.split('"').skip(1).step_by(2);
        let (Some(key), value) = (words.next(), words.next()) else { return };
        if key == "id" {
            let digest = words.nth(1).filter(|digest| digest.starts_with("sha256:"));
            self.entries.push(Entry { id: value.unwrap_or_default(), digest, ..Entry::default() });
            return;
        }
        let Some(entry) = self.entries.last_mut() else { return };
        match key {
            "layer" => entry.top = value,
            "parent" => entry.parent = value,
            "names" => entry.names = value.into_iter().chain(words).collect(),
            "diff-size" => {
                let bytes = line.rsplit(':').next().and_then(|number| number.parse().ok());
                entry.bytes = bytes.unwrap_or(0);
            }
            _ => {}
        }
    }

    /// Writes to containers what their images hash to.
    pub(super) fn fill(&self, pods: &mut BTreeMap<String, ObservedPod>) {
        let known = self.entries.iter().filter_map(|entry| Some((entry.id, entry.digest?)));
        let digests: BTreeMap<&str, &str> = known.collect();
        for container in pods.values_mut().flat_map(|pod| pod.containers.values_mut()) {
            let digest = container.image_id.as_deref().and_then(|id| digests.get(id));
            container.image_digest = digest.map(|digest| (*digest).to_owned());
        }
    }

    /// The size of every image in bytes, by each of its names and by what these are with its digest.
    pub(super) fn images(&self) -> BTreeMap<String, u64> {
        let layers = self.entries.iter().filter(|entry| entry.top.is_none());
        let layers: BTreeMap<&str, &Entry<'_>> =
            layers.map(|layer| (short(layer.id), layer)).collect();
        // A container's own layer has a name as well.
        let images = self.entries.iter().filter_map(|entry| Some((entry, entry.top?)));
        let images = images.filter(|(image, _)| !image.names.is_empty());
        let mut sizes = BTreeMap::new();
        for (image, top) in images.take(IMAGES_MAX) {
            let Some(bytes) = size(&layers, top) else { continue };
            for name in &image.names {
                sizes.insert((*name).to_owned(), bytes);
                if let Some(digest) = image.digest {
                    sizes.insert(format!("{}@{digest}", repository(name)), bytes);
                }
            }
        }
        sizes
    }
}

/// The first digits of an id.
fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// What a layer takes and all those below it; `None` where one of them is not listed.
fn size(layers: &BTreeMap<&str, &Entry<'_>>, top: &str) -> Option<u64> {
    let mut next = Some(top);
    let mut bytes: u64 = 0;
    for _ in 0..LAYERS_MAX {
        let Some(id) = next else { return Some(bytes) };
        let layer = layers.get(short(id))?;
        bytes = bytes.saturating_add(layer.bytes);
        next = layer.parent;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(digit: &str) -> String {
        digit.repeat(64)
    }

    /// What `grep` prints of two images that share a layer, one that has no name, one of which a layer is missing, and a
    /// container's own layer.
    fn listed() -> String {
        let image = |id: &str, names: &str, layer: &str| {
            let (id, digest, layer) = (hex(id), hex("d"), &hex(layer)[..12]);
            format!("\"id\":\"{id}\",\"digest\":\"sha256:{digest}\"\n{names}\"layer\":\"{layer}\n")
        };
        let layer = |id: &str, rest: &str| format!("\"id\":\"{}\n{rest}", &hex(id)[..12]);
        let on = |below: &str| format!("\"parent\":\"{}\n", &hex(below)[..12]);
        let named = |names: &str| format!("\"names\":[{names}\n");
        [
            image("a", &named("\"docker.io/library/web:1\",\"reg:5000/web:2\""), "2"),
            image("b", &named("\"docker.io/library/base:1\""), "1"),
            image("c", "", "1"),
            image("e", &named("\"docker.io/library/torn:1\""), "5"),
            layer("1", "\"diff-size\":1000\n"),
            layer("2", &format!("{}\"diff-size\":30\n", on("1"))),
            layer("3", &format!("{}{}", named("\"web-layer\""), on("2"))),
            layer("5", &format!("{}\"diff-size\":1\n", on("6"))),
        ]
        .concat()
    }

    #[test]
    fn images_take_what_their_layers_take_together() {
        let text = listed();
        let sizes = Stored::parse(&text).images();
        let digest = format!("@sha256:{}", hex("d"));
        let mut expected = BTreeMap::new();
        for (name, bytes) in [
            ("docker.io/library/web:1", 1030),
            ("reg:5000/web:2", 1030),
            ("docker.io/library/base:1", 1000),
        ] {
            expected.insert(name.to_owned(), bytes);
            expected.insert(format!("{}{digest}", repository(name)), bytes);
        }
        assert_eq!(sizes, expected, "one whose layers are not all there has no size");
    }

    #[test]
    fn what_an_image_hashes_to_is_known_by_its_whole_id() {
        let text = listed();
        let stored = Stored::parse(&text);
        let known: Vec<_> =
            stored.entries.iter().filter_map(|entry| Some((entry.id, entry.digest?))).collect();
        let digest = format!("sha256:{}", hex("d"));
        let ids = ["a", "b", "c", "e"].map(hex);
        assert_eq!(known, ids.each_ref().map(|id| (id.as_str(), digest.as_str())));
    }

    #[test]
    fn nonsense_says_nothing_and_layers_in_a_circle_end() {
        for text in [
            "",
            "\"",
            "\"\"\"\"\"\"",
            "\"names\":[\"x\"",
            "\"id\":",
            "\"id\":\"é\"\n\"layer\":\"é\"",
        ] {
            assert!(Stored::parse(text).images().is_empty(), "{text}");
        }
        let circle = "\"id\":\"1\"\n\"names\":[\"x:1\"\n\"layer\":\"2\"\n\"id\":\"2\"\n\"parent\":\"2\"\n\"diff-size\":1\n";
        assert!(Stored::parse(circle).images().is_empty());
    }
}
