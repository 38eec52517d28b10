//! What containers request, and what they are limited to.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{PodSpec, ResourceClaim, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::{Check, Seen};
use crate::document::{closest, join, quoted};
use crate::model::names::{Rule, label_key};
use crate::model::{Amount, GPU, GPU_MILLI, container_request, is_native, is_shared};

type Amounts = BTreeMap<String, Quantity>;

/// The resources that every container can ask for.
const OF_CONTAINERS: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];
const HUGE: &str = "hugepages-";

/// Checks what one container asks for; `claims` are the claims of its pod.
pub(super) fn check(
    resources: &ResourceRequirements,
    claims: &BTreeSet<&str>,
    path: &str,
    check: &mut Check<'_>,
) {
    check_amounts(resources, path, check);
    let own = resources.claims.as_deref().unwrap_or_default();
    check_claims(own, claims, &format!("{path}.claims"), check);
}

/// Checks what a pod asks for as a whole.
pub(super) fn check_pod(spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    let Some(whole) = &spec.resources else { return };
    let path = format!("{path}.resources");
    if whole.claims.is_some() {
        check.forbidden(&format!("{path}.claims"), "belong to containers");
    }
    check_amounts(whole, &path, check);
    let (limits, requests) = (whole.limits.as_ref(), whole.requests.as_ref());
    for (field, amounts) in [("limits", limits), ("requests", requests)] {
        let path = format!("{path}.{field}");
        let written = check.written_keys(&path);
        for name in amounts.into_iter().flat_map(BTreeMap::keys) {
            let is_of_pods = matches!(name.as_str(), "cpu" | "memory") || name.starts_with(HUGE);
            if !is_of_pods && written.contains(name.as_str()) {
                let message = "only cpu, memory and huge pages are asked for by a pod as a whole";
                check.key_error("invalid-name", &join(&path, name), message);
            }
        }
    }
    for (name, quantity) in requests.into_iter().flatten() {
        let asked = Amount::parse(&quantity.0).ok();
        if let (Some(sum), Some(asked)) = (container_request(spec, name), asked)
            && sum > asked
        {
            let message = format!("is less than its containers request together, which is {sum}");
            check.error("below-request", &join(&format!("{path}.requests"), name), &message);
        }
    }
}

/// Checks what a pod needs beside its containers.
pub(super) fn check_overhead(overhead: &Amounts, path: &str, check: &mut Check<'_>) {
    for (name, quantity) in overhead {
        check_one(name, quantity, &join(path, name), check);
    }
}

fn check_amounts(resources: &ResourceRequirements, path: &str, check: &mut Check<'_>) {
    let empty = BTreeMap::new();
    let limits = resources.limits.as_ref().unwrap_or(&empty);
    let requests = resources.requests.as_ref().unwrap_or(&empty);
    for (name, limit) in limits {
        check_one(name, limit, &join(&format!("{path}.limits"), name), check);
    }
    let written = check.written_keys(&format!("{path}.requests"));
    for (name, request) in requests {
        let own = join(&format!("{path}.requests"), name);
        // A request that was made up from the limit has nothing wrong that the limit has not.
        if written.contains(name.as_str()) || !limits.contains_key(name) {
            check_one(name, request, &own, check);
            check_request(name, request, limits.get(name), path, check);
        }
    }
    let has = |of: &dyn Fn(&str) -> bool| limits.keys().chain(requests.keys()).any(|name| of(name));
    if has(&|name| name.starts_with(HUGE)) && !has(&|name| name == "cpu" || name == "memory") {
        check.error("required", path, "huge pages need cpu or memory beside them");
    }
}

/// Checks the name and the amount of a resource.
fn check_one(name: &str, quantity: &Quantity, path: &str, check: &mut Check<'_>) {
    check_name(name, path, check);
    let amount = match Amount::parse(&quantity.0) {
        Ok(amount) => amount,
        Err(error) => return check.error("invalid-quantity", path, &error.to_string()),
    };
    if amount.is_negative() {
        check.error("out-of-range", path, "must not be negative");
    } else if is_extended(name) && !amount.is_whole() {
        check.error("invalid-quantity", path, "must be a whole number: it cannot be shared");
    } else if name == GPU_MILLI && amount.units() >= 1000 {
        let help = format!("ask for whole ones with {GPU}");
        check.error_with("out-of-range", path, "must be less than 1000, a whole GPU", &help);
    } else if let Some(size) = name.strip_prefix(HUGE) {
        let page = Amount::parse(size).map_or(0, Amount::units);
        if page <= 0 || amount.units() % page != 0 {
            let message = format!("{amount} is no multiple of the page's size, {size}");
            check.error("invalid-quantity", path, &message);
        }
    }
}

fn check_name(name: &str, path: &str, check: &mut Check<'_>) {
    if let Err(why) = label_key(name) {
        return check.key_error("invalid-name", path, &format!("{} {why}", quoted(name)));
    }
    if name.contains('/') {
        if !is_native(name) && name.starts_with("requests.") {
            let message = format!("{} is not the name of a resource", quoted(name));
            check.key_error("invalid-name", path, &message);
        }
        return;
    }
    if !OF_CONTAINERS.contains(&name) && !name.starts_with(HUGE) {
        let known = OF_CONTAINERS.join(", ");
        let message = format!(
            "{} is no resource of containers: these are {known}, {HUGE}SIZE and names with a `/`",
            quoted(name)
        );
        let help = closest(name, OF_CONTAINERS).map(|meant| format!("did you mean `{meant}`?"));
        check.key_error_with("invalid-name", path, &message, help);
    }
}

/// Whether a resource comes in pieces of some device.
fn is_extended(name: &str) -> bool {
    !is_native(name)
}

fn check_request(
    name: &str,
    request: &Quantity,
    limit: Option<&Quantity>,
    path: &str,
    check: &mut Check<'_>,
) {
    let own = join(&format!("{path}.requests"), name);
    let Some(limit) = limit else {
        if !is_shared(name) {
            let message = format!("needs a limit too: {} is not shared", quoted(name));
            let help = format!("write `{name}: {}` in {path}.limits too", request.0);
            check.error_with("required", &own, &message, &help);
        }
        return;
    };
    let (Ok(asked), Ok(allowed)) = (Amount::parse(&request.0), Amount::parse(&limit.0)) else {
        return;
    };
    if asked > allowed {
        let message = format!("{} is more than the limit of {}", request.0, limit.0);
        check.error("above-limit", &own, &message);
    } else if asked < allowed && !is_shared(name) {
        let message = format!("{} must be the limit, which is {}", request.0, limit.0);
        check.error("below-limit", &own, &message);
    }
}

fn check_claims(own: &[ResourceClaim], claims: &BTreeSet<&str>, path: &str, check: &mut Check<'_>) {
    let mut seen = Seen::default();
    for (index, claim) in own.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let name_path = format!("{path}.name");
        if claim.name.is_empty() {
            check.required(&name_path);
            continue;
        }
        check.name_if_any(&format!("{path}.request"), claim.request.as_deref(), Rule::Label);
        if !claims.contains(claim.name.as_str()) {
            let message =
                format!("there is no {} in the pod's resourceClaims", quoted(&claim.name));
            check.error("unknown-claim", &name_path, &message);
        }
        let key = (claim.name.as_str(), claim.request.as_deref().unwrap_or_default());
        if let Some(first) = seen.before(key, &path) {
            check.twice(&path, &first, &format!("the claim {}", quoted(&claim.name)));
        }
    }
}
