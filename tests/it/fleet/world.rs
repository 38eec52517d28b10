//! Everything that a simulated fleet is at one moment, and the promises that must hold at every one of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bowline::inventory::Inventory;
use bowline::model::NodeName;
use bowline::network::base_mark;
use jiff::Timestamp;
use tokio::sync::Notify;

use super::fault::{Fault, Trap};
use super::host::SimHost;

/// Everything that a simulated fleet is at one moment.
pub(crate) struct World {
    /// The time.
    pub(crate) now: Timestamp,
    /// The hosts.
    pub(crate) hosts: BTreeMap<NodeName, SimHost>,
    /// What the registry says to a pull, where it does not give the image.
    pub(crate) refused: BTreeMap<String, &'static str>,
    /// What happened, for a transcript.
    pub(crate) log: Vec<String>,
    /// What goes wrong next.
    pub(crate) trap: Option<Trap>,
    /// How many moments at which something could have gone wrong have passed.
    pub(crate) moments: u64,
    /// How many commands that may change a host were run.
    pub(crate) mutations: u64,
    /// The least and the most pods that ran at once since this was last cleared.
    pub(crate) extent: Option<(usize, usize)>,
    /// Told when our own process is to die.
    pub(crate) killed: Arc<Notify>,
    /// The mark of the fixed part of the Service rules.
    pub(super) mark: String,
    ids: u64,
    shown: usize,
}

impl World {
    pub(super) fn of(inventory: &Inventory, cpus: u64) -> Self {
        let hosts = inventory.hosts.keys().zip(11..);
        Self {
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
            hosts: hosts.map(|(name, n)| (name.clone(), SimHost::new(n, cpus))).collect(),
            refused: BTreeMap::new(),
            log: Vec::new(),
            trap: None,
            moments: 0,
            mutations: 0,
            extent: None,
            killed: Arc::new(Notify::new()),
            mark: base_mark(&inventory.network),
            ids: 0,
            shown: 0,
        }
    }

    /// The host of this name.
    pub(crate) fn host(&mut self, name: &str) -> &mut SimHost {
        self.hosts.get_mut(&NodeName::from(name)).unwrap_or_else(|| panic!("no host {name}"))
    }

    /// Passes a moment at which something can go wrong, and says what does.
    pub(super) fn moment(&mut self) -> Option<Fault> {
        self.moments += 1;
        let due = self.trap.take_if(|trap| trap.at == self.moments);
        due.map(|trap| trap.fault)
    }

    pub(super) fn new_id(&mut self) -> String {
        self.ids += 1;
        format!("{:04x}", self.ids)
    }

    /// How many pods run, wherever they are.
    pub(crate) fn running(&self) -> usize {
        let pods = self.hosts.values().flat_map(|host| host.pods.values());
        pods.filter(|pod| pod.runs()).count()
    }

    /// Writes the number of pods that run into the log, if it is another one than last time.
    pub(super) fn show_running(&mut self) {
        let running = self.running();
        if running != self.shown {
            self.shown = running;
            self.log.push(format!("(pods that run: {running})"));
        }
    }

    /// What must hold after every single command, whatever went wrong.
    pub(super) fn promises(&mut self) {
        let running = self.running();
        let (least, most) = self.extent.unwrap_or((running, running));
        self.extent = Some((least.min(running), most.max(running)));
        let mut addresses = BTreeMap::new();
        let mut names = BTreeMap::new();
        for (node, host) in &self.hosts {
            for (sandbox, pod) in &host.pods {
                let other = names.insert(sandbox, node);
                assert_eq!(other, None, "{sandbox} is on {node} as well");
                let address = &pod.address;
                let other = addresses.insert(address, sandbox);
                assert_eq!(other, None, "{sandbox} has {address} as well");
            }
        }
    }
}
