//! `bowline describe`: everything about some objects.

use std::collections::BTreeMap;

use clap::Args;
use k8s_openapi::api::core::v1::Pod;

use super::context::Context;
use super::global::Global;
use super::look::{Choice, Hosts, Look, say_missing};
use super::what::{KindWords, What};
use super::{CliError, Exit, Talk};
use crate::model::{Kind, PodKey};
use crate::plan::Placing;
use crate::render::{Told, describe};
use crate::status::{Fleet, Resource};

/// Show everything about objects, including why a pod waits
///
/// `bowline describe pod web-1`, `bowline describe deploy/web`, `bowline describe nodes`.
#[derive(Debug, Args)]
pub(super) struct DescribeArgs {
    /// A kind and names, or KIND/NAME
    #[arg(required = true, value_name = "KIND", value_parser = KindWords, hide_possible_values = true)]
    what: Vec<String>,

    /// In all namespaces
    #[arg(short = 'A', long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    all_namespaces: bool,

    /// Only objects with these labels, such as app=web,tier!=cache
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,
}

pub(super) async fn run(
    global: &Global,
    talk: &Talk,
    args: &DescribeArgs,
) -> Result<Exit, CliError> {
    let what = What::parse(&args.what)?;
    let choice = Choice::new(global, args.all_namespaces, args.selector.as_deref())?;
    let context = Context::open(global, talk)?;
    let look = Look::take(global, talk, &context, Hosts::All).await?;
    let fleet = look.fleet(&context).with_events(context.state.events()?);
    let pods: Vec<Pod> = fleet.pods();
    let (found, missing) = choice.find(&context, &fleet, &what);
    let found: Vec<&Resource> = found.iter().flat_map(|(_, objects)| objects).collect();
    let placings = placings(&fleet, &found);
    let policies = [fleet.list(Kind::ResourceQuota), fleet.list(Kind::LimitRange)].concat();
    let told =
        Told { events: fleet.events(), placings: &placings, policies: &policies, now: fleet.now() };
    let texts: Vec<String> = found.iter().map(|object| describe(object, &pods, &told)).collect();
    talk.data(&texts.join("\n\n"));
    if let (What::Kinds(_), true) = (&what, found.is_empty()) {
        talk.say("No resources found");
    }
    say_missing(talk, missing)?;
    Ok(Exit::of_look(&look.observed))
}

/// How hosts stand to these pods, those that wait before those that are bound. Each is a plan of its own, so not many are asked.
fn placings(fleet: &Fleet<'_>, found: &[&Resource]) -> BTreeMap<PodKey, Placing> {
    const ASKED: usize = 10;
    let pods = found.iter().filter_map(|resource| match resource {
        Resource::Pod(pod) => {
            let bound = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
            Some((bound, PodKey::new(resource.namespace(), resource.name())))
        }
        _ => None,
    });
    let mut pods: Vec<(bool, PodKey)> = pods.collect();
    pods.sort();
    let asked = pods.into_iter().take(ASKED);
    asked.filter_map(|(_, key)| fleet.placing(&key).map(|placing| (key, placing))).collect()
}
