//! What the manifests of a host's images hash to. podman's list of containers does not say it.

use std::collections::BTreeMap;

use super::script::Command;
use crate::observed::ObservedPod;

/// podman's own lists of images, one of which is there: reading it costs a fraction of asking podman.
const LISTS: [&str; 2] = [
    "/var/lib/containers/storage/overlay-images/images.json",
    "/var/lib/containers/storage/vfs-images/images.json",
];

/// How an entry of such a list begins.
///
/// Source: `Image` of <https://github.com/containers/storage/blob/main/images.go>
const ENTRY: &str = r#""id":"[0-9a-f]{64}","digest":"sha256:[0-9a-f]{64}""#;

/// Asks for every image's id and the digest of its manifest. Of a host that keeps its images elsewhere nothing is known.
pub(super) fn list() -> Command {
    Command::reads(["grep", "-ohsE", ENTRY].into_iter().chain(LISTS)).accepting(1).accepting(2)
}

/// Writes to containers what their images hash to.
pub(super) fn fill(pods: &mut BTreeMap<String, ObservedPod>, text: &str) {
    let digests: BTreeMap<&str, &str> = text.lines().filter_map(entry).collect();
    let containers = pods.values_mut().flat_map(|pod| pod.containers.values_mut());
    for container in containers {
        let digest = container.image_id.as_deref().and_then(|id| digests.get(id));
        container.image_digest = digest.map(|digest| (*digest).to_owned());
    }
}

fn entry(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split('"').skip(3).step_by(4);
    let (id, digest) = (words.next()?, words.next()?);
    let hex = |text: &str| text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit());
    (hex(id) && hex(digest.strip_prefix("sha256:")?)).then_some((id, digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_an_id_and_a_digest_and_nothing_else() {
        let (id, hash) = ("0a".repeat(32), "1b".repeat(32));
        let line = format!("\"id\":\"{id}\",\"digest\":\"sha256:{hash}\"");
        assert_eq!(entry(&line), Some((id.as_str(), format!("sha256:{hash}").as_str())));
        for line in ["", "\"id\":\"x\",\"digest\":\"sha256:y\"", "\"\"\"\"\"\"\"\""] {
            assert_eq!(entry(line), None, "{line}");
        }
    }
}
