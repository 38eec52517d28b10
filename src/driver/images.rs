//! The images of a host: what podman lists, and what is removed of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::error::ReportError;
use crate::observed::HostImage;

/// The argv that lists a host's images, read by [`parse_images`].
pub fn images_argv() -> Vec<String> {
    ["podman", "images", "--no-trunc", "--format", "json"].map(str::to_owned).into()
}

/// The argv that removes images by name or id. One that a container uses is not removed, and podman says so.
pub fn remove_images_argv(names: &[String]) -> Vec<String> {
    let argv = ["podman", "image", "rm", "--"].map(str::to_owned).into_iter();
    argv.chain(names.iter().cloned()).collect()
}

/// One entry of `podman images --format json`, as far as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    repo_digests: Option<Vec<String>>,
    #[serde(default)]
    created: i64,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    containers: i64,
}

/// Reads what podman printed: each image once, in order of its id.
///
/// # Errors
///
/// When it is no list of images.
pub fn parse_images(text: &[u8]) -> Result<Vec<HostImage>, ReportError> {
    let entries: Option<Vec<Entry>> = serde_json::from_slice(text)
        .map_err(|error| ReportError::unreadable("podman images", &error))?;
    let mut images: BTreeMap<String, HostImage> = BTreeMap::new();
    for entry in entries.unwrap_or_default() {
        // podman 4 lists an image once for each of its names.
        let image = images.entry(entry.id.clone()).or_insert_with(|| HostImage {
            id: entry.id,
            names: Vec::new(),
            digest: Some(entry.digest).filter(|digest| !digest.is_empty()),
            pinned: entry.repo_digests.unwrap_or_default(),
            created: Timestamp::from_second(entry.created).ok().filter(|_| entry.created > 0),
            size_bytes: entry.size,
            containers: u64::try_from(entry.containers).unwrap_or(0),
        });
        image.names.extend(entry.names.unwrap_or_default());
        image.names.sort();
        image.names.dedup();
    }
    Ok(images.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_read_once_with_all_of_their_names() {
        let text = r#"[
            {"Id": "b", "Names": ["x:2", "x:1"], "Digest": "sha256:1", "RepoDigests": ["x@sha256:1"],
             "Created": 7, "Size": 5, "Containers": 2, "ParentId": ""},
            {"Id": "b", "Names": ["x:1"], "Created": 7, "Size": 5, "Containers": 2},
            {"Id": "a", "Names": null, "RepoTags": null, "RepoDigests": null, "Size": 1}]"#;
        let images = parse_images(text.as_bytes()).unwrap();
        assert_eq!(images.iter().map(|image| image.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((images[0].names.len(), images[0].created), (0, None));
        assert_eq!((images[1].names.join(" ").as_str(), images[1].containers), ("x:1 x:2", 2));
        assert!(parse_images(b"null").unwrap().is_empty());
        assert!(parse_images(b"Error: boom").is_err());
    }

    #[test]
    fn a_name_is_never_an_option() {
        let argv = remove_images_argv(&["--all".to_owned()]).join(" ");
        assert_eq!(argv, "podman image rm -- --all");
    }
}
