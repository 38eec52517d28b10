//! What a pod asks for once `LimitRanges` have filled in what was not said, held against its own limits.
//!
//! Source: `ValidateContainerResourceRequirements` and `validatePodResourceConsistency` of Kubernetes' `pkg/apis/core/validation`, which
//! looks at a pod after admission has changed it.

use k8s_openapi::api::core::v1::{Container, PodSpec};

use super::limit_range::Breach;
use super::resources::Asked;
use crate::document::join;
use crate::model::{Amount, container_request, is_shared};

/// What of a pod does not go together, each in the API server's words, with the whole path.
pub fn inconsistent(spec: &PodSpec) -> Vec<Breach> {
    let mut found = Vec::new();
    let lists = [
        ("containers", spec.containers.as_slice()),
        ("initContainers", spec.init_containers.as_deref().unwrap_or_default()),
    ];
    for (list, containers) in lists {
        for (index, container) in containers.iter().enumerate() {
            found.extend(above_limits(container, &format!("{list}[{index}].resources")));
        }
    }
    let whole = spec.resources.as_ref().map(Asked::by).unwrap_or_default();
    for (name, limit) in &whole.limits {
        for (index, container) in spec.containers.iter().enumerate() {
            let own = Asked::by_container(container).limits.get(name).copied();
            if let Some(own) = own.filter(|own| own > limit) {
                let at = format!("containers[{index}].resources.limits");
                let said = format!("containers[{index}][{name}].limits");
                let rule = format!("must be less than or equal to pod limits of {limit}");
                found.push(Breach { path: join(&at, name), what: invalid(&said, own, &rule) });
            }
        }
    }
    for (name, request) in &whole.requests {
        if let Some(sum) = container_request(spec, name).filter(|sum| sum > request) {
            let rule =
                format!("must be greater than or equal to aggregate container requests of {sum}");
            let what = invalid(&format!("resources.requests[{name}]"), *request, &rule);
            found.push(Breach { path: join("resources.requests", name), what });
        }
    }
    found
}

fn above_limits(container: &Container, at: &str) -> Vec<Breach> {
    let Asked { requests, limits } = Asked::by_container(container);
    let requests_at = format!("{at}.requests");
    let wrong = requests.iter().filter_map(|(name, request)| {
        let limit = limits.get(name)?;
        let rule = if request != limit && !is_shared(name) {
            format!("must be equal to {name} limit of {limit}")
        } else if request > limit {
            format!("must be less than or equal to {name} limit of {limit}")
        } else {
            return None;
        };
        let what = invalid(&requests_at, *request, &rule);
        Some(Breach { path: join(&requests_at, name), what })
    });
    wrong.collect()
}

fn invalid(at: &str, value: Amount, rule: &str) -> String {
    format!("spec.{at}: Invalid value: \"{value}\": {rule}")
}
