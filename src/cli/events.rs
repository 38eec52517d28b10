//! `bowline events`: what has happened, the newest last.

use clap::{Args, ValueEnum};
use k8s_openapi::api::core::v1::Event;

use super::context::Context;
use super::global::Global;
use super::look::{Choice, Hosts, Look};
use super::what::What;
use super::{CliError, Exit, Talk};
use crate::model::{Kind, Object};
use crate::render::{Columns, Names, ObjectForm, Objects, objects_text, resource_table};
use crate::status::Resource;

/// Show what has happened to objects, the newest last
///
/// `bowline events`, `bowline events --for pod/web`, `bowline events -A --types=Warning`. It is what commands have met
/// with, for as long as the state remembers it, and what the hosts tell of the probes of their pods.
#[derive(Debug, Args)]
pub(super) struct EventsArgs {
    /// Only what happened to this object
    #[arg(long = "for", value_name = "KIND/NAME")]
    about: Option<String>,

    /// Only events of these types
    #[arg(long, value_name = "TYPES", value_delimiter = ',', ignore_case = true)]
    types: Vec<Type>,

    /// In all namespaces
    #[arg(short = 'A', long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    all_namespaces: bool,

    /// How to print them
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,

    /// Leave the header out
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    no_headers: bool,
}

/// Whether somebody should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "PascalCase")]
enum Type {
    /// What goes as it should
    Normal,
    /// What somebody should look at
    Warning,
}

impl Type {
    fn word(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        }
    }
}

/// How events are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table with all columns
    Wide,
    /// A list as JSON
    Json,
    /// A list as YAML
    Yaml,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &EventsArgs) -> Result<Exit, CliError> {
    let about = args.about.as_deref().map(about).transpose()?;
    let context = Context::open(global, talk)?;
    let choice = Choice::new(global, args.all_namespaces, None)?;
    let look = Look::take(global, talk, &context, Hosts::for_kinds([Kind::Event])).await?;
    let fleet = look.fleet(&context).with_events(context.state.events()?);
    let mut events = choice.list(&context, &fleet, Kind::Event);
    events.retain(|resource| {
        event(resource).is_some_and(|event| {
            let kind_fits = args.types.is_empty()
                || args.types.iter().any(|kind| event.type_.as_deref() == Some(kind.word()));
            kind_fits && about.as_ref().is_none_or(|about| concerns(event, about))
        })
    });
    events.sort_by_key(|resource| event(resource).and_then(|event| event.last_timestamp.clone()));
    let list = || Objects::List(events.iter().map(Resource::to_json).collect());
    let columns = match args.output {
        Some(Format::Json) => {
            talk.data(&objects_text(ObjectForm::Json, list()));
            return Ok(Exit::of_look(&look.observed));
        }
        Some(Format::Yaml) => {
            talk.data(&objects_text(ObjectForm::Yaml, list()));
            return Ok(Exit::of_look(&look.observed));
        }
        Some(Format::Wide) => Columns::Wide,
        None => Columns::Narrow,
    };
    if events.is_empty() {
        talk.say("No events found.");
        return Ok(Exit::of_look(&look.observed));
    }
    let names = if choice.namespace.is_some() { Names::Plain } else { Names::Namespaced };
    let rows: Vec<&Resource> = events.iter().collect();
    let table = resource_table((Kind::Event, None), &rows, (columns, names), fleet.now());
    match table.split_once('\n') {
        Some((_, rows)) if args.no_headers => talk.data(rows),
        _ => talk.data(&table),
    }
    Ok(Exit::of_look(&look.observed))
}

fn event(resource: &Resource) -> Option<&Event> {
    match resource {
        Resource::Stored(Object::Event(event)) => Some(event),
        _ => None,
    }
}

fn about(word: &str) -> Result<(Kind, String), CliError> {
    let named = match What::parse(&[word.to_owned()])? {
        What::Named(named) => named,
        What::Kinds(_) => Vec::new(),
    };
    named.into_iter().next().ok_or_else(|| CliError::Usage {
        problem: format!("`{word}` names no object"),
        hint: "write KIND/NAME, such as pod/web".to_owned(),
    })
}

fn concerns(event: &Event, (kind, name): &(Kind, String)) -> bool {
    let object = &event.involved_object;
    object.kind.as_deref().and_then(Kind::named) == Some(*kind)
        && object.name.as_ref() == Some(name)
}
