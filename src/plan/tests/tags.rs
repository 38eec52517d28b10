//! Pods whose tags name other images by now.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::json;

use super::fixtures::{Fleet, fleet, single, told, web};
use crate::observed::{MovedTag, Offered, OfferedTags};
use crate::plan::{Action, Pinned, Step, moved, tags_to_ask};

/// Says of every container that is there now that its tag has moved.
fn all_have_moved(fleet: &mut Fleet) -> BTreeMap<String, MovedTag> {
    let mut marks = BTreeMap::new();
    for report in fleet.observed.hosts.values_mut().filter_map(|state| match state {
        crate::observed::HostState::Reachable(report) => Some(report),
        crate::observed::HostState::Unreachable(_) => None,
    }) {
        for (sandbox, pod) in &mut report.pods {
            for container in pod.containers.values_mut() {
                container.id.clone_from(sandbox);
                let image = container.image.clone();
                let (from, to) = ("sha256:aa".to_owned(), "sha256:bb".to_owned());
                marks.insert(container.id.clone(), MovedTag { image, from, to });
            }
        }
    }
    fleet.observed.mark_moved(&marks);
    marks
}

#[test]
fn like_pods_give_way_by_the_rules_of_their_rollout_and_a_pod_of_its_own_in_its_place() {
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[web(2, "nginx"), single("own", "busybox")]).settle();
    let marks = all_have_moved(&mut fleet);
    let told = told(&fleet.plan());
    let said: Vec<&str> = told.lines().filter(|line| line.starts_with("replace")).collect();
    assert_eq!(said.len(), 3, "{told}");
    assert_snapshot!(said[0], @"replace own: image docker.io/library/busybox moved: sha256:aa -> sha256:bb");
    assert!(said[1].contains(
        ": image docker.io/library/nginx moved: sha256:aa -> sha256:bb; takes the place of web-"
    ));
    assert!(
        told.ends_with("wait Deployment default/web: 1 more pod follows as the others come up\n")
    );
    // What is made meanwhile is none of those that have moved.
    for _ in 0..6 {
        fleet.round();
        fleet.observed.mark_moved(&marks);
    }
    assert_eq!(fleet.plan().report.changes.iter().filter(|c| c.object.kind == "Pod").count(), 0);
    assert_eq!(fleet.spread(), [("a".to_owned(), 3)]);
}

#[test]
fn only_tags_that_are_pulled_every_time_are_asked_for() {
    let mut fleet = fleet(&["a"]);
    let digest = format!("nginx@sha256:{}", "0a".repeat(32));
    let mut pinned = single("pinned", &digest);
    pinned["spec"]["containers"][0]["imagePullPolicy"] = json!("Always");
    fleet.wants(&[single("latest", "nginx"), single("fixed", "nginx:1"), pinned]).settle();
    let ask = |fleet: &Fleet| {
        tags_to_ask(&fleet.inventory.fleet, &fleet.desired, &fleet.bindings, &fleet.observed)
    };
    let tags = ask(&fleet);
    let tags = tags.values().flatten();
    let images: Vec<&str> = tags.map(|(tag, _)| tag.image.as_str()).collect();
    assert_eq!(images, ["docker.io/library/nginx"]);
    let image = Offered::Image { id: "id".to_owned(), digest: None };
    let offered = OfferedTags::from([("docker.io/library/nginx".to_owned(), image)]);
    // A host that does not say what it has is believed to have the right one.
    let marked = |fleet: &Fleet| moved(&fleet.observed, &ask(fleet), &offered, &[]);
    assert_eq!(marked(&fleet), BTreeMap::new());
    for pod in fleet.report("a").pods.values_mut() {
        for container in pod.containers.values_mut() {
            container.id = format!("{}-{}", pod.key.name, container.id);
            container.image_id = Some("another".to_owned());
        }
    }
    assert_eq!(marked(&fleet).into_keys().collect::<Vec<_>>(), ["latest-main"]);
    // One whose registry did not answer, neither.
    let silent = ("a".into(), "docker.io/library/nginx".to_owned());
    assert_eq!(moved(&fleet.observed, &ask(&fleet), &offered, &[silent]), BTreeMap::new());
    fleet.lost("a", 1);
    assert_eq!(ask(&fleet), BTreeMap::new());
}

#[test]
fn what_was_agreed_to_is_what_is_pulled() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[
        web(2, "nginx"),
        single("fixed", "busybox:1"),
        single("listed", "reg.example/l"),
    ]);
    let tags =
        tags_to_ask(&fleet.inventory.fleet, &fleet.desired, &fleet.bindings, &fleet.observed);
    let asked: Vec<String> = tags
        .iter()
        .flat_map(|(node, tags)| tags.keys().map(move |tag| format!("{node}: {}", tag.image)))
        .collect();
    assert_eq!(asked, ["a: docker.io/library/nginx", "a: reg.example/l"], "before a pod is there");
    let digest = |digits: &str| format!("sha256:{}", digits.repeat(32));
    let list = [("aa", "arm64"), ("bb", "amd64")];
    let list = list.map(|(digits, machine)| (digest(digits), Some(machine.to_owned())));
    let pulls = |fleet: &Fleet| {
        let plan = fleet.plan();
        let pull = |step: &Step| match &step.action {
            Action::PullImage { image, pinned, .. } => Some((image.clone(), pinned.clone())),
            _ => None,
        };
        plan.steps.iter().filter_map(pull).collect::<BTreeMap<_, _>>()
    };
    let nginx = |fleet: &Fleet| pulls(fleet)["docker.io/library/nginx"].clone();
    assert_eq!(nginx(&fleet), None, "nobody has asked");
    for (offered, pinned) in [
        (Offered::Image { id: "id".to_owned(), digest: None }, Pinned::Image("id".to_owned())),
        (
            Offered::Image { id: "id".to_owned(), digest: Some(digest("cc")) },
            Pinned::Manifest(digest("cc")),
        ),
        (Offered::Images(list.to_vec()), Pinned::Manifest(digest("bb"))),
    ] {
        let all = ["docker.io/library/nginx", "docker.io/library/busybox:1"];
        fleet.observed.offered = all.map(|name| (name.to_owned(), offered.clone())).into();
        assert_eq!(nginx(&fleet), Some(pinned));
        assert_eq!(pulls(&fleet)["docker.io/library/busybox:1"], None, "what a host has is meant");
        assert_eq!(pulls(&fleet)["reg.example/l"], None, "nobody answered");
    }
}
