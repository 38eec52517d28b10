//! What a host's registries have: asked without pulling anything.

use serde_json::Value;

use super::operation::Operation;
use super::podman::ask_for_tag;
use super::script::{Block, BlockOutput, Lock, Output, Script};
use crate::plan::{Offered, TagToAsk};

/// Asks a host's registries for tags, each by a block of its own.
pub fn ask_script(tags: &[TagToAsk]) -> Script {
    let block = |tag: &TagToAsk| Block {
        title: format!("ask for {}", tag.image),
        needs: Vec::new(),
        commands: vec![ask_for_tag(tag)],
    };
    Script {
        operation: Operation::AskTags { tags: tags.to_vec() },
        lock: Lock::None,
        blocks: tags.iter().map(block).collect(),
    }
}

/// Reads a host's answers to [`ask_script`], in the order of the tags; `None` of one that nobody answered for.
pub fn parse_asked(output: &Output) -> Vec<Option<Offered>> {
    let answers = output.blocks.iter().map(|block| match block {
        BlockOutput::Ran(ran) => {
            ran.first().and_then(|answer| offered(&String::from_utf8_lossy(&answer.stdout)))
        }
        BlockOutput::Skipped => None,
    });
    answers.collect()
}

/// What podman says before a manifest of one image, which it takes for an error: it was asked for a list.
const ONE_IMAGE: &str = "parsing manifest blob ";

/// Reads what podman printed: a list, or what it says of a single image.
///
/// Source: `ManifestInspect` of <https://github.com/containers/podman/blob/main/pkg/domain/infra/abi/manifest.go>
fn offered(text: &str) -> Option<Offered> {
    let manifest: Value = match text.split_once(ONE_IMAGE) {
        // Quoted as a literal of Go, which for a manifest is one of JSON.
        Some((_, quoted)) => {
            let inner: String = first(quoted)?;
            serde_json::from_str(&inner).ok()?
        }
        None => first(&text[text.find('{')?..])?,
    };
    if let Some(digest) = manifest.pointer("/config/digest").and_then(Value::as_str) {
        return Some(Offered::Image(digest.strip_prefix("sha256:")?.to_owned()));
    }
    let all = manifest.get("manifests")?.as_array()?.iter().filter_map(|one| {
        let machine = one.pointer("/platform/architecture").and_then(Value::as_str);
        Some((one.get("digest")?.as_str()?.to_owned(), machine.map(str::to_owned)))
    });
    Some(Offered::Images(all.collect()))
}

/// The value that a text begins with, whatever comes after it.
fn first<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::Deserializer::from_str(text).into_iter().next()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_single_images_are_read() {
        let single = r#"Error: parsing manifest blob "{\"config\":{\"digest\":\"sha256:43f0\"},\"schemaVersion\":2}" as a "application/vnd.oci.image.manifest.v1+json": Treating single images as manifest lists is not implemented"#;
        let warned = "time=\"now\" level=warning msg=\"a single image\"\n{\n \"config\": {\"digest\": \"sha256:43f0\"}\n}\n";
        for text in [single, warned] {
            assert_eq!(offered(text), Some(Offered::Image("43f0".to_owned())), "{text}");
        }
        let list = r#"{"manifests": [{"digest": "sha256:1", "platform": {"architecture": "arm64", "os": "linux"}}, {"digest": "sha256:2"}, {}]}"#;
        let all =
            vec![("sha256:1".to_owned(), Some("arm64".to_owned())), ("sha256:2".to_owned(), None)];
        assert_eq!(offered(list), Some(Offered::Images(all)));
        for text in ["", "Error: no such image", "{", "parsing manifest blob x", "{\"config\": {}}"]
        {
            assert_eq!(offered(text), None, "{text}");
        }
    }
}
