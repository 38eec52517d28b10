//! Images by their full names, and when the registry is asked for each.

use k8s_openapi::api::core::v1::{Container, PodSpec};

use super::RealiseError;
use super::credentials::credentials;
use crate::controller::Config;
use crate::model::{Hidden, full_name, is_latest, reference_fault};
use crate::plan::PullPolicy;

/// An image that a pod needs on its host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) struct ImageToPull {
    /// Its full name.
    pub(in crate::plan) image: String,
    /// When the registry is asked.
    pub(in crate::plan) policy: PullPolicy,
    /// What the registry is shown, where it is not what the host has.
    pub(in crate::plan) credentials: Option<Hidden>,
}

/// The images that a pod needs, and when the registry is asked for each.
pub(in crate::plan) fn images(
    spec: &PodSpec,
    config: &Config,
) -> Result<Vec<ImageToPull>, RealiseError> {
    let all = spec.init_containers.iter().flatten().chain(&spec.containers);
    let images = all.filter_map(|container| container_image(container, spec, config));
    let volumes = spec.volumes.iter().flatten().filter_map(|volume| {
        let source = volume.image.as_ref()?;
        let (image, asked) = (source.reference.as_deref()?, source.pull_policy.as_deref());
        Some(needed(image, asked, spec, config))
    });
    images.chain(volumes).collect()
}

/// The image that a container needs; `None` where it names none.
pub(in crate::plan) fn container_image(
    container: &Container,
    spec: &PodSpec,
    config: &Config,
) -> Option<Result<ImageToPull, RealiseError>> {
    let image = container.image.as_deref()?;
    Some(needed(image, container.image_pull_policy.as_deref(), spec, config))
}

fn needed(
    image: &str,
    asked: Option<&str>,
    spec: &PodSpec,
    config: &Config,
) -> Result<ImageToPull, RealiseError> {
    if let Some(what) = invalid_image_name(image) {
        return Err(RealiseError::Image(what));
    }
    let (image, policy) = (full_name(image), policy(image, asked));
    let credentials = credentials(&image, spec, config);
    Ok(ImageToPull { image, policy, credentials })
}

/// What the kubelet says of a name that no image can have (`InvalidImageName`); `None` of one that an image can have.
///
/// Source: `applyDefaultImageTag` of <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/images/image_manager.go>
pub fn invalid_image_name(image: &str) -> Option<String> {
    let why = reference_fault(&full_name(image))?;
    Some(format!(
        "Failed to apply default image tag \"{image}\": couldn't parse image name \"{image}\": {why}"
    ))
}

/// When the registry is asked for an image.
///
/// Source of the default: <https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting>
fn policy(image: &str, asked: Option<&str>) -> PullPolicy {
    match asked {
        Some("Always") => PullPolicy::Always,
        Some("Never") => PullPolicy::Never,
        None if is_latest(image) => PullPolicy::Always,
        Some(_) | None => PullPolicy::IfNotPresent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_that_moves_is_asked_for_every_time() {
        let spec = |image: &str| PodSpec {
            containers: vec![Container { image: Some(image.into()), ..Container::default() }],
            ..PodSpec::default()
        };
        for (image, policy) in [
            ("nginx", PullPolicy::Always),
            ("nginx:latest", PullPolicy::Always),
            ("nginx:latest@sha256:0123456789abcdef0123456789abcdef", PullPolicy::Always),
            ("reg:5000/nginx", PullPolicy::Always),
            ("nginx:1.14.2", PullPolicy::IfNotPresent),
            ("nginx@sha256:0123456789abcdef0123456789abcdef", PullPolicy::IfNotPresent),
        ] {
            assert_eq!(
                images(&spec(image), &Config::default()).unwrap()[0].policy,
                policy,
                "{image}"
            );
        }
    }
}
