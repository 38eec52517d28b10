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
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::plan::Content;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "tar itself is asked what it reads")]
    fn tar_unpacks_what_was_packed() {
        let file = |text: &str, mode| FileToWrite {
            content: Content::Plain(text.as_bytes().to_vec()),
            mode,
        };
        let long = format!("deep/{}", "n".repeat(150));
        let files = [
            ("plain".to_owned(), file("hello\n", 0o644)),
            ("empty".to_owned(), file("", 0o400)),
            ("a/b/c".to_owned(), file(&"x".repeat(1500), 0o755)),
            (long.clone(), file("long", 0o640)),
        ];
        let directory = tempfile::tempdir().unwrap();
        let mut tar = Command::new("tar")
            .args(["-xpf", "-", "-C"])
            .arg(directory.path())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        tar.stdin.take().unwrap().write_all(&archive(&files.clone().into())).unwrap();
        assert!(tar.wait().unwrap().success());
        for (path, file) in files {
            let path = directory.path().join(path);
            assert_eq!(std::fs::read(&path).unwrap(), file.content.bytes(), "{}", path.display());
            let mode = std::os::unix::fs::PermissionsExt::mode(
                &std::fs::metadata(&path).unwrap().permissions(),
            );
            assert_eq!(mode & 0o7777, file.mode, "{}", path.display());
        }
    }
}
