//! `LimitRanges`.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{LimitRange, LimitRangeItem};

use super::{Check, Seen};
use crate::document::{join, quoted};
use crate::model::Amount;

/// What limits can be set for, beside kinds of other groups.
const TYPES: [&str; 3] = ["Pod", "Container", "PersistentVolumeClaim"];

/// What a container can be limited in, beside resources of other groups.
const OF_CONTAINERS: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

/// Billionths in a whole one.
const ONE: i128 = 1_000_000_000;

/// The bounds of one resource as they were read.
type Bounds<'a> = BTreeMap<&'a str, Amount>;

pub(super) fn check(range: &LimitRange, check: &mut Check<'_>) {
    let Some(spec) = &range.spec else { return };
    let mut types = Seen::default();
    for (index, item) in spec.limits.iter().enumerate() {
        let path = format!("spec.limits[{index}]");
        let type_path = format!("{path}.type");
        check_type(&item.type_, &type_path, check);
        if let Some(first) = types.before(item.type_.as_str(), &type_path) {
            check.twice(&type_path, &first, &format!("the type {}", quoted(&item.type_)));
        }
        check_item(item, &path, check);
    }
}

fn check_type(kind: &str, path: &str, check: &mut Check<'_>) {
    if kind.contains('/') {
        check.label_key(path, kind);
    } else {
        check.choice(path, kind, &TYPES);
    }
}

fn check_item(item: &LimitRangeItem, path: &str, check: &mut Check<'_>) {
    let field = |name: &str| format!("{path}.{name}");
    let min = check.none_negative(&field("min"), item.min.as_ref());
    let max = check.none_negative(&field("max"), item.max.as_ref());
    let limit = check.none_negative(&field("default"), item.default.as_ref());
    let request = check.none_negative(&field("defaultRequest"), item.default_request.as_ref());
    let ratio = item.max_limit_request_ratio.as_ref();
    let ratio = check.none_negative(&field("maxLimitRequestRatio"), ratio);
    for (name, resources) in
        [("min", &min), ("max", &max), ("default", &limit), ("defaultRequest", &request)]
    {
        check_resources(item, &field(name), resources, check);
    }
    if item.type_ == "Pod" {
        for (name, there) in
            [("default", !limit.is_empty()), ("defaultRequest", !request.is_empty())]
        {
            if there {
                check.forbidden(&field(name), "is not allowed with `type: Pod`");
            }
        }
    }
    let claims = item.type_ == "PersistentVolumeClaim";
    if claims && !min.contains_key("storage") && !max.contains_key("storage") {
        check.error("required", path, "must have a `min` or a `max` of storage");
    }
    for ((low, one), (high, other)) in [
        (("min", &min), ("max", &max)),
        (("min", &min), ("default", &limit)),
        (("min", &min), ("defaultRequest", &request)),
        (("default", &limit), ("max", &max)),
        (("defaultRequest", &request), ("max", &max)),
        (("defaultRequest", &request), ("default", &limit)),
    ] {
        in_order((&field(low), one), (high, other), check);
    }
    check_ratio(&field("maxLimitRequestRatio"), &ratio, (&min, &max), check);
}

/// Refuses resources that containers do not have.
fn check_resources(item: &LimitRangeItem, path: &str, named: &Bounds<'_>, check: &mut Check<'_>) {
    if !matches!(item.type_.as_str(), "Pod" | "Container") {
        return;
    }
    for name in named.keys() {
        let known = OF_CONTAINERS.contains(name) || name.starts_with("hugepages-");
        if !known && !name.contains('/') {
            let message = format!("{} is no resource of a {}", quoted(name), item.type_);
            check.key_error("invalid-value", &join(path, name), &message);
        }
    }
}

/// Refuses amounts that are above others which they must not be above.
fn in_order(low: (&str, &Bounds<'_>), high: (&str, &Bounds<'_>), check: &mut Check<'_>) {
    for (name, amount) in low.1 {
        if high.1.get(name).is_some_and(|bound| amount > bound) {
            let path = join(low.0, name);
            check.error("out-of-range", &path, &format!("must not be more than `{}`", high.0));
        }
    }
}

fn check_ratio(
    path: &str,
    ratio: &Bounds<'_>,
    (min, max): (&Bounds<'_>, &Bounds<'_>),
    check: &mut Check<'_>,
) {
    for (name, ratio) in ratio {
        let path = join(path, name);
        if ratio.nano() < ONE {
            check.error("out-of-range", &path, "must be 1 or more");
        } else if let (Some(min), Some(max)) = (min.get(name), max.get(name))
            && *min > Amount::ZERO
            && above(*ratio, *min, *max)
        {
            check.error("out-of-range", &path, "must not be more than `max` divided by `min`");
        }
    }
}

/// Whether a ratio is more than the largest amount divided by the least.
fn above(ratio: Amount, min: Amount, max: Amount) -> bool {
    let wanted = ratio.nano().checked_mul(min.nano());
    let most = max.nano().checked_mul(ONE);
    wanted.zip(most).is_some_and(|(wanted, most)| wanted > most)
}
