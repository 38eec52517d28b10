//! Looking at the fleet: what is stored, joined with what the hosts say. No fence is asked: looking changes nothing.

use super::carry::looked;
use super::context::Context;
use super::global::Global;
use super::what::What;
use super::{CliError, Talk};
use crate::clock::{Clock as _, SystemClock};
use crate::model::{Kind, Selector};
use crate::observe::{Nodes, observe};
use crate::observed::Observed;
use crate::render::Paint;
use crate::state::Snapshot;
use crate::status::{DEFAULT_NAMESPACE, Fleet, Resource};

/// A look at the fleet.
pub(super) struct Look {
    pub(super) snapshot: Snapshot,
    pub(super) observed: Observed,
    pub(super) now: jiff::Timestamp,
}

/// Which hosts have to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hosts {
    /// None: the state says it all.
    None,
    /// Those that `--limit` chooses.
    Limited,
    /// All of them.
    All,
}

impl Hosts {
    /// The hosts that have something to say about these kinds.
    pub(super) fn for_kinds(kinds: impl IntoIterator<Item = Kind>) -> Self {
        let needs = |kind| match kind {
            Kind::Pod | Kind::Node | Kind::Event => Self::Limited,
            Kind::Deployment | Kind::PodDisruptionBudget | Kind::ResourceQuota => Self::All,
            _ => Self::None,
        };
        kinds.into_iter().map(needs).fold(Self::None, |all, needs| match (all, needs) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Limited, _) | (_, Self::Limited) => Self::Limited,
            (Self::None, Self::None) => Self::None,
        })
    }
}

impl Look {
    /// Asks the hosts; those that do not answer are said.
    pub(super) async fn take(
        global: &Global,
        talk: &Talk,
        context: &Context,
        hosts: Hosts,
    ) -> Result<Self, CliError> {
        let look = Self::again(global, talk, context, hosts).await?;
        for (node, why) in look.observed.unreachable() {
            let mark = talk.aside().paint(Paint::Bad, "unreachable");
            talk.warn(&format!("{mark} {node}: {}", why.error));
        }
        Ok(look)
    }

    /// Asks the hosts once more, where it has been said who does not answer.
    pub(super) async fn again(
        global: &Global,
        talk: &Talk,
        context: &Context,
        hosts: Hosts,
    ) -> Result<Self, CliError> {
        let snapshot = context.state.load()?;
        let nodes = match hosts {
            Hosts::None => Nodes::new(),
            Hosts::Limited => context.limited(),
            Hosts::All => context.nodes.clone(),
        };
        let now = SystemClock.now();
        let fleet = &context.inventory.fleet;
        let asking = observe(&nodes, fleet, &snapshot.unreachable, now, global.parallel);
        let observed = looked(talk, async { Ok::<_, CliError>(asking.await) }).await?;
        Ok(Self { snapshot, observed, now })
    }

    /// The fleet as it was seen.
    pub(super) fn fleet<'a>(&'a self, context: &'a Context) -> Fleet<'a> {
        let stored = (&self.snapshot.desired, &self.snapshot.bindings);
        Fleet::new(&context.inventory, stored, &self.observed, self.now)
    }
}

/// Which objects of a kind are meant.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// The namespace; `None` for all.
    pub(super) namespace: Option<String>,
    /// The labels.
    pub(super) selector: Selector,
}

impl Choice {
    pub(super) fn new(
        global: &Global,
        all_namespaces: bool,
        selector: Option<&str>,
    ) -> Result<Self, CliError> {
        let selector = Selector::parse(selector.unwrap_or_default())?;
        let namespace = (!all_namespaces).then(|| namespace(global));
        Ok(Self { namespace, selector })
    }

    /// The objects of a kind that are meant, on the hosts that are meant.
    pub(super) fn list(&self, context: &Context, fleet: &Fleet<'_>, kind: Kind) -> Vec<Resource> {
        let mut objects = fleet.list(kind);
        objects.retain(|object| {
            let within = !kind.is_namespaced()
                || self.namespace.as_deref().is_none_or(|name| name == object.namespace());
            within && self.selector.matches(&object.labels()) && on_chosen_host(context, object)
        });
        objects
    }
}

/// Objects of a kind.
pub(super) type Found = (Kind, Vec<Resource>);

impl Choice {
    /// What was asked for, kind by kind, and an error for each object that is not there.
    pub(super) fn find(
        &self,
        context: &Context,
        fleet: &Fleet<'_>,
        what: &What,
    ) -> (Vec<Found>, Vec<CliError>) {
        let (mut found, mut missing): (Vec<Found>, Vec<CliError>) = (Vec::new(), Vec::new());
        match what {
            What::Kinds(kinds) => {
                found.extend(kinds.iter().map(|kind| (*kind, self.list(context, fleet, *kind))));
            }
            What::Named(named) => {
                for (kind, name) in named {
                    let mut objects = self.list(context, fleet, *kind).into_iter();
                    match (objects.find(|object| object.name() == name), found.last_mut()) {
                        (Some(object), Some((last, same))) if last == kind => same.push(object),
                        (Some(object), _) => found.push((*kind, vec![object])),
                        (None, _) => missing
                            .push(CliError::NotFound { what: kind.plural(), name: name.clone() }),
                    }
                }
            }
        }
        (found, missing)
    }
}

/// Fails with what is not there, a message for each.
pub(super) fn say_missing(talk: &Talk, mut missing: Vec<CliError>) -> Result<(), CliError> {
    let Some(last) = missing.pop() else { return Ok(()) };
    for error in missing {
        talk.diagnostic(&error);
    }
    Err(last)
}

/// The namespace that a command works in.
pub(super) fn namespace(global: &Global) -> String {
    global.namespace.clone().unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned())
}

fn on_chosen_host(context: &Context, object: &Resource) -> bool {
    let Some(limit) = &context.limit else { return true };
    let host = match object {
        Resource::Pod(pod) => pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref()),
        Resource::Node(node) => node.metadata.name.as_deref(),
        Resource::Service(_)
        | Resource::Deployment(_)
        | Resource::Namespace(_)
        | Resource::Claim(..)
        | Resource::Stored(_) => return true,
    };
    host.is_some_and(|host| limit.iter().any(|chosen| chosen.as_str() == host))
}
