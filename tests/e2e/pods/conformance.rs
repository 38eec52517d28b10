//! What Kubernetes' own conformance tests ask for and no other file here shows, done as they do it. `docs/conformance.md` lists
//! all of them.

use std::time::Duration;

use bowline::lab::Release;

use crate::fleet::{Fleet, web};
use crate::look::comes_within;
use crate::trial::{releases, runnable};

mod manifests;
mod node;
mod scheduling;
mod storage;

#[test]
fn what_kubernetes_conformance_tests_ask_for() {
    if !runnable() {
        return;
    }
    for release in releases(Release::Bookworm) {
        look_at(&Fleet::release("pf", 68, 2, release));
    }
}

fn look_at(fleet: &Fleet) {
    let pods = fleet.write("pods.yaml", manifests::PODS);
    let config = fleet.write("config.yaml", manifests::CONFIG);
    // Pods that fail by design are among them.
    fleet.bowline(&["apply", "-f", &config, "-f", &pods, "--auto-approve", "--timeout", "5s"]);
    node::messages(fleet);
    node::init_containers(fleet);
    node::users(fleet);
    node::hosts_files(fleet);
    storage::files(fleet);
    storage::changes(fleet, &config);
    scheduling::places(fleet);
    scheduling::ports(fleet);
    scheduling::limits(fleet);
    node::restarts(fleet);
    objects(fleet);
}

/// What is done to objects, and comes to pods by them.
fn objects(fleet: &Fleet) {
    let manifest = fleet.write("web.yaml", &web("nginx:1.14.2", 2));
    fleet.bowline(&["apply", "-f", &manifest, "--auto-approve"]).ends(0);
    fleet.write("web.yaml", &web("nginx:1.16.1", 2));
    let plan = fleet.bowline(&["plan", "-f", &manifest]).ends(0);
    assert!(plan.stdout.contains("nginx:1.14.2 -> nginx:1.16.1"), "{}", plan.all());
    fleet.holds(124, "Kubectl, diff Deployment");

    let odd = web("nginx:1.14.2", 2).replace("  replicas: 2", "  replicas: 2\n  unknownField: 1");
    let odd = fleet.write("odd.yaml", &odd);
    let refused = fleet.bowline(&["apply", "-f", &odd, "--auto-approve"]).ends(1);
    assert!(refused.all().contains("unknownField"), "{}", refused.all());
    let twice = web("nginx:1.14.2", 2).replace("  replicas: 2", "  replicas: 2\n  replicas: 3");
    let twice = fleet.write("twice.yaml", &twice);
    let refused = fleet.bowline(&["apply", "-f", &twice, "--auto-approve"]).ends(1);
    assert!(refused.all().contains("replicas"), "{}", refused.all());
    fleet.holds(126, "Server side field validation, typed object");

    let running = |filter: &str| {
        let line = format!("podman ps -a --filter label={filter} --format '{{{{.Names}}}}'");
        [fleet.on("node-1", &line), fleet.on("node-2", &line)].concat()
    };
    assert_eq!(running("bowline.owner=Deployment/web").lines().count(), 2);
    fleet.bowline(&["delete", "deployment", "web", "--auto-approve"]).ends(0);
    assert_eq!(running("bowline.owner=Deployment/web"), "");
    fleet.holds(127, "Garbage Collector, delete deployment, propagation policy background");

    assert_ne!(running("bowline.namespace=other"), "");
    fleet.bowline(&["delete", "namespace", "other", "--auto-approve"]).ends(0);
    assert_eq!(running("bowline.namespace=other"), "");
    fleet.holds(128, "namespace-deletion-removes-pods");
}

/// Looks until what is seen is what should be, or a minute.
#[track_caller]
fn comes(expected: &str, look: impl Fn() -> String) {
    comes_within(Duration::from_mins(1), expected, look);
}

/// Fields of a pod, with a space between.
fn fields(fleet: &Fleet, pod: &str, paths: &[&str]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| format!("{{{path}}}")).collect();
    let path = format!("jsonpath={}", paths.join(" "));
    fleet.bowline(&["get", "pod", pod, "-o", &path]).ends(0).stdout
}

/// What a pod that has come to its good end printed.
fn says(fleet: &Fleet, pod: &str) -> String {
    comes("Succeeded", || fields(fleet, pod, &[".status.phase"]));
    fleet.bowline(&["logs", pod]).ends(0).stdout.trim().to_owned()
}
