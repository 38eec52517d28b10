//! What there may be in a namespace: quotas and limits.

use crate::manifest::support::rule::{Rule, honoured};

/// A quota's specification.
pub(super) const QUOTA: &[Rule] = &[
    honoured(
        "hard",
        "objects beyond it are refused; pods of a Deployment beyond it are not made, and the plan says why; what is there stays",
    ),
    honoured("scopeSelector", "the pods that the quota is for"),
    honoured("scopes", "the pods that the quota is for"),
];

/// An item of a `LimitRange`.
pub(super) const LIMITS: &[Rule] = &[
    honoured(
        "default",
        "the limits of containers that have none, in pods that are made from now on",
    ),
    honoured(
        "defaultRequest",
        "what containers ask for that say nothing, in pods that are made from now on",
    ),
    honoured(
        "max",
        "a Pod or claim above it is refused; a Deployment makes no such pods, and the plan says so",
    ),
    honoured(
        "maxLimitRequestRatio",
        "pods whose limits are more times their requests are not made",
    ),
    honoured(
        "min",
        "a Pod or claim below it is refused; a Deployment makes no such pods, and the plan says so",
    ),
    honoured("type", "containers, pods as a whole, or claims"),
];
