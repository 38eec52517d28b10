//! `bowline debug`: a container of one's own beside those of a pod, or in the namespaces of a host.

use clap::{Args, ValueEnum};
use k8s_openapi::api::core::v1::Pod;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::context::Context;
use super::global::Global;
use super::hear::ask_to;
use super::session::{Ended, Interactive, Place, converse};
use super::target::{Containers, Finder, container_names};
use super::{CliError, Exit, Talk};
use crate::driver::{
    DebugCommand, DebugContainer, DebugPlace, DebugProfile, DebugStay, debug_argv,
};
use crate::model::{Kind, PodKey, full_name, is_latest};
use crate::plan::PullPolicy;
use crate::render::clean;

/// Look into a pod or a host with a container of your own
///
/// `bowline debug web-1 -it --image=busybox --target=nginx` adds a container to the pod, which goes with it.
/// `bowline debug node/host-1 -it --image=busybox` runs in the host's own namespaces, with its files at /host.
#[derive(Debug, Args)]
pub(super) struct DebugArgs {
    /// A pod, TYPE/NAME, or node/NAME
    #[arg(value_name = "POD")]
    what: String,

    /// The image of the container
    #[arg(long, value_name = "IMAGE")]
    image: String,

    /// Its name; one is made up otherwise
    #[arg(short, long, value_name = "NAME", value_parser = name)]
    container: Option<String>,

    /// The container of the pod whose processes it sees
    #[arg(long, value_name = "NAME")]
    target: Option<String>,

    /// What it may do: general also traces processes, netadmin changes the network, sysadmin everything
    #[arg(long, value_name = "PROFILE", default_value = "general")]
    profile: Profile,

    /// When the image is pulled; else as for a container of a pod
    #[arg(long, value_name = "POLICY")]
    image_pull_policy: Option<Pull>,

    /// A variable for it
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<String>,

    /// Show what it prints; -i does that as well
    #[arg(long)]
    attach: bool,

    /// What follows -- are arguments for the image's entrypoint, not a command
    #[arg(long)]
    arguments_only: bool,

    #[command(flatten)]
    interactive: Interactive,

    /// The command and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Profile {
    General,
    Baseline,
    Legacy,
    Netadmin,
    Sysadmin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "PascalCase")]
enum Pull {
    Always,
    IfNotPresent,
    Never,
}

fn name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty()
        || text.len() > 63
        || !text.chars().all(plain)
        || text.starts_with('-')
        || text.ends_with('-')
    {
        return Err("a name is of lower case letters, digits and `-`, 63 at most".to_owned());
    }
    Ok(text.to_owned())
}

fn variable(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((name, _)) if !name.is_empty() => Ok(text.to_owned()),
        Some(_) | None => Err("write NAME=VALUE".to_owned()),
    }
}

impl DebugArgs {
    /// When the image is pulled: as Kubernetes fills it in.
    ///
    /// Source: <https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting>
    fn pull(&self) -> PullPolicy {
        match self.image_pull_policy {
            Some(Pull::Always) => PullPolicy::Always,
            Some(Pull::Never) => PullPolicy::Never,
            None if is_latest(&self.image) => PullPolicy::Always,
            Some(Pull::IfNotPresent) | None => PullPolicy::IfNotPresent,
        }
    }

    fn container(&self, place: DebugPlace, name: String, stays: DebugStay) -> DebugContainer {
        DebugContainer {
            place,
            name,
            image: full_name(&self.image),
            pull: self.pull(),
            profile: match self.profile {
                Profile::General => DebugProfile::General,
                Profile::Baseline | Profile::Legacy => DebugProfile::Baseline,
                Profile::Netadmin => DebugProfile::NetAdmin,
                Profile::Sysadmin => DebugProfile::SysAdmin,
            },
            env: self.env.clone(),
            runs: match (self.command.is_empty(), self.arguments_only) {
                (true, _) => DebugCommand::Image,
                (false, true) => DebugCommand::Arguments(self.command.clone()),
                (false, false) => DebugCommand::Command(self.command.clone()),
            },
            stays,
        }
    }
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &DebugArgs) -> Result<Exit, CliError> {
    let context = Context::open(global, talk)?;
    match args.what.split_once('/') {
        Some((kind, host)) if Kind::parse(kind) == Ok(Kind::Node) => {
            on_host(talk, &context, host, args).await
        }
        Some(_) | None => in_pod(global, talk, &context, args).await,
    }
}

async fn in_pod(
    global: &Global,
    talk: &Talk,
    context: &Context,
    args: &DebugArgs,
) -> Result<Exit, CliError> {
    let named = (args.what.as_str(), args.container.as_deref());
    let finder = Finder::for_word(global, talk, context, named).await?;
    let pod = finder.pod(&args.what)?;
    let any = finder.container(talk, &pod, Containers::All)?;
    let name = args.container.clone().map_or_else(made_up, Ok)?;
    fits(&pod, &name, args.target.as_deref())?;
    if args.container.is_none() {
        talk.say(&format!("Defaulting debug container name to {name}."));
    }
    if let Some(target) = &args.target {
        talk.say(&format!("Targeting container \"{target}\"."));
    }
    let place = DebugPlace::Pod {
        fleet: context.inventory.fleet.clone(),
        pod: PodKey::new(finder.namespace(), &any.pod),
        target: args.target.clone(),
    };
    let ended = start(talk, any.place(), args, (place, &name)).await?;
    if args.interactive.stdin {
        talk.say(&format!(
            "Session ended, the ephemeral container will not be restarted but may be reattached using \
             'bowline attach {} -c {name} -i -t' if it is still running",
            any.pod
        ));
    }
    Ok(ended)
}

/// Whether a container of this name can be added, and the target is there.
fn fits(pod: &Pod, name: &str, target: Option<&str>) -> Result<(), CliError> {
    let there = container_names(pod);
    if there.iter().any(|other| other == name) {
        return Err(CliError::Usage {
            problem: format!("the pod has a container called `{name}` already"),
            hint: "name yours with -c NAME, or leave that out".to_owned(),
        });
    }
    match target.filter(|target| !there.iter().any(|name| name == target)) {
        None => Ok(()),
        Some(target) => Err(CliError::Usage {
            problem: format!("the pod has no container called `{target}`"),
            hint: format!("its containers are: {}", there.join(", ")),
        }),
    }
}

async fn on_host(
    talk: &Talk,
    context: &Context,
    host: &str,
    args: &DebugArgs,
) -> Result<Exit, CliError> {
    if args.target.is_some() {
        return Err(CliError::Usage {
            problem: "--target names a container of a pod, and this is a host".to_owned(),
            hint: "leave it out: all processes of the host are seen".to_owned(),
        });
    }
    let found = context.nodes.iter().find(|(name, _)| name.as_str() == host);
    let (host, node) = found
        .ok_or_else(|| CliError::NotFound { what: "nodes".to_owned(), name: host.to_owned() })?;
    let pod = format!("node-debugger-{host}-{}", random()?);
    let container = args.container.as_deref().unwrap_or("debugger");
    talk.say(&format!("Creating debugging pod {pod} with container {container} on node {host}."));
    let name = format!("{pod}_{container}");
    start(talk, Place { host, node: &**node }, args, (DebugPlace::Host, &name)).await
}

async fn start(
    talk: &Talk,
    place: Place<'_>,
    args: &DebugArgs,
    (at, name): (DebugPlace, &str),
) -> Result<Exit, CliError> {
    if args.interactive.stdin || args.attach {
        let argv = |sides: &crate::driver::Sides| {
            debug_argv(&args.container(at, name.to_owned(), DebugStay::Stays(sides.clone())))
        };
        return match converse(talk, place, &args.interactive, argv).await? {
            Ended::Left | Ended::NoContainer => Ok(Exit::Interrupted),
            Ended::Program(code) => Ok(Exit::remote(code)),
        };
    }
    let argv = debug_argv(&args.container(at, name.to_owned(), DebugStay::Leaves));
    let heard = ask_to(place.host, place.node, argv).await?;
    if heard.exit == 0 {
        return Ok(Exit::Done);
    }
    let said = clean(String::from_utf8_lossy(&heard.stderr).trim());
    let cause = said.strip_prefix("Error: ").unwrap_or(&said).to_owned();
    Err(CliError::System { what: format!("cannot add container {name}"), cause })
}

/// What Kubernetes makes names of: no vowels, no digits that look like letters.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// A name that nothing has.
fn made_up() -> Result<String, CliError> {
    Ok(format!("debugger-{}", random()?))
}

fn random() -> Result<String, CliError> {
    let mut bytes = [0; 5];
    SystemRandom::new().fill(&mut bytes).map_err(|_| CliError::System {
        what: "cannot make up a name".to_owned(),
        cause: "the system gives no random bytes".to_owned(),
    })?;
    let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
    Ok(bytes.iter().map(letter).collect())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: DebugArgs,
    }

    fn args(words: &[&str]) -> DebugArgs {
        let line = Line::try_parse_from([&["debug", "web-1"], words].concat());
        line.unwrap().args
    }

    #[test]
    fn images_are_pulled_as_those_of_pods_are() {
        let pull = |image: &str| args(&["--image", image]).pull();
        assert_eq!(pull("busybox"), PullPolicy::Always);
        assert_eq!(pull("localhost:5000/busybox"), PullPolicy::Always);
        assert_eq!(pull("busybox:latest"), PullPolicy::Always);
        assert_eq!(pull("busybox:1.36"), PullPolicy::IfNotPresent);
        assert_eq!(pull("busybox@sha256:0"), PullPolicy::IfNotPresent);
        let never = args(&["--image=x", "--image-pull-policy=Never"]);
        assert_eq!(never.pull(), PullPolicy::Never);
    }

    #[test]
    fn names_are_those_of_containers() {
        assert!(made_up().is_ok_and(|made| name(&made).is_ok() && made.len() == 14));
        for wrong in ["", "A", "a_b", "-a", "a-"] {
            assert!(name(wrong).is_err(), "{wrong}");
        }
    }
}
