//! Files as one stream that `tar` unpacks: a volume of many files costs a host one process.
//!
//! Source: GNU tar's manual, "Basic Tar Format"; a name that is too long for its field is an entry of type `L` before the file.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::FileToWrite;

/// The unit of which a stream consists, in bytes.
const BLOCK: usize = 512;

/// The longest name that fits its field.
const NAME_MAX: usize = 100;

/// The permission bits of a directory within a volume, as the kubelet makes it.
const DIRECTORY_MODE: u32 = 0o755;

/// The archive of the files, with the directories that they are in.
pub(super) fn archive(files: &BTreeMap<String, FileToWrite>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directories = BTreeSet::new();
    for path in files.keys() {
        let ends = path.match_indices('/').map(|(at, _)| &path[..at]);
        directories.extend(ends.filter(|directory| !directory.is_empty()));
    }
    for directory in directories {
        entry(&mut out, &format!("{directory}/"), (b'5', DIRECTORY_MODE), &[]);
    }
    for (path, file) in files {
        entry(&mut out, path, (b'0', file.mode), file.content.bytes());
    }
    out.resize(out.len() + 2 * BLOCK, 0);
    out
}

fn entry(out: &mut Vec<u8>, name: &str, (kind, mode): (u8, u32), content: &[u8]) {
    if name.len() > NAME_MAX {
        let long = [name.as_bytes(), b"\0"].concat();
        out.extend(header("././@LongLink", b'L', 0, long.len()));
        padded(out, &long);
    }
    out.extend(header(name, kind, mode, content.len()));
    padded(out, content);
}

fn padded(out: &mut Vec<u8>, content: &[u8]) {
    out.extend_from_slice(content);
    out.resize(out.len().next_multiple_of(BLOCK), 0);
}

fn header(name: &str, kind: u8, mode: u32, size: usize) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let name = name.as_bytes();
    let length = name.len().min(NAME_MAX);
    header[..length].copy_from_slice(&name[..length]);
    octal(&mut header[100..108], u64::from(mode));
    octal(&mut header[108..116], 0);
    octal(&mut header[116..124], 0);
    octal(&mut header[124..136], size as u64);
    octal(&mut header[136..148], 0);
    header[148..156].fill(b' ');
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar  \0");
    let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
    octal(&mut header[148..155], sum);
    header
}

/// A number in octal digits with leading zeros, and a zero byte after it.
fn octal(field: &mut [u8], number: u64) {
    let digits = format!("{number:0width$o}\0", width = field.len() - 1);
    field.copy_from_slice(&digits.as_bytes()[..field.len()]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Content;

    fn text(field: &[u8]) -> String {
        let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
        String::from_utf8_lossy(&field[..end]).into_owned()
    }

    /// What is in an archive: type, name, mode and content of each entry.
    fn listed(mut archive: &[u8]) -> Vec<(char, String, String, String)> {
        let mut all = Vec::new();
        while archive[0] != 0 {
            let (header, rest) = archive.split_at(BLOCK);
            let mut blank = header.to_vec();
            blank[148..156].fill(b' ');
            let sum: u64 = blank.iter().map(|byte| u64::from(*byte)).sum();
            assert_eq!(u64::from_str_radix(&text(&header[148..155]), 8), Ok(sum));
            let size = usize::from_str_radix(&text(&header[124..136]), 8).unwrap();
            let content = String::from_utf8_lossy(&rest[..size]).into_owned();
            let (kind, mode) = (char::from(header[156]), text(&header[100..108]));
            all.push((kind, text(&header[..100]), mode, content));
            archive = &rest[size.next_multiple_of(BLOCK)..];
        }
        assert_eq!(archive.len(), 2 * BLOCK, "an archive ends with two empty blocks");
        all
    }

    #[test]
    fn directories_come_before_their_files_and_long_names_before_theirs() {
        let file = |text: &str, mode| FileToWrite {
            content: Content::Plain(text.as_bytes().to_vec()),
            mode,
        };
        let long = "n".repeat(150);
        let files = [
            ("a/b/c".to_owned(), file(&"x".repeat(1500), 0o755)),
            ("plain".to_owned(), file("", 0o400)),
            (long.clone(), file("long", 0o640)),
        ];
        let entry = |kind, name: &str, mode: &str, content: &str| {
            (kind, name.to_owned(), mode.to_owned(), content.to_owned())
        };
        let expected = [
            entry('5', "a/", "0000755", ""),
            entry('5', "a/b/", "0000755", ""),
            entry('0', "a/b/c", "0000755", &"x".repeat(1500)),
            entry('L', "././@LongLink", "0000000", &format!("{long}\0")),
            entry('0', &long[..100], "0000640", "long"),
            entry('0', "plain", "0000400", ""),
        ];
        assert_eq!(listed(&archive(&files.into())), expected);
    }
}
