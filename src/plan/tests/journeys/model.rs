//! A fleet on which plans are carried out step by step, and what must hold after each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;

use super::super::fixtures::{Fleet, told};
use super::super::moving::order;
use super::world::{App, Event, World};
use crate::bindings::Binding;
use crate::inventory::Admission;
use crate::model::{Digest, NodeName, Object, PodKey};
use crate::observed::{HostReport, HostState};
use crate::plan::{Action, Plan, Step, drain, rebalance};
use crate::schedule::Request;

/// What each host has, in thousandths of a CPU.
const CPU_MILLI: u64 = 2000;

/// A pod of one making.
type Made = (PodKey, Digest);

/// A fleet on its way.
pub(super) struct Journey {
    pub(super) fleet: Fleet,
    pub(super) world: World,
    /// What hosts have that do not answer.
    silent: BTreeMap<NodeName, HostState>,
    /// Every pod that was ever bound, and what it asks for.
    cpu: BTreeMap<Made, u64>,
}

impl Journey {
    pub(super) fn begin(world: World) -> Self {
        let mut fleet = world.fleet();
        fleet.wants(&world.objects());
        let (silent, cpu) = (BTreeMap::new(), BTreeMap::new());
        Self { fleet, world, silent, cpu }
    }

    pub(super) fn go(&mut self, event: &Event, world: &World) {
        let name = |host: &usize| NodeName::new(&self.world.hosts[*host]);
        match event {
            Event::Wants => self.wants(world),
            Event::Cordon(host) => self.fleet.cordon(name(host).as_str()),
            Event::Uncordon(host) => self.fleet.uncordon(name(host).as_str()),
            Event::Drain(host) => self.drain(&name(host)),
            Event::Silence(host) => self.silence(&name(host)),
            Event::Answer(host) => {
                let host = name(host);
                if let Some(state) = self.silent.remove(&host) {
                    self.fleet.observed.hosts.insert(host, state);
                }
            }
            Event::Rebalance => {
                let evictions = rebalance(&self.fleet.input(), "10%".parse().unwrap());
                self.fleet.bindings.evicting.extend(evictions);
            }
            Event::Kill(host) => {
                let host = name(host);
                if !self.silent.contains_key(&host) {
                    self.fleet.report(host.as_str()).pods.pop_first();
                }
            }
            Event::Rounds(cuts) => {
                for cut in cuts {
                    self.round(cut.map(usize::from));
                }
            }
        }
    }

    fn wants(&mut self, world: &World) {
        let hosts = self.fleet.desired.hosts.clone();
        self.fleet.wants(&world.objects());
        self.fleet.desired.hosts = hosts;
        self.world = world.clone();
    }

    fn drain(&mut self, host: &NodeName) {
        self.fleet.cordon(host.as_str());
        let mut order = order(&[host.as_str()]);
        order.force = true;
        let drain = drain(&self.fleet.input(), &order);
        self.fleet.bindings = drain.bindings(&self.fleet.bindings);
    }

    fn silence(&mut self, host: &NodeName) {
        if let Some(state @ HostState::Reachable(_)) = self.fleet.observed.hosts.get(host).cloned()
        {
            self.silent.insert(host.clone(), state);
            self.fleet.lost(host.as_str(), 0);
        }
    }

    /// One plan, of which so many steps are done; all without a number.
    pub(super) fn round(&mut self, most: Option<usize>) -> Plan {
        self.fleet.now += Duration::from_secs(40);
        let plan = self.fleet.plan();
        self.nothing_new_where_nothing_may_be(&plan);
        let target = plan.target.pods.iter();
        self.cpu.extend(target.map(|(key, binding)| (made(key, binding), cpu(binding))));
        self.quota_is_kept(&plan);
        self.fleet.commit(&plan);
        for step in steps(&plan).take(most.unwrap_or(usize::MAX)) {
            self.budgets_are_kept(step);
            self.fleet.act(step);
            self.room_is_kept(step);
        }
        plan
    }

    /// Rounds until nothing is left to do, and no host is waited for any more.
    pub(super) fn settle(&mut self) {
        self.fleet.now += Duration::from_mins(10);
        for _ in 0..40 {
            if is_at_rest(&self.round(None)) {
                return;
            }
        }
        panic!("it does not settle: {}", told(&self.fleet.plan()));
    }

    /// A pod that was not there is bound to no host that is cordoned or does not answer.
    fn nothing_new_where_nothing_may_be(&self, plan: &Plan) {
        let Fleet { inventory, observed, bindings, .. } = &self.fleet;
        let there =
            |report: &HostReport, key: &PodKey| report.pods.values().any(|pod| pod.key == *key);
        for (key, new) in &plan.target.pods {
            let before = [bindings.pods.get(key), bindings.leaving.get(key)];
            if before.into_iter().flatten().any(|old| old.node == new.node) {
                continue;
            }
            let report = observed.report(&new.node);
            assert!(report.is_some(), "{key} goes to {}, which is silent", new.node);
            let is_open = inventory.hosts[&new.node].admission == Admission::Open;
            let is_there = report.is_some_and(|report| there(report, key));
            assert!(is_open || is_there, "{key} goes to {}, which is cordoned", new.node);
        }
    }

    /// Where a pod is made, all that are there have room together.
    fn room_is_kept(&self, step: &Step) {
        let Action::CreatePod(_) = &step.action else { return };
        let Some(report) = self.fleet.observed.report(&step.node) else { return };
        let there = report.pods.values().map(|pod| (pod.key.clone(), pod.digest.clone()));
        let asked = there.map(|made| (self.cpu.get(&made).copied().unwrap_or(0), made.0));
        let asked: Vec<(u64, PodKey)> = asked.collect();
        let all: u64 = asked.iter().map(|(cpu, _)| cpu).sum();
        assert!(all <= CPU_MILLI, "{} makes it {all}m on {}: {asked:?}", step.title(), step.node);
    }

    /// What we send away leaves as many ready pods as its budget wants.
    fn budgets_are_kept(&self, step: &Step) {
        let Action::DeletePod { key, .. } = &step.action else { return };
        let bindings = &self.fleet.bindings;
        let evicted = bindings.evicting.get(key).is_some_and(|eviction| eviction.from == step.node);
        let Some(app) = evicted.then(|| self.app(key)).flatten() else { return };
        let Some(needs) = needs(app) else { return };
        let ready = self.ready(app);
        assert!(ready > needs, "{key} is one of {ready} that go, and {needs} have to stay");
    }

    /// An important pod comes: where pods make room for it beyond what their budgets let go, there is no host on which
    /// fewer would have.
    pub(super) fn makes_room_for(&mut self, asked: u64) {
        let mut objects = self.world.objects();
        objects.push(json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
            "metadata": {"name": "urgent"}, "value": 20}));
        let requests = json!({"cpu": format!("{asked}m")});
        let containers =
            json!([{"name": "main", "image": "app:1", "resources": {"requests": requests}}]);
        objects.push(json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "urgent", "namespace": "default"},
            "spec": {"priorityClassName": "urgent", "containers": containers}}));
        let before = self.fleet.bindings.pods.clone();
        in_order(&mut self.fleet, &objects);
        let plan = self.fleet.plan();
        let spare = |app: &App| needs(app).map(|needs| self.ready(app).saturating_sub(needs));
        let of = |app: &App, pods: &mut dyn Iterator<Item = &PodKey>| {
            pods.filter(|key| self.app(key).is_some_and(|of| of.name == app.name)).count() as u64
        };
        let breaks = |app: &App| {
            let gone = of(app, &mut plan.target.yielding.keys());
            spare(app).is_some_and(|spare| gone > spare)
        };
        let Some(broken) = self.world.apps.iter().find(|app| breaks(app)) else { return };
        for host in self.fleet.inventory.hosts.keys() {
            let here: Vec<&PodKey> =
                before.iter().filter(|(_, b)| b.node == *host).map(|(key, _)| key).collect();
            let left: u64 = self
                .world
                .apps
                .iter()
                .map(|app| {
                    let count = of(app, &mut here.iter().copied());
                    count.saturating_sub(spare(app).unwrap_or(u64::MAX)) * app.cpu
                })
                .sum();
            assert!(left + asked > CPU_MILLI, "{} is broken, {host} would break none", broken.name);
        }
    }

    fn app(&self, key: &PodKey) -> Option<&App> {
        let is_of = |app: &&App| match app.replicas {
            Some(_) => key.name.starts_with(&format!("{}-", app.name)),
            None => key.name == app.name,
        };
        self.world.apps.iter().find(is_of)
    }

    fn ready(&self, app: &App) -> u64 {
        let reports = self.fleet.observed.reachable();
        let pods = reports.flat_map(|(_, report)| report.pods.values());
        pods.filter(|pod| self.app(&pod.key).is_some_and(|of| of.name == app.name)).count() as u64
    }

    /// Where a pod is taken in, all that are taken in and all that are still there are no more than the quota lets in.
    fn quota_is_kept(&self, plan: &Plan) {
        let Some((most, most_cpu)) = self.world.quota else { return };
        let Fleet { bindings, observed, .. } = &self.fleet;
        let reports = observed.reachable().flat_map(|(_, report)| report.pods.values());
        let there: BTreeSet<Made> =
            reports.map(|pod| (pod.key.clone(), pod.digest.clone())).collect();
        let before = bindings.pods.iter().chain(&bindings.leaving);
        let before: BTreeSet<Made> = before.map(|(key, binding)| made(key, binding)).collect();
        let bound: BTreeSet<Made> =
            plan.target.pods.iter().map(|(key, binding)| made(key, binding)).collect();
        let is_new = |made: &&Made| !before.contains(made) && !there.contains(made);
        let Some((new, _)) = bound.iter().find(is_new) else { return };
        // Such pods are gone before others are made in their places.
        let stays = |(key, _): &&Made| !self.app(key).is_some_and(App::makes_way);
        let all: BTreeSet<&Made> = bound.iter().chain(there.iter().filter(stays)).collect();
        let cpu: u64 = all.iter().map(|made| self.cpu.get(made).copied().unwrap_or(0)).sum();
        let names: Vec<String> = all.iter().map(|(key, _)| key.to_string()).collect();
        assert!(all.len() as u64 <= most, "{new} makes it {} pods of {most}: {names:?}", all.len());
        assert!(cpu <= most_cpu, "{new} makes it {cpu}m of {most_cpu}m: {names:?}");
    }
}

/// How many ready pods a budget wants. Where it says a share and nothing says of how many, it lets none go.
fn needs(app: &App) -> Option<u64> {
    let budget = app.budget.as_ref()?;
    if let Some(least) = budget["minAvailable"].as_u64() {
        return Some(least);
    }
    let Some(all) = app.replicas else { return Some(u64::MAX) };
    let most = budget["maxUnavailable"].as_u64();
    Some(all.saturating_sub(most.unwrap_or_else(|| all.div_ceil(2))))
}

/// The steps that are about pods; hosts report nothing of networks here.
fn steps(plan: &Plan) -> impl Iterator<Item = &Step> {
    plan.steps.iter().filter(|step| match step.action {
        Action::ConfigureNetwork(_)
        | Action::ChangeRules(_)
        | Action::PullImage { .. }
        | Action::TakeOver
        | Action::LeaveHost => false,
        Action::CreatePod(_)
        | Action::UpdateVolumes(_)
        | Action::StartContainers { .. }
        | Action::BringUp { .. }
        | Action::DeletePod { .. }
        | Action::MakeVolume { .. }
        | Action::GrowVolume { .. }
        | Action::ReleaseVolume { .. } => true,
    })
}

/// Whether nothing is left to do.
pub(super) fn is_at_rest(plan: &Plan) -> bool {
    steps(plan).next().is_none()
}

fn made(key: &PodKey, binding: &Binding) -> Made {
    (key.clone(), binding.digest.clone())
}

fn cpu(binding: &Binding) -> u64 {
    Request::of(&binding.pod, None).resources.cpu_milli
}

/// Puts the objects of a fleet in place in this order.
pub(super) fn in_order(fleet: &mut Fleet, objects: &[serde_json::Value]) {
    let hosts = fleet.desired.hosts.clone();
    let objects = objects.iter().map(|json| Object::try_from(json.clone()).unwrap());
    fleet.desired = crate::desired::Desired::default().with(objects);
    fleet.desired.hosts = hosts;
}
