//! `bowline cordon` and `bowline uncordon`: whether a host takes new pods.

use clap::Args;

use super::{HostArgs, HostChange, Reach, Said, Which, words};
use crate::cli::global::Global;
use crate::cli::{CliError, Exit, Talk};
use crate::inventory::Admission;

/// Place no new pods on hosts
///
/// What is there stays and goes on running; `bowline drain` moves it away. Pods that tolerate
/// node.kubernetes.io/unschedulable are placed all the same. It holds until `bowline uncordon`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CordonArgs {
    /// Hosts
    #[arg(value_name = "NODE")]
    nodes: Vec<String>,

    #[command(flatten)]
    args: HostArgs,
}

/// Place pods on cordoned hosts again
///
/// Pods that wait for room are placed at once; what has moved away does not come back.
#[derive(Debug, Args)]
pub(in crate::cli) struct UncordonArgs {
    /// Hosts
    #[arg(value_name = "NODE")]
    nodes: Vec<String>,

    #[command(flatten)]
    args: HostArgs,
}

pub(in crate::cli) async fn cordon(
    global: &Global,
    talk: &Talk,
    args: &CordonArgs,
) -> Result<Exit, CliError> {
    run(global, talk, (&args.nodes, &args.args), Admission::Cordoned).await
}

pub(in crate::cli) async fn uncordon(
    global: &Global,
    talk: &Talk,
    args: &UncordonArgs,
) -> Result<Exit, CliError> {
    run(global, talk, (&args.nodes, &args.args), Admission::Open).await
}

async fn run(
    global: &Global,
    talk: &Talk,
    (nodes, args): (&[String], &HostArgs),
    wanted: Admission,
) -> Result<Exit, CliError> {
    let (command, reach) = match wanted {
        Admission::Cordoned => ("cordon", Reach::Written),
        Admission::Open => ("uncordon", Reach::CarriedOut),
    };
    let choosing = &args.choosing;
    let which = Which::of(Which::hosts_named(nodes), choosing.selector.as_deref(), choosing.all)?;
    let change = HostChange::open(global, talk)?;
    let mut hosts = change.hosts(&which)?;
    let mut lines = Vec::new();
    for host in &mut hosts {
        let already = if host.admission == wanted { "already " } else { "" };
        lines.push(format!("node/{} {already}{command}ed", host.name));
        host.admission = wanted;
    }
    let said = Said { hosts, lines, command: words(command, nodes, choosing), reach };
    change.carry_out(said, args.dry_run, &args.approval).await
}
