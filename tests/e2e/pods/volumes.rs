//! Volumes and mounts, as containers see them. Each look names the rows of `docs/kubernetes-support.md` that it shows.

use bowline::lab::Release;

use crate::fleet::{Fleet, Ran};
use crate::trial::{releases, runnable};

mod looks;
mod manifests;

use manifests::{CHANGED, CONFIG, PODS};

#[test]
fn volumes_are_as_the_manifests_say() {
    if !runnable() {
        return;
    }
    for release in releases(Release::Bookworm) {
        look_at(&Lab { fleet: Fleet::release("volumes", 63, 1, release) });
    }
}

fn look_at(lab: &Lab) {
    lab.on("mkdir -p /srv/tree/within && mount -t tmpfs tmpfs /srv/tree/within");
    let pods = lab.fleet.write("pods.yaml", PODS);
    let config = lab.fleet.write("config.yaml", CONFIG);
    let trace = lab.fleet.directory().join("trace.jsonl").display().to_string();
    let words = ["apply", "--auto-approve", "-f", &config, "-f", &pods, "--trace", &trace];
    lab.fleet.bowline(&words).ends(0);
    let again = lab.apply(&[&config, &pods]).ends(0);
    assert!(again.stdout.contains("Nothing to do"), "{}", again.all());
    looks::mounts(lab);
    looks::empty_directories(lab);
    looks::files(lab);
    looks::secrets(lab, &trace, "hunter2-in-the-clear");
    looks::host_paths(lab);
    looks::what_is_wrong(lab);
    lab.fleet.write("config.yaml", CHANGED);
    looks::follow(lab, &|| lab.fleet.bowline(&words).ends(0).stdout);
    looks::secrets(lab, &trace, "correct-horse");
    looks::reboot(lab);
    looks::gone(lab);
}

/// The hosts, and ways to look at what is on them. Every pod of this file is on the first host.
struct Lab {
    fleet: Fleet,
}

impl Lab {
    fn apply(&self, files: &[&str]) -> Ran {
        self.fleet.apply(files)
    }

    /// Runs a line of shell in the first container of a pod.
    fn sh(&self, pod: &str, line: &str) -> String {
        self.sh_in(pod, "main", line)
    }

    fn sh_in(&self, pod: &str, container: &str, line: &str) -> String {
        let ran = self.exec(pod, container, line);
        assert_eq!(ran.exit, 0, "{pod}: {line}: {}", ran.all());
        ran.stdout.trim_end().to_owned()
    }

    /// The same for a line that must fail; returns what was said.
    fn fails(&self, pod: &str, line: &str) -> String {
        let ran = self.exec(pod, "main", line);
        assert_ne!(ran.exit, 0, "{pod}: {line}: {}", ran.all());
        ran.stderr
    }

    fn exec(&self, pod: &str, container: &str, line: &str) -> Ran {
        self.fleet.exec(pod, container, line)
    }

    /// Runs a line of shell on the host.
    fn on(&self, line: &str) -> String {
        self.fleet.on("node-1", line).trim_end().to_owned()
    }
}
