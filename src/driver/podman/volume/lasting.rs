//! Volumes that outlive pods: what is made for claims, and what pods are given of it.

use std::collections::BTreeMap;

use super::{file_system, kind, paths, text};
use crate::driver::script::Command;
use crate::model::{Digest, FleetName, ObjectKey};
use crate::observed::MadeVolume;
use crate::plan::{Access, Data, Expected, Grant, LastingPlace, MountSource, mark_of};

/// The directory of marks of the volumes that were made for claims: a file each.
pub(in crate::driver) const MADE: &str = "/var/lib/bowline/claimed";

/// Where volumes are made whose class says no other place.
pub(in crate::driver) const VOLUMES: &str = "/var/lib/bowline/volumes";

/// Makes a directory for a claim, or a file system of so many bytes, and marks it.
pub(in crate::driver) fn make(
    fleet: &FleetName,
    (name, claim): (&str, &ObjectKey),
    path: &str,
    size_bytes: Option<u64>,
) -> Vec<Command> {
    let (mark, line) = (mark(name), line(fleet, claim, path));
    let Some(size) = size_bytes.map(|bytes| bytes.to_string()) else {
        let argv = ["sh", "-c", text::MAKE_VOLUME, "make directory", path, &mark, &line];
        return vec![Command::mutates(argv)];
    };
    let text = file_system::MAKE_FILE_SYSTEM;
    vec![Command::mutates(["sh", "-c", text, "make file system", path, &mark, &line, &size])]
}

/// Lets a file system that was made for a claim grow to so many bytes.
pub(in crate::driver) fn grow(
    fleet: &FleetName,
    (name, claim): (&str, &ObjectKey),
    path: &str,
    size_bytes: u64,
) -> Vec<Command> {
    let (mark, line) = (mark(name), line(fleet, claim, path));
    let (text, size, of_pods) =
        (file_system::GROW_FILE_SYSTEM, size_bytes.to_string(), mark_of(name));
    let argv = ["sh", "-c", text, "grow file system", path, &mark, &line, &size];
    vec![Command::mutates(argv.into_iter().chain([of_pods.as_str()]))]
}

/// Lets a directory or a file system go, with what is in it or without.
pub(in crate::driver) fn release(name: &str, path: &str, data: Data) -> Vec<Command> {
    let data = match data {
        Data::Deleted => "delete",
        Data::Kept => "keep",
    };
    let argv = ["sh", "-c", text::RELEASE_VOLUME, "release directory", path, &mark(name), data];
    vec![Command::mutates(argv)]
}

/// What marks say, each a line with the volume's name before it: whose it is and where, and of a file system how large. A mark
/// of another fleet, or of another form, says nothing.
pub(in crate::driver) fn parse<'a>(
    fleet: &FleetName,
    lines: impl Iterator<Item = (&'a str, &'a str)>,
) -> BTreeMap<String, MadeVolume> {
    let mut all: BTreeMap<String, MadeVolume> = BTreeMap::new();
    for (name, line) in lines {
        if let Some(made) = all.get_mut(name) {
            made.size_bytes = line.strip_prefix("size ").and_then(|bytes| bytes.parse().ok());
        } else if let Some(made) = parse_line(fleet, line) {
            all.insert(name.to_owned(), made);
        }
    }
    all
}

fn line(fleet: &FleetName, claim: &ObjectKey, path: &str) -> String {
    format!("{fleet} {} {} {path}", claim.namespace, claim.name)
}

fn parse_line(fleet: &FleetName, line: &str) -> Option<MadeVolume> {
    let mut words = line.splitn(4, ' ');
    let (of, namespace, claim, path) = (words.next()?, words.next()?, words.next()?, words.next()?);
    (of == fleet.to_string()).then(|| MadeVolume {
        claim: ObjectKey::new("PersistentVolumeClaim", namespace, claim),
        path: path.to_owned(),
        size_bytes: None,
    })
}

fn mark(name: &str) -> String {
    format!("{MADE}/{name}")
}

/// Gives a pod what is there: looks whether it is, lets the pod's group in, and marks which volume it was.
pub(super) fn give(
    (sandbox, name): (&str, &str),
    group: &str,
    (place, access): (&LastingPlace, Access),
    report: &Digest,
) -> Command {
    let source = match place {
        LastingPlace::Share { .. } => MountSource::Memory,
        LastingPlace::Directory { path, .. }
        | LastingPlace::FileSystem { path, .. }
        | LastingPlace::HostPath { path, .. }
        | LastingPlace::Device { path } => MountSource::Path(path.clone()),
    };
    let mark = paths::mark(sandbox, name, &source);
    let directory = paths::volume(sandbox, name, &source);
    let marks = [mark.as_str(), report.as_str()];
    let argv: Vec<&str> = match place {
        LastingPlace::Directory { path, grant } => {
            // Who may not write is given nothing.
            let group = if access == Access::ReadWrite { group } else { "" };
            let argv = ["sh", "-c", text::DIRECTORY, "use directory", path, group, when(*grant)];
            return Command::mutates(argv.into_iter().chain(marks));
        }
        LastingPlace::FileSystem { path, grant } => {
            let group = if access == Access::ReadWrite { group } else { "" };
            let text = file_system::FILE_SYSTEM;
            let argv = ["sh", "-c", text, "use file system", path, group, when(*grant)];
            let mounted = paths::mark(sandbox, name, &MountSource::Memory);
            let [own, memory] = [format!("{mark}.claim"), paths::in_memory(sandbox)];
            let marks = [mounted.as_str(), report.as_str(), &own, &memory];
            return Command::mutates(argv.into_iter().chain(marks));
        }
        LastingPlace::HostPath { path, expected } => {
            vec!["sh", "-c", text::HOST_PATH_OF_CLAIM, "hostPath", path, kind(*expected)]
        }
        LastingPlace::Device { path } => {
            let kind = kind(Expected::BlockDevice);
            vec!["sh", "-c", text::HOST_PATH_OF_CLAIM, "block device", path, kind]
        }
        LastingPlace::Share { share, options } => {
            let options = options.join(",");
            let argv = ["sh", "-c", text::SHARE, "mount share", &directory, share, &options];
            return Command::mutates(argv.into_iter().chain(marks));
        }
    };
    Command::mutates(argv.into_iter().chain(marks))
}

fn when(grant: Grant) -> &'static str {
    match grant {
        Grant::Always => "always",
        Grant::OnRootMismatch => "mismatch",
    }
}
