//! Other names, tags and digests for images.
//!
//! Source: `api/filters/imagetag` and `api/internal/image` of kustomize 5.5: every `image` of a list that is called
//! `containers` or `initContainers`, wherever it stands.

use regex_lite::Regex;

use crate::document::{Finding, Placed, PlacedValue};

use super::file::File;
use super::resource::{Resource, rewrite};
use super::spec::Image;

/// Changes the images of all objects as a kustomization asks.
pub(super) fn set_images(file: &File, resources: &mut [Resource], findings: &mut Vec<Finding>) {
    let lists = [("images", &file.spec.images), ("imageTags", &file.spec.image_tags)];
    for (field, images) in lists {
        for (index, image) in images.iter().enumerate() {
            // The name is a regular expression to kustomize.
            let pattern =
                format!("^{}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$", image.name);
            let Ok(pattern) = Regex::new(&pattern) else {
                let message = format!("{} is no name of an image", image.name);
                findings.push(file.refuse(
                    "kustomization",
                    &format!("{field}[{index}].name"),
                    &message,
                ));
                continue;
            };
            let wanted = Wanted { image, pattern, file, path: format!("{field}[{index}]") };
            for resource in &mut *resources {
                if resource.id().kind != "CustomResourceDefinition" {
                    wanted.walk(&mut resource.value);
                }
            }
        }
    }
}

struct Wanted<'w> {
    image: &'w Image,
    pattern: Regex,
    file: &'w File,
    path: String,
}

impl Wanted<'_> {
    fn walk(&self, value: &mut Placed) {
        match &mut value.value {
            PlacedValue::Scalar(..) => {}
            PlacedValue::Sequence(elements) => elements.iter_mut().for_each(|e| self.walk(e)),
            PlacedValue::Mapping(entries) => {
                for entry in entries {
                    self.walk(&mut entry.value);
                    if matches!(entry.key.as_str(), "containers" | "initContainers") {
                        let containers = entry.value.elements_mut().into_iter().flatten();
                        containers.filter_map(|c| c.get_mut("image")).for_each(|i| self.set(i));
                    }
                }
            }
        }
    }

    fn set(&self, image: &mut Placed) {
        let Some(text) = image.as_scalar().filter(|text| self.pattern.is_match(text)) else {
            return;
        };
        let changed = changed(text, self.image);
        if changed != text {
            let field = match self.image {
                Image { digest, .. } if !digest.is_empty() => "digest",
                Image { new_tag, .. } if !new_tag.is_empty() => "newTag",
                _ => "newName",
            };
            rewrite(image, &changed);
            image.place = Some(self.file.place(&format!("{}.{field}", self.path)));
        }
    }
}

fn changed(text: &str, image: &Image) -> String {
    let (mut name, mut tag, mut digest) = split(text);
    if !image.new_name.is_empty() {
        name = &image.new_name;
    }
    let suffixed = format!("{tag}{}", image.tag_suffix);
    match (image.new_tag.as_str(), image.digest.as_str()) {
        ("", "") if image.tag_suffix.is_empty() => {}
        ("", "") => (tag, digest) = (&suffixed, ""),
        (new, other) => (tag, digest) = (new, other),
    }
    let mut all = name.to_owned();
    for (mark, part) in [(':', tag), ('@', digest)] {
        if !part.is_empty() {
            all.push(mark);
            all.push_str(part);
        }
    }
    all
}

/// The name, tag and digest of an image; a port of its registry is part of the name.
fn split(text: &str) -> (&str, &str, &str) {
    let path = text.find('/').filter(|at| *at > 0).unwrap_or(0);
    let find = |mark| text[path..].find(mark).map(|at| at + path);
    match (find(':'), find('@')) {
        (None, None) => (text, "", ""),
        (tag, Some(digest)) if tag.is_none_or(|tag| digest < tag) => {
            (&text[..digest], "", &text[digest + 1..])
        }
        (Some(tag), Some(digest)) => (&text[..tag], &text[tag + 1..digest], &text[digest + 1..]),
        (Some(tag), None) => (&text[..tag], &text[tag + 1..], ""),
        (None, Some(digest)) => (&text[..digest], "", &text[digest + 1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_fall_into_three_parts() {
        for (text, parts) in [
            ("nginx", ("nginx", "", "")),
            ("nginx:1", ("nginx", "1", "")),
            ("host:5000/nginx", ("host:5000/nginx", "", "")),
            ("host:5000/nginx:1", ("host:5000/nginx", "1", "")),
            ("nginx@sha256:ab", ("nginx", "", "sha256:ab")),
            ("nginx:1@sha256:ab", ("nginx", "1", "sha256:ab")),
        ] {
            assert_eq!(split(text), parts, "{text}");
        }
    }

    #[test]
    fn a_tag_takes_the_place_of_a_digest_and_the_other_way_round() {
        let image = |new_tag: &str, digest: &str| Image {
            new_tag: new_tag.to_owned(),
            digest: digest.to_owned(),
            ..Image::default()
        };
        assert_eq!(changed("a:1@sha256:ab", &image("2", "")), "a:2");
        assert_eq!(changed("a:1", &image("", "sha256:cd")), "a@sha256:cd");
        assert_eq!(changed("a:1", &image("2", "sha256:cd")), "a:2@sha256:cd");
        assert_eq!(changed("a:1@sha256:ab", &image("", "")), "a:1@sha256:ab");
    }
}
