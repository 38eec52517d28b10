//! Taints of hosts, and the pods that bear them.
//!
//! Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>

use k8s_openapi::api::core::v1::{PodSpec, Toleration};

use super::Candidate;
use crate::inventory::{Taint, TaintEffect};

/// How long a pod bears a taint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearing {
    /// Not at all.
    Never,
    /// So many seconds from when the host got it.
    Seconds(u64),
    /// As long as it is there.
    Always,
}

/// How long pods with these tolerations bear a taint: the first that matches it says so.
///
/// Source: `GetMatchingTolerations` of Kubernetes' taint manager.
pub fn bearing(taint: &Taint, tolerations: &[Toleration]) -> Bearing {
    let Some(first) = tolerations.iter().find(|toleration| tolerates(toleration, taint)) else {
        return Bearing::Never;
    };
    match first.toleration_seconds {
        Some(seconds) => Bearing::Seconds(u64::try_from(seconds).unwrap_or(0)),
        None => Bearing::Always,
    }
}

/// The taint of Kubernetes' nodes that do not answer, which comes with two effects: new pods stay away, and those that are there go.
///
/// Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions>
pub fn unreachable(effect: TaintEffect) -> Taint {
    Taint { key: "node.kubernetes.io/unreachable".to_owned(), value: String::new(), effect }
}

/// The first taint that keeps new pods with these tolerations away. One that is borne for a time does, too: a pod that has left
/// would come back at once, and leave again.
pub(super) fn repelling<'a>(host: &'a Candidate, tolerations: &[Toleration]) -> Option<&'a Taint> {
    host.taints.iter().find(|taint| match taint.effect {
        TaintEffect::NoSchedule => bearing(taint, tolerations) == Bearing::Never,
        TaintEffect::NoExecute => expels(taint, tolerations),
        TaintEffect::PreferNoSchedule => false,
    })
}

/// The first taint that would send pods with these tolerations away, sooner or later.
pub(super) fn expelling<'a>(host: &'a Candidate, tolerations: &[Toleration]) -> Option<&'a Taint> {
    host.taints.iter().find(|taint| expels(taint, tolerations))
}

fn expels(taint: &Taint, tolerations: &[Toleration]) -> bool {
    taint.effect == TaintEffect::NoExecute && bearing(taint, tolerations) != Bearing::Always
}

/// How many taints would rather have pods with these tolerations elsewhere.
pub(super) fn avoided(host: &Candidate, tolerations: &[Toleration]) -> u64 {
    let avoids = |taint: &&Taint| {
        taint.effect == TaintEffect::PreferNoSchedule
            && bearing(taint, tolerations) == Bearing::Never
    };
    host.taints.iter().filter(avoids).count() as u64
}

/// Whether a pod that is bound to this host may stay: its host's taints still allow it. `age` says for how many seconds the host has
/// had a taint. Labels are asked when a pod is placed, and no more while it is there, as `IgnoredDuringExecution` says.
pub fn may_stay(host: &Candidate, spec: &PodSpec, age: impl Fn(&Taint) -> u64) -> bool {
    let tolerations = spec.tolerations.as_deref().unwrap_or_default();
    let mut sending = host.taints.iter().filter(|taint| taint.effect == TaintEffect::NoExecute);
    sending.all(|taint| match bearing(taint, tolerations) {
        Bearing::Never => false,
        Bearing::Seconds(seconds) => age(taint) < seconds,
        Bearing::Always => true,
    })
}

/// Whether the host has every label of `spec.nodeSelector`.
pub(super) fn selects(host: &Candidate, spec: &PodSpec) -> bool {
    spec.node_selector
        .iter()
        .flatten()
        .all(|(key, value)| host.labels.get(key).is_some_and(|have| have == value))
}

/// Whether a toleration matches the taint.
fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let effect = match taint.effect {
        TaintEffect::NoSchedule => "NoSchedule",
        TaintEffect::PreferNoSchedule => "PreferNoSchedule",
        TaintEffect::NoExecute => "NoExecute",
    };
    let key = toleration.key.as_deref().unwrap_or_default();
    let exists = toleration.operator.as_deref() == Some("Exists");
    let same_key = key == taint.key || (key.is_empty() && exists);
    let value = toleration.value.as_deref().unwrap_or_default();
    let numbers = taint.value.parse::<i64>().ok().zip(value.parse::<i64>().ok());
    let same_value = match toleration.operator.as_deref() {
        Some("Exists") => true,
        Some("Gt") => numbers.is_some_and(|(has, asked)| has > asked),
        Some("Lt") => numbers.is_some_and(|(has, asked)| has < asked),
        Some(_) | None => value == taint.value,
    };
    let same_effect = toleration.effect.as_deref().is_none_or(|e| e.is_empty() || e == effect);
    same_key && same_value && same_effect
}
