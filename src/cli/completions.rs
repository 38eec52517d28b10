//! `bowline completions`: the shell's own completion.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Cli, Exit, Talk};

/// Print the completion script of a shell
///
/// For bash: `bowline completions bash > /etc/bash_completion.d/bowline`
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(super) fn run(talk: &Talk, args: &CompletionsArgs) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "bowline", &mut script);
    talk.data(&String::from_utf8_lossy(&script));
    Exit::Done
}
