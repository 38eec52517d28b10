//! The way of a fleet from nothing to nothing: applied, reached, unchanged, updated, healed, cut off, destroyed.

use std::collections::BTreeSet;

use crate::fleet::{Fleet, web};
use crate::trial::runnable;

const SERVICE: &str = "http://10.96.0.80:8080/";

#[test]
fn from_nothing_to_nothing() {
    if !runnable() {
        return;
    }
    let fleet = Fleet::up("first", 51);
    let one = fleet.write("web.yaml", &web("nginx:1.14.2", 3));
    fleet.bowline(&["apply", "-f", &one, "--auto-approve"]).ends(0);
    every_pod_answers(&fleet);
    a_second_apply_changes_nothing(&fleet, &one);
    an_update_replaces_every_pod(&fleet, &one);
    what_is_broken_heals(&fleet);
    a_host_that_is_off_stops_nobody(&fleet, &one);
    destroyed_is_destroyed(&fleet);
}

fn every_pod_answers(fleet: &Fleet) {
    let pods = fleet.sandboxes();
    let hosts: BTreeSet<&str> = pods.iter().map(|(host, ..)| host.as_str()).collect();
    assert_eq!((pods.len(), hosts.len()), (3, 3), "{pods:?}");
    let curl =
        |url: &str| format!("curl -sf --max-time 5 {url} | grep -o 'Answered by [a-z0-9-]*'");
    for from in ["node-1", "node-2", "node-3"] {
        for (_, name, address) in &pods {
            let answer = fleet.on(from, &curl(&format!("http://{address}/")));
            assert_eq!(answer.trim(), format!("Answered by {name}"));
        }
    }
    let many = format!("for n in $(seq 40); do {}; done | sort -u | wc -l", curl(SERVICE));
    for from in ["node-1", "node-2", "node-3"] {
        assert_eq!(fleet.on(from, &many).trim(), "3", "from host {from}");
    }
    // From within a pod: bash opens the connection, so the image need not have a client.
    let (host, name, _) = &pods[0];
    let ask = "exec 3<>/dev/tcp/10.96.0.80/8080; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3";
    let inside = format!(
        "for n in $(seq 40); do podman exec test_default_{name}_nginx bash -c \"{}\"; done \
         | grep -o 'Answered by .*<' | sort -u | wc -l",
        ask.replace('"', "\\\"").replace('$', "\\$")
    );
    let inside = inside.replace("test_default", &format!("{}_default", fleet_name(fleet)));
    assert_eq!(fleet.on(host, &inside).trim(), "3", "from pod {name}");
    let refused = "curl -s --max-time 5 http://10.96.0.81:8080/; test $? -eq 7 && echo refused";
    assert_eq!(fleet.on("node-1", refused).trim(), "refused", "an address of no Service");
}

fn fleet_name(fleet: &Fleet) -> String {
    let text = std::fs::read_to_string(fleet.inventory()).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("fleet: ")).unwrap();
    line.to_owned()
}

fn a_second_apply_changes_nothing(fleet: &Fleet, manifest: &str) {
    let before = fleet.containers();
    let trace = fleet.directory().join("trace.jsonl");
    let trace_name = trace.display().to_string();
    let words = ["apply", "-f", manifest, "--auto-approve", "--trace", &trace_name];
    let again = fleet.bowline(&words).ends(0);
    assert!(again.stdout.contains("Nothing to do"), "{}", again.all());
    let trace = std::fs::read_to_string(trace).unwrap();
    assert!(trace.lines().count() >= 3, "{trace}");
    assert_eq!(trace.lines().filter(|l| l.contains("\"mutating\":true")).count(), 0, "{trace}");
    assert_eq!(fleet.containers(), before);
    fleet.bowline(&["plan", "-f", manifest, "--detailed-exitcode"]).ends(0);
}

fn an_update_replaces_every_pod(fleet: &Fleet, manifest: &str) {
    let before: BTreeSet<String> = fleet.sandboxes().into_iter().map(|(_, name, _)| name).collect();
    let saved = fleet.directory().join("saved.plan").display().to_string();
    fleet.write("web.yaml", &web("nginx:1.16.1", 3));
    let planned = ["plan", "-f", manifest, "--out", &saved, "--detailed-exitcode"];
    fleet.bowline(&planned).ends(2);
    fleet.bowline(&["apply", &saved]).ends(0);
    let after: BTreeSet<String> = fleet.sandboxes().into_iter().map(|(_, name, _)| name).collect();
    assert_eq!(after.len(), 3);
    assert!(before.is_disjoint(&after), "{before:?} {after:?}");
    let stale = fleet.bowline(&["apply", &saved]).ends(4);
    assert!(stale.stderr.contains("the saved plan is stale"), "{}", stale.all());
    every_pod_answers(fleet);
}

fn what_is_broken_heals(fleet: &Fleet) {
    fleet.on("node-1", "podman kill $(podman ps -q --filter label=bowline.container=nginx)");
    fleet.on("node-2", "podman rm -f $(podman ps -q --filter label=bowline.container=nginx)");
    fleet.on("node-3", "podman pod rm -f $(podman pod ps -q) && nft flush ruleset");
    // As a power cut leaves a pod before its first container is there; and one that is none of our business.
    let ghost = "podman pod create --name lab_default_ghost --network bowline-lab";
    fleet.on("node-1", &format!("{ghost} && podman pod create --name theirs"));
    fleet.bowline(&["plan", "--detailed-exitcode"]).ends(2);
    fleet.bowline(&["reconcile", "--once"]).ends(0);
    every_pod_answers(fleet);
    fleet.bowline(&["plan", "--detailed-exitcode"]).ends(0);
    let pods = fleet.podman_pods("node-1");
    assert!(pods.contains(&"theirs".to_owned()) && pods.len() == 2, "{pods:?}");
    fleet.on("node-1", "podman pod rm --force theirs");
}

fn a_host_that_is_off_stops_nobody(fleet: &Fleet, manifest: &str) {
    fleet.cut("node-3");
    fleet.write("web.yaml", &web("nginx:1.17.0", 3));
    let partial = fleet.bowline(&["apply", "-f", manifest, "--auto-approve"]).ends(3);
    assert!(partial.stderr.contains("unreachable node-3"), "{}", partial.all());
    fleet.power_on("node-3");
    fleet.bowline(&["apply", "-f", manifest, "--auto-approve"]).ends(0);
    fleet.bowline(&["plan", "--detailed-exitcode"]).ends(0);
    assert_eq!(fleet.sandboxes().len(), 3);
}

fn destroyed_is_destroyed(fleet: &Fleet) {
    let refused = fleet.bowline(&["destroy"]).ends(1);
    assert!(refused.stderr.contains("--auto-approve"), "{}", refused.all());
    fleet.bowline(&["destroy", "--auto-approve"]).ends(0);
    for node in ["node-1", "node-2", "node-3"] {
        let left = "podman ps -aq; podman network ls -q | grep -v '^podman$'; nft list table ip bowline 2>/dev/null; \
                    ip route show proto 98; ls /var/lib/bowline | grep -v '^lock$'; true";
        assert_eq!(fleet.on(node, left).trim(), "", "{node}");
    }
}
