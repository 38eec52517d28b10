//! What a host is told about volumes. The texts are named by their titles here; real hosts run them.

use std::fmt::Write as _;

use insta::assert_snapshot;

use super::*;
use crate::driver::script::Stdin;
use crate::model::{Digest, ObjectKey, PodKey};
use crate::observed::MadeVolume;
use crate::plan::{Data, FileToWrite, Grant, LastingPlace, MountToMake, Propagation, Refresh};

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
    // After a reboot nothing is made by the host alone of a pod that waits for its Secret.
    assert_eq!(again(fill.clone()), []);
    let mut open = fill;
    open.volumes.remove("keys");
    assert_snapshot!(shown(&again(open)), @"
    make volume | /run/bowline/pods/lab_default_web/volumes/memory | mode=0777,size=4096 | 2000 | /run/bowline/filled/lab_default_web/memory | ea0890697a77af0a
    make volume | /run/bowline/pods/lab_default_web/volumes/unbounded | mode=0777 | 2000 | /run/bowline/filled/lab_default_web/unbounded | ea0890697a77af0a
    mount volume | /srv | a/b | /run/bowline/pods/lab_default_web/mounts/main/2 | throughout
    mark volume | /run/bowline/filled/lab_default_web/.mounts | ea0890697a77af0a
    ");
}

#[test]
fn what_outlives_a_pod_is_looked_for_and_marked() {
    let lasting = |name: Option<&str>, place, access| VolumeToMake::Lasting {
        name: name.map(str::to_owned),
        place,
        access,
    };
    let directory = |grant| LastingPlace::Directory { path: "/v/pvc-1".to_owned(), grant };
    let path = LastingPlace::HostPath { path: "/srv".to_owned(), expected: Expected::Directory };
    let grant = Grant::Always;
    let file_system = LastingPlace::FileSystem { path: "/v/pvc-2".to_owned(), grant };
    let options = vec!["hard".to_owned(), "nfsvers=4.2".to_owned()];
    let share = LastingPlace::Share { share: "files:/srv".to_owned(), options };
    let volumes = [
        ("1", lasting(Some("pvc-1"), directory(Grant::OnRootMismatch), Access::ReadWrite)),
        ("2", lasting(Some("pvc-1"), directory(Grant::Always), Access::ReadOnly)),
        ("3", lasting(Some("disk"), path, Access::ReadWrite)),
        ("4", lasting(None, share, Access::ReadOnly)),
        ("5", lasting(Some("pvc-2"), file_system, Access::ReadWrite)),
    ];
    let fill = VolumesToFill {
        key: PodKey::new("default", "web"),
        sandbox: "lab_default_web".to_owned(),
        group: Some(2000),
        volumes: volumes.map(|(name, volume)| (name.to_owned(), volume)).into(),
        staged: Vec::new(),
    };
    assert_snapshot!(shown(&update(&fill)), @"
    use directory | /v/pvc-1 | 2000 | mismatch | /var/lib/bowline/filled/lab_default_web/1 | f2868e1aa7cab669
    use directory | /v/pvc-1 |  | always | /var/lib/bowline/filled/lab_default_web/2 | f2868e1aa7cab669
    hostPath | /srv | Directory | /var/lib/bowline/filled/lab_default_web/3 | 1044dec7206e8d7c
    mount share | /run/bowline/pods/lab_default_web/volumes/4 | files:/srv | hard,nfsvers=4.2 | /run/bowline/filled/lab_default_web/4 | ea0890697a77af0a
    use file system | /v/pvc-2 | 2000 | always | /run/bowline/filled/lab_default_web/5 | 02309f4c8f81004f | /var/lib/bowline/filled/lab_default_web/5.claim | /run/bowline/pods/lab_default_web
    ");
    assert_snapshot!(shown(&again(fill)), @"
    mount share | /run/bowline/pods/lab_default_web/volumes/4 | files:/srv | hard,nfsvers=4.2 | /run/bowline/filled/lab_default_web/4 | ea0890697a77af0a
    use file system | /v/pvc-2 | 2000 | always | /run/bowline/filled/lab_default_web/5 | 02309f4c8f81004f | /var/lib/bowline/filled/lab_default_web/5.claim | /run/bowline/pods/lab_default_web
    ");
}

#[test]
fn what_is_made_for_a_claim_grows_and_is_let_go() {
    let fleet = "lab".into();
    let claim = ObjectKey::new("PersistentVolumeClaim", "default", "data");
    let mut commands = make(&fleet, ("pvc-1", &claim), "/v/pvc-1", None);
    commands.extend(make(&fleet, ("pvc-2", &claim), "/v/pvc-2", Some(1 << 30)));
    commands.extend(grow(&fleet, ("pvc-2", &claim), "/v/pvc-2", 1 << 31));
    commands.extend(release("pvc-1", "/v/pvc-1", Data::Deleted));
    commands.extend(release("pvc-1", "/v/pvc-1", Data::Kept));
    assert_snapshot!(shown(&commands), @"
    make directory | /v/pvc-1 | /var/lib/bowline/claimed/pvc-1 | lab default data /v/pvc-1
    make file system | /v/pvc-2 | /var/lib/bowline/claimed/pvc-2 | lab default data /v/pvc-2 | 1073741824
    grow file system | /v/pvc-2 | /var/lib/bowline/claimed/pvc-2 | lab default data /v/pvc-2 | 2147483648 | 02309f4c8f81004f
    release directory | /v/pvc-1 | /var/lib/bowline/claimed/pvc-1 | delete
    release directory | /v/pvc-1 | /var/lib/bowline/claimed/pvc-1 | keep
    ");
    let lines = [
        ("one", "lab default data /v/a b"),
        ("two", "lab default data /v/two"),
        ("two", "size 1073741824"),
        ("odd", "lab default data /v/odd"),
        ("odd", "size of nothing"),
        ("theirs", "other default data /v"),
        ("short", "lab default"),
        ("empty", ""),
        ("lost", "size 7"),
    ];
    let made = parse(&fleet, lines.into_iter());
    let seen = |made: &MadeVolume| (made.path.clone(), made.size_bytes);
    let seen: Vec<_> = made.values().map(seen).collect();
    assert!(made.values().all(|made| made.claim == claim));
    let size = Some(1 << 30);
    assert_eq!(seen, [("/v/odd".into(), None), ("/v/a b".into(), None), ("/v/two".into(), size)]);
}
