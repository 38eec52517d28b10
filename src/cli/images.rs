//! `bowline images`: the images of hosts, and which of them nobody needs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use k8s_openapi::api::core::v1::{Pod, PodSpec};

use super::apply::Approval;
use super::context::Context;
use super::global::Global;
use super::hear::{ask, ask_to};
use super::look::{Hosts, Look};
use super::{CliError, Exit, Talk};
use crate::driver::{HostImage, OF_PODMAN, images_argv, parse_images, remove_images_argv};
use crate::model::NodeName;
use crate::node::for_each_host;
use crate::plan::full_name;
use crate::render::{
    Columns, ImageRow, ObjectForm, Objects, clean, image_table, images_value, objects_text, size,
};

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
    let asked = Asked::of(&look.fleet(&context).pods());
    let (images, exit) = images(global, talk, &context).await;
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
) -> (BTreeMap<NodeName, Vec<HostImage>>, Exit) {
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
    (all, exit)
}

/// The images that pods ask for, by their full names, and who asks: the pod's name and its host.
struct Asked(BTreeMap<String, BTreeSet<(String, Option<String>)>>);

impl Asked {
    fn of(pods: &[Pod]) -> Self {
        let mut asked: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
        for pod in pods {
            let Some(spec) = &pod.spec else { continue };
            let (namespace, name) = (&pod.metadata.namespace, &pod.metadata.name);
            let key = [namespace, name].map(|part| part.clone().unwrap_or_default()).join("/");
            for image in names(spec) {
                asked.entry(image).or_default().insert((key.clone(), spec.node_name.clone()));
            }
        }
        Self(asked)
    }

    /// Who asks for an image by this name of it.
    fn of_name<'a>(
        &'a self,
        image: &'a HostImage,
        name: Option<&'a str>,
    ) -> impl Iterator<Item = &'a (String, Option<String>)> {
        // A name with a digest asks for the image by whatever tag it has.
        let pinned = image.pinned.iter().map(String::as_str);
        pinned.chain(name).filter_map(|name| self.0.get(name)).flatten()
    }

    fn rows(&self, images: &BTreeMap<NodeName, Vec<HostImage>>) -> Vec<ImageRow> {
        let mut rows = Vec::new();
        for (host, image) in each(images) {
            let row = |name: Option<&String>| {
                let pods = self.of_name(image, name.map(String::as_str));
                let here = pods.filter(|(_, node)| node.as_deref() == Some(host.as_str()));
                ImageRow {
                    host: host.to_string(),
                    name: name.cloned(),
                    id: image.id.clone(),
                    digest: image.digest.clone(),
                    created: image.created,
                    size_bytes: image.size_bytes,
                    containers: image.containers,
                    pods: here
                        .map(|(pod, _)| pod.clone())
                        .collect::<BTreeSet<_>>()
                        .into_iter()
                        .collect(),
                }
            };
            if image.names.is_empty() {
                rows.push(row(None));
            }
            rows.extend(image.names.iter().map(|name| row(Some(name))));
        }
        rows.sort_by(|a, b| (&a.host, &a.name, &a.id).cmp(&(&b.host, &b.name, &b.id)));
        rows
    }

    /// What nobody needs: names that no pod of the fleet asks for, wherever it is, of images that no container uses.
    fn idle(&self, images: &BTreeMap<NodeName, Vec<HostImage>>) -> BTreeMap<NodeName, Vec<Idle>> {
        let mut idle: BTreeMap<NodeName, Vec<Idle>> = BTreeMap::new();
        for (host, image) in each(images).filter(|(_, image)| image.containers == 0) {
            let mine = idle.entry(host.clone()).or_default();
            let whole = || Idle { name: image.id.clone(), size_bytes: image.size_bytes };
            let wanted = |name: Option<&str>| self.of_name(image, name).next().is_some();
            if image.names.is_empty() && !wanted(None) {
                mine.push(whole());
            }
            let of_podman = |name: &str| name.starts_with(OF_PODMAN);
            let names = image.names.iter().filter(|name| !wanted(Some(name)) && !of_podman(name));
            let names: Vec<&String> = names.collect();
            // The last name takes the image with it.
            let all = names.len() == image.names.len();
            for (nth, name) in names.iter().enumerate() {
                let last = all && nth + 1 == names.len();
                let size_bytes = if last { image.size_bytes } else { 0 };
                mine.push(Idle { name: (*name).clone(), size_bytes });
            }
        }
        idle.retain(|_, mine| !mine.is_empty());
        idle
    }
}

fn each(
    images: &BTreeMap<NodeName, Vec<HostImage>>,
) -> impl Iterator<Item = (&NodeName, &HostImage)> {
    images.iter().flat_map(|(host, images)| images.iter().map(move |image| (host, image)))
}

/// The full names of the images that a pod asks for.
fn names(spec: &PodSpec) -> Vec<String> {
    let containers = spec.init_containers.iter().flatten().chain(&spec.containers);
    let images = containers.filter_map(|container| container.image.as_deref());
    let volumes = spec.volumes.iter().flatten();
    let mounted = volumes.filter_map(|volume| volume.image.as_ref()?.reference.as_deref());
    images.chain(mounted).map(|image| as_listed(&full_name(image))).collect()
}

/// A full name as podman lists it: with the tag that is meant without one, and without one beside a digest.
fn as_listed(image: &str) -> String {
    let tagged = |name: &str| name.rsplit('/').next().is_some_and(|last| last.contains(':'));
    match image.split_once('@') {
        Some((name, digest)) => {
            let name =
                if tagged(name) { name.rsplit_once(':').map_or(name, |(n, _)| n) } else { name };
            format!("{name}@{digest}")
        }
        None if tagged(image) => image.to_owned(),
        None => format!("{image}:latest"),
    }
}

/// A name of an image that nobody needs, and what its host gains.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Idle {
    name: String,
    size_bytes: u64,
}

async fn remove(
    global: &Global,
    talk: &Talk,
    context: &Context,
    (args, idle): (&PruneArgs, BTreeMap<NodeName, Vec<Idle>>),
) -> Result<Exit, CliError> {
    let mut gain = 0_u64;
    for (host, Idle { name, size_bytes }) in
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
        talk.confirm(&format!("Remove {what}?"))?;
    }
    let mut nodes = context.limited();
    nodes.retain(|host, _| idle.contains_key(host));
    let heard = for_each_host(&nodes, global.parallel, |node| {
        let names = idle.get(node.name()).into_iter().flatten().map(|idle| idle.name.clone());
        let argv = remove_images_argv(&names.collect::<Vec<_>>());
        async move { ask_to(node.name(), &*Arc::clone(&node), argv).await }
    });
    let mut exit = Exit::Done;
    for (host, heard) in heard.await {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn image(id: &str, names: &[&str], containers: u64) -> HostImage {
        HostImage {
            id: id.to_owned(),
            names: names.iter().map(|&name| name.to_owned()).collect(),
            digest: None,
            pinned: vec![format!("docker.io/library/{id}@sha256:aa")],
            created: None,
            size_bytes: 10,
            containers,
        }
    }

    fn asked(images: &[&str]) -> Asked {
        let containers: Vec<_> =
            images.iter().map(|image| serde_json::json!({"name": "c", "image": image})).collect();
        let pod = serde_json::json!({"metadata": {"namespace": "default", "name": "p"},
            "spec": {"nodeName": "a", "containers": containers}});
        Asked::of(&[serde_json::from_value(pod).unwrap()])
    }

    #[test]
    fn what_a_pod_asks_for_or_a_container_uses_is_kept() {
        let (kept, gone) = ("docker.io/library/kept:latest", "docker.io/library/kept:old");
        let images = BTreeMap::from([(
            "a".into(),
            vec![
                image("kept", &[kept, gone], 0),
                image("used", &["x:1"], 1),
                image("dangling", &[], 0),
                image("pinned", &["docker.io/library/pinned:1"], 0),
                image("pause", &["localhost/podman-pause:5"], 0),
                image("idle", &["y:1", "y:2"], 0),
            ],
        )]);
        let asked = asked(&["kept", "pinned:7@sha256:aa"]);
        let idle = asked.idle(&images);
        let names: Vec<(&str, u64)> =
            idle[&"a".into()].iter().map(|idle| (idle.name.as_str(), idle.size_bytes)).collect();
        assert_eq!(names, [(gone, 0), ("dangling", 10), ("y:1", 0), ("y:2", 10)]);
        let rows = asked.rows(&images);
        let using: Vec<_> = rows.iter().filter(|row| !row.pods.is_empty()).collect();
        let names: Vec<_> = using.iter().filter_map(|row| row.name.as_deref()).collect();
        assert_eq!(names, [kept, "docker.io/library/pinned:1"]);
    }
}
