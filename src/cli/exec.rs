//! `bowline exec`: a command in a container, with its streams and its exit code.

use clap::Args;

use super::context::Context;
use super::global::Global;
use super::session::{Ended, Interactive, converse, why_not};
use super::target::{Containers, Finder};
use super::{CliError, Exit, Talk};
use crate::driver::exec_argv;

/// Run a command in a container
///
/// `bowline exec web-1 -- env`, `bowline exec -it deploy/web -- sh`. Its exit code is passed on.
#[derive(Debug, Args)]
pub(super) struct ExecArgs {
    /// A pod, or TYPE/NAME such as deployment/web
    #[arg(value_name = "POD")]
    pod: String,

    /// The container
    #[arg(short, long, value_name = "NAME")]
    container: Option<String>,

    #[command(flatten)]
    interactive: Interactive,

    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &ExecArgs) -> Result<Exit, CliError> {
    let context = Context::open(global, talk)?;
    let named = (args.pod.as_str(), args.container.as_deref());
    let finder = Finder::for_word(global, talk, &context, named).await?;
    let pod = finder.pod(&args.pod)?;
    let target = finder.container(talk, &pod, Containers::One(args.container.as_deref()))?;
    let argv = |sides: &_| exec_argv(&target.on_host, sides, &args.command);
    match converse(talk, target.place(), &args.interactive, argv).await? {
        Ended::Left => Ok(Exit::Interrupted),
        Ended::NoContainer => Err(why_not(&target).await),
        Ended::Program(code) => {
            if code != 0 {
                talk.say(&format!("command terminated with exit code {code}"));
            }
            Ok(Exit::remote(code))
        }
    }
}
