//! How much a volume in memory holds.

use k8s_openapi::api::core::v1::{Container, PodSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::model::{Resources, parse_quantity_bytes};

/// The least of what the volume asks for, what the pod may use of memory, and what the host has for pods; nothing where none of
/// them is known.
///
/// Source: <https://kubernetes.io/docs/concepts/storage/volumes/#emptydir>
pub(super) fn size(limit: Option<&Quantity>, spec: &PodSpec, usable: Resources) -> Option<u64> {
    let asked = limit.and_then(|limit| parse_quantity_bytes(&limit.0).ok());
    let bounds = [asked, memory_of(spec), Some(usable.memory_bytes)];
    bounds.into_iter().flatten().filter(|bytes| *bytes > 0).min()
}

/// What a pod may use of memory: nothing holds it where a container has no limit.
fn memory_of(spec: &PodSpec) -> Option<u64> {
    let limit = |container: &Container| {
        let limits = container.resources.as_ref()?.limits.as_ref()?;
        parse_quantity_bytes(&limits.get("memory")?.0).ok()
    };
    spec.containers.iter().map(limit).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_least_bound_holds() {
        let usable = Resources { memory_bytes: 4 << 30, ..Resources::default() };
        let of = |asked: &str, limits: &[&str]| {
            let limited = |limit: &&str| match *limit {
                "" => json!({"name": "c"}),
                limit => json!({"name": "c", "resources": {"limits": {"memory": limit}}}),
            };
            let containers: Vec<_> = limits.iter().map(limited).collect();
            let spec = serde_json::from_value(json!({"containers": containers})).unwrap();
            size(Some(&Quantity(asked.to_owned())), &spec, usable)
        };
        assert_eq!(of("1Mi", &["1Gi"]), Some(1 << 20));
        assert_eq!(of("8Gi", &["1Gi", "1Gi"]), Some(2 << 30));
        assert_eq!(of("8Gi", &["1Gi", ""]), Some(4 << 30));
        assert_eq!(of("0", &[""]), Some(4 << 30));
    }
}
