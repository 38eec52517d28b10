//! The command line: a file a command.

use std::io;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub mod lab;

#[derive(Debug, Parser)]
#[command(name = "bowline", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Lab(lab::LabArgs),
}

/// Parses the command line, runs it, and returns the exit code.
pub fn main() -> ExitCode {
    let Command::Lab(args) = Cli::parse().command;
    match lab::run(args, &mut io::stdout().lock(), &mut io::stderr().lock()) {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            use std::io::Write as _;
            let _ = writeln!(io::stderr(), "{:?}", miette::Report::new(error));
            ExitCode::from(1)
        }
    }
}
