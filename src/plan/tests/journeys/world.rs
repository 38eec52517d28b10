//! Random fleets, and what happens to them.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::fixtures::{Fleet, fleet};
use crate::document::Source;
use crate::inventory::{Home, parse};

/// Choices, one byte each; when they are used up every choice is the first.
pub(super) struct Dice<'a>(std::slice::Iter<'a, u8>);

impl<'a> Dice<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self(bytes.iter())
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.0.len() == 0
    }

    pub(super) fn below(&mut self, end: u8) -> u8 {
        self.0.next().copied().unwrap_or(0) % end
    }

    pub(super) fn one_in(&mut self, times: u8) -> bool {
        self.below(times) + 1 == times
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::from(self.below(u8::try_from(of.len()).unwrap()))].clone()
    }
}

/// Pods that are alike.
#[derive(Clone, Debug)]
pub(super) struct App {
    pub(super) name: String,
    /// `None` for a Pod of its own.
    pub(super) replicas: Option<u64>,
    pub(super) cpu: u64,
    strategy: Value,
    important: bool,
    image: u64,
    /// What its budget says, where it has one.
    pub(super) budget: Option<Value>,
}

impl App {
    fn new(dice: &mut Dice<'_>, number: usize) -> Self {
        let rolling = |surge: u64, unavailable: u64| {
            json!({"type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}})
        };
        let strategies = [rolling(1, 0), rolling(0, 1), rolling(2, 2), json!({"type": "Recreate"})];
        let budgets = [
            None,
            Some(json!({"minAvailable": 1})),
            Some(json!({"minAvailable": 2})),
            Some(json!({"maxUnavailable": 1})),
            Some(json!({"maxUnavailable": "50%"})),
        ];
        Self {
            name: format!("app-{number}"),
            replicas: (!dice.one_in(3)).then(|| u64::from(dice.below(5))),
            cpu: 100 + 300 * u64::from(dice.below(4)),
            strategy: dice.one(&strategies),
            important: dice.one_in(3),
            image: 0,
            budget: dice.one(&budgets),
        }
    }

    /// Whether pods of it are gone before others are made in their places.
    pub(super) fn makes_way(&self) -> bool {
        self.replicas.is_none() || self.strategy["type"] == "Recreate"
    }

    fn objects(&self) -> Vec<Value> {
        let Self { name, cpu, image, .. } = self;
        let labels = json!({"app": name});
        let requests = json!({"cpu": format!("{cpu}m")});
        let container = json!({"name": "main", "image": format!("app:{image}"),
            "resources": {"requests": requests}});
        let mut spec = json!({"containers": [container]});
        if self.important {
            spec["priorityClassName"] = json!("important");
        }
        let mut metadata = json!({"name": name, "namespace": "default"});
        let pods = match self.replicas {
            Some(replicas) => {
                json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
                "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "strategy": self.strategy,
                    "template": {"metadata": {"labels": labels}, "spec": spec}}})
            }
            None => {
                metadata["labels"] = labels.clone();
                json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
            }
        };
        let budget = self.budget.clone().map(|mut spec| {
            spec["selector"] = json!({"matchLabels": labels});
            json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                "metadata": {"name": name, "namespace": "default"}, "spec": spec})
        });
        [Some(pods), budget].into_iter().flatten().collect()
    }
}

/// What is wanted of a fleet.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) hosts: Vec<String>,
    /// Hosts that would rather have no pods.
    unloved: Vec<bool>,
    pub(super) apps: Vec<App>,
    /// How many pods there may be, and how much CPU they may ask for, in thousandths.
    pub(super) quota: Option<(u64, u64)>,
}

impl World {
    pub(super) fn new(dice: &mut Dice<'_>) -> Self {
        let hosts: Vec<String> = (0..2 + dice.below(3)).map(|n| format!("node-{n}")).collect();
        Self {
            unloved: hosts.iter().map(|_| dice.one_in(4)).collect(),
            hosts,
            apps: (0..=dice.below(4)).map(|n| App::new(dice, usize::from(n))).collect(),
            quota: quota(dice),
        }
    }

    /// No pod is more important than another.
    pub(super) fn all_alike_in_importance(&mut self) {
        for app in &mut self.apps {
            app.important = false;
        }
    }

    /// The fleet, without anything on it.
    pub(super) fn fleet(&self) -> Fleet {
        let names: Vec<&str> = self.hosts.iter().map(String::as_str).collect();
        let mut fleet = fleet(&names);
        fleet.inventory = parse(
            &Source::new("inventory.yaml", self.inventory(|all| all)),
            &Home { inventory: "/".into(), user: None },
        )
        .unwrap();
        fleet
    }

    /// The inventory, its hosts and their taints in some order.
    pub(super) fn inventory(&self, order: impl Fn(Vec<String>) -> Vec<String>) -> String {
        let hosts = self.hosts.iter().zip(&self.unloved).map(|(host, unloved)| {
            let taints = if *unloved {
                ["a:PreferNoSchedule", "b=c:PreferNoSchedule"].as_slice()
            } else {
                &[]
            };
            let taints = order(taints.iter().map(|taint| (*taint).to_owned()).collect());
            format!("  {host}: {{address: {host}.example, capacity: {{cpu: 2, memory: 4Gi}}, taints: {taints:?}}}\n")
        });
        let mut text = "fleet: lab\nhosts:\n".to_owned();
        for host in order(hosts.collect()) {
            let _ = write!(text, "{host}");
        }
        text
    }

    /// Every object that is wanted.
    pub(super) fn objects(&self) -> Vec<Value> {
        let mut all = vec![json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
                "metadata": {"name": "important"}, "value": 10})];
        all.extend(self.apps.iter().flat_map(App::objects));
        all.extend(self.quota.map(|(pods, cpu)| {
            let hard = json!({"pods": pods.to_string(), "requests.cpu": format!("{cpu}m")});
            json!({"apiVersion": "v1", "kind": "ResourceQuota",
                "metadata": {"name": "q", "namespace": "default"}, "spec": {"hard": hard}})
        }));
        all
    }
}

fn quota(dice: &mut Dice<'_>) -> Option<(u64, u64)> {
    dice.one_in(2).then(|| (2 + u64::from(dice.below(8)), 600 * (1 + u64::from(dice.below(8)))))
}

/// Something that happens to a fleet.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// Somebody changes what is wanted.
    Wants,
    /// Nothing new is placed there.
    Cordon(usize),
    /// Pods move away.
    Drain(usize),
    /// It takes pods again.
    Uncordon(usize),
    /// It does not answer any more.
    Silence(usize),
    /// It answers again.
    Answer(usize),
    /// Pods move to emptier hosts.
    Rebalance,
    /// A pod of the host is gone.
    Kill(usize),
    /// Rounds are made, of which some are cut off after so many steps.
    Rounds(Vec<Option<u8>>),
}

impl Event {
    /// What happens next; where what is wanted changes, it has in the world.
    pub(super) fn next(dice: &mut Dice<'_>, world: &mut World) -> Self {
        let host = usize::from(dice.below(u8::try_from(world.hosts.len()).unwrap()));
        match dice.below(16) {
            0 => Self::Cordon(host),
            1..=3 => Self::Drain(host),
            4 => Self::Uncordon(host),
            5 => Self::Silence(host),
            6 => Self::Answer(host),
            7 => Self::Rebalance,
            8 => Self::Kill(host),
            9..=12 => {
                change(dice, world);
                Self::Wants
            }
            _ => Self::Rounds((0..=dice.below(3)).map(|_| cut(dice)).collect()),
        }
    }
}

fn cut(dice: &mut Dice<'_>) -> Option<u8> {
    dice.one_in(3).then(|| dice.below(4))
}

fn change(dice: &mut Dice<'_>, world: &mut World) {
    let at = usize::from(dice.below(u8::try_from(world.apps.len()).unwrap()));
    let app = &mut world.apps[at];
    match dice.below(5) {
        0 => app.image += 1,
        1 => app.cpu = 100 + 300 * u64::from(dice.below(4)),
        2 => app.replicas = app.replicas.map(|_| u64::from(dice.below(5))),
        3 => app.important = !app.important,
        _ => world.quota = quota(dice),
    }
}
