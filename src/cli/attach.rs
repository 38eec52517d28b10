//! `bowline attach`: joining the program that a container runs.

use clap::Args;

use super::global::Global;
use super::session::{Ended, Joined, converse, why_not};
use super::{CliError, Exit, Talk};
use crate::driver::attach_argv;

/// Join the program that a container runs
///
/// `bowline attach web-1` shows what it prints; `bowline attach -it web-1` also passes keys on, where the container was made with
/// `stdin` and `tty`. Ctrl-P Ctrl-Q leaves it running.
#[derive(Debug, Args)]
pub(super) struct AttachArgs {
    #[command(flatten)]
    joined: Joined,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &AttachArgs) -> Result<Exit, CliError> {
    let target = args.joined.target(global, talk).await?;
    if args.joined.interactive.stdin && args.joined.interactive.tty {
        talk.say("If you don't see a command prompt, try pressing enter.");
    }
    let argv = |sides: &_| attach_argv(&target.on_host, sides);
    match converse(talk, target.place(), &args.joined.interactive, argv).await? {
        Ended::Left => Ok(Exit::Interrupted),
        Ended::NoContainer => Err(why_not(&target).await),
        Ended::Program(code) => Ok(Exit::remote(code)),
    }
}
