//! What makes pods.

use crate::manifest::support::rule::{Rule, honoured, not_yet};

pub(super) const DEPLOYMENT: &[Rule] = &[
    honoured("minReadySeconds", "how long a pod must have run before the next one is replaced"),
    not_yet("paused", "a change of the template is rolled out all the same"),
    not_yet("progressDeadlineSeconds", "--timeout says how long a rollout is waited for")
        .unless(&["600"]),
    honoured("replicas", "how many pods there are"),
    not_yet("revisionHistoryLimit", "old revisions are not kept").unless(&["10"]),
    honoured("selector", "must choose the pods of the template, as in Kubernetes"),
    honoured(
        "strategy",
        "how one revision gives way to the next, with maxSurge and maxUnavailable",
    ),
];

pub(super) const TEMPLATE_METADATA: &[Rule] = &[honoured(
    "",
    "labels and annotations are the pods'; names and all else are passed over, as in Kubernetes",
)];

/// What a `PodDisruptionBudget` says.
pub(super) const DISRUPTION_BUDGET: &[Rule] = &[
    honoured(
        "maxUnavailable",
        "so many of the pods that their controllers ask for, or a percentage, rounded up: `drain` and rebalancing keep to it, \
         preemption if it can",
    ),
    honoured("minAvailable", "so many pods have to be ready, or a percentage, rounded up"),
    honoured("selector", "the pods; an empty one all of the namespace, none at all no pod"),
    honoured(
        "unhealthyPodEvictionPolicy",
        "when pods that are not ready may go: always, or while enough others are ready",
    ),
];
