//! The one way of commands that change stored objects: changed, checked as a manifest is, planned, agreed to, carried out.

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::apply::Approval;
use super::carry::{carry_out_if_agreed, converge, looked, now};
use super::context::Context;
use super::global::Global;
use super::manifests::{fit, rendered, shown, without_errors};
use super::{CliError, Exit, Talk};
use crate::converge::{Aim, Moves};
use crate::desired::{Desired, Put, Putting, Stored, without_stamp};
use crate::document::Finding;
use crate::driver::Takeover;
use crate::manifest::{ReadObject, Reading};
use crate::model::{Kind, Object, ObjectKey};
use crate::render::{ObjectForm, Objects, objects_text};
use crate::state::Snapshot;
use crate::status::DEFAULT_NAMESPACE;

/// Flags of commands that change stored objects.
#[derive(Debug, Args)]
pub(super) struct ChangeArgs {
    /// Say what would come of it and change nothing
    #[arg(long, value_name = "WHERE", value_enum, num_args = 0..=1, require_equals = true, default_value = "none", default_missing_value = "client")]
    pub(super) dry_run: DryRun,

    /// Print the objects: yaml, json or name
    #[arg(short, long, value_name = "FORMAT", value_enum)]
    output: Option<Form>,

    #[command(flatten)]
    pub(super) approval: Approval,
}

/// Whether anything is done, in kubectl's words. There is no server that would have another opinion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DryRun {
    /// It is done
    None,
    /// Nothing is done
    Client,
    /// The same
    Server,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Yaml,
    Json,
    Name,
}

impl DryRun {
    /// What is said after a change that is not made; `None` when it is made.
    pub(super) fn suffix(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Client => Some(" (dry run)"),
            Self::Server => Some(" (server dry run)"),
        }
    }
}

/// What a change is called.
pub(super) struct Words {
    /// The command, for the history.
    pub(super) command: String,
    /// What is said of an object that was changed, such as `labeled`.
    pub(super) done: &'static str,
    /// What is said of an object that is as it was.
    pub(super) same: &'static str,
}

/// How much of an object its text states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it: it counts as applied.
    Whole,
    /// Some fields were changed; what was applied before still is.
    Fields,
}

/// A change of stored objects.
pub(super) struct Change<'a> {
    pub(super) global: &'a Global,
    pub(super) talk: &'a Talk,
    pub(super) args: &'a ChangeArgs,
    pub(super) context: Context,
    pub(super) before: Snapshot,
}

impl<'a> Change<'a> {
    /// Reads what is stored.
    pub(super) fn open(
        global: &'a Global,
        talk: &'a Talk,
        args: &'a ChangeArgs,
    ) -> Result<Self, CliError> {
        let context = Context::open(global, talk)?;
        let before = context.state.load()?;
        Ok(Self { global, talk, args, context, before })
    }

    /// What is stored.
    pub(super) fn stored(&self) -> &Desired {
        &self.before.desired
    }

    /// Carries changed objects out.
    pub(super) async fn carry_out(
        self,
        changed: &[Changed],
        words: &Words,
    ) -> Result<Exit, CliError> {
        let reading = self.reading(changed)?;
        self.carry_out_reading(reading, Extent::Fields, words).await
    }

    /// Checks changed objects as if they were manifests. What was to be said of an object before the change is not said again.
    pub(super) fn reading(&self, changed: &[Changed]) -> Result<Reading, CliError> {
        changed.iter().try_for_each(Changed::is_the_same)?;
        let now = changed.iter().map(|one| (shown(&one.key), one.json.clone()));
        let before = changed.iter().filter_map(|one| self.stored().objects.get_key_value(&one.key));
        let before = before.map(|(key, stored)| (shown(key), Changed::of(key, stored).json));
        let (mut reading, told) = (rendered(now), rendered(before).findings);
        self.check(&mut reading);
        let same = |a: &Finding, b: &Finding| {
            (a.code, &a.path, &a.message, &a.object) == (b.code, &b.path, &b.message, &b.object)
        };
        reading.findings.retain(|one| one.is_error() || !told.iter().any(|old| same(one, old)));
        Ok(reading)
    }

    /// Asks whether objects that were read fit to what is stored; a dry run of the client does not ask.
    pub(super) fn check(&self, reading: &mut Reading) {
        if self.args.dry_run != DryRun::Client {
            fit(reading, self.stored(), &self.context.inventory);
        }
    }

    /// Carries objects out that were read and checked.
    pub(super) async fn carry_out_reading(
        self,
        reading: Reading,
        extent: Extent,
        words: &Words,
    ) -> Result<Exit, CliError> {
        let puts = puts(usable(reading, self.talk)?, extent);
        let now = now();
        let putting = Putting { fleet: &self.context.inventory.fleet, objects: &puts, now };
        let (desired, object_changes) = self.before.desired.put(&putting);
        let suffix = self.args.dry_run.suffix();
        let said = puts.iter().map(|put| {
            let key = put.object.key();
            let changed = object_changes.iter().any(|change| change.key == key);
            let word = if changed { words.done } else { words.same };
            format!("{} {word}{}", qualified(&put.object), suffix.unwrap_or_default())
        });
        let said = said.collect::<Vec<_>>().join("\n");
        let Self { global, talk, args, context, before } = self;
        if suffix.is_some() {
            let stated = puts.into_iter().map(|put| match put.manifest {
                Some(stated) => as_stated(global, stated),
                None => put.object,
            });
            args.print(talk, &stated.collect::<Vec<_>>(), &said);
            return Ok(Exit::Done);
        }
        let stored = puts.iter().filter_map(|put| desired.objects.get(&put.object.key()));
        let objects: Vec<Object> = stored.map(|stored| stored.object.clone()).collect();
        let mut exit = Exit::Done;
        if desired != before.desired {
            let command = words.command.clone();
            let converge = converge(global, &context, talk, command, Takeover::Refuse);
            let aim = Aim { before, desired, object_changes, now, moves: Moves::None };
            let round = looked(talk, converge.look_for(aim)).await?;
            let ask = args.approval.ask("Carry out this plan?");
            exit = carry_out_if_agreed(&converge, talk, round, ask).await?;
        }
        args.print(talk, &objects, &said);
        Ok(exit)
    }
}

fn puts(read: Vec<ReadObject>, extent: Extent) -> Vec<Put> {
    let put = |read: ReadObject| match extent {
        Extent::Whole => Put { object: read.object, manifest: Some(read.stated.object) },
        Extent::Fields => Put { object: read.object, manifest: None },
    };
    read.into_iter().map(put).collect()
}

/// An object as a manifest would state it. The namespace that stands in for one that nobody named is left out.
fn as_stated(global: &Global, mut stated: Object) -> Object {
    if global.namespace.is_none() && stated.namespace() == DEFAULT_NAMESPACE {
        stated.metadata_mut().namespace = None;
    }
    stated
}

impl ChangeArgs {
    /// Whether names are asked for.
    pub(super) fn is_names(&self) -> bool {
        self.output == Some(Form::Name)
    }

    /// Refuses to print more than names of what is no stored object; `instead` does.
    pub(super) fn prints_names(&self, instead: &str) -> Result<(), CliError> {
        match self.output {
            None | Some(Form::Name) => Ok(()),
            Some(Form::Yaml | Form::Json) => Err(CliError::Usage {
                problem: "hosts are no stored objects that could be printed".to_owned(),
                hint: format!("afterwards, type: {instead}"),
            }),
        }
    }

    /// Prints what objects would be made, when that is all that is asked for: neither hosts nor what is stored matter then.
    /// `None` when more is asked for.
    pub(super) fn only_print(
        &self,
        global: &Global,
        talk: &Talk,
        reading: &Reading,
    ) -> Option<Result<Exit, CliError>> {
        if self.dry_run != DryRun::Client {
            return None;
        }
        let read = match usable(reading.clone(), talk) {
            Ok(read) => read,
            Err(error) => return Some(Err(error)),
        };
        let line = |read: &ReadObject| format!("{} created (dry run)", qualified(&read.object));
        let said: Vec<String> = read.iter().map(line).collect();
        let stated = read.into_iter().map(|read| as_stated(global, read.stated.object));
        self.print(talk, &stated.collect::<Vec<_>>(), &said.join("\n"));
        Some(Ok(Exit::Done))
    }
}

/// The objects, if nothing is wrong with them.
fn usable(reading: Reading, talk: &Talk) -> Result<Vec<ReadObject>, CliError> {
    without_errors(reading, talk).map_err(|error| match error {
        CliError::Findings { report, .. } => {
            CliError::Findings { what: "what would come of it".to_owned(), report }
        }
        other => other,
    })
}

impl ChangeArgs {
    /// Prints what came of the objects, or the objects themselves if they were asked for.
    fn print(&self, talk: &Talk, objects: &[Object], said: &str) {
        let form = match self.output {
            None => return talk.data(said),
            Some(Form::Name) => {
                let names: Vec<String> = objects.iter().map(qualified).collect();
                return talk.data(&names.join("\n"));
            }
            Some(Form::Yaml) => ObjectForm::Yaml,
            Some(Form::Json) => ObjectForm::Json,
        };
        let objects = match objects {
            [one] => Objects::One(one.to_json()),
            many => Objects::List(many.iter().map(Object::to_json).collect()),
        };
        talk.data(&objects_text(form, objects));
    }
}

/// A stored object, changed.
pub(super) struct Changed {
    /// Which one.
    pub(super) key: ObjectKey,
    /// What it should be.
    pub(super) json: Value,
}

impl Changed {
    /// A stored object as it is, to be changed: without what the store adds.
    pub(super) fn of(key: &ObjectKey, stored: &Stored) -> Self {
        Self { key: key.clone(), json: without_stamp(&stored.object).to_json() }
    }

    /// Refuses a change of what the object is called.
    fn is_the_same(&self) -> Result<(), CliError> {
        let text = |place: &str| self.json.pointer(place).and_then(Value::as_str);
        let ObjectKey { kind, namespace, name } = &self.key;
        let version = Kind::named(kind).map(Kind::api_version);
        if text("/apiVersion") == version
            && text("/kind") == Some(kind)
            && text("/metadata/name") == Some(name)
            && text("/metadata/namespace").unwrap_or_default() == namespace
        {
            return Ok(());
        }
        Err(CliError::Usage {
            problem: format!("the kind, name and namespace of {} may not change", self.key),
            hint: "make another object with `bowline create`, and delete this one".to_owned(),
        })
    }
}

/// An object as kubectl prints its name: `deployment.apps/web`.
pub(super) fn qualified(object: &Object) -> String {
    format!("{}/{}", object.kind().qualified(), object.name())
}
