//! `events.k8s.io`: the same Events as the core's, under other names.

use super::{Advice, Old, rename};
use crate::document::Placed;
use crate::model::Kind;

pub(super) const OLD: &[Old] = &[
    Old { api_version: "events.k8s.io/v1", kind: Kind::Event, lift: event },
    Old { api_version: "events.k8s.io/v1beta1", kind: Kind::Event, lift: event },
];

const NAMES: [(&str, &str); 7] = [
    ("regarding", "involvedObject"),
    ("note", "message"),
    ("reportingController", "reportingComponent"),
    ("deprecatedSource", "source"),
    ("deprecatedFirstTimestamp", "firstTimestamp"),
    ("deprecatedLastTimestamp", "lastTimestamp"),
    ("deprecatedCount", "count"),
];

fn event(object: &mut Placed) -> Advice {
    for (old, new) in NAMES {
        rename(object, old, new);
    }
    vec![
        "write `involvedObject` for `regarding`, `message` for `note`, `reportingComponent` for `reportingController`",
    ]
}
