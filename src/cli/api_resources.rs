//! `bowline api-resources`: the kinds that there are.

use clap::Args;

use super::{Exit, Talk};
use crate::model::Kind;
use crate::render::{Width, api_resource_table, in_order};

/// List the kinds of objects, and what becomes of each
#[derive(Debug, Args)]
pub(super) struct ApiResourcesArgs {
    /// How to print them: wide or name
    #[arg(short, long, value_name = "FORMAT", value_parser = format)]
    output: Option<Format>,

    /// Leave the header out
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    no_headers: bool,
}

/// How kinds are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Wide,
    Name,
}

fn format(text: &str) -> Result<Format, String> {
    match text {
        "wide" => Ok(Format::Wide),
        "name" => Ok(Format::Name),
        _ => Err("use wide or name".to_owned()),
    }
}

pub(super) fn run(talk: &Talk, args: &ApiResourcesArgs) -> Exit {
    let width = match args.output {
        Some(Format::Name) => {
            let names: Vec<String> = in_order().into_iter().map(Kind::plural).collect();
            talk.data(&names.join("\n"));
            return Exit::Done;
        }
        Some(Format::Wide) => Width::Wide,
        None => Width::Narrow,
    };
    let table = api_resource_table(width);
    talk.data(match (args.no_headers, table.split_once('\n')) {
        (true, Some((_, rows))) => rows,
        _ => &table,
    });
    Exit::Done
}
