//! Flags that every command has.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::inventory::parse_duration;

/// Flags that every command has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// The file that lists the hosts
    #[arg(
        short,
        long,
        global = true,
        value_name = "FILE",
        env = "BOWLINE_INVENTORY",
        default_value = "inventory.yaml"
    )]
    pub inventory: PathBuf,

    /// The file that keeps what should be and what was chosen
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "BOWLINE_STATE",
        default_value = ".bowline/state.redb"
    )]
    pub state: PathBuf,

    /// The namespace to work in
    #[arg(short, long, global = true, value_name = "NAME")]
    pub namespace: Option<String>,

    /// Only these hosts: names, globs, groups, separated by commas; ! leaves out
    #[arg(long, global = true, value_name = "PATTERN")]
    pub limit: Option<String>,

    /// How many hosts are worked on at a time
    #[arg(long, global = true, value_name = "N", default_value_t = 64)]
    pub parallel: usize,

    /// How long pods that have to come up are waited for, such as 90s or 10m
    #[arg(long, global = true, value_name = "DURATION", default_value = "5m", value_parser = duration)]
    pub timeout: Duration,

    /// Say only what goes wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say more
    #[arg(short, long, global = true)]
    pub verbose: bool,

    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: When,

    /// Never ask anything
    #[arg(long, global = true)]
    pub no_input: bool,

    /// Write one JSON line a remote command to this file
    #[arg(long, global = true, value_name = "FILE")]
    pub trace: Option<PathBuf>,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|error| error.to_string())
}
