//! `bowline top`: what pods and hosts use of CPU and memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};

use super::context::Context;
use super::global::Global;
use super::hear::ask;
use super::look::{Choice, Hosts, Look};
use super::{CliError, Exit, Talk};
use crate::driver::{Usage, parse_usage, usage_argv};
use crate::model::{Kind, NodeName, PodKey, Resources, Used};
use crate::node::for_each_host;
use crate::observe::Nodes;
use crate::plan::usable;
use crate::render::{Names, NodeUsage, PodUsage, TopOrder, node_usage_table, pod_usage_table};

/// Show what pods or hosts use of CPU and memory
///
/// CPU is what was used in one second; memory is the working set. `bowline top pods -A --sort-by=cpu`, `bowline top nodes`.
#[derive(Debug, Args)]
pub(super) struct TopArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// What pods use
    #[command(visible_aliases = ["pods", "po"])]
    Pod(PodArgs),
    /// What hosts use
    #[command(visible_aliases = ["nodes", "no"])]
    Node(NodeArgs),
}

#[derive(Debug, Args)]
struct PodArgs {
    /// The pod; all of them otherwise
    #[arg(value_name = "NAME", conflicts_with = "selector")]
    name: Option<String>,

    /// In all namespaces
    #[arg(short = 'A', long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    all_namespaces: bool,

    /// Only pods with these labels
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Each container by itself
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    containers: bool,

    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
struct NodeArgs {
    /// The host; all of them otherwise
    #[arg(value_name = "NAME", conflicts_with = "selector")]
    name: Option<String>,

    /// Only hosts with these labels
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
struct Form {
    /// The most first, instead of by name
    #[arg(long, value_name = "WHAT")]
    sort_by: Option<SortBy>,

    /// Leave the header out
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    no_headers: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SortBy {
    Cpu,
    Memory,
}

impl Form {
    fn order(&self) -> TopOrder {
        match self.sort_by {
            None => TopOrder::Name,
            Some(SortBy::Cpu) => TopOrder::Cpu,
            Some(SortBy::Memory) => TopOrder::Memory,
        }
    }

    fn print(&self, talk: &Talk, table: &str) {
        match table.split_once('\n').filter(|_| self.no_headers) {
            Some((_, rows)) => talk.data(rows),
            None => talk.data(table),
        }
    }
}

/// How long CPU is measured for, in seconds.
const WHILE: u32 = 1;

pub(super) async fn run(global: &Global, talk: &Talk, args: &TopArgs) -> Result<Exit, CliError> {
    let context = Context::open(global, talk)?;
    match &args.what {
        What::Pod(args) => pods(global, talk, &context, args).await,
        What::Node(args) => nodes(global, talk, &context, args).await,
    }
}

async fn pods(
    global: &Global,
    talk: &Talk,
    context: &Context,
    args: &PodArgs,
) -> Result<Exit, CliError> {
    let choice = Choice::new(global, args.all_namespaces, args.selector.as_deref())?;
    let look = Look::take(global, talk, context, Hosts::None).await?;
    let fleet = look.fleet(context);
    let mut meant = choice.list(context, &fleet, Kind::Pod);
    if let Some(name) = &args.name {
        meant.retain(|pod| pod.name() == name);
        if meant.is_empty() {
            return Err(CliError::NotFound { what: "pods".to_owned(), name: name.clone() });
        }
    }
    let keys: Vec<PodKey> =
        meant.iter().map(|pod| PodKey::new(pod.namespace(), pod.name())).collect();
    let mut asked = context.limited();
    asked.retain(|host, _| keys.iter().any(|key| fleet.place(key) == Some(host)));
    let (usage, exit) = measure(global, talk, context, &asked).await;
    let mut rows = Vec::new();
    for key in &keys {
        let containers = usage.values().find_map(|usage| usage.pods.get(key));
        let row = |container: Option<&String>, used| PodUsage {
            namespace: key.namespace.clone(),
            pod: key.name.clone(),
            container: container.cloned(),
            used,
        };
        match containers {
            None => {}
            Some(all) if args.containers => {
                rows.extend(all.iter().map(|(name, used)| row(Some(name), *used)));
            }
            Some(all) => rows.push(row(None, sum(all.values()))),
        }
    }
    if rows.is_empty() {
        return match &args.name {
            Some(name) => Err(CliError::NotThere {
                problem: format!("no container of pod {name} runs"),
                hint: format!("see why with: bowline describe pod {name}"),
            }),
            None => {
                talk.say("No resources found");
                Ok(exit)
            }
        };
    }
    let names = if args.all_namespaces { Names::Namespaced } else { Names::Plain };
    args.form.print(talk, &pod_usage_table(rows, args.form.order(), names));
    Ok(exit)
}

async fn nodes(
    global: &Global,
    talk: &Talk,
    context: &Context,
    args: &NodeArgs,
) -> Result<Exit, CliError> {
    let choice = Choice::new(global, true, args.selector.as_deref())?;
    let look = Look::take(global, talk, context, Hosts::Limited).await?;
    let fleet = look.fleet(context);
    let mut meant = choice.list(context, &fleet, Kind::Node);
    if let Some(name) = &args.name {
        meant.retain(|node| node.name() == name);
        if meant.is_empty() {
            return Err(CliError::NotFound { what: "nodes".to_owned(), name: name.clone() });
        }
    }
    let mut asked = context.limited();
    asked.retain(|host, _| {
        look.observed.report(host).is_some()
            && meant.iter().any(|node| node.name() == host.as_str())
    });
    let (usage, _) = measure(global, talk, context, &asked).await;
    let of = |name: &str| usage.iter().find(|(host, _)| host.as_str() == name);
    // Not what pods may ask for: that can be many times as much.
    let has = |name: &str| {
        let host = context.inventory.hosts.get(&NodeName::from(name))?;
        let report = look.observed.report(&host.name)?;
        let Resources { cpu_milli, memory_bytes, .. } = usable(host, Some(report));
        Some(Used { cpu_milli, memory_bytes })
    };
    let rows = meant.iter().map(|node| NodeUsage {
        name: node.name().to_owned(),
        used: of(node.name()).and_then(|(_, usage)| usage.host),
        has: has(node.name()),
    });
    args.form.print(talk, &node_usage_table(rows.collect(), args.form.order()));
    Ok(Exit::of_look(&look.observed))
}

fn sum<'a>(all: impl Iterator<Item = &'a Used>) -> Used {
    all.fold(Used::default(), |sum, used| Used {
        cpu_milli: sum.cpu_milli.saturating_add(used.cpu_milli),
        memory_bytes: sum.memory_bytes.saturating_add(used.memory_bytes),
    })
}

/// Asks hosts what is used there; those that say nothing are named.
async fn measure(
    global: &Global,
    talk: &Talk,
    context: &Context,
    nodes: &Nodes,
) -> (BTreeMap<NodeName, Usage>, Exit) {
    let argv = usage_argv(&context.inventory.fleet, WHILE);
    let heard = for_each_host(nodes, global.parallel, |node| {
        let argv = argv.clone();
        async move { ask(node.name(), &*Arc::clone(&node), argv).await }
    })
    .await;
    let (mut usage, mut exit) = (BTreeMap::new(), Exit::Done);
    for (host, heard) in heard {
        match heard {
            Ok(heard) => {
                usage.insert(host, parse_usage(&context.inventory.fleet, &heard.stdout));
            }
            Err(error) => {
                talk.diagnostic(&error);
                exit = Exit::Partial;
            }
        }
    }
    (usage, exit)
}
