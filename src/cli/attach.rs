//! `bowline attach`: joining the program that a container runs.

use clap::Args;

use super::context::Context;
use super::global::Global;
use super::session::{Ended, Interactive, converse, why_not};
use super::target::{Containers, Finder};
use super::{CliError, Exit, Talk};
use crate::driver::attach_argv;

/// Join the program that a container runs
///
/// `bowline attach web-1` shows what it prints; `bowline attach -it web-1` also passes keys on, where the container was made with
/// `stdin` and `tty`. Ctrl-P Ctrl-Q leaves it running.
#[derive(Debug, Args)]
pub(super) struct AttachArgs {
    /// A pod, or TYPE/NAME such as deployment/web
    #[arg(value_name = "POD")]
    pod: String,

    /// The container
    #[arg(short, long, value_name = "NAME")]
    container: Option<String>,

    #[command(flatten)]
    interactive: Interactive,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &AttachArgs) -> Result<Exit, CliError> {
    let context = Context::open(global, talk)?;
    let named = (args.pod.as_str(), args.container.as_deref());
    let finder = Finder::for_word(global, talk, &context, named).await?;
    let pod = finder.pod(&args.pod)?;
    let target = finder.container(talk, &pod, Containers::One(args.container.as_deref()))?;
    if args.interactive.stdin && args.interactive.tty {
        talk.say("If you don't see a command prompt, try pressing enter.");
    }
    let argv = |sides: &_| attach_argv(&target.on_host, sides);
    match converse(talk, target.place(), &args.interactive, argv).await? {
        Ended::Left => Ok(Exit::Interrupted),
        Ended::NoContainer => Err(why_not(&target).await),
        Ended::Program(code) => Ok(Exit::remote(code)),
    }
}
