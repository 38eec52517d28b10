//! Volumes of huge pages.
//!
//! Source: <https://kubernetes.io/docs/tasks/manage-hugepages/scheduling-hugepages/>

use k8s_openapi::api::core::v1::{Container, PodSpec};

use crate::model::Amount;

/// The medium; a size may follow.
const HUGE_PAGES: &str = "HugePages";
/// What the resource is called that a container asks for; a size follows.
const RESOURCE: &str = "hugepages-";

/// The size of the pages of a medium: its own, else that of the pages which the pod asks for. `None` where that is no one size.
pub(super) fn page_bytes(medium: &str, spec: &PodSpec) -> Option<u64> {
    let size = match medium.strip_prefix(HUGE_PAGES)? {
        "" => asked(spec)?,
        own => own.strip_prefix('-')?.to_owned(),
    };
    u64::try_from(Amount::parse(&size).ok()?.units()).ok().filter(|bytes| *bytes > 0)
}

fn asked(spec: &PodSpec) -> Option<String> {
    let limits = |container: &Container| container.resources.as_ref()?.limits.clone();
    let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    let names = containers.filter_map(limits).flatten().map(|(name, _)| name);
    let mut sizes: Vec<String> =
        names.filter_map(|name| name.strip_prefix(RESOURCE).map(str::to_owned)).collect();
    sizes.sort();
    sizes.dedup();
    match sizes.as_slice() {
        [size] => Some(size.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_size_is_the_mediums_or_the_only_one_that_is_asked_for() {
        let spec = |sizes: &[&str]| -> PodSpec {
            let limits: std::collections::BTreeMap<String, &str> =
                sizes.iter().map(|size| (format!("hugepages-{size}"), *size)).collect();
            let resources = json!({"limits": limits});
            serde_json::from_value(json!({"containers": [{"name": "c", "resources": resources}]}))
                .unwrap()
        };
        for (medium, sizes, bytes) in [
            ("HugePages", &["2Mi"][..], Some(2 << 20)),
            ("HugePages-1Gi", &["2Mi", "1Gi"], Some(1 << 30)),
            ("HugePages", &["2Mi", "1Gi"], None),
            ("HugePages", &[], None),
            ("HugePages-x", &["2Mi"], None),
            ("Other", &["2Mi"], None),
        ] {
            assert_eq!(page_bytes(medium, &spec(sizes)), bytes, "{medium} {sizes:?}");
        }
    }
}
