//! A tar of a host to local files and folders. The host is not trusted: nothing is written outside of where it was asked for,
//! no link leads out, and memory is bounded.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

use tar::EntryType;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::archive::{Entry, broken, next, padded, skip};
use super::pack::Modes;
use crate::render::clean;

/// Where to, and how.
#[derive(Clone, Debug)]
pub(super) struct Aim {
    /// The local path.
    pub(super) to: PathBuf,
    /// What the first name in the tar is.
    pub(super) root: Root,
    /// The name of what is copied, for a file that goes into a directory.
    pub(super) name: PathBuf,
    /// What becomes of modes.
    pub(super) modes: Modes,
}

/// What the names in a tar begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// The name of what is copied, which is that of the local path here.
    Named,
    /// Nothing.
    Unnamed,
}

/// What was left out, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// A line each, of the first of them.
    pub(super) said: Vec<String>,
    /// All of them.
    pub(super) count: usize,
}

impl LeftOut {
    fn add(&mut self, path: &[u8], why: &str) {
        self.count += 1;
        if self.said.len() < SAID_MAX {
            self.said.push(format!("{} is left out: {why}", shown(path)));
        }
    }
}

/// How many of the things that were left out are named.
const SAID_MAX: usize = 20;

/// How many links are remembered until everything else is there.
const LINKS_MAX: usize = 100_000;

fn shown(path: &[u8]) -> String {
    clean(&String::from_utf8_lossy(path))
}

/// Unpacks everything. Links are made last, so that nothing is written through them.
pub(super) async fn unpack(from: &mut (impl AsyncRead + Unpin), aim: &Aim) -> io::Result<LeftOut> {
    let mut left_out = LeftOut::default();
    let mut links: Vec<(PathBuf, PathBuf)> = Vec::new();
    let mut top: Option<PathBuf> = None;
    while let Some(entry) = next(from).await? {
        let within = within(&entry.path, aim.root)?;
        let top = match &top {
            Some(top) => top.clone(),
            None => top.insert(first(&entry, &within, aim).await?).clone(),
        };
        match entry.kind {
            EntryType::Directory => make_directories(&top, &within).await?,
            EntryType::Regular | EntryType::Continuous => {
                place(&top, &within).await?;
                write_file(from, &entry, &below(&top, &within), aim.modes).await?;
                continue;
            }
            EntryType::Symlink => {
                let link = PathBuf::from(OsStr::from_bytes(&entry.link));
                if links.len() >= LINKS_MAX {
                    left_out.add(&entry.path, "there are too many links");
                } else if stays(&within, &link) {
                    links.push((within, link));
                } else {
                    let why = format!("it is a link to {}, out of the copy", shown(&entry.link));
                    left_out.add(&entry.path, &why);
                }
            }
            EntryType::Link => match self::within(&entry.link, aim.root) {
                Ok(target) if is_file(&top, &target).await => {
                    place(&top, &within).await?;
                    tokio::fs::hard_link(top.join(target), below(&top, &within)).await?;
                }
                Ok(_) | Err(_) => {
                    let why = format!("it is the same file as {}", shown(&entry.link));
                    left_out.add(&entry.path, &why);
                }
            },
            _ => left_out.add(&entry.path, "it is no file, folder or link"),
        }
        skip(from, padded(entry.size)).await?;
    }
    let Some(top) = top else { return Err(broken("there is nothing in it")) };
    for (within, link) in links {
        place(&top, &within).await?;
        tokio::fs::symlink(link, below(&top, &within)).await?;
    }
    Ok(left_out)
}

/// A place below the top, or the top.
fn below(top: &Path, within: &Path) -> PathBuf {
    if within.as_os_str().is_empty() { top.to_owned() } else { top.join(within) }
}

/// Where the names of a tar count from. A folder's content goes to the local path itself, as kubectl has it; a file goes into a
/// local folder that is there.
async fn first(entry: &Entry, within: &Path, aim: &Aim) -> io::Result<PathBuf> {
    let is_folder = aim.root == Root::Unnamed || entry.kind.is_dir();
    let is_there = tokio::fs::metadata(&aim.to).await.is_ok_and(|meta| meta.is_dir());
    if is_folder {
        tokio::fs::create_dir_all(&aim.to).await?;
    } else if within.as_os_str().is_empty() && is_there {
        return Ok(aim.to.join(&aim.name));
    }
    Ok(aim.to.clone())
}

/// The path of an entry below the top. One that would lead out ends everything: no honest tar has it.
fn within(path: &[u8], root: Root) -> io::Result<PathBuf> {
    let path = Path::new(OsStr::from_bytes(path));
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => parts.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                let what = shown(path.as_os_str().as_bytes());
                return Err(broken(&format!("{what} leads out of the target")));
            }
        }
    }
    let named = match root {
        Root::Named => 1,
        Root::Unnamed => 0,
    };
    Ok(parts.into_iter().skip(named).collect())
}

/// Whether a link at this place below the top leads to somewhere below the top, whatever other links are there: it goes up no
/// further than the top, and never up again after it has gone down.
fn stays(within: &Path, link: &Path) -> bool {
    let mut room = within.components().count().saturating_sub(1);
    let mut down = false;
    !link.as_os_str().is_empty()
        && link.components().all(|part| match part {
            Component::Normal(_) => {
                down = true;
                true
            }
            Component::CurDir => true,
            Component::ParentDir if down || room == 0 => false,
            Component::ParentDir => {
                room -= 1;
                true
            }
            Component::RootDir | Component::Prefix(_) => false,
        })
}

/// Makes folders below the top. A link in the way is not followed: it may be of an earlier copy, or lead anywhere.
async fn make_directories(top: &Path, within: &Path) -> io::Result<()> {
    let mut path = top.to_owned();
    for part in within.components() {
        path.push(part);
        match tokio::fs::symlink_metadata(&path).await {
            Ok(meta) if meta.is_dir() => {}
            Ok(_) => {
                let text = format!("{} is in the way, and is no folder", path.display());
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, text));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                tokio::fs::create_dir(&path).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Makes room for a file or a link: its folders, and nothing in its place.
async fn place(top: &Path, within: &Path) -> io::Result<()> {
    match within.parent() {
        Some(parent) => make_directories(top, parent).await?,
        None => {
            if let Some(parent) = top.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                tokio::fs::create_dir_all(parent).await?;
            }
        }
    }
    match tokio::fs::remove_file(below(top, within)).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

async fn is_file(top: &Path, within: &Path) -> bool {
    let mut path = top.to_owned();
    for part in within.components() {
        path.push(part);
        if tokio::fs::symlink_metadata(&path).await.is_ok_and(|meta| meta.is_symlink()) {
            return false;
        }
    }
    tokio::fs::symlink_metadata(&path).await.is_ok_and(|meta| meta.is_file())
}

async fn write_file(
    from: &mut (impl AsyncRead + Unpin),
    entry: &Entry,
    path: &Path,
    modes: Modes,
) -> io::Result<()> {
    let mut file = tokio::fs::OpenOptions::new().write(true).create_new(true).open(path).await?;
    let copied = tokio::io::copy(&mut (&mut *from).take(entry.size), &mut file).await?;
    if copied != entry.size {
        return Err(broken("it ends in the middle of a file"));
    }
    skip(from, padded(copied) - copied).await?;
    // The host has no say in who this machine's programs run as.
    let mode = modes.of(entry.mode) & 0o777;
    file.set_permissions(std::fs::Permissions::from_mode(mode)).await
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
