//! `bowline images`: the images of hosts, and which of them nobody needs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};

use super::apply::Approval;
use super::carry::or_interrupted;
use super::context::Context;
use super::global::Global;
use super::hear::{ask, ask_to};
use super::look::{Hosts, Look};
use super::{CliError, Exit, Talk};
use crate::driver::{images_argv, parse_images, remove_images_argv};
use crate::model::NodeName;
use crate::node::for_each_host;
use crate::observed::HostImage;
use crate::render::{
    Columns, ObjectForm, Objects, clean, image_table, images_value, objects_text, size,
};
use crate::status::{AskedImages, IdleImage, ImageRow};

/// Show the images of the hosts, or remove those that nobody needs
///
/// PODS counts the fleet's pods on that host that ask for the image. `bowline images -o wide`, `bowline images prune --dry-run`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct ImagesArgs {
    #[command(subcommand)]
    what: Option<What>,

    /// How to print them
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,

    /// Leave the header out
    #[arg(long)]
    no_headers: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Remove the images that no pod of the fleet asks for and no container of their host uses
    Prune(PruneArgs),
}

#[derive(Debug, Args)]
struct PruneArgs {
    #[command(flatten)]
    approval: Approval,

    /// Only say what would be removed
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Wide,
    Json,
    Yaml,
    Name,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &ImagesArgs) -> Result<Exit, CliError> {
    let context = Context::open(global, talk)?;
    let look = Look::take(global, talk, &context, Hosts::None).await?;
    let asked = AskedImages::of(&look.fleet(&context).pods());
    let (images, exit) = or_interrupted(images(global, talk, &context)).await?;
    match &args.what {
        None => {
            list(talk, args, &asked.rows(&images), look.now);
            Ok(exit)
        }
        Some(What::Prune(prune)) => {
            let removed = remove(global, talk, &context, (prune, asked.idle(&images))).await?;
            Ok(if removed == Exit::Done { exit } else { removed })
        }
    }
}

fn list(talk: &Talk, args: &ImagesArgs, rows: &[ImageRow], now: jiff::Timestamp) {
    let columns = match args.output {
        None => Columns::Narrow,
        Some(Format::Wide) => Columns::Wide,
        Some(Format::Json) => return talk.data(&format!("{:#}", images_value(rows))),
        Some(Format::Yaml) => {
            return talk.data(&objects_text(ObjectForm::Yaml, Objects::One(images_value(rows))));
        }
        Some(Format::Name) => {
            let names: BTreeSet<String> =
                rows.iter().filter_map(|row| row.name.as_deref().map(clean)).collect();
            return talk.data(&names.into_iter().collect::<Vec<_>>().join("\n"));
        }
    };
    if rows.is_empty() {
        return talk.say("No images found");
    }
    let table = image_table(rows, columns, now);
    match table.split_once('\n').filter(|_| args.no_headers) {
        Some((_, rows)) => talk.data(rows),
        None => talk.data(&table),
    }
}

/// Asks hosts for their images; those that say nothing are named.
async fn images(
    global: &Global,
    talk: &Talk,
    context: &Context,
) -> Result<(BTreeMap<NodeName, Vec<HostImage>>, Exit), CliError> {
    let nodes = context.limited();
    let heard = for_each_host(&nodes, global.parallel, |node| async move {
        ask(node.name(), &*Arc::clone(&node), images_argv()).await
    });
    let (mut all, mut exit) = (BTreeMap::new(), Exit::Done);
    for (host, heard) in heard.await {
        let read = heard.map(|heard| parse_images(&heard.stdout).map_err(|e| (e, heard.stderr)));
        match read {
            Ok(Ok(images)) => {
                all.insert(host, images);
            }
            Ok(Err((error, said))) => {
                let said = clean(String::from_utf8_lossy(&said).trim());
                talk.warn(&format!("{host}: {error} {said}"));
                exit = Exit::Partial;
            }
            Err(error) => {
                talk.diagnostic(&error);
                exit = Exit::Partial;
            }
        }
    }
    Ok((all, exit))
}

async fn remove(
    global: &Global,
    talk: &Talk,
    context: &Context,
    (args, idle): (&PruneArgs, BTreeMap<NodeName, Vec<IdleImage>>),
) -> Result<Exit, CliError> {
    let mut gain = 0_u64;
    for (host, IdleImage { name, size_bytes }) in
        idle.iter().flat_map(|(host, all)| all.iter().map(move |idle| (host, idle)))
    {
        talk.data(&format!("{host} {}", clean(name)));
        gain = gain.saturating_add(*size_bytes);
    }
    if idle.is_empty() {
        talk.say("No image is without use");
        return Ok(Exit::Done);
    }
    let count: usize = idle.values().map(Vec::len).sum();
    let what = format!("{count} names of images on {} hosts, {}", idle.len(), size(gain));
    if args.dry_run {
        talk.say(&format!("To remove: {what}."));
        return Ok(Exit::Done);
    }
    if !args.approval.auto_approve {
        talk.confirm(&format!("Remove {what}?")).await?;
    }
    let mut nodes = context.limited();
    nodes.retain(|host, _| idle.contains_key(host));
    let heard = for_each_host(&nodes, global.parallel, |node| {
        let names = idle.get(node.name()).into_iter().flatten().map(|idle| idle.name.clone());
        let argv = remove_images_argv(&names.collect::<Vec<_>>());
        async move { ask_to(node.name(), &*Arc::clone(&node), argv).await }
    });
    let heard = or_interrupted(async { Ok::<_, CliError>(heard.await) }).await?;
    let mut exit = Exit::Done;
    for (host, heard) in heard {
        match heard {
            Ok(heard) if heard.exit == 0 => talk.say(&format!("{host}: removed")),
            Ok(heard) => {
                let said = clean(String::from_utf8_lossy(&heard.stderr).trim());
                talk.warn(&format!("{host}: {said}"));
                exit = Exit::Partial;
            }
            Err(error) => {
                talk.diagnostic(&error);
                exit = Exit::Partial;
            }
        }
    }
    Ok(exit)
}
