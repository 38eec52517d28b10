//! A pod's volumes: directories on the host.

use super::pod_directory;
use crate::driver::script::Command;
use crate::plan::{PodToRun, VolumeToMake};

/// Where a volume is on the host.
pub(super) fn volume_directory(sandbox: &str, volume: &str) -> String {
    format!("{}/volumes/{volume}", pod_directory(sandbox))
}

/// Makes the volumes of a pod.
pub(super) fn volumes(pod: &PodToRun) -> Vec<Command> {
    let mut commands = Vec::new();
    for (name, volume) in &pod.volumes {
        let directory = volume_directory(&pod.sandbox, name);
        // What an earlier pod of the same name left there is not this pod's.
        commands.push(Command::mutates(["rm", "-rf", "--", &directory]));
        match volume {
            // Any user of the pod may write, as the kubelet sets it up.
            VolumeToMake::Empty => {
                commands.push(Command::mutates(["install", "-d", "-m", "0777", "--", &directory]));
            }
            VolumeToMake::Files(files) => {
                commands.push(Command::mutates(["install", "-d", "-m", "0755", "--", &directory]));
                for (path, file) in files {
                    let mode = format!("{:04o}", file.mode & 0o7777);
                    let path = format!("{directory}/{path}");
                    let write = ["install", "-D", "-m", &mode, "--", "/dev/stdin", &path];
                    commands.push(Command::mutates(write).with_stdin(file.content.clone()));
                }
            }
        }
        if let Some(group) = pod.volume_group {
            commands.extend(give(&directory, group, volume));
        }
    }
    commands
}

/// Gives a volume to a group, as the kubelet does: it may read all of it, write what may be written, and what is made there
/// later is its own.
///
/// Source: `SetVolumeOwnership` of Kubernetes' `pkg/volume/volume_linux.go`.
fn give(directory: &str, group: u32, volume: &VolumeToMake) -> [Command; 3] {
    let rights = match volume {
        VolumeToMake::Empty => "ug+rwX",
        VolumeToMake::Files(_) => "ug+rX",
    };
    [
        Command::mutates(["chgrp", "-R", &group.to_string(), "--", directory]),
        Command::mutates(["chmod", "-R", rights, "--", directory]),
        Command::mutates(["find", directory, "-type", "d", "-exec", "chmod", "g+s", "{}", "+"]),
    ]
}
