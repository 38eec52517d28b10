//! Draining hosts: which pods move away, and which stay and why.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use k8s_openapi::api::core::v1::Pod;

use super::budget::{Budget, Readied, budgets};
use super::classify::{Condition, condition, is_pending};
use super::report::Waiting;
use super::{PlanInput, plan};
use crate::bindings::{Binding, Bindings, Eviction, EvictionCause};
use crate::controller::{WantedPods, wanted};
use crate::model::{Kind, NodeName, ObjectKey, PodKey, Selector};
use crate::schedule::{Rejection, describe_rejections};

/// What is to be drained, and what is agreed to.
#[derive(Clone, Debug)]
pub struct DrainOrder {
    /// The hosts.
    pub hosts: BTreeSet<NodeName>,
    /// Pods with other labels stay.
    pub selector: Selector,
    /// Pods of a `DaemonSet` stay, and that is no fault.
    pub ignore_daemon_sets: bool,
    /// What `emptyDir` volumes hold may be lost.
    pub delete_empty_dirs: bool,
    /// Pods that nothing makes anew may be down while they move.
    pub force: bool,
    /// How long pods may take to end, in seconds, where that is not what they say themselves.
    pub grace_seconds: Option<u32>,
}

/// Which pods move away from hosts, and which stay.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drain {
    /// Pods that move.
    pub going: BTreeMap<PodKey, Eviction>,
    /// Pods that stay, the host and why.
    pub staying: BTreeMap<PodKey, (NodeName, Stay)>,
}

/// Why a pod stays on a host that is drained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stay {
    /// It is a `DaemonSet`'s, which bears it.
    Ignored,
    /// It is a `DaemonSet`'s, and nobody said that this is all right.
    DaemonSet,
    /// It has an `emptyDir` volume, and nobody said that this may be lost.
    EmptyDir,
    /// Nothing makes it anew, and nobody said that it may be down.
    NoController,
    /// Its budget lets no pod go now.
    Budget(ObjectKey),
    /// It has several budgets, which Kubernetes does not carry out.
    Budgets,
    /// Its data are on the host.
    Data(String),
    /// No other host takes it, for this reason.
    Nowhere(String),
    /// What takes its place would not be let in, for this reason.
    Refused(String),
    /// Nothing can take its place until somebody mends this.
    Blocked(String),
    /// The host does not answer.
    Unreachable,
    /// It has ended, and would be run again.
    Ended,
}

impl Stay {
    /// What kubectl says of pods of which somebody has to say that they may go; `None` for the others.
    pub fn refusal(&self) -> Option<&'static str> {
        match self {
            Self::DaemonSet => {
                Some("cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)")
            }
            Self::EmptyDir => Some(
                "cannot delete Pods with local storage (use --delete-emptydir-data to override)",
            ),
            Self::NoController => {
                Some("cannot delete Pods that declare no controller (use --force to override)")
            }
            Self::Ignored
            | Self::Budget(_)
            | Self::Budgets
            | Self::Data(_)
            | Self::Nowhere(_)
            | Self::Refused(_)
            | Self::Blocked(_)
            | Self::Unreachable
            | Self::Ended => None,
        }
    }

    /// Whether the host counts as drained all the same.
    pub fn is_fine(&self) -> bool {
        matches!(self, Self::Ignored | Self::Ended)
    }
}

impl fmt::Display for Stay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ignored => f.write_str("a DaemonSet's, which stays"),
            Self::Budget(budget) => {
                write!(f, "the disruption budget {} lets no pod go now", budget.name)
            }
            Self::Budgets => {
                f.write_str("it has more than one PodDisruptionBudget, of which none can be kept")
            }
            Self::Data(why) => write!(f, "pinned by local data: {why}"),
            Self::Nowhere(why) => write!(f, "no other host takes it: {why}"),
            Self::Refused(why) => write!(f, "nothing may take its place: {why}"),
            Self::Blocked(why) => write!(f, "nothing can take its place: {why}"),
            Self::Unreachable => f.write_str("its host does not answer"),
            Self::Ended => f.write_str("it has ended"),
            Self::DaemonSet | Self::EmptyDir | Self::NoController => {
                f.write_str(self.refusal().unwrap_or_default())
            }
        }
    }
}

/// Says which pods move away from hosts, which must be cordoned already, and which stay.
pub fn drain(input: &PlanInput<'_>, order: &DrainOrder) -> Drain {
    let mut drain = Drain::default();
    let wanted = wanted(input.desired);
    let budgets = budgets(input, input.bindings, &wanted);
    let blocked = wanted.iter().filter_map(|wanted| match &wanted.pods {
        WantedPods::Blocked { why, .. } => Some((wanted.source.clone(), why)),
        WantedPods::One(_) | WantedPods::Like { .. } => None,
    });
    let blocked: BTreeMap<ObjectKey, &String> = blocked.collect();
    for (key, binding) in &input.bindings.pods {
        let labels = binding.pod.metadata.labels.clone().unwrap_or_default();
        if !order.hosts.contains(&binding.node) || !order.selector.matches(&labels) {
            continue;
        }
        let going = input.bindings.evicting.get(key);
        if going.is_some_and(|eviction| eviction.from == binding.node) {
            continue;
        }
        let blocked = blocked.get(&binding.source(key)).map(|why| Stay::Blocked((*why).clone()));
        match stay(input, order, &budgets, (key, binding)).or(blocked) {
            Some(why) => {
                drain.staying.insert(key.clone(), (binding.node.clone(), why));
            }
            None => {
                let eviction = Eviction {
                    from: binding.node.clone(),
                    to: None,
                    cause: EvictionCause::Drain,
                    grace_seconds: order.grace_seconds,
                };
                drain.going.insert(key.clone(), eviction);
            }
        }
    }
    drain.keep_those_without_a_place(input);
    drain
}

/// Why a pod stays whatever room there is elsewhere.
fn stay(
    input: &PlanInput<'_>,
    order: &DrainOrder,
    budgets: &[Budget],
    (key, binding): (&PodKey, &Binding),
) -> Option<Stay> {
    let readied = match condition(input, key, binding) {
        Condition::Unknown { .. } | Condition::Homeless => return Some(Stay::Unreachable),
        Condition::Finished => return Some(Stay::Ended),
        Condition::Running(_) => Readied::Ready,
        _ if is_pending(input, key, binding) => Readied::Pending,
        Condition::Missing
        | Condition::Broken(_)
        | Condition::Stopped { .. }
        | Condition::Starting(_)
        | Condition::BackOff { .. }
        | Condition::Unready(_) => Readied::NotReady,
    };
    let owner = binding.owner.as_ref();
    if owner.is_some_and(|owner| owner.kind == Kind::DaemonSet.object()) {
        return Some(if order.ignore_daemon_sets { Stay::Ignored } else { Stay::DaemonSet });
    }
    if has_empty_dir(&binding.pod) && !order.delete_empty_dirs {
        return Some(Stay::EmptyDir);
    }
    if owner.is_none() && !order.force {
        return Some(Stay::NoController);
    }
    let named = binding.pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
    if named.is_some_and(|name| !name.is_empty()) {
        return Some(Stay::Nowhere("its nodeName says this one".to_owned()));
    }
    let mine: Vec<&Budget> = budgets.iter().filter(|b| b.covers(key, &binding.pod)).collect();
    match mine.as_slice() {
        _ if readied == Readied::Pending => None,
        [] => None,
        [budget] => (!budget.lets(readied) && !is_moving(input, budget))
            .then(|| Stay::Budget(budget.key.clone())),
        _ => Some(Stay::Budgets),
    }
}

/// Whether a pod of the budget is on the move: it comes up elsewhere, and the budget has something left again.
fn is_moving(input: &PlanInput<'_>, budget: &Budget) -> bool {
    let bindings = input.bindings;
    let mut moving =
        bindings.evicting.keys().filter_map(|key| Some((key, bindings.leaving.get(key)?)));
    moving.any(|(key, binding)| budget.covers(key, &binding.pod))
}

pub(super) fn has_empty_dir(pod: &Pod) -> bool {
    let volumes = pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten());
    volumes.into_iter().any(|volume| volume.empty_dir.is_some())
}

/// Pods that are still on hosts which are drained, the host and why.
pub type Left = BTreeMap<PodKey, (NodeName, String)>;

impl Drain {
    /// The pods that stay and keep their hosts from being drained.
    pub fn kept(&self) -> Left {
        let kept = self.staying.iter().filter(|(_, (_, why))| !why.is_fine());
        kept.map(|(pod, (node, why))| (pod.clone(), (node.clone(), why.to_string()))).collect()
    }

    /// All pods that keep hosts from being drained: those that stay, and those that have not gone yet.
    pub fn left(&self, target: &Bindings, order: &DrainOrder) -> Left {
        let mut left = self.kept();
        let on_the_way = target.evicting.iter().chain(&self.going);
        let on_the_way = on_the_way.filter(|(_, eviction)| order.hosts.contains(&eviction.from));
        left.extend(on_the_way.map(|(pod, eviction)| {
            let why = "it has not made way yet to what takes its place".to_owned();
            (pod.clone(), (eviction.from.clone(), why))
        }));
        left
    }

    /// The choices with those that move.
    pub fn bindings(&self, before: &Bindings) -> Bindings {
        let mut bindings = before.clone();
        bindings.evicting.extend(self.going.clone());
        bindings
    }

    /// Has those stay that would find no other place: they are worth more where they are.
    fn keep_those_without_a_place(&mut self, input: &PlanInput<'_>) {
        let before = unplaced(input, input.bindings);
        loop {
            let bindings = self.bindings(input.bindings);
            let after = unplaced(input, &bindings);
            let refused = after.values().any(|(_, why)| matches!(why, Stay::Refused(_)));
            // A quota that is full has room for the next when the one has gone.
            let once_gone = refused.then(|| {
                let mut gone = bindings.clone();
                gone.pods.retain(|key, _| !self.going.contains_key(key));
                unplaced(input, &gone)
            });
            let count =
                |all: &Unplaced, object: &ObjectKey| all.get(object).map_or(0, |(pods, _)| *pods);
            let mut back = Vec::new();
            for (object, (pods, why)) in after {
                let known = count(&before, &object);
                let then = once_gone.as_ref().map(|all| count(all, &object));
                if matches!(why, Stay::Refused(_)) && then.is_some_and(|then| then <= known) {
                    continue;
                }
                let more = usize::try_from(pods.saturating_sub(known)).unwrap_or(usize::MAX);
                let mine = self.going.keys().rev().filter(|key| is_of(input, key, &object));
                let mine: Vec<PodKey> = mine.take(more).cloned().collect();
                back.extend(mine.into_iter().map(|key| (key, why.clone())));
            }
            if back.is_empty() {
                return;
            }
            for (key, why) in back {
                if let Some(eviction) = self.going.remove(&key) {
                    self.staying.insert(key, (eviction.from, why));
                }
            }
        }
    }
}

/// How many pods of which objects find no host or are not let in, and why.
type Unplaced = BTreeMap<ObjectKey, (u64, Stay)>;

fn unplaced(input: &PlanInput<'_>, bindings: &Bindings) -> Unplaced {
    let pending = plan(&PlanInput { bindings, ..input.clone() }).report.pending;
    let waits = pending.into_iter().filter_map(|pending| match pending.waiting {
        Waiting::Host { pods, rejections } => Some((pending.object, pods, why(&rejections))),
        Waiting::Refused { pods, what } => Some((pending.object, pods, Stay::Refused(what))),
        Waiting::Unreachable { .. }
        | Waiting::Available { .. }
        | Waiting::Turn { .. }
        | Waiting::Room { .. }
        | Waiting::Mended { .. } => None,
    });
    let mut all = Unplaced::new();
    for (object, pods, why) in waits {
        let (waiting, _) = all.entry(object).or_insert((0, why));
        *waiting = waiting.saturating_add(pods);
    }
    all
}

fn is_of(input: &PlanInput<'_>, key: &PodKey, object: &ObjectKey) -> bool {
    input.bindings.pods.get(key).is_some_and(|binding| binding.source(key) == *object)
}

fn why(rejections: &BTreeMap<NodeName, Rejection>) -> Stay {
    let text = describe_rejections(rejections);
    let by_data = rejections.values().any(|why| matches!(why, Rejection::VolumeAffinity));
    if by_data { Stay::Data(text) } else { Stay::Nowhere(text) }
}
