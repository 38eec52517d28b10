//! `bowline cp`: files and folders between this machine and a container, as a tar that podman makes or unpacks on the host: the
//! image needs no tar.

use std::path::{Path, PathBuf};

use clap::Args;
use tokio::io::duplex;

use super::context::Context;
use super::global::Global;
use super::hear::{Kept, hear};
use super::target::{Containers, Finder, Target};
use super::{CliError, Exit, Talk};
use crate::driver::{Effect, copy_in_argv, copy_out_argv, peek_argv};
use crate::node::{BROKEN_PIPE_EXIT, Call, NodeError, Streams};
use crate::render::clean;

mod archive;
mod pack;
mod side;
mod unpack;

use pack::Modes;
use side::{Side, base_name, parent};
use unpack::{Aim, Root};

/// Copy files and folders to and from a container
///
/// `bowline cp ./conf web-1:/etc/app`, `bowline cp shop/web-1:/var/log/app ./log`. The image needs no tar, and the container need
/// not run.
#[derive(Debug, Args)]
pub(super) struct CopyArgs {
    /// A local path, or [NAMESPACE/]POD:PATH
    #[arg(value_name = "FROM")]
    from: Side,

    /// A local path, or [NAMESPACE/]POD:PATH
    #[arg(value_name = "TO")]
    to: Side,

    /// The container
    #[arg(short, long, value_name = "NAME")]
    container: Option<String>,

    /// Leave modes to what is usual there, instead of keeping them
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    no_preserve: bool,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &CopyArgs) -> Result<Exit, CliError> {
    let modes = if args.no_preserve { Modes::Usual } else { Modes::Kept };
    match (&args.from, &args.to) {
        (Side::Local(from), Side::Pod { .. }) => {
            let (target, path) = find(global, talk, args, &args.to).await?;
            interruptible(copy_in(from, &target, &path, modes)).await
        }
        (Side::Pod { .. }, Side::Local(to)) => {
            let (target, path) = find(global, talk, args, &args.from).await?;
            interruptible(copy_out(talk, (&target, &path), to, modes)).await
        }
        (Side::Local(_), Side::Local(_)) | (Side::Pod { .. }, Side::Pod { .. }) => {
            Err(CliError::Usage {
                problem: "one side has to be a container, and the other one local".to_owned(),
                hint: "for instance: bowline cp web-1:/etc/hosts ./hosts".to_owned(),
            })
        }
    }
}

async fn interruptible(
    copying: impl Future<Output = Result<Exit, CliError>>,
) -> Result<Exit, CliError> {
    tokio::select! {
        copied = copying => copied,
        _ = tokio::signal::ctrl_c() => Ok(Exit::Interrupted),
    }
}

/// The container and the path in it that a side names.
async fn find(
    global: &Global,
    talk: &Talk,
    args: &CopyArgs,
    side: &Side,
) -> Result<(Target, String), CliError> {
    let (namespace, pod, path) = match side {
        Side::Pod { namespace, pod, path } => (namespace, pod, path),
        Side::Local(path) => return Err(no_file(&path.display().to_string(), "it is local")),
    };
    let context = Context::open(global, talk)?;
    let named = (pod.as_str(), args.container.as_deref());
    let mut finder = Finder::for_word(global, talk, &context, named).await?;
    if let Some(namespace) = namespace {
        finder.work_in(namespace);
    }
    let found = finder.pod(pod)?;
    let target = finder.container(talk, &found, Containers::One(args.container.as_deref()))?;
    Ok((target, path.clone()))
}

fn no_file(path: &str, why: &str) -> CliError {
    CliError::System { what: format!("cannot copy {path}"), cause: why.to_owned() }
}

/// The name that a local path has where it is put.
fn local_name(path: &Path) -> Result<Vec<u8>, CliError> {
    use std::os::unix::ffi::OsStrExt as _;
    let whole = std::fs::canonicalize(path)
        .map_err(|error| no_file(&path.display().to_string(), &error.to_string()))?;
    // A link is copied under its own name.
    let name = path.file_name().or(whole.file_name());
    name.map(|name| name.as_bytes().to_vec())
        .ok_or_else(|| no_file(&path.display().to_string(), "it has no name"))
}

async fn copy_in(from: &Path, target: &Target, path: &str, modes: Modes) -> Result<Exit, CliError> {
    let own = local_name(from)?;
    let (directory, name) = if path.ends_with('/') || is_directory(target, path).await? {
        (path.to_owned(), own)
    } else {
        (parent(path), base_name(path).as_bytes().to_vec())
    };
    let (mut packed, sent) = duplex(PIPE);
    let said = Kept::default();
    let streams = Streams {
        stdin: Some(Box::new(sent)),
        stdout: Box::new(Kept::default()),
        stderr: Box::new(said.clone()),
        resizes: None,
    };
    let argv = copy_in_argv(&target.on_host, &directory);
    let call = Call { argv, effect: Effect::Mutates, terminal: None };
    let packing = async {
        let done = pack::pack(&mut packed, from, name, modes).await;
        // Without the end of the archive podman knows that it has not got everything.
        drop(packed);
        done
    };
    let (packed, unpacked) = tokio::join!(packing, target.node.stream(call, streams));
    let code = unpacked.map_err(|error| failed(target, error))?;
    if code != 0 {
        if !is_directory(target, &directory).await? {
            let why = format!("there is no folder {} in the container", clean(&directory));
            return Err(no_file(&from.display().to_string(), &why));
        }
        return Err(refused(path, &said));
    }
    packed.map_err(|error| no_file(&from.display().to_string(), &error.to_string()))?;
    Ok(Exit::Done)
}

/// How many bytes are on their way between the archive and the connection.
const PIPE: usize = 256 * 1024;

/// Whether there is a directory at a path in a container.
async fn is_directory(target: &Target, path: &str) -> Result<bool, CliError> {
    if matches!(path, "/" | "." | "") {
        return Ok(true);
    }
    let heard = hear(target, peek_argv(&target.on_host, path)).await?;
    Ok(archive::is_directory(&heard.stdout))
}

async fn copy_out(
    talk: &Talk,
    (target, path): (&Target, &str),
    to: &Path,
    modes: Modes,
) -> Result<Exit, CliError> {
    let trimmed = path.trim_end_matches('/');
    // Of these podman sends what is in them, without a name of their own.
    let root = match trimmed {
        "" | "." => Root::Unnamed,
        _ if trimmed.ends_with("/.") => Root::Unnamed,
        _ => Root::Named,
    };
    let asked = if trimmed.is_empty() { "/" } else { trimmed };
    let (heard, mut unpacked) = duplex(PIPE);
    let said = Kept::default();
    let streams = Streams {
        stdin: None,
        stdout: Box::new(heard),
        stderr: Box::new(said.clone()),
        resizes: None,
    };
    let argv = copy_out_argv(&target.on_host, asked);
    let call = Call { argv, effect: Effect::Reads, terminal: None };
    let aim = Aim { to: to.to_owned(), root, name: PathBuf::from(base_name(trimmed)), modes };
    let unpacking = async {
        let done = unpack::unpack(&mut unpacked, &aim).await;
        drop(unpacked);
        done
    };
    let (sent, unpacked) = tokio::join!(target.node.stream(call, streams), unpacking);
    let code = sent.map_err(|error| failed(target, error))?;
    let left_out = match (code, unpacked) {
        (0, Ok(left_out)) => left_out,
        (0 | BROKEN_PIPE_EXIT, Err(error)) => {
            return Err(no_file(&clean(path), &error.to_string()));
        }
        (_, _) => return Err(refused(path, &said)),
    };
    for line in &left_out.said {
        talk.warn(&format!("warning: {line}"));
    }
    if left_out.count > left_out.said.len() {
        talk.warn(&format!("warning: and {} more", left_out.count - left_out.said.len()));
    }
    Ok(Exit::Done)
}

fn failed(target: &Target, error: NodeError) -> CliError {
    CliError::Node { host: target.host.to_string(), error }
}

/// What podman said of a path, without its own beginning.
fn refused(path: &str, said: &Kept) -> CliError {
    let said = said.take();
    let text = clean(String::from_utf8_lossy(&said).trim());
    let text = text.strip_prefix("Error: ").unwrap_or(&text);
    no_file(&clean(path), if text.is_empty() { "podman does not say why" } else { text })
}
