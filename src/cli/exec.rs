//! `bowline exec`: a command in a container, with its streams and its exit code.

use clap::Args;

use super::global::Global;
use super::session::{Ended, Joined, converse, why_not};
use super::{CliError, Exit, Talk};
use crate::driver::exec_argv;

/// Run a command in a container
///
/// `bowline exec web-1 -- env`, `bowline exec -it deploy/web -- sh`. Its exit code is passed on.
#[derive(Debug, Args)]
pub(super) struct ExecArgs {
    #[command(flatten)]
    joined: Joined,

    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &ExecArgs) -> Result<Exit, CliError> {
    let target = args.joined.target(global, talk).await?;
    let argv = |sides: &_| exec_argv(&target.on_host, sides, &args.command);
    match converse(talk, target.place(), &args.joined.interactive, argv).await? {
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
