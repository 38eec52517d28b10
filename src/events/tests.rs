//! What is told of a run, and what is remembered of it.

use super::*;
use crate::model::PodKey;
use crate::observed::ContainerState;
use crate::plan::{Action, Fault, Step};
use crate::status::fixture::Fixture;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn deletes(pods: &[&str]) -> Vec<Step> {
    let step = |name: &&str| Step {
        node: "node-1".into(),
        action: Action::DeletePod {
            key: PodKey::new("default", *name),
            sandbox: String::new(),
            grace_seconds: 30,
        },
        needs: Vec::new(),
    };
    pods.iter().map(step).collect()
}

#[test]
fn a_step_that_fails_is_a_warning_and_one_that_was_not_tried_is_nothing() {
    let steps = deletes(&["a", "b", "c"]);
    let busy = Fault::from("busy");
    let told = happened(&steps, &[Ended::Done, Ended::Failed(&busy), Ended::NotTried]);
    let lines: Vec<String> = told
        .iter()
        .map(|one| format!("{} {} {} {}", one.severity, one.reason, one.object, one.message))
        .collect();
    assert_eq!(
        lines,
        [
            "Normal Killing Pod default/a Stopped the pod on node-1",
            "Warning FailedKillPod Pod default/b error killing pod: busy",
        ]
    );
}

#[test]
fn a_pull_is_told_to_the_pods_that_wait_for_it() {
    let mut fixture = Fixture::new(ContainerState::Created, 0);
    fixture.lose_pods();
    let steps = fixture.plan().steps;
    let not_found = Fault::from("not found");
    let end = |step: &Step| match &step.action {
        Action::PullImage { image, .. } if image.contains("busybox") => Ended::Failed(&not_found),
        Action::PullImage { .. } => Ended::Done,
        _ => Ended::NotTried,
    };
    let ends: Vec<Ended<'_>> = steps.iter().map(end).collect();
    let told = happened(&steps, &ends);
    let lines: Vec<String> =
        told.iter().map(|o| format!("{} {}", o.object.name, o.message)).collect();
    assert_eq!(
        lines,
        [
            "web-1 Container image \"docker.io/library/nginx:1\" is present on machine",
            "web-1 Failed to pull image \"docker.io/library/busybox\": not found",
        ]
    );
}

#[test]
fn what_happens_again_is_counted_and_what_is_old_is_forgotten() {
    let again = happened(&deletes(&["a"]), &[Ended::Failed(&Fault::from("busy"))]);
    let mut events = Events::default();
    events.add(again.clone(), at(100));
    events.add(again.clone(), at(160));
    let only = events.clone().in_order();
    assert_eq!((only.len(), only[0].count), (1, 2));
    assert_eq!((only[0].first, only[0].last), (at(100), at(160)));
    events.add(Vec::new(), at(160 + 24 * 3600));
    assert_eq!(events.0.len(), 1);
    events.add(Vec::new(), at(161 + 24 * 3600));
    assert!(events.0.is_empty());
}

#[test]
fn there_are_never_too_many() {
    let mut events = Events::default();
    for number in 0..MOST + 5 {
        let name = format!("pod-{number}");
        let told = happened(&deletes(&[&name]), &[Ended::Done]);
        events.add(told, at(i64::try_from(number).unwrap()));
    }
    let all = events.in_order();
    assert_eq!((all.len(), all[0].what.object.name.as_str()), (MOST, "pod-5"));
}
