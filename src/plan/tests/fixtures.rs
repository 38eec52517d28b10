//! A fleet in a line, and what a plan says of its pods in a few.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::bindings::Bindings;
use crate::desired::{Desired, Pen};
use crate::document::Source;
use crate::inventory::{Admission, Home, HostRecord, Inventory, parse};
use crate::model::{Digest, Generation, NodeName, Object};
use crate::observed::{
    ContainerState, Facts, HostReport, HostState, Keeper, MadeVolume, Observed, ObservedContainer,
    ObservedNetwork, ObservedPod, OomScore, Role, Stage, Unreachable, UnreachableCause,
};
use crate::plan::{
    Action, ContainerToRun, DeviceToGive, Plan, PlanInput, PodToRun, STAGED, Start, Step,
    VolumeToMake, check, plan,
};

/// Everything that a plan is made from, to be changed line by line.
pub(super) struct Fleet {
    pub(super) inventory: Inventory,
    pub(super) desired: Desired,
    pub(super) observed: Observed,
    pub(super) bindings: Bindings,
    pub(super) now: Timestamp,
}

/// Hosts of these names, with two processors each, all of which answer.
pub(super) fn fleet(hosts: &[&str]) -> Fleet {
    let mut text = "fleet: lab\nhosts:\n".to_owned();
    for host in hosts {
        let _ = writeln!(text, "  {host}: {{address: {host}.example}}");
    }
    let home = Home { inventory: "/".into(), user: None };
    let inventory = parse(&Source::new("inventory.yaml", text), &home).unwrap();
    let reports = inventory.hosts.keys().zip(11..).map(|(name, last)| (name.clone(), report(last)));
    Fleet {
        observed: Observed { hosts: reports.collect(), ..Observed::default() },
        inventory,
        desired: Desired::default(),
        bindings: Bindings::default(),
        now: Timestamp::UNIX_EPOCH + Duration::from_hours(1),
    }
}

fn report(last: u8) -> HostState {
    let facts = Facts {
        cpus: 2,
        memory_bytes: 4 << 30,
        architecture: "amd64".to_owned(),
        variant: String::new(),
        kernel: "6".to_owned(),
        os: "Debian".to_owned(),
        address: Some([10, 42, 0, last].into()),
        oom_score: OomScore::Free,
        resolver: "nameserver 10.42.0.1".to_owned(),
        keeper: Keeper::Podman,
        devices: BTreeMap::new(),
        amounts: BTreeMap::new(),
    };
    let (pods, volumes, network) = (BTreeMap::new(), BTreeMap::new(), ObservedNetwork::default());
    let made_volumes = BTreeMap::new();
    HostState::Reachable(Box::new(HostReport {
        facts,
        fence: None,
        pods,
        volumes,
        made_volumes,
        images: BTreeMap::new(),
        network,
    }))
}

/// A Deployment `web`.
pub(super) fn web(replicas: u64, image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": spec(image)},
        },
    })
}

/// A Pod of its own.
pub(super) fn single(name: &str, image: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": "default"}, "spec": spec(image)})
}

fn spec(image: &str) -> Value {
    json!({"containers": [{"name": "main", "image": image}]})
}

impl Fleet {
    /// These objects are wanted, and no others.
    pub(super) fn wants(&mut self, objects: &[Value]) -> &mut Self {
        let objects = objects.iter().map(|json| Object::try_from(json.clone()).unwrap());
        self.desired = Desired::default().with(objects);
        self
    }

    /// A host has not answered for this long.
    pub(super) fn lost(&mut self, host: &str, minutes: u64) -> &mut Self {
        let since = self.now - Duration::from_mins(minutes);
        let (error, cause) = ("timed out".to_owned(), UnreachableCause::Connection);
        let state = HostState::Unreachable(Unreachable { since, error, cause });
        self.observed.hosts.insert(host.into(), state);
        self
    }

    /// What a host reports.
    pub(super) fn report(&mut self, host: &str) -> &mut HostReport {
        match self.observed.hosts.get_mut(&NodeName::from(host)) {
            Some(HostState::Reachable(report)) => report,
            other => panic!("{host} answers: {other:?}"),
        }
    }

    /// What is planned from.
    pub(super) fn input(&self) -> PlanInput<'_> {
        PlanInput {
            inventory: &self.inventory,
            desired: &self.desired,
            object_changes: &[],
            observed: &self.observed,
            bindings: &self.bindings,
            now: self.now,
        }
    }

    pub(super) fn plan(&self) -> Plan {
        let input = self.input();
        let plan = plan(&input);
        assert_eq!(check(&input, &plan), []);
        plan
    }

    /// Carries one plan out, as far as pods are concerned, and tells what it did.
    pub(super) fn round(&mut self) -> String {
        let plan = self.plan();
        for step in &plan.steps {
            self.act(step);
        }
        self.commit(&plan);
        told(&plan)
    }

    /// Stores what a plan has chosen.
    pub(super) fn commit(&mut self, plan: &Plan) {
        self.bindings = plan.target.clone();
        let pen = Pen { fleet: &self.inventory.fleet, now: self.now };
        self.desired = self.desired.written(&plan.writes, pen);
    }

    /// Carries one step out, as far as pods are concerned.
    pub(super) fn act(&mut self, step: &Step) {
        let now = self.now;
        let host = step.node.as_str();
        match &step.action {
            Action::CreatePod(pod) => {
                let report = self.report(host);
                report.pods.insert(pod.sandbox.clone(), made(pod, now));
                let staged =
                    (!pod.staged().is_empty()).then(|| (STAGED.to_owned(), crate::plan::made()));
                let seen = filled(&pod.volumes).into_iter().chain(staged).collect();
                report.volumes.insert(pod.sandbox.clone(), seen);
            }
            Action::UpdateVolumes(fill) => {
                let seen = self.report(host).volumes.entry(fill.sandbox.clone()).or_default();
                seen.extend(filled(&fill.volumes));
            }
            Action::DeletePod { sandbox, .. } => {
                self.report(host).pods.remove(sandbox);
                self.report(host).volumes.remove(sandbox);
            }
            Action::MakeVolume { name, claim, path, size_bytes } => {
                let (claim, path, size_bytes) = (claim.clone(), path.clone(), *size_bytes);
                let made = MadeVolume { claim, path, size_bytes };
                self.report(host).made_volumes.insert(name.clone(), made);
            }
            Action::GrowVolume { name, size_bytes, .. } => {
                let made = self.report(host).made_volumes.get_mut(name).unwrap();
                made.size_bytes = Some(*size_bytes);
            }
            Action::ReleaseVolume { name, .. } => {
                self.report(host).made_volumes.remove(name);
            }
            Action::StartContainers { .. }
            | Action::BringUp { .. }
            | Action::ConfigureNetwork(_)
            | Action::PullImage { .. }
            | Action::ChangeRules(_)
            | Action::TakeOver
            | Action::LeaveHost => {}
        }
    }

    pub(super) fn cordon(&mut self, host: &str) {
        let said = &self.inventory.hosts[&NodeName::from(host)];
        let mut wanted = said.clone();
        wanted.admission = Admission::Cordoned;
        let record = HostRecord::between(said, &wanted);
        self.desired.hosts.insert(host.into(), record);
        self.inventory = self.inventory.with_records(&self.desired.hosts).into_owned();
    }

    pub(super) fn uncordon(&mut self, host: &str) {
        self.desired.hosts.remove(&NodeName::from(host));
        let host = self.inventory.hosts.get_mut(&NodeName::from(host)).unwrap();
        host.admission = Admission::Open;
    }

    /// Rounds until no step for a pod is left.
    pub(super) fn settle(&mut self) -> &mut Self {
        for _ in 0..20 {
            if !self.round().contains("do ") {
                return self;
            }
        }
        panic!("it does not settle: {}", told(&self.plan()))
    }

    /// How many pods are on each host.
    pub(super) fn spread(&self) -> Vec<(String, usize)> {
        let count =
            |(node, report): (&NodeName, &HostReport)| (node.to_string(), report.pods.len());
        self.observed.reachable().map(count).collect()
    }
}

/// What a host reports of volumes once they are made.
fn filled(volumes: &BTreeMap<String, VolumeToMake>) -> BTreeMap<String, Digest> {
    let reported =
        |(name, volume): (&String, &VolumeToMake)| Some((name.clone(), volume.report()?));
    volumes.iter().filter_map(reported).collect()
}

fn described(container: &ContainerToRun) -> Vec<String> {
    let name = |device: &DeviceToGive| match device {
        DeviceToGive::Described(name) => Some(name.clone()),
        DeviceToGive::Block { .. } => None,
    };
    container.devices.iter().filter_map(name).collect()
}

fn made(pod: &PodToRun, started: Timestamp) -> ObservedPod {
    let container = |of: &ContainerToRun| ObservedContainer {
        id: of.name.clone(),
        image: of.image.clone(),
        image_id: None,
        image_digest: None,
        moved: None,
        devices: described(of),
        state: match of.role {
            Role::Init => ContainerState::Exited { code: 0, finished: Some(started) },
            Role::Main | Role::Sidecar => ContainerState::Running { started },
        },
        restarts: 0,
        role: of.role,
        end: None,
        last: None,
        again: None,
        probes: BTreeMap::new(),
    };
    let containers = pod.containers.iter();
    ObservedPod {
        key: pod.key.clone(),
        owner: pod.owner.clone(),
        digest: pod.digest.clone(),
        generation: Generation(1),
        address: Some(pod.address),
        created: None,
        containers: containers.map(|of| (of.name.clone(), container(of))).collect(),
        stage: match pod.start() {
            Start::AtOnce => None,
            Start::InOrder => Some(Stage::Started),
        },
        ephemeral: BTreeMap::new(),
    }
}

/// The steps, changes and waits of a plan that are about pods.
pub(super) fn told(plan: &Plan) -> String {
    let mut text = String::new();
    for step in &plan.steps {
        if matches!(
            step.action,
            Action::CreatePod(_)
                | Action::DeletePod { .. }
                | Action::StartContainers { .. }
                | Action::UpdateVolumes(_)
                | Action::BringUp { .. }
                | Action::MakeVolume { .. }
                | Action::GrowVolume { .. }
                | Action::ReleaseVolume { .. }
        ) {
            let _ = writeln!(text, "do {}: {}", step.node, step.title());
        }
    }
    for change in plan.report.changes.iter().filter(|change| change.object.kind == "Pod") {
        let (action, name) = (change.action, &change.object.name);
        let _ = writeln!(text, "{action} {name}: {}", change.reason);
    }
    for pending in &plan.report.pending {
        let _ = writeln!(text, "wait {}: {}", pending.object, pending.waiting);
    }
    text
}
