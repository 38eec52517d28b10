//! Copies that go there and back, and tars that nobody honest makes.

use std::fs;

use tar::Header;
use tokio::io::AsyncWriteExt as _;

use super::super::archive::{fill, finish, write};
use super::super::pack::pack;
use super::*;

fn aim(to: &Path, root: Root) -> Aim {
    Aim { to: to.to_owned(), root, name: "name".into(), modes: Modes::Kept }
}

/// Unpacks what was written to a directory of its own, and returns it with what came of it.
async fn unpacked(tar: &[u8], root: Root) -> (tempfile::TempDir, io::Result<LeftOut>) {
    let directory = tempfile::tempdir().unwrap();
    let done = unpack(&mut &tar[..], &aim(&directory.path().join("to"), root)).await;
    (directory, done)
}

/// A tar of entries: kind, path, link, content.
async fn tar_of(entries: &[(EntryType, &str, &str, &str)]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (kind, path, link, content) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(0o4755);
        header.set_size(content.len() as u64);
        write(&mut tar, &mut header, path.as_bytes(), link.as_bytes()).await.unwrap();
        tar.write_all(content.as_bytes()).await.unwrap();
        fill(&mut tar, padded(content.len() as u64) - content.len() as u64).await.unwrap();
    }
    finish(&mut tar).await.unwrap();
    tar
}

const DIR: EntryType = EntryType::Directory;
const FILE: EntryType = EntryType::Regular;
const LINK: EntryType = EntryType::Symlink;

#[tokio::test]
async fn a_folder_goes_there_and_back_with_its_modes_links_and_long_names() {
    let source = tempfile::tempdir().unwrap();
    let long = "x".repeat(200);
    fs::create_dir_all(source.path().join(&long).join("deep")).unwrap();
    let text: String = "0123456789".repeat(1000);
    fs::write(source.path().join(&long).join("deep/file"), &text).unwrap();
    fs::write(source.path().join("run.sh"), "").unwrap();
    let mode = fs::Permissions::from_mode(0o750);
    fs::set_permissions(source.path().join("run.sh"), mode).unwrap();
    let target = format!("{long}/deep/file");
    std::os::unix::fs::symlink(&target, source.path().join("link")).unwrap();

    let mut tar = Vec::new();
    pack(&mut tar, source.path(), b"folder".to_vec(), Modes::Kept).await.unwrap();
    let (there, left_out) = unpacked(&tar, Root::Named).await;
    assert_eq!(left_out.unwrap(), LeftOut::default());
    let to = there.path().join("to");
    assert_eq!(fs::read_to_string(to.join("link")).unwrap(), text);
    assert_eq!(fs::read_link(to.join("link")).unwrap(), Path::new(&target));
    let mode = fs::metadata(to.join("run.sh")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o750);
}

#[tokio::test]
async fn a_file_gets_the_name_that_was_asked_for_or_goes_into_a_folder() {
    let tar = tar_of(&[(FILE, "busybox", "", "content")]).await;
    let (there, done) = unpacked(&tar, Root::Named).await;
    done.unwrap();
    let to = there.path().join("to");
    assert_eq!(fs::read_to_string(&to).unwrap(), "content");
    // No program of this machine becomes setuid by a copy.
    assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o7777, 0o755);
    unpack(&mut &tar[..], &aim(there.path(), Root::Named)).await.unwrap();
    assert_eq!(fs::read_to_string(there.path().join("name")).unwrap(), "content");
}

#[tokio::test]
async fn what_leads_out_ends_the_copy() {
    for path in ["a/../../evil", "/evil", "../evil", "a/b/../../../evil"] {
        let tar = tar_of(&[(DIR, "a/", "", ""), (FILE, path, "", "evil")]).await;
        let (there, done) = unpacked(&tar, Root::Named).await;
        let error = done.unwrap_err().to_string();
        assert!(error.contains("leads out of the target"), "{path}: {error}");
        assert!(!there.path().join("evil").exists(), "{path}");
    }
}

#[tokio::test]
async fn links_that_lead_out_are_left_out_and_nothing_is_written_through_a_link() {
    let tar = tar_of(&[
        (DIR, "a/", "", ""),
        (DIR, "a/d/", "", ""),
        (LINK, "a/abs", "/etc", ""),
        (LINK, "a/up", "..", ""),
        (LINK, "a/d/up", "../../x", ""),
        // Each by itself stays below the top; together they would not.
        (LINK, "a/d/top", "..", ""),
        (LINK, "a/sly", "d/top/../..", ""),
        (LINK, "a/fine", "d/file", ""),
        (EntryType::Link, "a/hard", "a/../../etc/passwd", ""),
        (EntryType::Fifo, "a/fifo", "", ""),
        (FILE, "a/d/file", "", "content"),
    ])
    .await;
    let (there, done) = unpacked(&tar, Root::Named).await;
    let left_out = done.unwrap();
    insta::assert_snapshot!(left_out.said.join("\n"), @r"
    a/abs is left out: it is a link to /etc, out of the copy
    a/up is left out: it is a link to .., out of the copy
    a/d/up is left out: it is a link to ../../x, out of the copy
    a/sly is left out: it is a link to d/top/../.., out of the copy
    a/hard is left out: it is the same file as a/../../etc/passwd
    a/fifo is left out: it is no file, folder or link
    ");
    let to = there.path().join("to");
    assert_eq!(fs::read_to_string(to.join("fine")).unwrap(), "content");

    // A link, and then a file through it: the link is made last, so the file finds a folder of its own or nothing.
    let through = [(DIR, "a/", "", ""), (LINK, "a/l", "d", ""), (FILE, "a/l/f", "", "evil")];
    let (_, done) = unpacked(&tar_of(&through).await, Root::Named).await;
    assert!(done.is_err());
    // One that an earlier copy has left is not followed either.
    let outside = there.path().join("outside");
    fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, to.join("left")).unwrap();
    let again = tar_of(&[(DIR, "a/", "", ""), (FILE, "a/left/f", "", "evil")]).await;
    let done = unpack(&mut &again[..], &aim(&to, Root::Named)).await;
    assert!(done.unwrap_err().to_string().contains("is in the way"));
    assert!(!outside.join("f").exists());
}

#[tokio::test]
async fn what_is_cut_off_or_no_tar_is_an_error() {
    let whole = tar_of(&[(DIR, "a/", "", ""), (FILE, "a/f", "", &"x".repeat(2000))]).await;
    for cut in [1, 600, 1100, 2000] {
        let (_, done) = unpacked(&whole[..cut], Root::Named).await;
        assert!(done.is_err(), "cut at {cut}");
    }
    for rubbish in [&b""[..], &[0; 1024], &[b'x'; 2048]] {
        let (_, done) = unpacked(rubbish, Root::Named).await;
        assert!(done.is_err());
    }
    // A name of gigabytes is refused before a byte of it is read.
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::GNULongName);
    header.set_size(1 << 40);
    header.set_cksum();
    let (_, done) = unpacked(header.as_bytes(), Root::Named).await;
    assert!(done.unwrap_err().to_string().contains("longer than any path"));
}

#[tokio::test]
async fn records_of_pax_name_what_follows() {
    let path = format!("a/{}", "y".repeat(120));
    let record = format!("path={path}\n");
    let length = record.len() + 4;
    let records = format!("{length} {record}");
    assert_eq!(records.len(), length);
    let tar = tar_of(&[
        (DIR, "a/", "", ""),
        (EntryType::XHeader, "pax", "", &records),
        (FILE, "short", "", "content"),
    ])
    .await;
    let (there, done) = unpacked(&tar, Root::Named).await;
    done.unwrap();
    let file = there.path().join("to").join("y".repeat(120));
    assert_eq!(fs::read_to_string(file).unwrap(), "content");
}
