//! Any pod: what is said of it once and done, is done, however it is said.

use std::collections::BTreeSet;

use bowline::converge::Lasting;
use bowline::desired::without_stamp;
use bowline::model::Kind;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use crate::any_pod::{Ground, any_pod, surroundings};
use crate::fleet::{Fleet, Manifests, Workstation};
use crate::spelling::{backwards, other_units};

proptest! {
    // The input that fails is printed; it belongs into a test of its own.
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pod_is_made_once_however_it_is_written(pod in any_pod("any", 1, Ground::Simulated)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(is_made_once(&pod));
    }
}

async fn is_made_once(pod: &Value) {
    let (fleet, anna) = (Fleet::of(1, 8), Workstation::of("anna@laptop"));
    let first = anna.apply(&fleet, Some(&written(pod, Value::to_string))).await.unwrap().ending();
    assert_eq!(first.failures, [], "{pod}");
    assert_eq!(first.lasting, Lasting::Converged, "{pod}");
    anna.assert_settled(&fleet).await;
    let ways = [
        ("again", written(pod, Value::to_string)),
        ("in another order", written(pod, backwards)),
        ("in other units", written(&other_units(pod), Value::to_string)),
        ("with its defaults", written(&completed(&anna), Value::to_string)),
    ];
    for (how, manifests) in ways {
        let round = anna.look(&fleet, Some(&manifests)).await.unwrap();
        assert_eq!(round.plan.report.changes, [], "{how}: {pod}");
        assert_eq!(round.plan.steps, [], "{how}: {pod}");
    }
    let before = fleet.world().mutations;
    anna.apply(&fleet, Some(&written(&completed(&anna), backwards))).await.unwrap().ending();
    assert_eq!(fleet.world().mutations, before, "{pod}");
}

/// A pod and what it speaks of, as a file.
fn written(pod: &Value, write: impl Fn(&Value) -> String) -> Manifests {
    let all: Vec<String> = surroundings().iter().chain([pod]).map(write).collect();
    Manifests::read("any.yaml", &all.join("\n---\n"))
}

/// The pod with every default in it, as `get -o yaml` shows it.
fn completed(anna: &Workstation) -> Value {
    let desired = anna.state().load().unwrap().desired;
    let pod = desired.objects.values().find(|stored| stored.object.kind() == Kind::Pod).unwrap();
    without_stamp(&pod.object).to_json()
}

/// What this says of any pod is said of every field that is carried out.
#[test]
fn any_pod_has_every_field_that_is_honoured() {
    let mut runner = TestRunner::deterministic();
    let strategy = any_pod("any", 1, Ground::Simulated);
    let mut said = BTreeSet::new();
    for _ in 0..500 {
        paths(&strategy.new_tree(&mut runner).unwrap().current(), "", &mut said);
    }
    let page = include_str!("../../docs/kubernetes-support.md");
    let rows = |section: &str| {
        let start = page.find(&format!("## {section} fields")).unwrap() + 3;
        let lines = page[start..].lines().take_while(|line| !line.starts_with("## "));
        let honoured = lines.filter(|line| line.contains("` | honoured |"));
        honoured.map(|line| line.split('`').nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let of_containers =
        rows("Container").into_iter().map(|path| format!("spec.containers[].{path}"));
    // Such a claim waits for a volume that somebody has made for it.
    let template = "spec.volumes[].ephemeral.volumeClaimTemplate.spec.";
    said.extend(rows("Pod").into_iter().filter(|path| {
        let field = path.strip_prefix(template).unwrap_or_default();
        field.starts_with("selector") || field == "volumeName"
    }));
    // Kubernetes lets no readiness probe have it, which ends nothing.
    said.insert("spec.containers[].readinessProbe.terminationGracePeriodSeconds".to_owned());
    let missing: Vec<String> =
        rows("Pod").into_iter().chain(of_containers).filter(|path| !said.contains(path)).collect();
    assert_eq!(missing, [""; 0]);
}

/// The paths of the fields that are said, as the table of support writes them.
fn paths(value: &Value, at: &str, seen: &mut BTreeSet<String>) {
    seen.insert(at.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                paths(value, &path, seen);
            }
        }
        Value::Array(values) => {
            for value in values {
                paths(value, &format!("{at}[]"), seen);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
