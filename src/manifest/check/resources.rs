//! Requests and limits.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::Check;
use crate::document::join;
use crate::manifest::quantity::amount;

pub(super) fn check(resources: &ResourceRequirements, path: &str, check: &mut Check<'_>) {
    let empty = BTreeMap::new();
    let limits = resources.limits.as_ref().unwrap_or(&empty);
    let requests = resources.requests.as_ref().unwrap_or(&empty);
    check_amounts(limits, &format!("{path}.limits"), check);
    let path = format!("{path}.requests");
    check_amounts(requests, &path, check);
    for (name, request) in requests {
        let Some(limit) = limits.get(name) else { continue };
        if let (Ok(asked), Ok(allowed)) = (amount(name, request), amount(name, limit))
            && asked > allowed
        {
            let message = format!("{} is more than the limit of {}", request.0, limit.0);
            check.error("above-limit", &join(&path, name), &message);
        }
    }
}

fn check_amounts(amounts: &BTreeMap<String, Quantity>, path: &str, check: &mut Check<'_>) {
    for (name, quantity) in amounts {
        if let Err(error) = amount(name, quantity) {
            check.error("invalid-quantity", &join(path, name), &error.to_string());
        }
    }
}
