//! What holds for every fleet: the scheduler and the plain rules agree, and nothing that is promised is broken.

use k8s_openapi::api::core::v1::Pod;
use proptest::prelude::*;

use super::any::{Dice, host, lists, pod};
use super::oracle::{BATCH, World, profile, spec};
use crate::inventory::Scheduling;
use crate::model::{Labels, ObjectKey};
use crate::schedule::*;

/// A fleet, and the plain rules beside it.
struct Pair {
    fleet: Fleet,
    world: World,
    ids: Vec<PodId>,
}

impl Pair {
    fn new(hosts: &[Candidate], few: usize) -> Self {
        let team = |team: &str| Labels::from([("team".to_owned(), team.to_owned())]);
        let namespaces: std::collections::BTreeMap<_, _> =
            [("one".to_owned(), team("blue")), ("two".to_owned(), team("red"))].into();
        let fleet = Fleet::new(hosts.to_vec(), namespaces.clone(), Scheduling::default());
        let fleet = fleet.profiled([("batch".to_owned(), BATCH)].into()).with_few(few);
        let (fleet, lists) = (fleet.listed(lists()), lists());
        let world = World { hosts: fleet.hosts().to_vec(), namespaces, lists, ..World::default() };
        Self { fleet, world, ids: Vec::new() }
    }

    /// Places a pod as both would have it.
    fn place(&mut self, request: &Request, pod: &Pod) -> Result<Decision, TestCaseError> {
        let class = self.fleet.class(request);
        self.fleet.expect(class, 1);
        let decision = self.fleet.decide(class, request);
        let allowed: Vec<usize> =
            (0..self.world.hosts.len()).filter(|host| self.world.allows(pod, *host)).collect();
        match &decision {
            Decision::Pending(why) => {
                prop_assert_eq!(&allowed, &Vec::<usize>::new(), "{:?} was pending: {:?}", pod, why);
                prop_assert_eq!(why.len(), self.world.hosts.len());
                if self.makes_room(class, request, pod)? {
                    return self.place(request, pod);
                }
            }
            Decision::Place(name) => {
                let host = self.fleet.host(name).unwrap();
                let again = self.fleet.find(class, request);
                prop_assert_eq!(again, Some(host), "a glance and an index differ");
                let place = self.world.hosts.iter().position(|host| host.name == *name).unwrap();
                prop_assert!(allowed.contains(&place), "{:?} must not be on {}", pod, name);
                let scores = self.fleet.scores(class, request);
                prop_assert_eq!(scores.len(), allowed.len());
                let weights = profile(pod).unwrap().weights;
                for (name, score) in &scores {
                    let at = self.world.hosts.iter().position(|host| host.name == *name).unwrap();
                    let images = match spec(pod).node_name {
                        // A host that nobody would choose is liked for nothing.
                        Some(_) => score.images,
                        None => weights.images * self.world.image_points(pod, at),
                    };
                    let resources = weights.resources * self.world.resource_points(pod, at);
                    let balance = weights.balance * self.world.balance_points(pod, at);
                    prop_assert_eq!(
                        (score.images, score.resources, score.balance),
                        (images, resources, balance),
                        "{:?}",
                        pod
                    );
                }
                let most = scores.values().map(Score::total).max().unwrap();
                let first = scores.iter().find(|(_, score)| score.total() == most).unwrap().0;
                prop_assert!(request.pin != Pin::Nowhere || first == name, "{:?}", scores);
                let id = self.fleet.bind(class, host);
                self.ids.push(id);
                self.world.held.push(self.fleet.held(id));
                self.world.bound.push((pod.clone(), place));
                prop_assert!(self.holds_what_it_asks_for(pod));
            }
        }
        Ok(decision)
    }

    /// Has pods of lower priority go, if that is of use and allowed.
    fn makes_room(
        &mut self,
        class: ClassId,
        request: &Request,
        pod: &Pod,
    ) -> Result<bool, TestCaseError> {
        let priority = |pod: &Pod| spec(pod).priority.unwrap_or(0);
        let without = |gone: &dyn Fn(usize, &Pod, usize) -> bool| {
            let mut world = self.world.clone();
            let bound = self.world.bound.iter().enumerate();
            let stays = bound.filter(|(nth, (pod, at))| !gone(*nth, pod, *at));
            world.bound = stays.clone().map(|(_, bound)| bound.clone()).collect();
            world.held = stays.map(|(nth, _)| self.world.held[nth].clone()).collect();
            world
        };
        let of_use = (0..self.world.hosts.len()).any(|host| {
            let lower =
                |_: usize, other: &Pod, at: usize| at == host && priority(other) < priority(pod);
            without(&lower).allows(pod, host)
        });
        let is_named = spec(pod).node_name.is_some() && priority(pod) < 2_000_000_000;
        let never = is_named || spec(pod).preemption_policy.as_deref() == Some("Never");
        let Some(Preemption { host, victims }) = self.fleet.preempt(class, request) else {
            prop_assert!(never || !of_use, "{:?} could make room", pod);
            return Ok(false);
        };
        prop_assert!(!never && !victims.is_empty());
        let name = self.fleet.name(host);
        let place = self.world.hosts.iter().position(|host| host.name == *name).unwrap();
        let places: Vec<usize> = victims
            .iter()
            .map(|id| self.ids.iter().position(|known| known == id).unwrap())
            .collect();
        for victim in &places {
            let (other, at) = &self.world.bound[*victim];
            prop_assert!(*at == place && priority(other) < priority(pod));
        }
        prop_assert!(without(&|nth, _, _| places.contains(&nth)).allows(pod, place));
        if spec(pod).affinity.is_none() && spec(pod).topology_spread_constraints.is_none() {
            for spared in &places {
                let world = without(&|nth, _, _| nth != *spared && places.contains(&nth));
                prop_assert!(!world.allows(pod, place), "{:?} goes for nothing", spared);
            }
        }
        let mut places = places;
        places.sort_unstable();
        for place in places.into_iter().rev() {
            self.fleet.unbind(self.ids.swap_remove(place));
            self.world.bound.swap_remove(place);
            self.world.held.swap_remove(place);
        }
        Ok(true)
    }

    fn forget(&mut self, which: usize) {
        if !self.ids.is_empty() {
            let which = which % self.ids.len();
            self.fleet.unbind(self.ids.swap_remove(which));
            self.world.bound.swap_remove(which);
            self.world.held.swap_remove(which);
        }
    }

    /// Whether the pod that came last has GPUs as it asks, none twice.
    fn holds_what_it_asks_for(&self, pod: &Pod) -> bool {
        let asked = further_resources(spec(pod));
        let asked = |name: &str| asked.get(name).copied().unwrap_or(0);
        let held = self.world.held.last().unwrap();
        let distinct: std::collections::BTreeSet<_> =
            held.whole.iter().chain(&held.shared).collect();
        held.whole.len() as u64 == asked("nvidia.com/gpu")
            && u64::from(held.shared.is_some()) == asked("bowline/gpu-milli").min(1)
            && distinct.len() == held.whole.len() + usize::from(held.shared.is_some())
    }
}

/// In which order hosts and kinds of pods are given.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    Kept,
    Shuffled,
}

/// Places pods of a few kinds one after the other, some of which go again; returns where they went.
fn history(choices: &[u8], few: usize, given: Order) -> Result<Vec<Decision>, TestCaseError> {
    let mut dice = Dice(choices.iter());
    let mut hosts: Vec<Candidate> = (0..=dice.below(6)).map(|n| host(&mut dice, n)).collect();
    let kinds: Vec<Pod> = (0..=dice.below(4)).map(|_| pod(&mut dice)).collect();
    let order: Vec<(u8, u8)> = (0..12).map(|_| (dice.below(8), dice.below(24))).collect();
    let requests: Vec<Request> = kinds
        .iter()
        .enumerate()
        .map(|(nth, pod)| {
            let owner = ObjectKey::new("Deployment", "one", format!("d-{}", nth / 2));
            Request::of(pod, (nth % 2 == 1).then_some(owner))
        })
        .collect();
    if given == Order::Shuffled {
        hosts.reverse();
    }
    let mut pair = Pair::new(&hosts, few);
    if given == Order::Shuffled {
        for request in requests.iter().rev() {
            pair.fleet.class(request);
        }
    }
    let mut decisions = Vec::new();
    for (kind, goes) in order {
        let kind = usize::from(kind) % kinds.len();
        decisions.push(pair.place(&requests[kind], &kinds[kind])?);
        if goes < 4 {
            pair.forget(usize::from(goes));
        }
    }
    Ok(decisions)
}

fn config() -> ProptestConfig {
    let cases = if cfg!(debug_assertions) { 2_000 } else { 10_000 };
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_scheduler_and_the_plain_rules_agree(choices in prop::collection::vec(any::<u8>(), 0..300)) {
        let by_domain = history(&choices, 64, Order::Kept)?;
        let by_count = history(&choices, 0, Order::Kept)?;
        prop_assert_eq!(&by_domain, &by_count, "how hosts are kept apart changes nothing");
        let mixed = history(&choices, 2, Order::Shuffled)?;
        prop_assert_eq!(&by_domain, &mixed, "nor does the order of the input");
    }
}
