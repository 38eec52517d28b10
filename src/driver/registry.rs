//! What a host's registries have: asked without pulling anything.

use serde_json::Value;

use super::operation::Operation;
use super::podman::ask_for_tag;
use super::script::{Block, BlockOutput, Lock, Output, Script};
use crate::model::{ImageOfList, Platform, content_digest};
use crate::observed::Offered;
use crate::plan::TagToAsk;

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
    let (manifest, digest): (Value, _) = match text.split_once(ONE_IMAGE) {
        // Quoted as a literal of Go, which for a manifest is one of JSON: it is told byte by byte.
        Some((_, quoted)) => {
            let inner: String = first(quoted)?;
            (serde_json::from_str(&inner).ok()?, Some(content_digest(&inner)))
        }
        // Of another type it is written anew, and what it hashed to is lost.
        None => (first(&text[text.find('{')?..])?, None),
    };
    if let Some(id) = manifest.pointer("/config/digest").and_then(Value::as_str) {
        let id = id.strip_prefix("sha256:").filter(|_| is_digest(id))?.to_owned();
        return Some(Offered::Image { id, digest });
    }
    let all = manifest.get("manifests")?.as_array()?.iter().filter_map(|one| {
        let digest = one.get("digest")?.as_str().filter(|digest| is_digest(digest))?;
        let platform = one.get("platform").filter(|platform| platform.is_object()).map(platform);
        Some(ImageOfList { digest: digest.to_owned(), platform })
    });
    Some(Offered::Images(all.collect()))
}

/// What an image of a list is made for; what is said at too great length is nothing that a machine is.
fn platform(said: &Value) -> Platform {
    const LONGEST: usize = 64;
    let word = |name: &str| {
        let text = said.get(name).and_then(Value::as_str).unwrap_or_default();
        text.chars().filter(char::is_ascii_graphic).take(LONGEST).collect()
    };
    Platform { os: word("os"), architecture: word("architecture"), variant: word("variant") }
}

/// Whether a text is a digest as podman takes one.
fn is_digest(text: &str) -> bool {
    let hex = |digits: &str| digits.len() == 64 && digits.chars().all(|c| c.is_ascii_hexdigit());
    text.strip_prefix("sha256:").is_some_and(hex)
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
        let (id, other) = ("43f0".repeat(16), "0a1b".repeat(16));
        let manifest =
            format!(r#"{{\"config\":{{\"digest\":\"sha256:{id}\"}},\"schemaVersion\":2}}"#);
        let single = format!(
            r#"Error: parsing manifest blob "{manifest}" as a "application/vnd.oci.image.manifest.v1+json": Treating single images as manifest lists is not implemented"#
        );
        let told = content_digest(&manifest.replace('\\', ""));
        let image = Offered::Image { id: id.clone(), digest: Some(told) };
        assert_eq!(offered(&single), Some(image));
        let warned = format!(
            "time=\"now\" level=warning msg=\"a single image\"\n{{\n \"config\": {{\"digest\": \"sha256:{id}\"}}\n}}\n"
        );
        assert_eq!(offered(&warned), Some(Offered::Image { id: id.clone(), digest: None }));
        let list = format!(
            r#"{{"manifests": [{{"digest": "sha256:{id}", "platform": {{"architecture": "arm", "os": "linux", "variant": "v7"}}}}, {{"digest": "sha256:{other}"}}, {{"digest": "--all"}}, {{}}]}}"#
        );
        let all = vec![
            ImageOfList {
                digest: format!("sha256:{id}"),
                platform: Some(Platform {
                    os: "linux".to_owned(),
                    architecture: "arm".to_owned(),
                    variant: "v7".to_owned(),
                }),
            },
            ImageOfList { digest: format!("sha256:{other}"), platform: None },
        ];
        assert_eq!(offered(&list), Some(Offered::Images(all)));
        for text in [
            "",
            "Error: no such image",
            "{",
            "parsing manifest blob x",
            "{\"config\": {}}",
            "{\"config\": {\"digest\": \"sha256:--all\"}}",
        ] {
            assert_eq!(offered(text), None, "{text}");
        }
    }

    #[test]
    fn the_digest_is_that_of_the_registry() {
        let hello = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        assert_eq!(content_digest("hello"), hello);
    }
}
