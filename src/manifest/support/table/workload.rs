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
