//! Containers that people add to look into a pod or a host: they are nobody's wish, so no plan minds them.

use super::acting::{Passed, Sides};
use super::{container_name, label, words};
use crate::driver::labels;
use crate::model::{FleetName, PodKey};
use crate::plan::{PullPolicy, sandbox_name};

/// A container that is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebugContainer {
    /// Where.
    pub place: DebugPlace,
    /// Its name there.
    pub name: String,
    /// Its image.
    pub image: String,
    /// When the image is brought.
    pub pull: PullPolicy,
    /// What it may do.
    pub profile: DebugProfile,
    /// Variables, as `NAME=VALUE`.
    pub env: Vec<String>,
    /// What it runs.
    pub runs: DebugCommand,
    /// Whether the caller stays with it.
    pub stays: DebugStay,
}

/// Where a container is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DebugPlace {
    /// In a pod: it shares the pod's network, and with a target the processes of that container.
    Pod {
        /// Whose pod.
        fleet: FleetName,
        /// The pod.
        pod: PodKey,
        /// The container whose processes it sees.
        target: Option<String>,
    },
    /// On a host, in its own namespaces, with its files at `/host`.
    Host,
}

/// What it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DebugCommand {
    /// What the image says.
    Image,
    /// This, instead of the image's entrypoint.
    Command(Vec<String>),
    /// The image's entrypoint with these arguments.
    Arguments(Vec<String>),
}

/// Whether the caller stays with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DebugStay {
    /// It runs by itself.
    Leaves,
    /// The caller sees what it prints, and more.
    Stays(Sides),
}

/// What it may do, by the names that kubectl gives.
///
/// Source: <https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/#debugging-profiles>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebugProfile {
    /// What a container may.
    Baseline,
    /// That, and to trace processes.
    General,
    /// That of a container, and to change the network.
    NetAdmin,
    /// Everything.
    SysAdmin,
}

impl DebugProfile {
    fn options(self, place: &DebugPlace) -> Vec<String> {
        match (self, place) {
            (Self::Baseline, _) | (Self::General, DebugPlace::Host) => Vec::new(),
            (Self::General, DebugPlace::Pod { .. }) => words(["--cap-add", "SYS_PTRACE"]),
            (Self::NetAdmin, DebugPlace::Pod { .. }) => words(["--cap-add", "NET_ADMIN,NET_RAW"]),
            (Self::NetAdmin, DebugPlace::Host) | (Self::SysAdmin, _) => words(["--privileged"]),
        }
    }
}

/// The argv that adds a container. It is not started again when it ends: podman would follow the pod's own rule otherwise.
pub fn debug_argv(container: &DebugContainer) -> Vec<String> {
    let DebugContainer { place, name, image, pull, profile, env, runs, stays } = container;
    let mut argv = words(["podman", "run", "--restart", "no", "--pull"]);
    argv.push(
        match pull {
            PullPolicy::Always => "always",
            PullPolicy::IfNotPresent => "missing",
            PullPolicy::Never => "never",
        }
        .to_owned(),
    );
    argv.extend(place_options(place, name));
    argv.extend(profile.options(place));
    argv.extend(env.iter().flat_map(|variable| words(["--env", variable])));
    match stays {
        DebugStay::Leaves => argv.push("--detach".to_owned()),
        DebugStay::Stays(sides) => {
            if sides.input == Passed::Yes {
                argv.push("--interactive".to_owned());
            }
            if let Some(kind) = &sides.terminal {
                argv.extend(["--tty".to_owned(), format!("--env=TERM={kind}")]);
            }
        }
    }
    match runs {
        DebugCommand::Image => argv.push(image.clone()),
        DebugCommand::Command(command) => {
            let list = serde_json::Value::from(command.clone()).to_string();
            argv.extend(words(["--entrypoint", &list, image]));
        }
        DebugCommand::Arguments(arguments) => {
            argv.push(image.clone());
            argv.extend(arguments.iter().cloned());
        }
    }
    argv
}

fn place_options(place: &DebugPlace, name: &str) -> Vec<String> {
    match place {
        DebugPlace::Host => {
            let host = ["--rm", "--network", "host", "--pid", "host", "--ipc", "host"];
            let files = ["--uts", "host", "--volume", "/:/host", "--name", name];
            words(host.into_iter().chain(files))
        }
        DebugPlace::Pod { fleet, pod, target } => {
            let sandbox = sandbox_name(fleet, pod);
            let mut argv = words(["--pod", &sandbox, "--name", &container_name(&sandbox, name)]);
            argv.extend(words(["--log-driver", "k8s-file"]));
            if let Some(target) = target {
                let processes = format!("container:{}", container_name(&sandbox, target));
                argv.extend(words(["--pid", &processes]));
                argv.extend(label(labels::TARGET, target));
            }
            argv.extend(label(labels::FLEET, fleet.as_str()));
            argv.extend(label(labels::NAMESPACE, &pod.namespace));
            argv.extend(label(labels::POD, &pod.name));
            argv.extend(label(labels::EPHEMERAL, name));
            argv
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(place: DebugPlace, profile: DebugProfile, stays: DebugStay) -> String {
        let container = DebugContainer {
            place,
            name: "debugger-x2k9p".to_owned(),
            image: "busybox".to_owned(),
            pull: PullPolicy::IfNotPresent,
            profile,
            env: vec!["A=b".to_owned()],
            runs: DebugCommand::Command(vec!["sh".to_owned()]),
            stays,
        };
        debug_argv(&container).join(" ")
    }

    #[test]
    fn a_container_joins_a_pod() {
        let pod = DebugPlace::Pod {
            fleet: "lab".into(),
            pod: PodKey::new("default", "web-1"),
            target: Some("nginx".to_owned()),
        };
        let sides = Sides { input: Passed::Yes, terminal: Some("xterm".to_owned()) };
        insta::assert_snapshot!(added(pod, DebugProfile::General, DebugStay::Stays(sides)), @r#"podman run --restart no --pull missing --pod lab_default_web-1 --name lab_default_web-1_debugger-x2k9p --log-driver k8s-file --pid container:lab_default_web-1_nginx --label bowline.target=nginx --label bowline.fleet=lab --label bowline.namespace=default --label bowline.pod=web-1 --label bowline.ephemeral=debugger-x2k9p --cap-add SYS_PTRACE --env A=b --interactive --tty --env=TERM=xterm --entrypoint ["sh"] busybox"#);
    }

    #[test]
    fn a_container_looks_into_a_host() {
        insta::assert_snapshot!(added(DebugPlace::Host, DebugProfile::SysAdmin, DebugStay::Leaves), @r#"podman run --restart no --pull missing --rm --network host --pid host --ipc host --uts host --volume /:/host --name debugger-x2k9p --privileged --env A=b --detach --entrypoint ["sh"] busybox"#);
    }
}
