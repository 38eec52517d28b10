//! Kinds that are kept and not carried out: one rule for all that their objects hold.

use crate::manifest::support::rule::{Rule, no_effect, not_yet};
use crate::model::{Effect, Kind};

/// What becomes of the objects of a kind that is not carried out.
pub(super) fn whole(kind: Kind) -> Rule {
    match kind.effect() {
        Effect::NoneHere if kind == Kind::Node => no_effect("", "hosts are named by the inventory"),
        Effect::NoneHere => no_effect("", "there is no API server that it could speak to"),
        Effect::NotYet | Effect::CarriedOut => not_yet("", missing(kind)),
    }
}

/// What is not there that would carry the kind out.
fn missing(kind: Kind) -> &'static str {
    match kind {
        Kind::ReplicaSet
        | Kind::ReplicationController
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::Job
        | Kind::CronJob => "no pods are made for it",
        Kind::Endpoints | Kind::EndpointSlice => {
            "a Service leads to the pods that it selects alone"
        }
        Kind::Ingress | Kind::IngressClass => "nothing lets calls in from outside",
        Kind::NetworkPolicy => "every pod may call every other",
        Kind::HorizontalPodAutoscaler => "nothing is measured, so nothing is scaled",
        Kind::ServiceAccount => "no pod is given a token",
        Kind::Event => "nothing is told of it",
        _ => "it is kept",
    }
}
