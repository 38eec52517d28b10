//! What the sizes are that a command names: of the inventory's own, or as one of its hosts is.

use std::collections::{BTreeMap, BTreeSet};

use super::{CliError, Context, Global, Talk, looked, now, some};
use crate::document::closest;
use crate::inventory::{Host, Inventory, Said, Size, SizedHosts};
use crate::model::NodeName;
use crate::observe::observe;
use crate::observed::{HostReport, Observed, Unreachable};
use crate::plan::empty_report;

/// How hosts are spelt out, and how a size gets a name.
const WAYS: &str = "or spell it out: 3xcpu=8,memory=32Gi. The inventory names sizes: \
    sizes: {large: {capacity: {cpu: 8, memory: 32Gi}}}";

/// What made-up hosts can be like.
#[derive(Default)]
pub(super) struct Models {
    sizes: BTreeMap<String, Said>,
    hosts: BTreeMap<NodeName, Host>,
    observed: Observed,
}

impl Models {
    pub(super) fn of(inventory: &Inventory, observed: &Observed) -> Self {
        let Inventory { sizes, hosts, .. } = inventory.clone();
        Self { sizes, hosts, observed: observed.clone() }
    }

    /// The sizes of the inventory, and the hosts that are named, asked what they are where the inventory does not say it. Where
    /// nothing is named, there are none; where only sizes are, no host and no state file is needed.
    pub(super) async fn asked<'h>(
        global: &Global,
        talk: &Talk,
        hosts: impl Iterator<Item = &'h SizedHosts>,
    ) -> Result<Self, CliError> {
        let named: BTreeSet<&str> = hosts
            .filter_map(|hosts| match &hosts.size {
                Size::Named(name) => Some(name.as_str()),
                Size::Said(_) => None,
            })
            .collect();
        if named.is_empty() {
            return Ok(Self::default());
        }
        let mut context = Context::open(global, talk).map_err(|error| match error {
            CliError::Read { path, cause, hint } => {
                CliError::Read { path, cause, hint: format!("{hint}; {WAYS}") }
            }
            other => other,
        })?;
        if named.iter().all(|name| context.inventory.sizes.contains_key(*name)) {
            return Ok(Self::of(&context.inventory, &Observed::default()));
        }
        let inventory = context.inventory.with_records(&context.state.load()?.desired.hosts);
        let inventory = inventory.into_owned();
        let asked = |name: &NodeName| {
            let host = inventory.hosts.get(name);
            named.contains(name.as_str()) && host.is_some_and(|host| !says_its_size(host))
        };
        context.nodes.retain(|name, _| asked(name));
        let (fleet, silent) = (&context.inventory.fleet, BTreeMap::<NodeName, Unreachable>::new());
        let look = observe(&context.nodes, fleet, &silent, now(), global.parallel);
        let observed = looked(talk, async { Ok::<_, CliError>(look.await) }).await?;
        Ok(Self::of(&inventory, &observed))
    }

    /// A host of this size, and what it would report.
    pub(super) fn made(&self, size: &Size, name: NodeName) -> Result<(Host, HostReport), CliError> {
        let named = match size {
            Size::Said(said) => return Ok((Said::host(said, name), empty_report(None))),
            Size::Named(named) => named,
        };
        if let Some(said) = self.sizes.get(named) {
            return Ok((said.host(name), empty_report(None)));
        }
        let like = NodeName::new(named);
        let host = self.hosts.get(&like).ok_or_else(|| self.unknown(named))?;
        let report = self.observed.report(&like);
        if report.is_none() && !says_its_size(host) {
            return Err(CliError::Usage {
                problem: format!("{like} does not answer, so nobody knows its size"),
                hint: "spell the size: cpu=8,memory=32Gi".to_owned(),
            });
        }
        Ok((host.twin(name), empty_report(report)))
    }

    /// A size that nobody has said, with those that there are.
    fn unknown(&self, name: &str) -> CliError {
        let sizes = || self.sizes.keys().map(String::as_str);
        let hosts = || self.hosts.keys().map(NodeName::as_str);
        let mut hint = Vec::new();
        if let Some(meant) = closest(name, sizes().chain(hosts())) {
            hint.push(format!("did you mean `{meant}`?"));
        }
        if !self.sizes.is_empty() {
            hint.push(format!("sizes are: {};", some(sizes())));
        }
        hint.push(format!("hosts are: {};", some(hosts())));
        hint.push(WAYS.to_owned());
        let problem = format!("there is no size and no host `{name}`");
        CliError::Usage { problem, hint: hint.join(" ") }
    }
}

/// Whether the inventory says how large a host is.
fn says_its_size(host: &Host) -> bool {
    host.capacity.cpu_milli.is_some() && host.capacity.memory_bytes.is_some()
}
