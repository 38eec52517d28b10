//! A small fleet for tests: `node-1` runs `web`, whose second container crashes, `node-2` does not answer.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Fleet;
use crate::bindings::{Binding, Bindings, NodeBinding};
use crate::desired::{Desired, Put, Putting};
use crate::document::Source;
use crate::inventory::{Home, Inventory, parse};
use crate::model::{Digest, Generation, NodeName, Object, ObjectKey, PodKey};
use crate::observed::{
    ContainerState, Facts, HostReport, HostState, Keeper, Observed, ObservedContainer,
    ObservedNetwork, ObservedPod, OomScore, Role, Unreachable, UnreachableCause,
};

/// Everything that a [`Fleet`] borrows.
pub(crate) struct Fixture {
    pub(crate) inventory: Inventory,
    desired: Desired,
    bindings: Bindings,
    pub(crate) observed: Observed,
}

const INVENTORY: &str = "fleet: lab\nhosts:\n  node-1: {address: 10.0.0.1}\n  node-2:\n    address: 10.0.0.2\n    \
    labels: {node-role.kubernetes.io/edge: \"\"}\n    taints: [\"gpu=yes:NoSchedule\"]\n";

/// The time of the fixture.
pub(crate) fn now() -> Timestamp {
    at(1_000_000)
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn objects() -> Vec<Object> {
    let pod = |containers: Value, selector: Value| {
        json!({"metadata": {"labels": {"app": "web"}},
            "spec": {"containers": containers, "nodeSelector": selector}})
    };
    let web = json!([
        {"name": "nginx", "image": "nginx:1", "ports": [{"name": "http", "containerPort": 8080}],
            "env": [{"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "mode"}}}],
            "volumeMounts": [{"name": "conf", "mountPath": "/etc/conf", "readOnly": true}],
            "resources": {"requests": {"cpu": "100m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}}},
        {"name": "side", "image": "busybox", "command": ["sh", "-c", "exit 3"]},
    ]);
    let mut template = pod(web, json!({}));
    template["spec"]["volumes"] = json!([{"name": "conf", "configMap": {"name": "settings"}}]);
    let of = |json: Value| Object::try_from(json).unwrap();
    let lost = pod(json!([{"name": "c", "image": "db"}]), json!({"disk": "fast"}));
    vec![
        of(json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "settings", "namespace": "default"},
            "data": {"mode": "two\nlines \u{1b}[2J", "level": "1"}})),
        of(json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "default", "labels": {"app": "web"}},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template}})),
        of(json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "db", "namespace": "shop"}, "spec": lost["spec"]})),
        of(json!({"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}]}})),
    ]
}

fn container(state: ContainerState, restarts: u64) -> ObservedContainer {
    ObservedContainer {
        id: "c0ffee".to_owned(),
        image: "nginx:1".to_owned(),
        image_id: Some("abcd".to_owned()),
        image_digest: Some("sha256:d1ce".to_owned()),
        moved: None,
        devices: Vec::new(),
        state,
        restarts,
        role: Role::Main,
        end: None,
        last: None,
        again: None,
        probes: BTreeMap::new(),
    }
}

/// The containers of a pod that `web` made, as `node-1` reports them: the first runs.
pub(crate) fn containers(
    second: ContainerState,
    restarts: u64,
) -> BTreeMap<String, ObservedContainer> {
    let running = ContainerState::Running { started: at(999_900) };
    BTreeMap::from([
        ("nginx".to_owned(), container(running, 0)),
        ("side".to_owned(), container(second, restarts)),
    ])
}

fn report(pods: BTreeMap<String, ObservedPod>) -> HostState {
    HostState::Reachable(Box::new(HostReport {
        facts: Facts {
            cpus: 2,
            memory_bytes: 1 << 30,
            architecture: "amd64".to_owned(),
            variant: String::new(),
            kernel: "6.1".to_owned(),
            os: "Debian\u{7}".to_owned(),
            address: Some(Ipv4Addr::new(10, 0, 0, 1)),
            oom_score: OomScore::Free,
            resolver: "nameserver 10.42.0.1".to_owned(),
            keeper: Keeper::Podman,
            devices: BTreeMap::new(),
            amounts: BTreeMap::new(),
        },
        volumes: BTreeMap::new(),
        made_volumes: BTreeMap::new(),
        images: BTreeMap::new(),
        fence: None,
        pods,
        network: ObservedNetwork::default(),
    }))
}

impl Fixture {
    /// The fleet, with the second container of `web-1` in this state, restarted so often.
    pub(crate) fn new(second: ContainerState, restarts: u64) -> Self {
        let home = Home { inventory: ".".into(), user: Some("/root".into()) };
        let inventory = parse(&Source::new("inventory.yaml", INVENTORY.to_owned()), &home);
        let inventory = inventory.map_err(|report| report.findings.len()).unwrap();
        let (objects, fleet) = (objects(), "lab".into());
        let put = |object| Put { object, manifest: None };
        let objects: Vec<Put> = objects.into_iter().map(put).collect();
        let putting = Putting { fleet: &fleet, objects: &objects, now: at(990_000) };
        let (desired, _) = Desired::default().put(&putting);
        let mut fixture = Self {
            inventory,
            desired,
            bindings: Bindings::default(),
            observed: Observed::default(),
        };
        fixture.bind("web-1", "node-1", 1);
        fixture.bind("web-2", "node-2", 2);
        let web_1 = &fixture.bindings.pods[&PodKey::new("default", "web-1")];
        let seen = ObservedPod {
            key: PodKey::new("default", "web-1"),
            owner: web_1.owner.clone(),
            digest: web_1.digest.clone(),
            generation: Generation(1),
            address: Some(web_1.address),
            created: Some(at(999_800)),
            containers: containers(second, restarts),
            ephemeral: BTreeMap::new(),
            stage: None,
        };
        let down = HostState::Unreachable(Unreachable {
            since: at(999_940),
            error: "cannot connect".to_owned(),
            cause: UnreachableCause::Connection,
        });
        fixture.observed.hosts = BTreeMap::from([
            (NodeName::from("node-1"), report([("lab_default_web-1".to_owned(), seen)].into())),
            (NodeName::from("node-2"), down),
        ]);
        fixture
    }

    fn bind(&mut self, name: &str, node: &str, last: u8) {
        let all = crate::controller::wanted(&self.desired);
        let web = all.iter().find(|wanted| wanted.source.kind == "Deployment").unwrap();
        let (_, pod) = web.pod(0).unwrap();
        let binding = Binding {
            pod,
            node: node.into(),
            address: Ipv4Addr::new(10, 100, last, 5),
            owner: Some(web.source.clone()),
            digest: Digest::clone(&web.digest),
            devices: BTreeMap::new(),
        };
        self.bindings.pods.insert(PodKey::new("default", name), binding);
        let subnet =
            NodeBinding { subnet: u32::from(last), address: None, tainted: BTreeMap::new() };
        self.bindings.nodes.insert(node.into(), subnet);
        let service = ObjectKey::new("Service", "default", "web");
        self.bindings.services.insert(service, Ipv4Addr::new(10, 96, 0, 7));
    }

    /// Wants this object as well.
    pub(crate) fn wants(&mut self, json: Value) {
        let object = Object::try_from(json).unwrap();
        self.desired = std::mem::take(&mut self.desired).with([object]);
    }

    /// The plan that follows, without manifests.
    pub(crate) fn plan(&self) -> crate::plan::Plan {
        crate::plan::plan(&crate::plan::PlanInput {
            inventory: &self.inventory,
            desired: &self.desired,
            object_changes: &[],
            observed: &self.observed,
            bindings: &self.bindings,
            now: now(),
        })
    }

    /// Takes every pod from `node-1`.
    pub(crate) fn lose_pods(&mut self) {
        self.observed.hosts.insert("node-1".into(), report(BTreeMap::new()));
    }

    /// What is seen of a container of `web-1`.
    pub(crate) fn seen(&mut self, name: &str) -> &mut ObservedContainer {
        self.seen_pod().containers.get_mut(name).unwrap()
    }

    /// What is seen of `web-1`.
    pub(crate) fn seen_pod(&mut self) -> &mut ObservedPod {
        let host = self.observed.hosts.get_mut(&NodeName::from("node-1"));
        match host {
            Some(HostState::Reachable(report)) => report.pods.values_mut().next().unwrap(),
            other => panic!("node-1 answers: {other:?}"),
        }
    }

    pub(crate) fn fleet(&self) -> Fleet<'_> {
        Fleet::new(&self.inventory, (&self.desired, &self.bindings), &self.observed, now())
    }
}
