//! A tar as a stream: one entry after another, with bounded memory whatever a hostile host sends.
//!
//! Sources: POSIX.1-2017 `pax`, and GNU tar's "Basic Tar Format" for long names.

use std::io;

use tar::{EntryType, Header};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// The unit in which a tar is written.
const BLOCK: usize = 512;

/// The longest header of names that is read. Linux has no path that is longer than 4096 bytes.
const NAMES_MAX: u64 = 64 * 1024;

/// An entry's header, with the long names and sizes that came before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: Vec<u8>,
    /// Where a link leads.
    pub(super) link: Vec<u8>,
    pub(super) kind: EntryType,
    pub(super) size: u64,
    pub(super) mode: u32,
}

/// What the next header says instead of its own fields.
#[derive(Default)]
struct Instead {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
}

/// Whether the first block of a tar is the header of a directory.
pub(super) fn is_directory(block: &[u8]) -> bool {
    block.len() >= BLOCK && header(block).is_ok_and(|header| header.entry_type().is_dir())
}

fn header(block: &[u8]) -> io::Result<Header> {
    let mut header = Header::new_old();
    let bytes = block.get(..BLOCK).ok_or_else(|| broken("it ends in the middle"))?;
    header.as_mut_bytes().copy_from_slice(bytes);
    let (before, after) = (&bytes[..148], &bytes[156..]);
    let sum = before.iter().chain(after).map(|byte| u32::from(*byte)).sum::<u32>() + 8 * 32;
    if header.cksum()? == sum { Ok(header) } else { Err(broken("a header is damaged")) }
}

pub(super) fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("what came is no proper tar: {why}"))
}

/// The next entry; its content has to be read, or passed over, by [`padded`] bytes before the one after it. `None` is the end.
pub(super) async fn next(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Entry>> {
    let mut instead = Instead::default();
    loop {
        let mut block = [0; BLOCK];
        match from.read(&mut block).await? {
            0 => return Ok(None),
            read => from.read_exact(&mut block[read..]).await?,
        };
        if block.iter().all(|byte| *byte == 0) {
            // What follows is padding.
            tokio::io::copy(from, &mut tokio::io::sink()).await?;
            return Ok(None);
        }
        let header = header(&block)?;
        let kind = header.entry_type();
        if kind.is_gnu_longname() {
            instead.path = Some(name(from, header.entry_size()?).await?);
        } else if kind.is_gnu_longlink() {
            instead.link = Some(name(from, header.entry_size()?).await?);
        } else if kind.is_pax_local_extensions() {
            extend(&mut instead, &content(from, header.entry_size()?).await?);
        } else if kind.is_pax_global_extensions() {
            content(from, header.entry_size()?).await?;
        } else {
            let own_link = || header.link_name_bytes().map(std::borrow::Cow::into_owned);
            let has_content = !(kind.is_dir() || kind.is_symlink() || kind.is_hard_link());
            let size = instead.size.map_or_else(|| header.entry_size(), Ok)?;
            return Ok(Some(Entry {
                path: instead.path.unwrap_or_else(|| header.path_bytes().into_owned()),
                link: instead.link.or_else(own_link).unwrap_or_default(),
                kind,
                size: if has_content { size } else { 0 },
                mode: header.mode().unwrap_or(0o644),
            }));
        }
    }
}

/// The bytes that content of this size takes in a tar.
pub(super) fn padded(size: u64) -> u64 {
    size.div_ceil(BLOCK as u64).saturating_mul(BLOCK as u64)
}

/// Passes bytes over.
pub(super) async fn skip(from: &mut (impl AsyncRead + Unpin), bytes: u64) -> io::Result<()> {
    let passed = tokio::io::copy(&mut from.take(bytes), &mut tokio::io::sink()).await?;
    if passed == bytes { Ok(()) } else { Err(broken("it ends in the middle")) }
}

async fn content(from: &mut (impl AsyncRead + Unpin), size: u64) -> io::Result<Vec<u8>> {
    if size > NAMES_MAX {
        return Err(broken("a name is longer than any path"));
    }
    let mut bytes = Vec::new();
    from.take(size).read_to_end(&mut bytes).await?;
    skip(from, padded(size) - size).await?;
    Ok(bytes)
}

async fn name(from: &mut (impl AsyncRead + Unpin), size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = content(from, size).await?;
    if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
        bytes.truncate(end);
    }
    Ok(bytes)
}

/// Reads records of the form `LENGTH KEY=VALUE\n`; what cannot be read ends them.
fn extend(instead: &mut Instead, mut records: &[u8]) {
    while let Some(space) = records.iter().position(|byte| *byte == b' ') {
        let length = std::str::from_utf8(&records[..space]).ok().and_then(|text| text.parse().ok());
        let Some(record) = length.and_then(|length: usize| records.get(space + 1..length)) else {
            return;
        };
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        if let Some(equals) = record.iter().position(|byte| *byte == b'=') {
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            match key {
                b"path" => instead.path = Some(value.to_vec()),
                b"linkpath" => instead.link = Some(value.to_vec()),
                b"size" => {
                    instead.size = std::str::from_utf8(value).ok().and_then(|n| n.parse().ok());
                }
                _ => {}
            }
        }
        records = length.and_then(|length| records.get(length..)).unwrap_or_default();
    }
}

/// Writes a header, after the long names that do not fit into it.
pub(super) async fn write(
    to: &mut (impl AsyncWrite + Unpin),
    header: &mut Header,
    path: &[u8],
    link: &[u8],
) -> io::Result<()> {
    let gnu = header.as_gnu_mut().ok_or_else(|| broken("the header is of another form"))?;
    for (bytes, field, kind) in [
        (path, &mut gnu.name, EntryType::GNULongName),
        (link, &mut gnu.linkname, EntryType::GNULongLink),
    ] {
        let fits = bytes.len().min(field.len());
        field[..fits].copy_from_slice(&bytes[..fits]);
        if bytes.len() > field.len() {
            write_long(to, kind, bytes).await?;
        }
    }
    header.set_cksum();
    to.write_all(header.as_bytes()).await
}

async fn write_long(
    to: &mut (impl AsyncWrite + Unpin),
    kind: EntryType,
    bytes: &[u8],
) -> io::Result<()> {
    let mut header = Header::new_gnu();
    let size = bytes.len() as u64 + 1;
    if let Some(gnu) = header.as_gnu_mut() {
        gnu.name[..13].copy_from_slice(b"././@LongLink");
    }
    header.set_mode(0o644);
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_cksum();
    to.write_all(header.as_bytes()).await?;
    to.write_all(bytes).await?;
    pad(to, size - 1).await
}

/// Fills the last block of content of this size; a size that fills its block gets one more when there is a zero to come.
async fn pad(to: &mut (impl AsyncWrite + Unpin), size: u64) -> io::Result<()> {
    fill(to, padded(size + 1) - size).await
}

/// Writes zeros.
pub(super) async fn fill(to: &mut (impl AsyncWrite + Unpin), zeros: u64) -> io::Result<()> {
    tokio::io::copy(&mut tokio::io::repeat(0).take(zeros), to).await.map(drop)
}

/// Writes the end.
pub(super) async fn finish(to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    fill(to, 2 * BLOCK as u64).await?;
    to.shutdown().await
}
