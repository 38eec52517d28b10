//! What a host is told about volumes. The texts are named by their titles here; real hosts run them.

use std::fmt::Write as _;

use insta::assert_snapshot;

use super::*;
use crate::driver::script::Stdin;
use crate::model::{Digest, PodKey};
use crate::plan::{FileToWrite, MountToMake, Propagation, Refresh};

/// Commands without the texts that they run.
fn shown(commands: &[Command]) -> String {
    let mut out = String::new();
    for command in commands {
        let _ = write!(out, "{}", command.argv[3..].join(" | "));
        match &command.stdin {
            Stdin::Empty => {}
            Stdin::Bytes(bytes) => {
                let _ = write!(out, " < {} bytes", bytes.len());
            }
            Stdin::Hidden(_) => out.push_str(" < a secret"),
        }
        out.push('\n');
    }
    out
}

fn files(content: Content, medium: Medium) -> VolumeToMake {
    VolumeToMake::Files(FilesToWrite {
        files: [("a".to_owned(), FileToWrite { content, mode: 0o644 })].into(),
        digest: Digest::from_label("d1"),
        medium,
        refresh: Refresh::Follow,
    })
}

#[test]
fn each_volume_is_one_command_and_secrets_are_not_shown() {
    let path = |path: &str, expected| VolumeToMake::HostPath { path: path.to_owned(), expected };
    let volumes = [
        ("config", files(Content::Plain(b"hello".to_vec()), Medium::Disk)),
        ("empty", VolumeToMake::Empty),
        ("host", path("/srv", Expected::Directory)),
        ("keys", files(Content::Secret(Hidden::new(*b"hunter2")), Medium::Memory)),
        ("memory", VolumeToMake::Memory { size_bytes: Some(4096) }),
        ("unbounded", VolumeToMake::Memory { size_bytes: None }),
    ];
    let mount = MountToMake {
        volume: "host".to_owned(),
        part: Some("a/b".to_owned()),
        path: "/part".to_owned(),
        access: Access::ReadOnlyThroughout,
        propagation: Propagation::None,
    };
    let source = MountSource::Path("/srv".to_owned());
    let staged = StagedMount { container: "main".to_owned(), index: 2, source, mount };
    let fill = VolumesToFill {
        key: PodKey::new("default", "web"),
        sandbox: "lab_default_web".to_owned(),
        group: Some(2000),
        volumes: volumes.map(|(name, volume)| (name.to_owned(), volume)).into(),
        staged: vec![staged],
    };
    assert!(!format!("{fill:?} {:?}", update(&fill)).contains("hunter2"));
    assert_snapshot!(shown(&update(&fill)), @"
    write volume | /var/lib/bowline/pods/lab_default_web/volumes/config | disk | 2000 | /var/lib/bowline/filled/lab_default_web/config | d1 < 2048 bytes
    make volume | /var/lib/bowline/pods/lab_default_web/volumes/empty | 2000
    hostPath | /srv | Directory
    write volume | /run/bowline/pods/lab_default_web/volumes/keys | memory | 2000 | /run/bowline/filled/lab_default_web/keys | d1 < a secret
    make volume | /run/bowline/pods/lab_default_web/volumes/memory | mode=0777,size=4096 | 2000 | /run/bowline/filled/lab_default_web/memory | ea0890697a77af0a
    make volume | /run/bowline/pods/lab_default_web/volumes/unbounded | mode=0777 | 2000 | /run/bowline/filled/lab_default_web/unbounded | ea0890697a77af0a
    mount volume | /srv | a/b | /run/bowline/pods/lab_default_web/mounts/main/2 | throughout
    mark volume | /run/bowline/filled/lab_default_web/.mounts | ea0890697a77af0a
    ");
}
