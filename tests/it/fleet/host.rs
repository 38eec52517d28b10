//! One simulated host: what podman, the kernel and the disk remember.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

use bowline::driver::{Claim, CommandOutput, EXIT_HELD, EXIT_MOVED, Takeover};
use bowline::inventory::Cidr;
use bowline::model::Generation;
use bowline::observed::{Fence, ProbeKind, Role};
use bowline::plan::PodNetwork;

/// One simulated host.
pub(crate) struct SimHost {
    /// Whether and how it answers.
    pub(crate) contact: Contact,
    /// How much time passes with every script.
    pub(crate) slow: Duration,
    /// Its processors.
    pub(crate) cpus: u64,
    /// Its address.
    pub(crate) address: Ipv4Addr,
    /// The mark of who changed it last.
    pub(crate) fence: Option<Fence>,
    /// What its first process is called.
    pub(crate) first: &'static str,
    /// The form of what brings pods back after a reboot.
    pub(super) keeping: Option<String>,
    /// podman's network.
    pub(super) subnet: Option<Cidr>,
    pub(super) forwarding: bool,
    pub(super) routes: BTreeMap<Cidr, Option<Ipv4Addr>>,
    /// The Service rules.
    pub(super) rules: Option<SimRules>,
    pub(super) images: BTreeSet<String>,
    /// The marks of volumes that are filled, by their paths.
    pub(super) marks: BTreeMap<String, String>,
    /// Files that describe devices, and those that count huge pages, by their paths.
    pub(crate) described: BTreeMap<String, String>,
    /// The pods by the names of their sandboxes.
    pub(crate) pods: BTreeMap<String, SimPod>,
    /// Images whose containers do not answer their readiness probes well.
    pub(crate) unready: BTreeSet<String>,
}

/// Our nftables table.
#[derive(Clone, Debug, Default)]
pub(super) struct SimRules {
    /// The chain that marks the fixed part.
    pub(super) base: String,
    /// The map from Services' ports to chains.
    pub(super) services: BTreeMap<String, String>,
    /// Where each chain leads, and how many rules it has.
    pub(super) chains: BTreeMap<String, (Vec<String>, usize)>,
}

/// Whether and how a host answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contact {
    /// It answers.
    Up,
    /// It has no power.
    Off,
    /// It runs, but nothing gets there.
    Cut,
    /// It answers with another host key.
    KeyChanged,
}

/// A pod as podman has it.
#[derive(Clone, Debug)]
pub(crate) struct SimPod {
    pub(super) id: String,
    /// The Pod's own name.
    pub(crate) name: String,
    /// The address that its network gives it.
    pub(crate) address: String,
    /// Whose network it is on.
    pub(super) network: PodNetwork,
    /// The containers in the order in which they were made, without the one that holds the network.
    pub(crate) containers: Vec<SimContainer>,
    /// Whether it was brought up in order.
    pub(super) brought_up: bool,
}

/// A container as podman has it.
#[derive(Clone, Debug)]
pub(crate) struct SimContainer {
    pub(crate) id: String,
    pub(super) name: String,
    pub(super) role: Role,
    pub(crate) image: String,
    pub(super) labels: BTreeMap<String, String>,
    pub(crate) life: Life,
    /// What it is asked.
    pub(super) probes: Vec<ProbeKind>,
}

/// Whether a container runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// Since then, in seconds since 1970.
    Runs { since: i64 },
    /// Ended then, with this code.
    Ended { at: i64, code: i32 },
    /// Never started.
    Made,
}

impl SimPod {
    /// Whether there are containers and all of them run.
    pub(crate) fn runs(&self) -> bool {
        let runs = |container: &SimContainer| match container.life {
            Life::Runs { .. } => true,
            Life::Ended { code, .. } => container.role == Role::Init && code == 0,
            Life::Made => false,
        };
        !self.containers.is_empty() && self.containers.iter().all(runs)
    }
}

impl SimHost {
    pub(super) fn new(last: u8, cpus: u64) -> Self {
        Self {
            contact: Contact::Up,
            slow: Duration::ZERO,
            cpus,
            address: Ipv4Addr::new(10, 42, 0, last),
            fence: None,
            first: "sshd",
            keeping: None,
            subnet: None,
            forwarding: false,
            routes: BTreeMap::new(),
            rules: None,
            images: BTreeSet::new(),
            marks: BTreeMap::new(),
            described: BTreeMap::from([
                (
                    "/etc/cdi/any.yaml".to_owned(),
                    "kind: example.org/any\ndevices: [{name: '0'}, {name: '1'}, {name: '2'}, {name: '3'}]".to_owned(),
                ),
                (
                    "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages".to_owned(),
                    "64".to_owned(),
                ),
            ]),
            pods: BTreeMap::new(),
            unready: BTreeSet::new(),
        }
    }

    /// Cuts the power; what the kernel holds is lost, what is on disk stays.
    pub(crate) fn power_off(&mut self, now: i64) {
        self.contact = Contact::Off;
        self.forwarding = false;
        self.routes.clear();
        self.rules = None;
        self.marks.retain(|mark, _| !mark.starts_with("/run/"));
        for container in self.pods.values_mut().flat_map(|pod| &mut pod.containers) {
            container.life = Life::Ended { at: now, code: 137 };
        }
    }

    /// Ends the first container of the n-th pod, counted from one in the order of names.
    pub(crate) fn kill(&mut self, nth: usize, now: i64) {
        let pod = self.pods.values_mut().nth(nth - 1).expect("as many pods");
        pod.containers[0].life = Life::Ended { at: now, code: 137 };
    }

    /// Empties every chain of a Service, as somebody who tidies up would.
    pub(crate) fn flush_rules(&mut self) {
        for chain in self.rules.iter_mut().flat_map(|rules| rules.chains.values_mut()) {
            *chain = (Vec::new(), 0);
        }
    }

    /// Where every Service's port leads.
    pub(crate) fn leads_to(&self) -> impl Iterator<Item = (&String, &Vec<String>)> {
        let rules = self.rules.iter();
        rules.flat_map(|rules| {
            rules.services.iter().map(|(port, chain)| (port, &rules.chains[chain].0))
        })
    }

    /// Decides on a claim as the command does that the driver sends.
    pub(super) fn claim(&mut self, claim: &Claim) -> CommandOutput {
        let mut there = self.fence.clone().unwrap_or(Fence {
            generation: Generation(0),
            serial: 0,
            holder: "-".to_owned(),
            since: claim.now,
            who: "-".to_owned(),
        });
        let refused = |fence: &Fence, exit| CommandOutput {
            exit,
            stdout: fence.to_string().into_bytes(),
            stderr: Vec::new(),
        };
        if there.serial != claim.serial {
            return refused(&there, EXIT_MOVED);
        }
        if there.holder != claim.holder {
            if there.holder != "-" && claim.takeover == Takeover::Refuse {
                return refused(&there, EXIT_HELD);
            }
            there.since = claim.now;
            there.generation = Generation(0);
        }
        if there.generation > claim.generation {
            return refused(&there, EXIT_HELD);
        }
        self.fence = Some(Fence {
            generation: claim.generation,
            serial: there.serial + 1,
            holder: claim.holder.clone(),
            since: there.since,
            who: claim.who.clone(),
        });
        CommandOutput::default()
    }
}
