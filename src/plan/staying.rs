//! Which bound pods may stay where they are: their hosts answer or are waited for, and still take them.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::PodSpec;

use super::classify::Condition;
use super::tags::moved_tag;
use super::target::Choice;
use crate::bindings::Binding;
use crate::inventory::{Taint, TaintEffect};
use crate::model::PodKey;
use crate::schedule::{Bearing, bearing, may_stay, unreachable};

impl Choice<'_> {
    /// Whether a bound pod may stay where it is.
    pub(super) fn stays(&mut self, key: &PodKey, binding: &Binding) -> bool {
        let why = match self.condition(key, binding) {
            Condition::Homeless => Some(format!("{} is no longer in the inventory", binding.node)),
            Condition::Unknown { since } if binding.owner.is_some() => {
                let gone = self.input.now.duration_since(since).unsigned_abs();
                let patience = self.patience(binding);
                patience.is_some_and(|patience| gone >= patience).then(|| {
                    format!("{} has been unreachable for {} s", binding.node, gone.as_secs())
                })
            }
            // It has done its work, which is not done again elsewhere.
            Condition::Finished if binding.owner.is_none() => None,
            Condition::Finished
            | Condition::Unknown { .. }
            | Condition::Missing
            | Condition::Broken(_)
            | Condition::Stopped { .. }
            | Condition::Starting(_)
            | Condition::BackOff { .. }
            | Condition::Unready(_)
            | Condition::Running(_) => {
                self.repelled(binding).or_else(|| self.outdated(key, binding))
            }
        };
        match why {
            None => true,
            Some(why) => {
                self.target.displaced.insert(key.clone(), why);
                false
            }
        }
    }

    /// Why one of many like pods has to give way to another: a tag of it has moved. A Pod of its own is made anew in its place.
    fn outdated(&self, key: &PodKey, binding: &Binding) -> Option<String> {
        binding.owner.as_ref()?;
        moved_tag(self.input, key, &binding.node)
    }

    /// How long the host of a pod may be out of reach: as long as the pod itself says, else the fleet; `None` for ever.
    fn patience(&self, binding: &Binding) -> Option<Duration> {
        let spec = binding.pod.spec.as_ref();
        let tolerations = spec.and_then(|spec| spec.tolerations.as_deref()).unwrap_or_default();
        match bearing(&unreachable(TaintEffect::NoExecute), tolerations) {
            Bearing::Never => Some(self.input.inventory.unreachable_after),
            Bearing::Seconds(seconds) => Some(Duration::from_secs(seconds)),
            Bearing::Always => None,
        }
    }

    /// Why the host of a pod sends it away.
    pub(super) fn repelled(&self, binding: &Binding) -> Option<String> {
        let host = self.room.host(&binding.node)?;
        let none = PodSpec::default();
        let spec = binding.pod.spec.as_ref().unwrap_or(&none);
        let tainted = &self.target.bindings.nodes.get(&binding.node)?.tainted;
        let age = |taint: &Taint| {
            let since = tainted.get(&taint.to_string()).copied().unwrap_or(self.input.now);
            u64::try_from(self.input.now.duration_since(since).as_secs()).unwrap_or(0)
        };
        (!may_stay(host, spec, age)).then(|| format!("{} no longer takes this pod", binding.node))
    }
}

/// Since when a host has each of its taints that send pods away.
pub(super) fn ages(
    taints: &[Taint],
    before: &BTreeMap<String, Timestamp>,
    now: Timestamp,
) -> BTreeMap<String, Timestamp> {
    let sending = taints.iter().filter(|taint| taint.effect == TaintEffect::NoExecute);
    let texts = sending.map(ToString::to_string);
    texts.map(|text| (text.clone(), before.get(&text).copied().unwrap_or(now))).collect()
}
