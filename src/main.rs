//! The `bowline` program: parse, run, say what went wrong, exit.

use std::process::ExitCode;

use bowline::cli::{Cli, CliError};
use clap::Parser as _;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let talk = cli.talk();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let ran = match runtime {
        Ok(runtime) => {
            let ran = runtime.block_on(cli.run(&talk));
            // A read of the terminal may still be waiting for a key that will never come.
            runtime.shutdown_background();
            ran
        }
        Err(error) => {
            Err(CliError::System { what: "cannot start".to_owned(), cause: error.to_string() })
        }
    };
    match ran {
        Ok(exit) if talk.wrote_all() => exit.code().into(),
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            talk.diagnostic(&error);
            error.exit().code().into()
        }
    }
}
