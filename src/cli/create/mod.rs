//! `bowline create`: objects that are not there yet, from manifests or made from flags.

use clap::{ArgGroup, Args, Subcommand};
use serde_json::{Value, json};

use super::change::{Change, ChangeArgs, Extent, Words};
use super::choose::stored;
use super::given::Given;
use super::global::Global;
use super::look::namespace;
use super::manifests::rendered;
use super::reading::ReadingArgs;
use super::{CliError, Exit, Talk};
use crate::manifest::Reading;
use crate::model::{Kind, ObjectKey};
use crate::state::State;

mod config;
mod files;
mod job;
mod secret;
mod service;
mod workload;

/// Make objects that are not there yet, from manifests or from flags
///
/// `bowline create -f web.yaml`, `bowline create deployment web --image=nginx:1.27 --dry-run=client -o yaml`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(group(ArgGroup::new("needed").args(["filename", "kustomize"]).required(true)))]
pub(super) struct CreateArgs {
    #[command(subcommand)]
    what: Option<What>,

    #[command(flatten)]
    given: Given,

    #[command(flatten)]
    reading: ReadingArgs,

    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(Debug, Subcommand)]
enum What {
    #[command(visible_alias = "deploy")]
    Deployment(workload::DeploymentArgs),
    #[command(visible_alias = "svc")]
    Service(service::ServiceArgs),
    #[command(visible_alias = "cm")]
    Configmap(config::ConfigMapArgs),
    Secret(secret::SecretArgs),
    Job(job::JobArgs),
    #[command(visible_alias = "cj")]
    Cronjob(job::CronJobArgs),
    #[command(visible_alias = "ns")]
    Namespace(NamespaceArgs),
}

/// Make a Namespace
#[derive(Debug, Args)]
struct NamespaceArgs {
    #[command(flatten)]
    common: Common,
}

/// What every object that is made from flags has.
#[derive(Debug, Args)]
struct Common {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,

    #[command(flatten)]
    change: ChangeArgs,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &CreateArgs) -> Result<Exit, CliError> {
    let Some(what) = &args.what else {
        let reading = args.given.read(&args.reading.naming(), global)?;
        let command = format!("create {}", args.given.words());
        return create(global, talk, &args.change, reading, command).await;
    };
    let common = what.common();
    let mut json = what.json(global)?;
    if let (Some(namespace), false) = (&global.namespace, matches!(what, What::Namespace(_))) {
        json["metadata"]["namespace"] = Value::from(namespace.as_str());
    }
    let name = format!("{}/{}", what.word(), common.name);
    let command = format!("create {} {}", what.word(), common.name);
    create(global, talk, &common.change, rendered([(name, json)]), command).await
}

/// Makes objects, none of which may be there.
async fn create(
    global: &Global,
    talk: &Talk,
    args: &ChangeArgs,
    mut reading: Reading,
    command: String,
) -> Result<Exit, CliError> {
    if let Some(printed) = args.only_print(global, talk, &reading) {
        return printed;
    }
    let change = Change::open(global, talk, args)?;
    change.check(&mut reading);
    let fit = reading.objects.iter().filter(|_| !reading.has_errors());
    let keys = fit.map(|read| read.object.key());
    if let Some(key) = keys.into_iter().find(|key| change.stored().objects.contains_key(key)) {
        let what = Kind::named(&key.kind).map_or_else(|| key.kind.clone(), Kind::plural);
        return Err(CliError::Exists { what, name: key.name });
    }
    let words = Words { command, done: "created", same: "created" };
    change.carry_out_reading(reading, Extent::Whole, &words).await
}

impl What {
    fn common(&self) -> &Common {
        match self {
            Self::Deployment(args) => &args.common,
            Self::Service(args) => args.common(),
            Self::Configmap(args) => &args.common,
            Self::Secret(args) => args.common(),
            Self::Job(args) => &args.common,
            Self::Cronjob(args) => &args.common,
            Self::Namespace(args) => &args.common,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Deployment(_) => "deployment",
            Self::Service(_) => "service",
            Self::Configmap(_) => "configmap",
            Self::Secret(_) => "secret",
            Self::Job(_) => "job",
            Self::Cronjob(_) => "cronjob",
            Self::Namespace(_) => "namespace",
        }
    }

    fn json(&self, global: &Global) -> Result<Value, CliError> {
        match self {
            Self::Deployment(args) => args.json(),
            Self::Service(args) => args.json(),
            Self::Configmap(args) => args.json(),
            Self::Secret(args) => args.json(),
            Self::Job(args) => args.json(|name| cron_job(global, name)),
            Self::Cronjob(args) => Ok(args.json()),
            Self::Namespace(args) => Ok(json!({"apiVersion": "v1", "kind": "Namespace",
                "metadata": {"name": args.common.name}})),
        }
    }
}

/// A stored CronJob, for a Job that is made from it.
fn cron_job(global: &Global, name: &str) -> Result<Value, CliError> {
    let key = ObjectKey::new(Kind::CronJob.object(), namespace(global), name);
    let before = State::at(&global.state).load()?;
    Ok(stored(&before, &key)?.object.to_json())
}
