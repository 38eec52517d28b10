//! Pods that run and are not ready: rollouts wait for them, Services leave them out.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixtures::{Fleet, fleet, told, web};
use crate::observed::{
    Asked, ContainerState, ObservedPod, ObservedProbe, ProbeKind, Times, Unwell, Verdict,
};
use crate::plan::Action;

/// A Deployment whose pods are asked whether they are ready.
fn asked(replicas: u64, image: &str) -> Value {
    let mut web = web(replicas, image);
    web["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] =
        json!({"httpGet": {"port": 80, "path": "/ready"}});
    web
}

/// Every container that runs an image answers its readiness probe so.
fn answer(fleet: &mut Fleet, image: &str, verdict: Verdict) {
    let now = fleet.now;
    for pod in fleet.report("a").pods.values_mut() {
        for container in pod.containers.values_mut().filter(|c| c.image.ends_with(image)) {
            let ContainerState::Running { started } = container.state else { continue };
            let times = Times { count: 3, first: now, last: now };
            let message = "HTTP probe failed with statuscode: 503".to_owned();
            let unwell = (verdict == Verdict::Failure).then_some(Unwell {
                times,
                last: Asked::Failed,
                message,
            });
            let probe = ObservedProbe { verdict, run: started, since: now, unwell, killed: None };
            container.probes.insert(ProbeKind::Readiness, probe);
        }
    }
}

fn images(fleet: &mut Fleet) -> Vec<String> {
    let image = |pod: &ObservedPod| pod.containers["main"].image.clone();
    fleet.report("a").pods.values().map(image).collect()
}

#[test]
fn a_revision_that_never_becomes_ready_stops_the_rollout() {
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[asked(3, "nginx:1")]).round();
    answer(&mut fleet, "nginx:1", Verdict::Success);
    fleet.settle();
    fleet.wants(&[asked(3, "nginx:2")]).round();
    answer(&mut fleet, "nginx:2", Verdict::Failure);
    assert_snapshot!(fleet.round(), @"
    delete web-lcpdnnggmd-tkttp: more pods than Deployment default/web asks for
    replace web-ncnfkpqjmc-pdfgm: takes the place of web-lcpdnnggmd-hkgsq on a, which is of an older revision
    replace web-ncnfkpqjmc-tgsst: takes the place of web-lcpdnnggmd-rhbdr on a, which is of an older revision
    wait Deployment default/web: 2 more pods follow as the others come up
    wait Deployment default/web: 0 of 3 pods are available: web-ncnfkpqjmc-hcjmb is not ready: container main: Readiness probe failed: HTTP probe failed with statuscode: 503
    ");
    assert_eq!(images(&mut fleet).len(), 4);
    answer(&mut fleet, "nginx:2", Verdict::Success);
    for _ in 0..10 {
        fleet.round();
        answer(&mut fleet, "nginx:2", Verdict::Success);
    }
    assert_eq!(images(&mut fleet), ["docker.io/library/nginx:2"; 3]);
}

#[test]
fn a_pod_of_its_own_is_waited_for_until_it_is_ready() {
    let mut fleet = fleet(&["a"]);
    let mut pod = super::fixtures::single("db", "db:1");
    pod["spec"]["containers"][0]["readinessProbe"] = json!({"exec": {"command": ["true"]}});
    pod["spec"]["readinessGates"] = json!([{"conditionType": "example.org/lb"}]);
    fleet.wants(&[pod]).round();
    assert_snapshot!(told(&fleet.plan()), @"wait Pod default/db: 0 of 1 pods are available: db is not ready: container main");
    answer(&mut fleet, "db:1", Verdict::Success);
    assert_snapshot!(told(&fleet.plan()), @r#"wait Pod default/db: not ready: corresponding condition of pod readiness gate "example.org/lb" does not exist."#);
}

#[test]
fn a_container_that_is_ended_for_its_answers_is_left_to_its_host() {
    let mut fleet = fleet(&["a"]);
    let mut pod = super::fixtures::single("db", "db:1");
    pod["spec"]["containers"][0]["livenessProbe"] = json!({"exec": {"command": ["true"]}});
    fleet.wants(&[pod]).settle();
    let now = fleet.now;
    let pod = fleet.report("a").pods.values_mut().next().unwrap();
    let container = pod.containers.get_mut("main").unwrap();
    container.state = ContainerState::Stopping { started: now };
    let verdict = Verdict::Failure;
    let probe = ObservedProbe { verdict, run: now, since: now, unwell: None, killed: None };
    container.probes.insert(ProbeKind::Liveness, probe);
    assert_snapshot!(told(&fleet.plan()), @"wait Pod default/db: 0 of 1 pods are available: db is ending container main, which fails its liveness probe");
    fleet.now += jiff::SignedDuration::from_secs(91);
    assert_snapshot!(told(&fleet.plan()), @"
    do a: create pod default/db
    replace db: container main is stopping
    ");
}

#[test]
fn a_service_leads_to_ready_pods_unless_it_asks_for_all() {
    let mut fleet = fleet(&["a"]);
    let service = |name: &str, all: bool| {
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "default"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}], "publishNotReadyAddresses": all}})
    };
    fleet.wants(&[asked(2, "nginx:1"), service("ready", false), service("all", true)]).round();
    let backends = |fleet: &Fleet| -> Vec<usize> {
        let plan = fleet.plan();
        let change = plan.steps.iter().find_map(|step| match &step.action {
            Action::ChangeRules(change) => Some(change.clone()),
            _ => None,
        });
        let change = change.unwrap();
        let of = |chain: &String| change.add_chains.get(chain).map_or(0, |(_, to)| to.len());
        change.set.values().map(of).collect()
    };
    let mut seen = backends(&fleet);
    seen.sort_unstable();
    assert_eq!(seen, [2]);
    answer(&mut fleet, "nginx:1", Verdict::Success);
    assert_eq!(backends(&fleet), [2, 2]);
}
