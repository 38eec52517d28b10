//! `policy`: what an empty selector of a `PodDisruptionBudget` means has changed.

use super::{Advice, Old, lacks};
use crate::document::Placed;
use crate::model::Kind;

pub(super) const OLD: &[Old] =
    &[Old { api_version: "policy/v1beta1", kind: Kind::PodDisruptionBudget, lift: budget }];

/// An empty selector chose no pod; now it chooses every one, and none at all chooses no pod.
fn budget(object: &mut Placed) -> Advice {
    let Some(spec) = object.get_mut("spec") else { return Vec::new() };
    let is_empty = |selector: &Placed| {
        let part = |key: &str| {
            lacks(selector, key)
                || selector
                    .get(key)
                    .is_some_and(|x| x.entries().is_empty() && x.elements().is_empty())
        };
        selector.is_mapping() && part("matchLabels") && part("matchExpressions")
    };
    if spec.get("selector").is_some_and(is_empty) {
        spec.remove("selector");
        return vec!["leave out `selector: {}`, which chose no pod and would now choose every one"];
    }
    Vec::new()
}
