//! What holds for every fleet: the scheduler and the plain rules agree, and nothing that is promised is broken.

use k8s_openapi::api::core::v1::Pod;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::fixtures::labelled;
use super::oracle::{BATCH, World, profile, spec};
use crate::inventory::{Scheduling, Taint, TaintEffect};
use crate::model::{Labels, ObjectKey, Resources};
use crate::schedule::*;

/// Choices, one byte each; when they are used up every choice is the first.
struct Dice<'a>(std::slice::Iter<'a, u8>);

impl Dice<'_> {
    fn below(&mut self, end: u8) -> u8 {
        self.0.next().copied().unwrap_or(0) % end
    }

    fn one_in(&mut self, times: u8) -> bool {
        self.below(times) + 1 == times
    }

    fn of<'v>(&mut self, values: &[&'v str]) -> &'v str {
        values[usize::from(self.below(u8::try_from(values.len()).unwrap()))]
    }
}

/// Images by their full names, and how many MiB they take.
const IMAGES: [(&str, u64); 3] =
    [("docker.io/library/big:1", 900), ("reg.io/middle:latest", 60), ("reg.io/small:1", 5)];

fn host(dice: &mut Dice<'_>, number: u8) -> Candidate {
    let name = format!("node-{number}");
    let mut labels = Labels::from([("kubernetes.io/hostname".to_owned(), name.clone())]);
    if !dice.one_in(6) {
        labels.insert("zone".to_owned(), dice.of(&["a", "b", "c"]).to_owned());
    }
    if !dice.one_in(4) {
        labels.insert("rack".to_owned(), dice.of(&["1", "2", "3", "4"]).to_owned());
    }
    let taint = |dice: &mut Dice<'_>| Taint {
        key: dice.of(&["k", "l"]).to_owned(),
        value: dice.of(&["", "v"]).to_owned(),
        effect: [TaintEffect::NoSchedule, TaintEffect::PreferNoSchedule, TaintEffect::NoExecute]
            [usize::from(dice.below(3))],
    };
    let further = dice.one_in(3).then(|| ("example.com/gpu".to_owned(), 2));
    let gpus = dice.one_in(2).then(|| ("nvidia.com/gpu".to_owned(), 1 + u64::from(dice.below(3))));
    let images = IMAGES.map(|(name, megabytes)| {
        let grown = 1 + u64::from(dice.below(2));
        dice.one_in(2).then(|| (name.to_owned(), (grown * megabytes) << 20))
    });
    let storage = dice.one_in(3).then(|| ("ephemeral-storage".to_owned(), 3));
    Candidate {
        name: name.as_str().into(),
        labels,
        taints: (0..dice.below(8).saturating_sub(5)).map(|_| taint(dice)).collect(),
        allocatable: Resources {
            cpu_milli: 500 * u64::from(dice.below(5)),
            memory_bytes: 1000 * u64::from(dice.below(5)),
            pods: 1 + u64::from(dice.below(6)),
        },
        further: further.into_iter().chain(storage).chain(gpus).collect(),
        images: images.into_iter().flatten().collect(),
        readiness: if dice.one_in(8) { Readiness::Unreachable } else { Readiness::Ready },
    }
}

const TOPOLOGIES: [&str; 4] = ["kubernetes.io/hostname", "zone", "rack", "none"];

fn selector(dice: &mut Dice<'_>) -> Value {
    match dice.below(6) {
        0 => json!({}),
        1 => {
            json!({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": [dice.of(&["x", "y"])]}]})
        }
        2 => json!({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}),
        _ => json!({"matchLabels": {"app": dice.of(&["x", "y"])}}),
    }
}

fn term(dice: &mut Dice<'_>) -> Value {
    let mut term = json!({"topologyKey": dice.of(&TOPOLOGIES)});
    if !dice.one_in(8) {
        term["labelSelector"] = selector(dice);
    }
    match dice.below(6) {
        1 => term["namespaces"] = json!([dice.of(&["one", "two"])]),
        2 => term["namespaceSelector"] = json!({}),
        3 => term["namespaceSelector"] = json!({"matchLabels": {"team": "blue"}}),
        _ => {}
    }
    match dice.below(6) {
        1 => term["matchLabelKeys"] = json!(["tier"]),
        2 => term["mismatchLabelKeys"] = json!(["tier"]),
        _ => {}
    }
    term
}

fn spread(dice: &mut Dice<'_>) -> Value {
    let kind = dice.of(&["DoNotSchedule", "ScheduleAnyway"]);
    let mut constraint = json!({"maxSkew": 1 + dice.below(2), "topologyKey": dice.of(&TOPOLOGIES),
        "whenUnsatisfiable": kind, "labelSelector": selector(dice)});
    if dice.one_in(3) {
        constraint["nodeAffinityPolicy"] = json!(dice.of(&["Ignore", "Honor"]));
    }
    if dice.one_in(3) {
        constraint["nodeTaintsPolicy"] = json!(dice.of(&["Honor", "Ignore"]));
    }
    if dice.one_in(4) && kind == "DoNotSchedule" {
        constraint["minDomains"] = json!(1 + dice.below(4));
    }
    if dice.one_in(4) {
        constraint["matchLabelKeys"] = json!(["tier"]);
    }
    constraint
}

/// A pod of which few things are asked at once, so that it often fits.
fn pod(dice: &mut Dice<'_>) -> Pod {
    let mut labels = json!({"app": dice.of(&["x", "y", "z"])});
    if dice.one_in(3) {
        labels["tier"] = json!(dice.of(&["1", "2"]));
    }
    let mut requests = json!({"cpu": format!("{}m", 250 * u64::from(dice.below(4)))});
    if dice.one_in(3) {
        requests["memory"] = json!(format!("{}", 500 * u64::from(dice.below(4))));
    }
    if dice.one_in(6) {
        requests[dice.of(&["example.com/gpu", "ephemeral-storage"])] = json!("1");
    }
    match dice.below(6) {
        0 => requests["nvidia.com/gpu"] = json!(format!("{}", 1 + dice.below(2))),
        1 => requests["bowline/gpu-milli"] = json!(dice.of(&["300", "500", "700", "1000"])),
        2 => {
            requests["nvidia.com/gpu"] = json!("1");
            requests["bowline/gpu-milli"] = json!("400");
        }
        _ => {}
    }
    let mut container = json!({"name": "c", "resources": {"requests": requests}});
    if dice.one_in(6) {
        container["ports"] = json!([{"containerPort": 80, "hostPort": 80 + u64::from(dice.below(2)),
            "hostIP": dice.of(&["0.0.0.0", "10.0.0.1", "10.0.0.2"])}]);
    }
    let names = ["big:1", "reg.io/middle", "reg.io/small:1"];
    if dice.one_in(2) {
        container["image"] = json!(dice.of(&names));
    }
    let mut spec = json!({"containers": [container]});
    if dice.one_in(5) {
        spec["initContainers"] = json!([{"name": "i", "image": dice.of(&names)}]);
    }
    match dice.below(8) {
        0 => spec["nodeSelector"] = json!({"zone": dice.of(&["a", "b"])}),
        1 => spec["nodeName"] = json!(format!("node-{}", dice.below(4))),
        2 => spec["affinity"]["nodeAffinity"] = nodes(dice),
        _ => {}
    }
    if dice.one_in(3) {
        spec["tolerations"] = json!([{"key": dice.of(&["k", "l", "node.kubernetes.io/unreachable"]), "operator": dice.of(&["Exists", "Equal"])}]);
    }
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    for kind in ["podAffinity", "podAntiAffinity"] {
        if dice.one_in(4) {
            let terms: Vec<Value> = (0..=dice.below(2)).map(|_| term(dice)).collect();
            spec["affinity"][kind][required] = json!(terms);
        }
        if dice.one_in(4) {
            let wish = json!({"weight": 1 + dice.below(100), "podAffinityTerm": term(dice)});
            spec["affinity"][kind][preferred] = json!([wish]);
        }
    }
    if dice.one_in(3) {
        let all: Vec<Value> = (0..=dice.below(2)).map(|_| spread(dice)).collect();
        spec["topologySpreadConstraints"] = json!(all);
    }
    if dice.one_in(3) {
        spec["priority"] = json!(i32::from(dice.below(3)) - 1);
        spec["preemptionPolicy"] =
            json!(dice.of(&["PreemptLowerPriority", "PreemptLowerPriority", "Never"]));
    }
    if dice.one_in(3) {
        let names = ["batch", "binpack", "spread", "default-scheduler", "batch", "nobody"];
        spec["schedulerName"] = json!(dice.of(&names));
    }
    let mut pod = labelled(labels, spec);
    pod.metadata.namespace = Some(dice.of(&["one", "two"]).to_owned());
    pod
}

fn nodes(dice: &mut Dice<'_>) -> Value {
    let zone = json!({"matchExpressions": [{"key": "zone", "operator": dice.of(&["In", "NotIn"]), "values": ["a"]}]});
    let name = format!("node-{}", dice.below(4));
    let name =
        json!({"matchFields": [{"key": "metadata.name", "operator": "In", "values": [name]}]});
    let terms = match dice.below(3) {
        0 => json!([zone]),
        1 => json!([name]),
        _ => json!([zone, name]),
    };
    json!({"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms},
        "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1 + dice.below(9), "preference": zone}]})
}

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
        let world = World { hosts: fleet.hosts().to_vec(), namespaces, ..World::default() };
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
                    let images = weights.images * self.world.image_points(pod, at);
                    let resources = weights.resources * self.world.resource_points(pod, at);
                    prop_assert_eq!(
                        (score.images, score.resources),
                        (images, resources),
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
        let never = spec(pod).preemption_policy.as_deref() == Some("Never");
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
