//! A pod's volumes on its host: directories, files, and mounts that are prepared before podman passes them on.

use super::words;
use crate::driver::script::Command;
use crate::model::Hidden;
use crate::plan::{
    Access, Clear, Content, Expected, FilesToWrite, Medium, MountSource, PodToRun, STAGED,
    StagedMount, VolumeToMake, VolumesToFill, made,
};

mod archive;
mod file_system;
mod lasting;
mod option;
mod paths;
mod text;

pub(in crate::driver) use lasting::{MADE, VOLUMES, grow, make, parse, release};
pub(in crate::driver) use option::mount_options;
pub(in crate::driver) use paths::{ALL, MARKS};

/// Makes the volumes of a pod that is about to be made. What an earlier pod of its name left there is not this pod's; where
/// such a pod was seen, all of it has been removed.
pub(super) fn volumes(pod: &PodToRun) -> Vec<Command> {
    let mut commands = Vec::new();
    if !pod.volumes.is_empty() && pod.clear == Clear::Nothing {
        commands.push(clear(&pod.sandbox));
    }
    commands.extend(update(&all_of(pod)));
    commands
}

/// What makes again after a reboot what of a pod's volumes was in memory. Nothing where a Secret has to be brought as well: then
/// all of it is.
pub(in crate::driver) fn after_reboot(pod: &PodToRun) -> Vec<Command> {
    if pod.secrets().is_empty() { again(all_of(pod)) } else { Vec::new() }
}

fn all_of(pod: &PodToRun) -> VolumesToFill {
    VolumesToFill {
        key: pod.key.clone(),
        sandbox: pod.sandbox.clone(),
        group: pod.volume_group,
        volumes: pod.volumes.clone(),
        staged: pod.staged(),
    }
}

fn again(mut fill: VolumesToFill) -> Vec<Command> {
    fill.volumes.retain(|_, volume| volume.is_gone_after_a_reboot());
    let brought = |volume: &VolumeToMake| matches!(volume, VolumeToMake::Files(_));
    if fill.volumes.values().any(brought) { Vec::new() } else { update(&fill) }
}

/// Fills volumes of a pod.
pub(in crate::driver) fn update(fill: &VolumesToFill) -> Vec<Command> {
    let VolumesToFill { sandbox, volumes, staged, .. } = fill;
    let mut commands: Vec<Command> =
        volumes.iter().filter_map(|(name, volume)| one(fill, name, volume)).collect();
    commands.extend(staged.iter().map(|mount| stage(sandbox, mount)));
    if !staged.is_empty() {
        commands.push(mark(sandbox, STAGED, &MountSource::Memory));
    }
    commands
}

/// Removes all that is a pod's own on its host.
pub(super) fn clear(sandbox: &str) -> Command {
    clear_all(&paths::of_pod(sandbox))
}

/// Removes directories with all that is in them; what is mounted there is let go first, so that nothing of it is removed.
pub(in crate::driver) fn clear_all<D: AsRef<str>>(directories: &[D]) -> Command {
    let clear = ["sh", "-c", text::CLEAR, "clear volumes"].into_iter();
    Command::mutates(clear.chain(directories.iter().map(AsRef::as_ref)))
}

fn one(fill: &VolumesToFill, name: &str, volume: &VolumeToMake) -> Option<Command> {
    let sandbox = &fill.sandbox;
    let group = fill.group.map(|group| group.to_string()).unwrap_or_default();
    let directory = |source: &MountSource| paths::volume(sandbox, name, source);
    match volume {
        VolumeToMake::Empty => {
            let directory = directory(&MountSource::Disk);
            Some(Command::mutates(["sh", "-c", text::EMPTY, "make volume", &directory, &group]))
        }
        VolumeToMake::Memory { size_bytes } => {
            let size = size_bytes.map_or_else(String::new, |bytes| format!(",size={bytes}"));
            let options = format!("mode=0777{size}");
            let mark = paths::mark(sandbox, name, &MountSource::Memory);
            let directory = directory(&MountSource::Memory);
            let argv = ["sh", "-c", text::MEMORY, "make volume", &directory, &options, &group];
            let made = made();
            Some(Command::mutates(argv.into_iter().chain([mark.as_str(), made.as_str()])))
        }
        VolumeToMake::HugePages { page_bytes } => {
            let options = format!("mode=0777,pagesize={page_bytes}");
            let mark = paths::mark(sandbox, name, &MountSource::Memory);
            let directory = directory(&MountSource::Memory);
            let argv = ["sh", "-c", text::HUGE_PAGES, "make volume", &directory, &options, &group];
            let made = made();
            Some(Command::mutates(argv.into_iter().chain([mark.as_str(), made.as_str()])))
        }
        VolumeToMake::Files(files) => Some(write((sandbox, name), &group, files)),
        VolumeToMake::HostPath { path, expected } => {
            Some(Command::mutates(["sh", "-c", text::HOST_PATH, "hostPath", path, kind(*expected)]))
        }
        VolumeToMake::Lasting { place, access, .. } => {
            let report = volume.report()?;
            Some(lasting::give((sandbox, name), &group, (place, *access), &report))
        }
        VolumeToMake::Image { .. } => None,
    }
}

/// The word for what must be there, as a hostPath has it.
fn kind(expected: Expected) -> &'static str {
    match expected {
        Expected::Anything => "",
        Expected::DirectoryOrCreate => "DirectoryOrCreate",
        Expected::Directory => "Directory",
        Expected::FileOrCreate => "FileOrCreate",
        Expected::File => "File",
        Expected::Socket => "Socket",
        Expected::CharDevice => "CharDevice",
        Expected::BlockDevice => "BlockDevice",
    }
}

/// Writes the files of a volume, by standard input; those of a volume with a Secret only ever reach memory.
fn write((sandbox, name): (&str, &str), group: &str, files: &FilesToWrite) -> Command {
    let (source, medium) = match files.medium {
        Medium::Disk => (MountSource::Disk, "disk"),
        Medium::Memory => (MountSource::Memory, "memory"),
    };
    let directory = paths::volume(sandbox, name, &source);
    let mark = paths::mark(sandbox, name, &source);
    let digest = files.digest.as_str();
    let argv = ["sh", "-c", text::FILES, "write volume", &directory, medium, group, &mark, digest];
    let command = Command::mutates(argv);
    let archive = archive::archive(&files.files);
    let is_secret = |content: &Content| matches!(content, Content::Secret(_));
    if files.files.values().any(|file| is_secret(&file.content)) {
        command.with_hidden_stdin(Hidden::new(archive))
    } else {
        command.with_stdin(archive)
    }
}

/// Prepares a mount: finds the part of the volume without being led out of it, and holds on to what was found.
fn stage(sandbox: &str, mount: &StagedMount) -> Command {
    let source = paths::volume(sandbox, &mount.mount.volume, &mount.source);
    let target = paths::staged(sandbox, mount);
    let part = mount.mount.part.as_deref().unwrap_or_default();
    let depth = match mount.mount.access {
        Access::ReadOnlyThroughout => "throughout",
        Access::ReadOnly | Access::ReadWrite => "",
    };
    let argv = ["sh", "-c", text::STAGE, "mount volume", &source, part, &target, depth];
    Command::mutates(argv)
}

fn mark(sandbox: &str, name: &str, source: &MountSource) -> Command {
    let mark = paths::mark(sandbox, name, source);
    let argv = ["sh", "-c", text::MARK, "mark volume", &mark, made().as_str()].map(str::to_owned);
    Command::mutates(argv)
}

#[cfg(test)]
mod tests;
