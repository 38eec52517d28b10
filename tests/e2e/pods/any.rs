//! Fifty pods of any shape on real hosts: one apply makes them all, and nothing is left to do however they are written.

use bowline::lab::{Flavour, Release};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::Value;

use crate::any_pod::{Ground, any_pod, surroundings};
use crate::fleet::Fleet;
use crate::spelling::{backwards, other_units};
use crate::trial::{Trial, runnable};

/// How many pods.
const PODS: u16 = 50;

#[test]
fn any() {
    if !runnable() {
        return;
    }
    let fleet = Fleet::of(Trial::new("px", 69, Flavour::Systemd, Release::Trixie), 2);
    let mut runner = TestRunner::deterministic();
    let pods: Vec<Value> = (0..PODS)
        .map(|number| {
            let pod = any_pod(&format!("any-{number}"), number, Ground::Real);
            pod.new_tree(&mut runner).unwrap().current()
        })
        .collect();
    let written = |way: &dyn Fn(&Value) -> String| {
        let all: Vec<String> = surroundings().iter().chain(&pods).map(way).collect();
        fleet.write("any.yaml", &all.join("\n---\n"))
    };
    let file = written(&Value::to_string);
    fleet.bowline(&["apply", "-f", &file, "--auto-approve"]).ends(0);
    let ids = || {
        let list = "podman ps --all --no-trunc --format '{{.ID}} {{.Names}}' | sort";
        ["node-1", "node-2"].map(|node| fleet.on(node, list))
    };
    let before = ids();
    assert!(before.iter().map(|list| list.lines().count()).sum::<usize>() > usize::from(PODS));
    for way in [&Value::to_string as &dyn Fn(&Value) -> String, &backwards, &|pod: &Value| {
        other_units(pod).to_string()
    }] {
        let file = written(way);
        fleet.bowline(&["plan", "-f", &file, "--detailed-exitcode"]).ends(0);
        fleet.bowline(&["apply", "-f", &file, "--auto-approve"]).ends(0);
        assert_eq!(ids(), before);
    }
    fleet.bowline(&["destroy", "--auto-approve"]).ends(0);
}
