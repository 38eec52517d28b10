//! What the name of an image says of it.

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

#[cfg(test)]
mod tests {
    use super::*;

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
