//! `bowline set`: images, variables and resources of the containers that stored objects ask for.

use clap::{Args, Subcommand};
use serde_json::Value;

use super::change::{Change, ChangeArgs, Changed, Words};
use super::choose::{Choosing, NOTHING, stored};
use super::global::Global;
use super::manifests::shown;
use super::{CliError, Exit, Talk};
use crate::model::{Kind, ObjectKey, PodTemplate};

mod env;
mod env_source;
mod image;
mod resources;

/// Change images, variables or resources of the containers that stored objects ask for
#[derive(Debug, Args)]
pub(super) struct SetArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Image(image::ImageArgs),
    Env(env::EnvArgs),
    Resources(resources::ResourcesArgs),
}

/// Flags that the commands share.
#[derive(Debug, Args)]
struct SetFlags {
    #[command(flatten)]
    choosing: Choosing,

    #[command(flatten)]
    change: ChangeArgs,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &SetArgs) -> Result<Exit, CliError> {
    match &args.what {
        What::Image(args) => image::run(global, talk, args).await,
        What::Env(args) => env::run(global, talk, args).await,
        What::Resources(args) => resources::run(global, talk, args).await,
    }
}

/// Changes the pods of every object that is meant.
async fn change_pods(
    change: Change<'_>,
    keys: &[ObjectKey],
    words: &Words,
    with: impl Fn(&ObjectKey, &mut Value) -> Result<(), CliError>,
) -> Result<Exit, CliError> {
    let mut changed = Vec::new();
    for key in keys {
        let mut one = Changed::of(key, stored(&change.before, key)?);
        with(key, pod_spec(key, &mut one.json)?)?;
        changed.push(one);
    }
    if changed.is_empty() {
        change.talk.say(NOTHING);
        return Ok(Exit::Done);
    }
    change.carry_out(&changed, words).await
}

/// The pods that an object asks for.
fn pod_spec<'j>(key: &ObjectKey, object: &'j mut Value) -> Result<&'j mut Value, CliError> {
    let place = Kind::named(&key.kind).and_then(PodTemplate::path_in);
    let place = place.map(|path| format!("/{}", path.replace('.', "/")));
    place.and_then(|place| object.pointer_mut(&place)).ok_or_else(|| CliError::Usage {
        problem: format!("{} has no containers", shown(key)),
        hint: "name a Pod, or an object that makes pods, such as deployment/web".to_owned(),
    })
}

/// The containers of a pod's spec, those that run before the others included.
fn containers(spec: &mut Value) -> impl Iterator<Item = &mut Value> {
    let spec = spec.as_object_mut().into_iter().flat_map(|spec| spec.iter_mut());
    let lists = spec.filter(|(name, _)| matches!(name.as_str(), "containers" | "initContainers"));
    lists.flat_map(|(_, list)| list.as_array_mut().into_iter().flatten())
}

/// The name of a container.
fn name(container: &Value) -> &str {
    container["name"].as_str().unwrap_or_default()
}

/// That no container is called so.
fn no_container(key: &ObjectKey, wanted: &str, spec: &mut Value) -> CliError {
    let names: Vec<String> = containers(spec).map(|one| name(one).to_owned()).collect();
    CliError::Usage {
        problem: format!("{} has no container called `{wanted}`", shown(key)),
        hint: format!("its containers are: {}", names.join(", ")),
    }
}

/// Whether a name is meant: it is the pattern, or matches it with its `*` standing for any text.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => {
            let Some(mut left) = name.strip_prefix(start) else { return false };
            if rest.is_empty() {
                return true;
            }
            loop {
                if matches(rest, left) {
                    return true;
                }
                let mut chars = left.chars();
                if chars.next().is_none() {
                    return false;
                }
                left = chars.as_str();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name, meant) in [
            ("web", "web", true),
            ("web", "webs", false),
            ("*", "", true),
            ("w*", "web", true),
            ("*b", "web", true),
            ("w*x*b", "wexxb", true),
            ("w*x*b", "web", false),
        ] {
            assert_eq!(matches(pattern, name), meant, "{pattern} {name}");
        }
    }
}
