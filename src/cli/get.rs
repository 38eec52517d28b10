//! `bowline get`: objects, with what the hosts say of them.

use clap::Args;

use super::context::Context;
use super::global::Global;
use super::look::{Choice, Found, Hosts, Look, say_missing};
use super::what::{KindWords, What};
use super::{CliError, Exit, Talk};
use crate::model::Kind;
use crate::render::{
    Columns, Names, ObjectForm, Objects, Template, TemplateError, objects_text, resource_table,
};
use crate::status::{Fleet, Resource};

/// Show objects, and how they stand
///
/// `bowline get pods`, `bowline get pod web -o yaml`, `bowline get deploy/web svc/web`, `bowline get all -A`.
#[derive(Debug, Args)]
pub(super) struct GetArgs {
    /// A kind and names, or KIND/NAME; kinds can be joined by commas
    #[arg(required = true, value_name = "KIND", value_parser = KindWords, hide_possible_values = true)]
    what: Vec<String>,

    /// How to print them: wide, json, yaml, name or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT", value_parser = format)]
    output: Option<Format>,

    /// In all namespaces
    #[arg(short = 'A', long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    all_namespaces: bool,

    /// Only objects with these labels, such as app=web,tier!=cache
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Leave the header out
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    no_headers: bool,
}

/// How objects are printed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Format {
    Wide,
    Name,
    Objects(ObjectForm),
    Template(Template),
}

fn format(text: &str) -> Result<Format, String> {
    match text {
        "wide" => Ok(Format::Wide),
        "name" => Ok(Format::Name),
        "json" => Ok(Format::Objects(ObjectForm::Json)),
        "yaml" => Ok(Format::Objects(ObjectForm::Yaml)),
        _ => match text.strip_prefix("jsonpath=") {
            Some(template) => template
                .parse()
                .map(Format::Template)
                .map_err(|error: TemplateError| error.to_string()),
            None => Err("use wide, json, yaml, name or jsonpath=TEMPLATE".to_owned()),
        },
    }
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &GetArgs) -> Result<Exit, CliError> {
    let what = What::parse(&args.what)?;
    let choice = Choice::new(global, args.all_namespaces, args.selector.as_deref())?;
    if let (What::Named(_), true) = (&what, args.all_namespaces || args.selector.is_some()) {
        return Err(CliError::Usage {
            problem: "objects are chosen either by name or by -A and -l".to_owned(),
            hint: "leave the names out, or name the namespace with -n".to_owned(),
        });
    }
    let context = Context::open(global, talk)?;
    let kinds: Vec<Kind> = match &what {
        What::Kinds(kinds) => kinds.clone(),
        What::Named(named) => named.iter().map(|(kind, _)| *kind).collect(),
    };
    // Why the last try to bring a pod up failed is remembered as an event.
    let wants_events = kinds.iter().any(|kind| matches!(kind, Kind::Event | Kind::Pod));
    let look = Look::take(global, talk, &context, Hosts::for_kinds(kinds)).await?;
    let mut fleet = look.fleet(&context);
    if wants_events {
        fleet = fleet.with_events(context.state.events()?);
    }
    let (found, missing) = choice.find(&context, &fleet, &what);
    let shown = Shown { args, what: &what, choice: &choice };
    shown.print(talk, &fleet, &found)?;
    say_missing(talk, missing)?;
    Ok(Exit::of_look(&look.observed))
}

/// What is to be shown, and how.
struct Shown<'a> {
    args: &'a GetArgs,
    what: &'a What,
    choice: &'a Choice,
}

impl Shown<'_> {
    fn print(&self, talk: &Talk, fleet: &Fleet<'_>, found: &[Found]) -> Result<(), CliError> {
        let objects = || found.iter().flat_map(|(_, objects)| objects);
        let columns = match &self.args.output {
            Some(Format::Objects(form)) => {
                if let Some(objects) = self.as_asked(&objects().collect::<Vec<_>>()) {
                    talk.data(&objects_text(*form, objects));
                }
                return Ok(());
            }
            Some(Format::Template(template)) => {
                if let Some(objects) = self.as_asked(&objects().collect::<Vec<_>>()) {
                    let filled =
                        template.fill(&objects.value()).map_err(|error| CliError::Usage {
                            problem: format!("error executing jsonpath: {error}"),
                            hint: "to see what there is, add -o yaml; [*] takes every element"
                                .to_owned(),
                        })?;
                    talk.text(&filled);
                }
                return Ok(());
            }
            Some(Format::Name) => {
                for object in objects() {
                    talk.data(&format!("{}/{}", object.kind().qualified(), object.name()));
                }
                return Ok(());
            }
            Some(Format::Wide) => Columns::Wide,
            None => Columns::Narrow,
        };
        if objects().next().is_none() {
            if let What::Kinds(kinds) = self.what {
                self.say_nothing(talk, kinds);
            }
            return Ok(());
        }
        let names = match self.choice.namespace {
            Some(_) => Names::Plain,
            None => Names::Namespaced,
        };
        let several = found.len() > 1 || matches!(self.what, What::Kinds(kinds) if kinds.len() > 1);
        let tables =
            found.iter().filter(|(_, objects)| !objects.is_empty()).map(|(kind, objects)| {
                let prefix = several.then(|| kind.qualified());
                let objects: Vec<&Resource> = objects.iter().collect();
                let table = resource_table(
                    (*kind, prefix.as_deref()),
                    &objects,
                    (columns, names),
                    fleet.now(),
                );
                match (self.args.no_headers, table.split_once('\n')) {
                    (true, Some((_, rows))) => rows.to_owned(),
                    _ => table,
                }
            });
        talk.data(&tables.collect::<Vec<_>>().join("\n"));
        Ok(())
    }

    /// The objects for a program: the one that was asked for by its name, or a list; nothing when that one is not there.
    fn as_asked(&self, objects: &[&Resource]) -> Option<Objects> {
        let one = matches!(self.what, What::Named(named) if named.len() == 1);
        match (one, objects) {
            (true, [object]) => Some(Objects::One(object.to_json())),
            (true, []) => None,
            _ => Some(Objects::List(objects.iter().map(|object| object.to_json()).collect())),
        }
    }

    fn say_nothing(&self, talk: &Talk, kinds: &[Kind]) {
        match &self.choice.namespace {
            Some(namespace) if kinds.iter().any(|kind| kind.is_namespaced()) => {
                talk.say(&format!("No resources found in {namespace} namespace."));
            }
            _ => talk.say("No resources found"),
        }
    }
}
