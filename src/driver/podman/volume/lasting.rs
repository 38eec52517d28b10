//! Volumes that outlive pods: directories that are made for claims, and what pods are given of them.

use super::{kind, paths, text};
use crate::driver::script::Command;
use crate::model::{Digest, FleetName, ObjectKey};
use crate::observed::MadeVolume;
use crate::plan::{Access, Data, Expected, Grant, LastingPlace, MountSource};

/// The directory of marks of the volumes that were made for claims: a file each.
pub(in crate::driver) const MADE: &str = "/var/lib/bowline/claimed";

/// Where volumes are made whose class says no other place.
pub(in crate::driver) const VOLUMES: &str = "/var/lib/bowline/volumes";

/// Makes a directory for a claim, and marks it.
pub(in crate::driver) fn make(
    fleet: &FleetName,
    name: &str,
    claim: &ObjectKey,
    path: &str,
) -> Vec<Command> {
    let line = format!("{fleet} {} {} {path}", claim.namespace, claim.name);
    let argv = ["sh", "-c", text::MAKE_VOLUME, "make directory", path, &mark(name), &line];
    vec![Command::mutates(argv)]
}

/// Lets a directory go, with what is in it or without.
pub(in crate::driver) fn release(name: &str, path: &str, data: Data) -> Vec<Command> {
    let data = match data {
        Data::Deleted => "delete",
        Data::Kept => "keep",
    };
    let argv = ["sh", "-c", text::RELEASE_VOLUME, "release directory", path, &mark(name), data];
    vec![Command::mutates(argv)]
}

/// What a mark says: whose the directory is, and where. One of another fleet, or of another form, says nothing.
pub(in crate::driver) fn parse(fleet: &FleetName, line: &str) -> Option<MadeVolume> {
    let mut words = line.splitn(4, ' ');
    let (of, namespace, claim, path) = (words.next()?, words.next()?, words.next()?, words.next()?);
    (of == fleet.to_string()).then(|| MadeVolume {
        claim: ObjectKey::new("PersistentVolumeClaim", namespace, claim),
        path: path.to_owned(),
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
        | LastingPlace::HostPath { path, .. }
        | LastingPlace::Device { path } => MountSource::Path(path.clone()),
    };
    let mark = paths::mark(sandbox, name, &source);
    let directory = paths::volume(sandbox, name, &source);
    let marks = [mark.as_str(), report.as_str()];
    let argv: Vec<&str> = match place {
        LastingPlace::Directory { path, grant } => {
            let when = match grant {
                Grant::Always => "always",
                Grant::OnRootMismatch => "mismatch",
            };
            // Who may not write is given nothing.
            let group = if access == Access::ReadWrite { group } else { "" };
            return Command::mutates(
                ["sh", "-c", text::DIRECTORY, "use directory", path, group, when]
                    .into_iter()
                    .chain(marks),
            );
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
