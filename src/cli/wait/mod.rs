//! `bowline wait`: until objects have come to something.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;

use self::awaited::Awaited;
use super::context::Context;
use super::given::Given;
use super::global::Global;
use super::look::{Hosts, Look, namespace};
use super::manifests::without_errors;
use super::reading::ReadingArgs;
use super::what::{KindWords, What};
use super::{CliError, Exit, Talk};
use crate::clock::{Clock as _, SystemClock};
use crate::model::{Kind, Selector};
use crate::status::{Fleet, Resource};

mod awaited;

/// How long nothing is asked between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// Wait until objects have come to something
///
/// `bowline wait --for=condition=Ready pod/web`, `bowline wait --for=delete pods -l app=web --timeout 1m`,
/// `bowline wait --for=jsonpath='{.status.phase}'=Succeeded pod/job`. Changes nothing. Exits with 5 when the time (`--timeout`) is
/// over first; a time of 0 looks once.
#[derive(Debug, Args)]
pub(in crate::cli) struct WaitArgs {
    /// A kind and names, or KIND/NAME
    #[arg(value_name = "KIND", value_parser = KindWords, hide_possible_values = true, required_unless_present = "given", conflicts_with = "given")]
    what: Vec<String>,

    /// What to wait for: create, delete, condition=NAME[=VALUE] or jsonpath='{PATH}'[=VALUE]
    #[arg(long = "for", value_name = "WHAT", required = true)]
    awaited: Awaited,

    #[command(flatten)]
    given: Given,

    #[command(flatten)]
    reading: ReadingArgs,

    /// Objects of the kind with these labels
    #[arg(short = 'l', long, value_name = "SELECTOR", conflicts_with = "given")]
    selector: Option<String>,

    /// All objects of the kind
    #[arg(long, conflicts_with_all = ["selector", "given"])]
    all: bool,

    /// In all namespaces
    #[arg(short = 'A', long, conflicts_with = "given")]
    all_namespaces: bool,
}

pub(in crate::cli) async fn run(
    global: &Global,
    talk: &Talk,
    args: &WaitArgs,
) -> Result<Exit, CliError> {
    let context = Context::open(global, talk)?;
    let chosen = Chosen::of(global, talk, args)?;
    let hosts = Hosts::for_kinds(chosen.kinds());
    let start = SystemClock.now();
    let mut look = Look::take(global, talk, &context, hosts).await?;
    let mut left = chosen.found(&look.fleet(&context), &args.awaited)?;
    loop {
        let fleet = look.fleet(&context);
        left.retain(|name, uid| {
            let waits = !is_met(&args.awaited, &fleet, name, uid.as_deref());
            if !waits {
                talk.data(&format!("{name} condition met"));
            }
            waits
        });
        if left.is_empty() {
            return Ok(Exit::Done);
        }
        if SystemClock.now().duration_since(start).unsigned_abs() >= global.timeout {
            for name in left.keys() {
                talk.warn(&format!("timed out waiting for the condition on {name}"));
            }
            return Ok(Exit::Waiting);
        }
        SystemClock.sleep(PAUSE).await;
        look = Look::again(global, talk, &context, hosts).await?;
    }
}

/// An object's kind, namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    kind: Kind,
    namespace: String,
    name: String,
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind.qualified(), self.name)
    }
}

impl Named {
    fn of(object: &Resource) -> Self {
        let (namespace, name) = (object.namespace().to_owned(), object.name().to_owned());
        Self { kind: object.kind(), namespace, name }
    }

    fn find(&self, fleet: &Fleet<'_>) -> Option<Resource> {
        fleet.list(self.kind).into_iter().find(|object| Self::of(object) == *self)
    }
}

/// Which objects are meant.
enum Chosen {
    /// These.
    Named(Vec<Named>),
    /// Those of some kinds that are there at first.
    Labelled { kinds: Vec<Kind>, selector: Selector, namespace: Option<String> },
}

impl Chosen {
    fn of(global: &Global, talk: &Talk, args: &WaitArgs) -> Result<Self, CliError> {
        if args.given.is_some() {
            let objects = without_errors(args.given.read(&args.reading, global)?, talk)?;
            let keys = objects.iter().map(|read| (read.object.kind(), read.object.key()));
            let names =
                keys.map(|(kind, key)| Named { kind, namespace: key.namespace, name: key.name });
            return Ok(Self::Named(names.collect()));
        }
        let namespace = namespace(global);
        match What::parse(&args.what)? {
            What::Named(_) if args.selector.is_some() || args.all || args.all_namespaces => {
                Err(CliError::Usage {
                    problem: "objects are chosen either by name or by -l, --all and -A".to_owned(),
                    hint: "leave the names out, or name the namespace with -n".to_owned(),
                })
            }
            What::Named(named) => {
                let name = |(kind, name): (Kind, String)| {
                    let namespace =
                        if kind.is_namespaced() { namespace.clone() } else { String::new() };
                    Named { kind, namespace, name }
                };
                Ok(Self::Named(named.into_iter().map(name).collect()))
            }
            What::Kinds(_) if args.selector.is_none() && !args.all => Err(CliError::Usage {
                problem: "no object is named".to_owned(),
                hint: "name objects, or choose them by -l or --all".to_owned(),
            }),
            What::Kinds(kinds) => {
                let selector = Selector::parse(args.selector.as_deref().unwrap_or_default())?;
                let namespace = (!args.all_namespaces).then_some(namespace);
                Ok(Self::Labelled { kinds, selector, namespace })
            }
        }
    }

    fn kinds(&self) -> Vec<Kind> {
        match self {
            Self::Named(names) => names.iter().map(|name| name.kind).collect(),
            Self::Labelled { kinds, .. } => kinds.clone(),
        }
    }

    /// The objects that are waited for, with the uid of those that are there. What is not there can only be waited for to be made.
    fn found(
        &self,
        fleet: &Fleet<'_>,
        awaited: &Awaited,
    ) -> Result<BTreeMap<Named, Option<String>>, CliError> {
        let mut found = BTreeMap::new();
        match self {
            Self::Named(names) => {
                for name in names {
                    let object = name.find(fleet);
                    if object.is_none() && !matches!(awaited, Awaited::Created | Awaited::Deleted) {
                        let (what, name) = (name.kind.plural(), name.name.clone());
                        return Err(CliError::NotFound { what, name });
                    }
                    found.insert(name.clone(), object.and_then(|object| object.uid()));
                }
            }
            Self::Labelled { kinds, selector, namespace } => {
                for object in kinds.iter().flat_map(|kind| fleet.list(*kind)) {
                    let within = !object.kind().is_namespaced()
                        || namespace.as_deref().is_none_or(|name| name == object.namespace());
                    if within && selector.matches(&object.labels()) {
                        found.insert(Named::of(&object), object.uid());
                    }
                }
            }
        }
        if found.is_empty() && !matches!(awaited, Awaited::Deleted) {
            return Err(CliError::NotThere {
                problem: "no matching resources found".to_owned(),
                hint: "to see what there is, type: bowline get all -A".to_owned(),
            });
        }
        Ok(found)
    }
}

fn is_met(awaited: &Awaited, fleet: &Fleet<'_>, name: &Named, uid: Option<&str>) -> bool {
    match (name.find(fleet), awaited) {
        (None, Awaited::Deleted) => true,
        (Some(object), Awaited::Deleted) => object.uid().as_deref() != uid,
        (None, _) => false,
        (Some(object), _) => awaited.is_met_by(&object.to_json()),
    }
}
