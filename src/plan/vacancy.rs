//! Which pods can be made now, and which have to wait for room that others have who are leaving.
//!
//! A place is chosen as if who leaves were gone, where there is no other. So that no host ever has more than it takes, the pod
//! itself is made once they are. A pod that is made anew as another waits in the same way for what it takes more than before, and
//! others wait for what it takes less.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::PlanInput;
use super::amounts::held;
use super::capacity::candidates;
use super::classify::{Condition, condition, has_ended};
use super::pods::{Making, Standing, Turn};
use super::renewal::{Renewal, covers, renewals};
use super::room::empty;
use super::target::Target;
use crate::bindings::{Binding, Bindings};
use crate::model::{NodeName, PodKey};
use crate::schedule::{Fleet, PodId, Request};

/// Says of the pods that are to be made which are made now: of each object as many as may be, those that have room, the most
/// important first. A pod that has no room to be made anew as another stays what it is.
pub(super) fn make(input: &PlanInput<'_>, target: &mut Target, standing: &mut Standing) {
    let mut making = std::mem::take(&mut standing.making);
    making.sort_by_key(|making| Reverse(priority(&target.bindings, making)));
    let renewals = renewals(input, &target.bindings, standing);
    let mut vacancy = Vacancy::of(input, &target.bindings, standing, (&making, &renewals));
    if let Some(vacancy) = &mut vacancy {
        vacancy.renew(renewals, target, standing);
    }
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

/// How important pods are that are alike.
fn priority(target: &Bindings, making: &Making) -> i32 {
    let first = making.absent.first().and_then(|key| target.pods.get(key));
    first.and_then(|binding| binding.pod.spec.as_ref()?.priority).unwrap_or(0)
}

/// The room that a host has for a pod which was placed there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// It is there, as far as it hangs on who is leaving.
    Free,
    /// It is there once those have gone, or take less, who do so now.
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
    /// How the pods are counted that are to be made anew as others.
    counted: BTreeMap<PodKey, [Option<PodId>; 3]>,
}

impl<'a> Vacancy<'a> {
    /// What is on the hosts; `None` where nobody waits for room that others give up.
    fn of(
        input: &'a PlanInput<'a>,
        target: &Bindings,
        standing: &Standing,
        (making, renewals): (&[Making], &[Renewal]),
    ) -> Option<Self> {
        let absent = making.iter().flat_map(|making| &making.absent);
        let to_come: BTreeSet<&NodeName> =
            absent.filter_map(|key| target.pods.get(key)).map(|binding| &binding.node).collect();
        if renewals.is_empty() && !standing.leaving.iter().any(|pod| to_come.contains(&pod.node)) {
            return None;
        }
        let hosts = candidates(input).into_iter();
        let hosts = hosts.filter(|host| target.nodes.contains_key(&host.name)).collect();
        let empty = empty(hosts, input);
        let (without, then, counted) = (empty.clone(), empty.clone(), BTreeMap::new());
        let mut vacancy = Self { input, without, then, now: empty, counted };
        let anew: BTreeSet<&PodKey> = renewals.iter().map(|renewal| &renewal.key).collect();
        for (key, binding) in target.pods.iter().filter(|(key, _)| !anew.contains(key)) {
            let is_there = standing.conditions.get(key).is_some_and(|c| *c != Condition::Missing);
            if is_there && !has_ended(input, key, binding) {
                vacancy.bind(binding, Leaves::Never);
            }
        }
        for renewal in renewals {
            vacancy.count(renewal, [&renewal.to, renewal.was(), renewal.was()]);
        }
        for pod in &standing.leaving {
            let Some(binding) = &pod.binding else { continue };
            if !has_ended(input, &pod.key, binding) {
                vacancy.bind(binding, Leaves::In(pod.turn));
            }
        }
        Some(vacancy)
    }

    /// Says which pods are made anew as others now. One may make room for another, whichever comes first.
    fn renew(&mut self, renewals: Vec<Renewal>, target: &mut Target, standing: &mut Standing) {
        let mut left = renewals;
        loop {
            let tried = left.len();
            left.retain(|renewal| match self.change(renewal) {
                Room::Taken => true,
                room @ (Room::Free | Room::Once) => {
                    standing.renewed.insert(renewal.key.clone());
                    if room == Room::Once {
                        standing.after.insert(renewal.key.clone());
                    }
                    false
                }
            });
            if left.len() == tried {
                break;
            }
        }
        for Renewal { key, was, .. } in left {
            standing.crowded.insert(key.clone());
            // It is kept up as what it is. Of one that nobody knows that of, nothing is done.
            match was {
                Some(was) => {
                    let condition = condition(self.input, &key, &was);
                    standing.conditions.insert(key.clone(), condition);
                    target.bindings.pods.insert(key, was);
                }
                None => {
                    standing.conditions.remove(&key);
                }
            }
        }
    }

    /// Has a pod take the room of what it is to be instead of what it was, if it can be made anew now. As long as the step is not
    /// done it may be either.
    fn change(&mut self, renewal: &Renewal) -> Room {
        let counted = self.counted.remove(&renewal.key).unwrap_or_default();
        for (fleet, pod) in
            [&mut self.without, &mut self.then, &mut self.now].into_iter().zip(counted)
        {
            if let Some(pod) = pod {
                fleet.unbind(pod);
            }
        }
        let room = self.room(&renewal.to);
        let (to, was) = (&renewal.to, renewal.was());
        match room {
            Room::Taken => self.count(renewal, [to, was, was]),
            Room::Free | Room::Once if covers(&request(was), &request(to)) => {
                self.count(renewal, [to, to, was]);
            }
            Room::Free | Room::Once => {
                self.count(renewal, [to, to, to]);
                if !covers(&request(to), &request(was)) {
                    bind(self.input, &mut self.now, was);
                }
            }
        }
        room
    }

    /// Counts a pod that is to be made anew: without those that are leaving, with those that go later, and with all of them.
    fn count(&mut self, renewal: &Renewal, as_what: [&Binding; 3]) {
        let [without, then, now] = as_what;
        let counted = [
            bind(self.input, &mut self.without, without),
            bind(self.input, &mut self.then, then),
            bind(self.input, &mut self.now, now),
        ];
        self.counted.insert(renewal.key.clone(), counted);
    }

    /// Has a pod take the room that its host has for it, if it can be made now.
    fn take(&mut self, binding: &Binding) -> Room {
        let room = self.room(binding);
        if room != Room::Taken {
            self.bind(binding, Leaves::Never);
        }
        room
    }

    /// The room that its host has for a pod.
    fn room(&mut self, binding: &Binding) -> Room {
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
        match (has(now), has(then)) {
            (true, _) => Room::Free,
            (false, true) => Room::Once,
            (false, false) => Room::Taken,
        }
    }

    fn bind(&mut self, binding: &Binding, leaves: Leaves) {
        let fleets: &mut [&mut Fleet] = match leaves {
            Leaves::Never => &mut [&mut self.without, &mut self.then, &mut self.now],
            Leaves::In(Turn::Later) => &mut [&mut self.then, &mut self.now],
            Leaves::In(Turn::Now) => &mut [&mut self.now],
        };
        for fleet in fleets {
            bind(self.input, fleet, binding);
        }
    }
}

/// When a pod that is there is gone.
#[derive(Clone, Copy)]
enum Leaves {
    Never,
    In(Turn),
}

/// Counts a pod on its host; `None` where the fleet has no such host.
fn bind(input: &PlanInput<'_>, fleet: &mut Fleet, binding: &Binding) -> Option<PodId> {
    let report = input.observed.report(&binding.node);
    let held = held(binding, report.map(|report| &report.facts));
    let class = fleet.class(&request(binding));
    let host = fleet.host(&binding.node)?;
    Some(match held {
        Some(held) => fleet.bind_holding(class, host, held),
        None => fleet.bind(class, host),
    })
}

fn request(binding: &Binding) -> Request {
    Request::of(&binding.pod, binding.owner.clone())
}
