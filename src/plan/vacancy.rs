//! Which pods can be made now, and which have to wait for room that others have who are leaving.
//!
//! A place is chosen as if who leaves were gone, where there is no other. So that no host ever has more than it takes, the pod
//! itself is made once they are.

use std::collections::BTreeSet;

use super::PlanInput;
use super::amounts::held;
use super::capacity::candidates;
use super::classify::{Condition, has_ended};
use super::pods::{Making, Standing, Turn};
use super::room::empty;
use super::target::Target;
use crate::bindings::{Binding, Bindings};
use crate::model::NodeName;
use crate::schedule::{Fleet, Request};

/// Says of the pods that are to be made which are made now: of each object as many as may be, those that have room.
pub(super) fn make(input: &PlanInput<'_>, target: &Target, standing: &mut Standing) {
    let making = std::mem::take(&mut standing.making);
    let mut vacancy = Vacancy::of(input, &target.bindings, standing, &making);
    for Making { absent, most } in making {
        let mut left = most;
        for key in absent {
            let Some(binding) = target.bindings.pods.get(&key) else { continue };
            if left == 0 {
                standing.later.insert(key);
                continue;
            }
            let room = vacancy.as_mut().map_or(Room::Free, |vacancy| vacancy.take(binding));
            match room {
                Room::Free => {}
                Room::Once => {
                    standing.after.insert(key.clone());
                }
                Room::Taken => {
                    standing.crowded.insert(key);
                    continue;
                }
            }
            left -= 1;
            standing.create.insert(key);
        }
    }
}

/// The room that a host has for a pod which was placed there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// It is there, as far as it hangs on who is leaving.
    Free,
    /// It is there once those have gone who go now.
    Once,
    /// Somebody has it who goes later.
    Taken,
}

/// The hosts with the pods that are there.
struct Vacancy<'a> {
    input: &'a PlanInput<'a>,
    /// Without those that are leaving.
    without: Fleet,
    /// With those that go later.
    then: Fleet,
    /// With all of them.
    now: Fleet,
}

impl<'a> Vacancy<'a> {
    /// What is on the hosts; `None` where no host has both somebody who is leaving and somebody to come.
    fn of(
        input: &'a PlanInput<'a>,
        target: &Bindings,
        standing: &Standing,
        making: &[Making],
    ) -> Option<Self> {
        let absent = making.iter().flat_map(|making| &making.absent);
        let to_come: BTreeSet<&NodeName> =
            absent.filter_map(|key| target.pods.get(key)).map(|binding| &binding.node).collect();
        if !standing.leaving.iter().any(|pod| to_come.contains(&pod.node)) {
            return None;
        }
        let hosts = candidates(input).into_iter();
        let hosts = hosts.filter(|host| target.nodes.contains_key(&host.name)).collect();
        let empty = empty(hosts, input);
        let mut vacancy = Self { input, without: empty.clone(), then: empty.clone(), now: empty };
        for (key, binding) in &target.pods {
            let is_there = standing.conditions.get(key).is_some_and(|c| *c != Condition::Missing);
            if is_there && !has_ended(input, key, binding) {
                vacancy.bind(binding, Leaves::Never);
            }
        }
        for pod in &standing.leaving {
            let Some(binding) = &pod.binding else { continue };
            if !has_ended(input, &pod.key, binding) {
                vacancy.bind(binding, Leaves::In(pod.turn));
            }
        }
        Some(vacancy)
    }

    /// Has a pod take the room that its host has for it, if it can be made now.
    fn take(&mut self, binding: &Binding) -> Room {
        let request = request(binding);
        let [now, then, without] =
            [&mut self.now, &mut self.then, &mut self.without].map(|fleet| {
                let class = fleet.class(&request);
                let host = fleet.host(&binding.node);
                let of = |host| (fleet.has_room(class, host), fleet.is_welcome(class, host));
                host.map_or((true, true), of)
            });
        // What is against a bound pod though nobody is leaving is not for those that leave to mend.
        let has = |(room, welcome): (bool, bool)| (room || !without.0) && (welcome || !without.1);
        let room = match (has(now), has(then)) {
            (true, _) => Room::Free,
            (false, true) => Room::Once,
            (false, false) => return Room::Taken,
        };
        self.bind(binding, Leaves::Never);
        room
    }

    fn bind(&mut self, binding: &Binding, leaves: Leaves) {
        let report = self.input.observed.report(&binding.node);
        let held = held(binding, report.map(|report| &report.facts));
        let fleets: &mut [&mut Fleet] = match leaves {
            Leaves::Never => &mut [&mut self.without, &mut self.then, &mut self.now],
            Leaves::In(Turn::Later) => &mut [&mut self.then, &mut self.now],
            Leaves::In(Turn::Now) => &mut [&mut self.now],
        };
        let request = request(binding);
        for fleet in fleets {
            let class = fleet.class(&request);
            let Some(host) = fleet.host(&binding.node) else { continue };
            match held.clone() {
                Some(held) => fleet.bind_holding(class, host, held),
                None => fleet.bind(class, host),
            };
        }
    }
}

/// When a pod that is there is gone.
#[derive(Clone, Copy)]
enum Leaves {
    Never,
    In(Turn),
}

fn request(binding: &Binding) -> Request {
    Request::of(&binding.pod, binding.owner.clone())
}
