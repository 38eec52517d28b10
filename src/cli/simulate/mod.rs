//! `bowline simulate`: what would fit and what would be lost. Hosts are read, nothing is changed or stored.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::carry::{looked, now};
use super::context::Context;
use super::global::Global;
use super::manifests::{ManifestArgs, aim};
use super::{CliError, Exit, Talk};
use crate::bindings::Bindings;
use crate::controller::pod_spec;
use crate::desired::Desired;
use crate::document::closest;
use crate::inventory::{Host, Inventory, Size, SizedHosts};
use crate::model::NodeName;
use crate::observe::observe;
use crate::observed::{HostState, Observed};
use crate::plan::{PlanInput, simulate};
use crate::render::{simulation_json, simulation_text};
use crate::state::State;

mod sizes;

use sizes::Models;

/// Say what would fit and what would be lost, before buying or breaking anything
///
/// Changes and stores nothing. Without -f, the stored desired state is placed. Hosts are asked what they are, as for a plan; with
/// --hosts none is, the inventory is needed for sizes with names alone, and what -f names is all that there is.
///
/// A SIZE is a name that the inventory has under `sizes`, or that of one of its hosts, or spelt out with at least CPU and memory:
/// cpu=8,memory=32Gi[,pods=110][,nvidia.com/gpu=2][,label:zone=a][,taint:gpu=yes:NoSchedule].
/// Hosts of --hosts are called host-1, host-2 ..., those of --add-host new-1, new-2 ...
///
/// `bowline simulate -f app.yaml --hosts 3xlarge`, `bowline simulate --add-host web-1 --fail-host db-1`. Exits with 1
/// when a pod would not fit, and with 3 when all that is open is what became of pods whose hosts do not answer.
#[derive(Debug, Args)]
pub(super) struct SimulateArgs {
    #[command(flatten)]
    manifests: ManifestArgs,

    /// Hosts in place of the fleet's own; can be given several times
    #[arg(long, value_name = "[Nx]SIZE")]
    hosts: Vec<String>,

    /// Hosts beside the others; can be given several times
    #[arg(long, value_name = "[Nx]SIZE")]
    add_host: Vec<String>,

    /// A host that fails once everything is placed; can be given several times
    #[arg(long, value_name = "NAME")]
    fail_host: Vec<NodeName>,

    /// How to print what comes out
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: Format,
}

/// How a simulation is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// As JSON
    Json,
}

pub(super) async fn run(
    global: &Global,
    talk: &Talk,
    args: &SimulateArgs,
) -> Result<Exit, CliError> {
    let (instead, beside) = (sized(&args.hosts)?, sized(&args.add_host)?);
    let mut world = if instead.is_empty() {
        World::as_it_is(global, talk, args).await?
    } else {
        World::of_nothing(global, talk, args)?
    };
    let models = if instead.is_empty() {
        Models::of(&world.inventory, &world.observed)
    } else {
        Models::asked(global, talk, instead.iter().chain(&beside)).await?
    };
    world.add("host", &instead, &models)?;
    world.add("new", &beside, &models)?;
    let failed: BTreeSet<NodeName> = args.fail_host.iter().cloned().collect();
    if let Some(name) = failed.iter().find(|name| !world.inventory.hosts.contains_key(*name)) {
        return Err(unknown(name, &world.inventory.hosts));
    }
    for (node, why) in world.observed.unreachable().filter(|(node, _)| !failed.contains(*node)) {
        let error = &why.error;
        talk.warn(&format!("{node} does not answer, so nothing new is placed there: {error}"));
    }
    let simulation = simulate(&world.input(), &failed);
    match args.output {
        Format::Table => talk.data(&simulation_text(&simulation)),
        Format::Json => talk.data(&format!("{:#}", simulation_json(&simulation))),
    }
    Ok(match (simulation.fits(), simulation.lacks_room()) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Error,
        (false, false) => Exit::Partial,
    })
}

fn sized(texts: &[String]) -> Result<Vec<SizedHosts>, CliError> {
    let read = |text: &String| {
        text.parse::<SizedHosts>()
            .map_err(|error| CliError::Usage { problem: error.to_string(), hint: error.hint() })
    };
    texts.iter().map(read).collect()
}

/// A host that is not there, with those that are.
fn unknown(name: &NodeName, hosts: &BTreeMap<NodeName, Host>) -> CliError {
    let names = || hosts.keys().map(NodeName::as_str);
    let hint = match closest(name.as_str(), names()) {
        Some(meant) => format!("did you mean `--fail-host {meant}`?"),
        None => format!("hosts are: {}", some(names())),
    };
    CliError::Usage { problem: format!("there is no host `{name}`"), hint }
}

/// Some of many names.
fn some<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const SHOWN: usize = 10;
    let all: Vec<&str> = names.collect();
    let more = if all.len() > SHOWN { " ..." } else { "" };
    format!("{}{more}", all.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", "))
}

/// Everything that a simulation begins with.
struct World {
    inventory: Inventory,
    observed: Observed,
    desired: Desired,
    bindings: Bindings,
    now: Timestamp,
}

impl World {
    /// The fleet, its hosts and what is stored, with what manifests would make of it.
    async fn as_it_is(global: &Global, talk: &Talk, args: &SimulateArgs) -> Result<Self, CliError> {
        let context = Context::open(global, talk)?;
        let before = context.state.load()?;
        let manifests = args.manifests.read(global, &context, &before.desired, talk)?;
        let now = now();
        let (fleet, silent) = (&context.inventory.fleet, &before.unreachable);
        let look = observe(&context.nodes, fleet, silent, now, global.parallel);
        let observed = looked(talk, async { Ok::<_, CliError>(look.await) }).await?;
        let aim = aim(manifests.as_ref(), &context, before, now);
        let inventory = context.inventory.with_records(&aim.desired.hosts).into_owned();
        let (desired, bindings) = (aim.desired, aim.before.bindings);
        Ok(Self { inventory, observed, desired, bindings, now })
    }

    /// No hosts at all, and what manifests say alone; without manifests, what is stored.
    fn of_nothing(global: &Global, talk: &Talk, args: &SimulateArgs) -> Result<Self, CliError> {
        let (mut inventory, now) = (Inventory::made_up(), now());
        let desired = if args.manifests.given() {
            args.manifests.read_apart(global, talk)?.desired(&inventory.fleet, now)
        } else {
            State::at(&global.state).load()?.desired
        };
        // What a profile weighs is nothing to what fits, and nobody has defined any here.
        let profiles = &mut inventory.scheduling;
        let specs = desired.objects.values().filter_map(|stored| pod_spec(&stored.object));
        for name in specs.filter_map(|spec| spec.scheduler_name.clone()) {
            if profiles.of(&name).is_none() {
                profiles.named.insert(name, profiles.own);
            }
        }
        let (observed, bindings) = (Observed::default(), Bindings::default());
        Ok(Self { inventory, observed, desired, bindings, now })
    }

    /// Adds hosts that nobody has, under names that no other host has.
    fn add(&mut self, prefix: &str, hosts: &[SizedHosts], models: &Models) -> Result<(), CliError> {
        let mut number = 0_u64;
        for SizedHosts { count, size } in hosts {
            for _ in 0..*count {
                let name = loop {
                    number += 1;
                    let name = NodeName::new(format!("{prefix}-{number}"));
                    if !self.inventory.hosts.contains_key(&name) {
                        break name;
                    }
                };
                let (mut host, report) = models.made(size, name.clone())?;
                if matches!(size, Size::Said(_)) {
                    host.overcommit = self.inventory.overcommit;
                }
                self.inventory.hosts.insert(name.clone(), host);
                self.observed.hosts.insert(name, HostState::Reachable(Box::new(report)));
            }
        }
        Ok(())
    }

    fn input(&self) -> PlanInput<'_> {
        PlanInput {
            inventory: &self.inventory,
            desired: &self.desired,
            object_changes: &[],
            observed: &self.observed,
            bindings: &self.bindings,
            now: self.now,
        }
    }
}
