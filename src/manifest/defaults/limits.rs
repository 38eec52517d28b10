//! `ResourceQuotas` and `LimitRanges`.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{LimitRange, LimitRangeItem, ResourceQuota};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::manifest::quantity::spell;

pub(super) fn complete_quota(quota: &mut ResourceQuota) {
    if let Some(spec) = &mut quota.spec {
        spell(&mut spec.hard);
    }
}

pub(super) fn complete_range(range: &mut LimitRange) {
    let limits = range.spec.iter_mut().flat_map(|spec| &mut spec.limits);
    limits.for_each(complete_item);
}

/// Of a container, the default limit is the maximum, and the default request is the default limit or else the minimum.
fn complete_item(item: &mut LimitRangeItem) {
    let LimitRangeItem { default, default_request, max, max_limit_request_ratio, min, type_ } =
        item;
    for amounts in
        [&mut *default, &mut *default_request, &mut *max, max_limit_request_ratio, &mut *min]
    {
        spell(amounts);
    }
    if type_ == "Container" {
        supply(default, max.as_ref());
        supply(default_request, default.as_ref());
        supply(default_request, min.as_ref());
    }
    for amounts in [default, default_request, max, min] {
        if amounts.as_ref().is_some_and(BTreeMap::is_empty) {
            *amounts = None;
        }
    }
}

type Amounts = BTreeMap<String, Quantity>;

/// Takes over the amounts that are not there yet.
fn supply(into: &mut Option<Amounts>, from: Option<&Amounts>) {
    for (name, amount) in from.into_iter().flatten() {
        into.get_or_insert_default().entry(name.clone()).or_insert_with(|| amount.clone());
    }
}
