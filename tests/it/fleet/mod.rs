//! A fleet that is simulated at the `Node` seam: the planner, the drivers' parsers, the executor and the loop run for real,
//! against hosts that are values, with faults and a clock that the test sets.
//!
//! What it cannot show, argv and quoting, is held by the drivers' own snapshots and by real hosts.

mod answers;
mod clock;
mod fault;
mod host;
mod network;
mod node;
mod podman;
mod workstation;
mod world;

pub(crate) use fault::{Fault, Trap};
pub(crate) use host::{Contact, Life};
pub(crate) use workstation::{Carried, Manifests, Workstation};
pub(crate) use world::World;

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard};

use bowline::document::Source;
use bowline::inventory::{Home, Inventory, parse};
use bowline::node::Node;
use bowline::observe::Nodes;

use clock::SimClock;
use node::SimNode;

/// A simulated fleet and the inventory that describes it.
pub(crate) struct Fleet {
    world: Arc<Mutex<World>>,
    pub(crate) inventory: Inventory,
    nodes: Nodes,
    clock: SimClock,
}

impl Fleet {
    /// Hosts `node-1` to `node-N`, each with this many processors.
    pub(crate) fn of(hosts: usize, cpus: u64) -> Self {
        let mut text = "fleet: sim\nunreachableAfter: 5m\nhosts:\n".to_owned();
        for n in 1..=hosts {
            let _ = writeln!(text, "  node-{n}: {{address: 10.42.0.{}}}", 10 + n);
        }
        Self::described_by(&text, cpus)
    }

    fn described_by(text: &str, cpus: u64) -> Self {
        let home = Home { inventory: "/fleet".into(), user: None };
        let inventory = parse(&Source::new("inventory.yaml", text), &home).unwrap();
        let world = Arc::new(Mutex::new(World::of(&inventory, cpus)));
        let node = |name| Arc::new(SimNode::new(name, &world)) as Arc<dyn Node>;
        let nodes = inventory.hosts.keys().map(|name| (name.clone(), node(name))).collect();
        let clock = SimClock::of(&world);
        Self { world, inventory, nodes, clock }
    }

    /// The hosts, to be looked at or meddled with.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }
}
