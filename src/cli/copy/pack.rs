//! Local files and folders to a tar, piece by piece.

use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use tar::{EntryType, Header};
use tokio::io::{AsyncReadExt as _, AsyncWrite};

use super::archive::{fill, finish, padded, write};

/// What becomes of the modes of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Modes {
    /// They are kept.
    Kept,
    /// Others may read, and nobody else write.
    Usual,
}

impl Modes {
    /// The mode that a file gets.
    pub(super) fn of(self, mode: u32) -> u32 {
        match self {
            Self::Kept => mode & 0o7777,
            Self::Usual => mode & 0o755,
        }
    }
}

/// Writes what is at a path as a tar, under another name. Sockets and devices are left out; links stay links.
pub(super) async fn pack(
    to: &mut (impl AsyncWrite + Unpin),
    from: &Path,
    name: Vec<u8>,
    modes: Modes,
) -> io::Result<()> {
    let mut left: Vec<(PathBuf, Vec<u8>)> = vec![(from.to_owned(), name)];
    while let Some((path, name)) = left.pop() {
        let found = entry(to, &path, &name, modes).await;
        for child in found.map_err(|error| named(&path, &error))?.into_iter().rev() {
            let inner = [&name, &b"/"[..], child.as_bytes()].concat();
            left.push((path.join(child), inner));
        }
    }
    finish(to).await
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Writes one entry, and returns what is in it when it is a directory.
async fn entry(
    to: &mut (impl AsyncWrite + Unpin),
    path: &Path,
    name: &[u8],
    modes: Modes,
) -> io::Result<Vec<std::ffi::OsString>> {
    let meta = tokio::fs::symlink_metadata(path).await?;
    let mut header = Header::new_gnu();
    header.set_mode(modes.of(meta.mode()));
    header.set_mtime(u64::try_from(meta.mtime()).unwrap_or(0));
    header.set_uid(meta.uid().into());
    header.set_gid(meta.gid().into());
    header.set_size(0);
    if meta.is_dir() {
        header.set_entry_type(EntryType::Directory);
        write(to, &mut header, &[name, b"/"].concat(), b"").await?;
        let mut names = Vec::new();
        let mut listed = tokio::fs::read_dir(path).await?;
        while let Some(found) = listed.next_entry().await? {
            names.push(found.file_name());
        }
        names.sort();
        return Ok(names);
    }
    if meta.is_symlink() {
        header.set_entry_type(EntryType::Symlink);
        let link = tokio::fs::read_link(path).await?;
        write(to, &mut header, name, link.as_os_str().as_bytes()).await?;
    } else if meta.is_file() {
        let mut file = tokio::fs::File::open(path).await?.take(meta.len());
        header.set_entry_type(EntryType::Regular);
        header.set_size(meta.len());
        write(to, &mut header, name, b"").await?;
        let copied = tokio::io::copy(&mut file, to).await?;
        if copied != meta.len() {
            return Err(io::Error::other("it became shorter while it was read"));
        }
        fill(to, padded(copied) - copied).await?;
    }
    Ok(Vec::new())
}
