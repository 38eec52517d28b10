//! `bowline inventory`: what the inventory says, and whether its hosts answer.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::carry::or_interrupted;
use super::context::Context;
use super::global::Global;
use super::{CliError, Exit, Talk};
use crate::clock::{Clock as _, SystemClock};
use crate::driver::ping_script;
use crate::node::{NodeError, for_each_host};
use crate::render::Paint;

/// Look at the hosts of the inventory
#[derive(Debug, Args)]
pub(super) struct InventoryArgs {
    #[command(subcommand)]
    command: InventoryCommand,
}

#[derive(Debug, Subcommand)]
enum InventoryCommand {
    /// Log in to every host and run `true` there
    Ping,
    /// List the hosts
    List,
}

pub(super) async fn run(
    global: &Global,
    talk: &Talk,
    args: &InventoryArgs,
) -> Result<Exit, CliError> {
    let context = Context::open(global, talk)?;
    match args.command {
        InventoryCommand::Ping => ping(global, talk, &context).await,
        InventoryCommand::List => {
            for name in context.limited().keys() {
                talk.data(name.as_str());
            }
            Ok(Exit::Done)
        }
    }
}

async fn ping(global: &Global, talk: &Talk, context: &Context) -> Result<Exit, CliError> {
    let nodes = context.limited();
    let answers = for_each_host(&nodes, global.parallel, |node| async move {
        let asked = SystemClock.now();
        let answer = node.run(&ping_script(), &|_| {}).await;
        answer.map(|_| SystemClock.now().duration_since(asked).unsigned_abs())
    });
    let answers = or_interrupted(async { Ok::<_, CliError>(answers.await) }).await?;
    let mut exit = Exit::Done;
    for (name, answer) in &answers {
        match answer {
            Ok(took) => talk.data(&pong(name.as_str(), *took)),
            Err(error) => {
                let refused = matches!(
                    error,
                    NodeError::HostKeyUnknown { .. } | NodeError::HostKeyChanged { .. }
                );
                let mark = talk.aside().paint(Paint::Bad, "unreachable");
                talk.warn(&format!("{mark} {name}: {error}"));
                exit = if refused || exit == Exit::Refused { Exit::Refused } else { Exit::Partial };
            }
        }
    }
    Ok(exit)
}

fn pong(name: &str, took: Duration) -> String {
    format!("{name} answered in {} ms", took.as_millis())
}
