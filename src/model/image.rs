//! What the name of an image says of it.

use k8s_openapi::api::core::v1::{Container, PodSpec};

/// Whether an image has the tag `latest`, said or unsaid, and so is pulled each time where its container does not say.
///
/// As Kubernetes has it, a digest stands for a tag that is not there, but `nginx:latest@sha256:…` still has one. Source:
/// `ParseImageName` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/util/parsers/parsers.go>
pub fn is_latest(image: &str) -> bool {
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (image, None),
    };
    let last = name.rsplit('/').next().unwrap_or(name);
    match last.split_once(':') {
        Some((_, tag)) => tag == "latest",
        None => digest.is_none(),
    }
}

/// An image's name without its tag and digest.
pub fn repository(image: &str) -> &str {
    let name = image.split_once('@').map_or(image, |(name, _)| name);
    match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    }
}

/// An image's name with its registry: `nginx` is `docker.io/library/nginx`, as every Kubernetes runtime reads it.
pub fn full_name(image: &str) -> String {
    match image.split_once('/') {
        None => format!("docker.io/library/{image}"),
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => image.to_owned(),
        Some(_) => format!("docker.io/{image}"),
    }
}

/// The full names of the images that a pod's containers and volumes ask for, as podman lists them: one for each that asks.
pub fn asked_images(spec: &PodSpec) -> Vec<String> {
    let containers = spec.init_containers.iter().flatten().chain(&spec.containers);
    let images = containers.filter_map(|container| container.image.as_deref());
    let volumes = spec.volumes.iter().flatten();
    let mounted = volumes.filter_map(|volume| volume.image.as_ref()?.reference.as_deref());
    images.chain(mounted).map(|image| listed_name(&full_name(image))).collect()
}

/// The names, as podman lists them, of the images that are asked for at their registries whenever the pod is made.
pub fn pulled_images(spec: &PodSpec) -> Vec<String> {
    let containers = spec.init_containers.iter().flatten().chain(&spec.containers);
    let of_container = |one: &Container| Some((one.image.clone()?, one.image_pull_policy.clone()));
    let images = containers.filter_map(of_container);
    let mounted = spec.volumes.iter().flatten().filter_map(|volume| {
        let source = volume.image.as_ref()?;
        Some((source.reference.clone()?, source.pull_policy.clone()))
    });
    let pulled = images.chain(mounted).filter(|(image, policy)| match policy.as_deref() {
        Some(policy) => policy == "Always",
        None => is_latest(image),
    });
    pulled.map(|(image, _)| listed_name(&full_name(&image))).collect()
}

/// A full name as podman lists it: with the tag that is meant without one, and without one beside a digest.
pub fn listed_name(image: &str) -> String {
    let tagged = |name: &str| name.rsplit('/').next().is_some_and(|last| last.contains(':'));
    match image.split_once('@') {
        Some((name, digest)) => {
            let name =
                if tagged(name) { name.rsplit_once(':').map_or(name, |(n, _)| n) } else { name };
            format!("{name}@{digest}")
        }
        None if tagged(image) => image.to_owned(),
        None => format!("{image}:latest"),
    }
}

/// The longest name of an image without its tag and digest, in characters.
const NAME_MAX: usize = 255;

/// The longest tag, in characters.
const TAG_MAX: usize = 128;

/// Why no image can have this full name, as every container runtime words it; `None` when one can.
///
/// Source: <https://github.com/distribution/reference>, whose grammar all of them use.
pub fn reference_fault(image: &str) -> Option<String> {
    let (rest, digest) = match image.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (image, None),
    };
    let (name, tag) = match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (rest, None),
    };
    let (host, path) = name.split_once('/').unwrap_or(("", name));
    let parts = |text: &str| text.split('/').all(is_component);
    let known = is_host(host) && tag.is_none_or(is_tag) && digest.is_none_or(is_digest);
    if known && parts(path) {
        return (name.len() > NAME_MAX)
            .then(|| format!("repository name must not be more than {NAME_MAX} characters"));
    }
    let fault = "invalid reference format";
    Some(if known && parts(&path.to_ascii_lowercase()) {
        format!("{fault}: repository name ({path}) must be lowercase")
    } else {
        fault.to_owned()
    })
}

fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "0"));
    let label = |label: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !label.is_empty()
            && label.chars().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.split('.').all(label) && !port.is_empty() && port.chars().all(|c| c.is_ascii_digit())
}

/// Small letters and digits, with one dot, one or two underscores or any number of dashes between them.
fn is_component(part: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let between = |gap: &str| matches!(gap, "" | "." | "_" | "__") || gap.chars().all(|c| c == '-');
    part.starts_with(alphanumeric)
        && part.ends_with(alphanumeric)
        && part.split(alphanumeric).all(between)
}

fn is_tag(tag: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.starts_with(word)
        && tag.len() <= TAG_MAX
        && tag.chars().all(|c| word(c) || matches!(c, '.' | '-'))
}

fn is_digest(digest: &str) -> bool {
    let hex = |text: &str| text.len() >= 32 && text.chars().all(|c| c.is_ascii_hexdigit());
    let named = |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic());
    digest.split_once(':').is_some_and(|(name, text)| named(name) && hex(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_name_of_an_image_is_told_from_what_is_one() {
        let digest = format!("docker.io/library/nginx@sha256:{}", "0a".repeat(32));
        for good in [
            "docker.io/library/nginx",
            "docker.io/library/nginx:1.14.2",
            "localhost:5000/a/b_c__d--e.f:Tag_1.-x",
            "10.0.0.1:5000/nginx",
            &digest,
        ] {
            assert_eq!(reference_fault(good), None, "{good}");
        }
        let fault = "invalid reference format";
        for (bad, why) in [
            ("docker.io/library/NGINX:1", ": repository name (library/NGINX) must be lowercase"),
            ("docker.io/library/nginx:", ""),
            ("docker.io/library/nginx:1:2", ""),
            ("docker.io/library/ngi nx", ""),
            ("docker.io/library/nginx:-x", ""),
            ("docker.io/library/nginx@sha256:00", ""),
            ("docker.io/library/-nginx", ""),
            ("docker.io/library/ng..inx", ""),
            ("docker.io//nginx", ""),
            ("docker.io/library/nginx\n--all", ""),
        ] {
            assert_eq!(reference_fault(bad), Some(format!("{fault}{why}")), "{bad}");
        }
    }

    #[test]
    fn short_image_names_are_those_of_docker_hub() {
        for (short, full) in [
            ("nginx", "docker.io/library/nginx"),
            ("bitnami/redis:7", "docker.io/bitnami/redis:7"),
            ("ghcr.io/a/b", "ghcr.io/a/b"),
            ("localhost/x", "localhost/x"),
            ("reg:5000/x", "reg:5000/x"),
        ] {
            assert_eq!(full_name(short), full);
        }
    }

    #[test]
    fn a_repository_has_neither_tag_nor_digest() {
        for image in ["reg:5000/a/b", "reg:5000/a/b:1", "reg:5000/a/b:1@sha256:00"] {
            assert_eq!(repository(image), "reg:5000/a/b");
        }
        assert_eq!(repository("nginx:1"), "nginx");
    }

    #[test]
    fn latest_is_the_tag_that_is_meant_without_one() {
        for (image, latest) in [
            ("nginx", true),
            ("nginx:latest", true),
            ("nginx:latest@sha256:00", true),
            ("localhost:5000/nginx", true),
            ("nginx:1.14.2", false),
            ("nginx:1.14.2@sha256:00", false),
            ("localhost:5000/nginx:1", false),
            ("nginx@sha256:00", false),
        ] {
            assert_eq!(is_latest(image), latest, "{image}");
        }
    }
}
